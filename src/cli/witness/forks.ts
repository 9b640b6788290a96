/**
 * `forks/` of a witness's directory: checkpoints that logs have signed and the
 * witness refused, each named after the log, its size and its root, so that
 * what is shown twice is kept once.
 *
 *     LOG-SIZE-ROOT.json      an evidence file: two histories that the log has signed
 *     LOG-SIZE-ROOT.refused   what was asked (tlog-witness, add-checkpoint): nothing is shown by it alone
 *     LOG-SIZE-ROOT.smaller   the same, of a smaller tree than had been cosigned
 *     LOG-SIZE-ROOT.cosigned  beside the latter two: what the witness had cosigned by then
 *
 * Whoever asks is unknown and may have many old checkpoints of many logs, so
 * there is room for a few of each kind, of each log and in all; what convicts
 * has room of its own, which the other kinds cannot take.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from '../../note/add-checkpoint.ts';
import { parseCheckpoint, type Checkpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import { writeWhole } from '../../storage/write-whole.ts';
import { forkEvidence, maxEvidenceBytes, parseEvidence } from '../../verifier/convicting/evidence-file.ts';
import { hashOfOrigin } from '../../witness/records.ts';
import type { RefusedCheckpoint } from '../../witness/refused.ts';
import { readSmall } from '../terminal/files.ts';

type Kind = RefusedCheckpoint['shows'];

/** How many are kept of one log, and of all. A file has at most the bytes of a request. */
const room: Readonly<Record<Kind, { readonly each: number; readonly all: number }>> = {
  fork: { each: 8, all: 1_000 },
  unproven: { each: 4, all: 200 },
  smaller: { each: 2, all: 200 },
};

const endings: Readonly<Record<Kind, string>> = { fork: 'json', unproven: 'refused', smaller: 'smaller' };

/** What a file of the folder is. One of an earlier release is named otherwise, and ends in `.json` or `.txt`. */
function kindOf(file: string): { readonly name: string; readonly kind: Kind } | undefined {
  const [, name = '', ending = ''] = /^(.+)\.(json|txt|refused|smaller)$/.exec(file) ?? [];
  if (ending === '') return undefined;
  return { name, kind: ending === 'json' ? 'fork' : ending === 'smaller' ? 'smaller' : 'unproven' };
}

/** The first characters of a hash tell one from another here; what counts is in the files. */
const short = (hash: string): string => hash.slice(0, 16);

type KeptLine = (entry: Readonly<Record<string, unknown>>) => void;

export class ForkFolder {
  readonly #dir: string;
  readonly #say: KeptLine;
  /** What is kept, by name without its ending. */
  readonly #kept: Map<string, Kind>;
  /** Settles when the last step in line has; never rejects. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, say: KeptLine, kept: Map<string, Kind>) {
    this.#dir = dir;
    this.#say = say;
    this.#kept = kept;
  }

  /** `say` is told of each that is kept, and of what cannot be written. */
  static async open(dir: string, say: KeptLine): Promise<ForkFolder> {
    const kept = new Map<string, Kind>();
    await mkdir(dir, { recursive: true, mode: 0o700 });
    for (const file of await readdir(dir)) {
      const found = kindOf(file);
      if (found !== undefined && kept.get(found.name) !== 'fork') kept.set(found.name, found.kind);
    }
    return new ForkFolder(dir, say, kept);
  }

  /** Resolves when it is on the disk, or need not be. What cannot be written is said, and nothing is thrown. */
  async keep(refused: RefusedCheckpoint): Promise<void> {
    const name = nameOf(refused.origin, refused.head);
    const known = this.#kept.get(name);
    // In no line: an attacker's ten thousandth request for what is kept costs nothing.
    if (known === 'fork' || known === refused.shows || !this.#hasRoom(name, refused.shows)) return;
    await this.#inLine(async () => {
      if (!this.#hasRoom(name, refused.shows)) return;
      // Taken before it is written: a disk that fails is not asked again and again.
      this.#kept.set(name, refused.shows);
      const file = await this.#write(name, refused);
      const { origin, head, shows } = refused;
      this.#say({
        event: shows === 'fork' ? 'fork' : 'refused',
        time: new Date().toISOString(),
        origin,
        size: head.size,
        file,
      });
    });
  }

  /** A head that was refused, perhaps for another's false proof, and is cosigned now, is no fork. */
  cosigned(origin: string, head: RefusedCheckpoint['head']): void {
    if (this.#kept.size === 0) return;
    const name = nameOf(origin, head);
    if (this.#kept.get(name) === undefined || this.#kept.get(name) === 'fork') return;
    void this.#inLine(async () => {
      for (const ending of ['refused', 'smaller', 'cosigned']) {
        await rm(join(this.#dir, `${name}.${ending}`), { force: true });
      }
      this.#kept.delete(name);
    });
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#last;
  }

  async #write(name: string, refused: RefusedCheckpoint): Promise<string> {
    const { request, cosigned, consistency, shows } = refused;
    if (cosigned !== undefined && consistency !== undefined) {
      const file = join(this.#dir, `${name}.${endings.fork}`);
      await writeWhole(file, forkEvidence({ older: cosigned, newer: request.checkpoint, consistency }));
      return file;
    }
    const file = join(this.#dir, `${name}.${endings[shows]}`);
    // A crash between the two leaves a cosigned checkpoint that nothing refers to.
    if (cosigned !== undefined) await writeWhole(join(this.#dir, `${name}.cosigned`), cosigned);
    await writeWhole(file, formatAddCheckpoint(request));
    return file;
  }

  #hasRoom(name: string, kind: Kind): boolean {
    const log = name.slice(0, name.indexOf('-'));
    let each = 0;
    let all = 0;
    for (const [other, otherKind] of this.#kept) {
      if (otherKind !== kind) continue;
      all++;
      if (other.startsWith(`${log}-`)) each++;
    }
    return each < room[kind].each && all < room[kind].all;
  }

  #inLine(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step).catch((error: unknown) => {
      this.#say({ event: 'error', error: String(error) });
    });
    return this.#last as Promise<void>;
  }
}

function nameOf(origin: string, { size, root }: RefusedCheckpoint['head']): string {
  return `${short(hashOfOrigin(origin))}-${size}-${short(toHex(root))}`;
}

/** What the folder holds, a line for each file: `isal witness show`. */
export async function forkLines(dir: string): Promise<string[]> {
  const files = await readdir(dir).catch(() => []);
  const lines: string[] = [];
  for (const file of files.toSorted((a, b) => (a < b ? -1 : 1))) {
    const found = kindOf(file);
    if (found === undefined) continue;
    const path = join(dir, file);
    const bytes = await readSmall(path, maxEvidenceBytes);
    lines.push(`${path}: ${said(found.kind, file, bytes)}`);
  }
  return lines;
}

function said(kind: Kind, file: string, bytes: Uint8Array): string {
  try {
    if (kind === 'fork') {
      const evidence = parseEvidence(bytes);
      if (evidence.kind !== 'fork') return `evidence of the kind ${evidence.kind}`;
      const { origin, size } = checkpointOf(evidence.newer);
      const older = checkpointOf(evidence.older).size;
      return `${origin} has signed two histories, of sizes ${older} and ${size}; to show it: isal verify --evidence FILE --trust TRUST`;
    }
    const note = file.endsWith('.txt') ? bytes : parseAddCheckpoint(bytes).checkpoint;
    const { origin, size } = checkpointOf(note);
    return kind === 'smaller'
      ? `${origin} has signed size ${size}, and a larger tree had been cosigned; a late request, or another history`
      : `${origin} has signed size ${size}, which was not shown to extend what had been cosigned; by itself it convicts nobody`;
  } catch (error) {
    if (error instanceof LedgerError) return `cannot be read (${error.code})`;
    throw error;
  }
}

function checkpointOf(note: Uint8Array): Checkpoint {
  return parseCheckpoint(parseNote(note).text);
}
