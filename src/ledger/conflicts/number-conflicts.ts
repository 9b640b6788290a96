/**
 * Evidence of number conflicts: an authorised entry that the sequencer refuses
 * because another one has its number in the stream. The refused entry is
 * not in the log, so without this its signers could deny it.
 *
 *   refused ─► queue ─► published? ─► prove both ─► judge ─► keep
 *
 * All of it happens beside the line of entries, one after the other. Nothing
 * here delays or refuses an entry: a full queue, a full directory or a disk
 * that fails loses evidence, and only that. So does a crash before the file is
 * whole; the operator is told of a file when it is.
 */
import { sha256 } from '#sha256';
import { fromHex, toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import type { VerifierKey } from '../../note/key.ts';
import type { Policy } from '../../note/policy.ts';
import type { StorageReader } from '../../storage/storage.ts';
import { collectEquivocation } from '../../verifier/convicting/evidence-collect.ts';
import { contentOf } from '../../verifier/convicting/evidence-leaf.ts';
import { verifyEvidence } from '../../verifier/convicting/evidence.ts';
import type { EvidenceName, EvidenceStore } from './evidence-directory.ts';
import { authorityRange, readIndex } from '../store/keys.ts';
import type { Reader } from '../reader.ts';
import type { NumberConflict } from '../sequencer.ts';
import type { Published } from '../store/log-states.ts';

/** What is told of kept evidence; the entry itself stays in the file. */
export interface KeptEvidence {
  readonly source: string;
  readonly seq: number;
  /** The leaf that has the number. */
  readonly index: number;
  /** Name of the file; absent where it could not be kept. */
  readonly file?: string;
  readonly error?: unknown;
}

export interface NumberConflictsParts {
  readonly store: EvidenceStore;
  readonly storage: Pick<StorageReader, 'range'>;
  readonly reader: Reader;
  /** Resolves when `size` entries are published. */
  readonly reached: (size: number) => Promise<Published>;
  /** The log's own keys, which are pinned in the trust file of those who judge the evidence. */
  readonly keys: readonly VerifierKey[];
  readonly origin: string;
  /** Leaf hash of leaf 0, lowercase hex. */
  readonly genesis: string;
  /** Told of every file that was written, and of every one that could not be. */
  readonly onKept: (kept: KeptEvidence) => void;
}

interface RefusedEntry extends NumberConflict {
  readonly name: EvidenceName;
}

/** Refused entries that wait for their evidence: some 32 KiB each. The next one can be sent again. */
const maxWaiting = 64;

export class NumberConflicts {
  readonly #parts: NumberConflictsParts;
  /** By name, so that one content that is sent again and again waits once. */
  readonly #waiting = new Map<string, RefusedEntry>();
  #running: Promise<void> | undefined;

  constructor(parts: NumberConflictsParts) {
    this.#parts = parts;
  }

  /** Takes note of a refusal, when the entry that has the number is committed. Never throws. */
  refused({ attestation, index }: NumberConflict): void {
    const { supervision } = attestation;
    if (supervision === undefined || this.#waiting.size >= maxWaiting) return;
    const name = { source: supervision.source.id, content: toHex(sha256(utf8(contentOf(attestation)))) };
    const key = `${name.source} ${name.content}`;
    if (this.#waiting.has(key) || !this.#parts.store.wants(name)) return;
    this.#waiting.set(key, { attestation, index, name });
    this.#running ??= this.#run();
  }

  /** Resolves when everything that was refused until now is kept, or cannot be. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // The sequencer goes on first.
    await Promise.resolve();
    for (const [key, conflict] of this.#waiting) {
      const { attestation, index } = conflict;
      const { id: source = '', seq = 0 } = attestation.supervision?.source ?? {};
      try {
        const file = await this.#keep(conflict);
        if (file !== undefined) this.#parts.onKept({ source, seq, index, file });
      } catch (error) {
        // The same content, signed again for another authority document, convicts no signer.
        if (error instanceof LedgerError && error.code === 'not-evidence') continue;
        this.#parts.onKept({ source, seq, index, error });
      } finally {
        this.#waiting.delete(key);
      }
    }
    this.#running = undefined;
  }

  async #keep({ attestation, index, name }: RefusedEntry): Promise<string | undefined> {
    const { store, reader, reached, storage, keys, origin, genesis } = this.#parts;
    const documents: number[] = [];
    for await (const [, value] of storage.range(authorityRange)) documents.push(readIndex(value));
    const last = Math.max(index, ...documents);
    // One checkpoint for all proofs, also when another is published meanwhile.
    const { note, checkpoint } = await reached(last + 1);
    const { size } = checkpoint;
    const bytes = await collectEquivocation({
      checkpoint: note,
      inclusion: (at) => reader.inclusion({ index: at, size }),
      indexOf: async (leafHash) => {
        const at = await reader.indexOf(fromHex(leafHash, 32));
        return at === undefined || at >= size ? undefined : at;
      },
      documents: documents.filter((at) => at < size),
      recorded: index,
      other: attestation.leaf,
    });
    const policy: Policy = { logs: keys.map((key) => ({ key })), witnesses: [], groups: [], quorum: 'none' };
    // What is handed out must convince a reader who has nothing but the trust file.
    verifyEvidence(bytes, { policy, origin, genesis });
    return store.keep(name, bytes);
  }
}
