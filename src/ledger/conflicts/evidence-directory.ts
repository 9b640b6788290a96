/**
 * The directory in which a ledger keeps evidence of number conflicts:
 *
 *   equivocation-<source>-<content>.json
 *
 * `source` is the first 16 hex digits of SHA-256 over the stream's id, `content`
 * the first 32 of SHA-256 over what was refused, without its signatures. So the
 * same content again, signed anew, finds its file there.
 *
 * A signer can use its numbers twice without end, so files and bytes are bounded,
 * in all and for each source: one that fills its room leaves that of the others.
 * What is there is never replaced, because the first evidence convicts as well
 * as the last. The operator may take files away; the next start counts anew.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { unfinished, writeWhole } from '../../storage/write-whole.ts';

export interface EvidenceLimits {
  readonly files: number;
  readonly bytes: number;
  readonly filesOfSource: number;
}

export const defaultEvidenceLimits: EvidenceLimits = {
  files: 256,
  bytes: 64 * 2 ** 20,
  filesOfSource: 16,
};

/** Where the ledger puts evidence. */
export interface EvidenceStore {
  /** Whether evidence of this name would be kept: it is not there, and there is room. */
  wants(name: EvidenceName): boolean;
  /** The name of the file; undefined where it is there already, or no room is left. */
  keep(name: EvidenceName, bytes: Uint8Array): Promise<string | undefined>;
}

export interface EvidenceName {
  /** Id of the stream. */
  readonly source: string;
  /** SHA-256 over what was refused, lowercase hex. */
  readonly content: string;
}

const pattern = /^equivocation-([0-9a-f]{16})-[0-9a-f]{32}\.json$/;

export class EvidenceDirectory implements EvidenceStore {
  readonly #path: string;
  readonly #limits: EvidenceLimits;
  /** Names of the files; like all below owned by `keep`, one call at a time. */
  readonly #names: Set<string>;
  readonly #bySource = new Map<string, number>();
  #bytes: number;

  private constructor(path: string, limits: EvidenceLimits, sizes: ReadonlyMap<string, number>) {
    this.#path = path;
    this.#limits = limits;
    this.#names = new Set(sizes.keys());
    this.#bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const name of sizes.keys()) this.#count(name);
  }

  /** Counts what is there, and takes away what a crash has left unfinished. Throws `file-unreadable`. */
  static async open(path: string, limits: Partial<EvidenceLimits> = {}): Promise<EvidenceDirectory> {
    const sizes = new Map<string, number>();
    try {
      await mkdir(path, { recursive: true });
      for (const name of await readdir(path)) {
        if (name.endsWith(unfinished)) await rm(join(path, name), { force: true });
        else if (pattern.test(name)) sizes.set(name, (await stat(join(path, name))).size);
      }
    } catch (cause) {
      throw unwritable(path, cause);
    }
    return new EvidenceDirectory(path, { ...defaultEvidenceLimits, ...limits }, sizes);
  }

  /** What is in the directory, as far as this process knows: that files were taken away is not noticed. */
  get kept(): { readonly files: number; readonly bytes: number } {
    return { files: this.#names.size, bytes: this.#bytes };
  }

  wants(name: EvidenceName): boolean {
    const { source, file } = fileOf(name);
    const { files, bytes, filesOfSource } = this.#limits;
    return (
      !this.#names.has(file) &&
      this.#names.size < files &&
      this.#bytes < bytes &&
      (this.#bySource.get(source) ?? 0) < filesOfSource
    );
  }

  /** Throws `file-unreadable` when the file cannot be written. A crash before the end leaves no file of this name. */
  async keep(name: EvidenceName, bytes: Uint8Array): Promise<string | undefined> {
    const { file } = fileOf(name);
    if (!this.wants(name) || this.#bytes + bytes.length > this.#limits.bytes) return undefined;
    try {
      await writeWhole(join(this.#path, file), bytes);
    } catch (cause) {
      throw unwritable(join(this.#path, file), cause);
    }
    this.#names.add(file);
    this.#bytes += bytes.length;
    this.#count(file);
    return file;
  }

  #count(name: string): void {
    const [, source = ''] = pattern.exec(name) ?? [];
    this.#bySource.set(source, (this.#bySource.get(source) ?? 0) + 1);
  }
}

function fileOf({ source, content }: EvidenceName): { source: string; file: string } {
  const digest = toHex(sha256(utf8(source))).slice(0, 16);
  return { source: digest, file: `equivocation-${digest}-${content.slice(0, 32)}.json` };
}

function unwritable(path: string, cause: unknown): LedgerError {
  return new LedgerError('file-unreadable', 'evidence cannot be written', {
    got: `${path}${cause instanceof Error ? `: ${cause.message}` : ''}`,
    cause,
  });
}
