/**
 * A witness (c2sp.org/tlog-witness): it cosigns the checkpoints of the logs
 * that its policy lists, each only if it extends the one that it cosigned last.
 *
 * The client that asks is not known and need not be: the log's signature on
 * the checkpoint is all that counts. The rule itself is the one of `cosigner/`,
 * which the ledger's own signer stands on too; `records.ts` is its memory.
 */
import { CosignThread } from '../cosigner/cosign-thread.ts';
import { Cosigner, type AnchorState } from '../cosigner/cosigner.ts';
import { utf8 } from '../bytes.ts';
import { LedgerError, assert, excerpt, lengthOf } from '../errors.ts';
import type { AddCheckpoint } from '../note/add-checkpoint.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { cosign, sameSignature, verifyCosignature } from '../note/cosignature.ts';
import { matchesKey, verifierOf, type SignerKey, type VerifierKey } from '../note/key.ts';
import { formatNote, formatSignatureLine, parseNote, type Note, type NoteSignature } from '../note/note.ts';
import { type Policy } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { Storage } from '../storage/storage.ts';
import { Records, hashOfOrigin, type LogRecord } from './records.ts';

export interface WitnessParts {
  /** Owned by the witness from the call on, also when opening fails. */
  readonly storage: Storage;
  /** The anchor of the store, in another directory; see `records.ts`. */
  readonly anchor: AnchorState;
  /** Types 4 and 6 of one name; one at least. */
  readonly keys: readonly SignerKey[];
  /** Its `log` lines are the logs that are cosigned; several keys of one origin are one log. */
  readonly policy: Policy;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Calls for one log that may wait in line. */
  readonly maxWaiting?: number;
  /** Hears of every refused fork. It is evidence against the log: keep it. */
  readonly onFork?: (fork: RefusedFork) => void;
}

/** Two checkpoints of one log and one size with different roots, signed by the log; the second was refused. */
export interface RefusedFork {
  readonly origin: string;
  readonly size: number;
  /** What was cosigned; undefined if a crash came before its note was kept, or for size 0. */
  readonly cosigned: Uint8Array | undefined;
  readonly refused: Uint8Array;
}

interface KnownLog {
  /** The keys of this origin alone. */
  readonly policy: Policy;
  readonly record: LogRecord;
  readonly cosigner: Cosigner;
  waiting: number;
}

/** The last answer: the checkpoint's text, its cosignatures and their time. */
interface LastAnswer {
  readonly note: Uint8Array;
  readonly text: string;
  readonly cosignatures: readonly NoteSignature[];
  readonly time: number;
}

export class Witness {
  /** Resolves when the witness has stopped for good: what it stored last is unknown. */
  readonly failed: Promise<LedgerError>;
  readonly #records: Records;
  readonly #noteKeys: readonly SignerKey[];
  readonly #threads: readonly CosignThread[];
  readonly #verifiers: readonly VerifierKey[];
  readonly #logs: ReadonlyMap<string, KnownLog>;
  readonly #maxWaiting: number;
  readonly #onFork: (fork: RefusedFork) => void;
  /** By the hash of the origin in hex; also of logs that the policy no longer lists. */
  readonly #kept = new Map<string, LastAnswer>();

  private constructor(parts: WitnessParts, records: Records) {
    const { keys, policy, now = Date.now } = parts;
    this.failed = records.failed;
    this.#records = records;
    this.#noteKeys = keys.filter(({ type }) => type === 4);
    this.#threads = keys.filter(({ type }) => type === 6).map((key) => new CosignThread(key));
    this.#verifiers = keys.map(verifierOf);
    this.#maxWaiting = parts.maxWaiting ?? 1000;
    this.#onFork = parts.onFork ?? (() => {});
    const clock = (): number => Math.floor(now() / 1000);
    this.#logs = new Map(
      [...new Set(policy.logs.map(({ key }) => key.name))].map((origin) => {
        const record = records.of(origin, clock);
        const logs = policy.logs.filter(({ key }) => key.name === origin);
        const own: Policy = { logs, witnesses: [], groups: [], quorum: 'none' };
        const cosigner = new Cosigner(record, { emptyTree: true });
        return [origin, { policy: own, record, cosigner, waiting: 0 }];
      }),
    );
  }

  /** Throws `bad-key` for keys that cannot cosign, and what `Records.open` throws. */
  static async open(parts: WitnessParts): Promise<Witness> {
    try {
      requireCosignerKeys(parts.keys);
      const witness = new Witness(parts, await Records.open(parts.storage, parts.anchor));
      await witness.#readKept();
      return witness;
    } catch (error) {
      await parts.storage.close();
      throw error;
    }
  }

  /** The origins that are cosigned. */
  get origins(): readonly string[] {
    return [...this.#logs.keys()];
  }

  /**
   * Judges a request and answers it with the signature lines of this witness.
   * When this resolves, the head, the time and the cosigned checkpoint are
   * durable. The checks, in the order of the specification:
   *
   * - `malformed-note`, `malformed-checkpoint`, `too-large`: not a checkpoint;
   * - `unknown-log`: no key of this origin is in the policy;
   * - `no-known-signature`, `bad-signature`: none of its keys signed, or one failed;
   * - `out-of-range`: the old size is larger than the checkpoint's;
   * - `size-conflict`: another size is remembered, `facts.rememberedSize`;
   * - `root-mismatch`: the same size with another root, size 0 included;
   * - `consistency-failed`: the proof does not hold, or there is one where none is needed.
   *
   * `clock-behind` and `queue-full` mean "not now"; `store-failed` and its kin
   * that the witness has stopped.
   */
  async add(request: AddCheckpoint): Promise<string> {
    const { oldSize, proof } = request;
    const note = parseNote(request.checkpoint);
    const { origin, size, root } = parseCheckpoint(note.text);
    const log = this.#logs.get(origin);
    if (log === undefined) {
      throw new LedgerError('unknown-log', 'this witness does not know that log', {
        expected: 'a log of its policy',
        got: lengthOf(origin),
      });
    }
    const verified = verifyCheckpoint({ note: request.checkpoint, policy: log.policy });
    if (oldSize > size) {
      throw new LedgerError('out-of-range', 'the old size is larger than the checkpoint’s size', {
        expected: `at most ${size}`,
        got: String(oldSize),
      });
    }
    log.record.checkClock();
    // A log's checkpoint is public, so an attacker may send it again without end.
    if (log.waiting >= this.#maxWaiting) {
      throw new LedgerError('queue-full', 'too many requests for this log are waiting: retry later', {
        expected: `at most ${this.#maxWaiting}`,
      });
    }
    const signed: Note = { text: note.text, signatures: byKeys(note, verified.log) };
    log.waiting++;
    try {
      const cosignatures = await log.cosigner.extend({
        head: { size, root },
        from: oldSize,
        proof,
        sign: () => this.#sign(log, signed),
      });
      return cosignatures.map((signature) => `${formatSignatureLine(signature)}\n`).join('');
    } catch (error) {
      if (error instanceof LedgerError && error.code === 'root-mismatch') {
        this.#onFork({
          origin,
          size,
          cosigned: this.#cosignedAt(origin, size),
          refused: utf8(formatNote(signed)),
        });
      }
      throw error;
    } finally {
      log.waiting--;
    }
  }

  /** The kept note of this very size: after a crash it may be an older one, which contradicts nothing. */
  #cosignedAt(origin: string, size: number): Uint8Array | undefined {
    const kept = this.#kept.get(hashOfOrigin(origin));
    // Another root for size 0 is no second history, but no root at all.
    if (kept === undefined || size === 0 || parseCheckpoint(kept.text).size !== size) return undefined;
    return kept.note;
  }

  /** The last cosigned checkpoint of a log, by the SHA-256 of its origin in hex: the monitoring retrieval. */
  checkpoint(originHash: string): Uint8Array | undefined {
    return this.#kept.get(originHash)?.note;
  }

  /** Waits for what is being written, then releases store and threads. */
  async close(): Promise<void> {
    await this.#records.close();
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Called in the log's line, when the head is remembered. `signed`: the text and its log's signatures. */
  async #sign(log: KnownLog, signed: Note): Promise<readonly NoteSignature[]> {
    const { text } = signed;
    const name = hashOfOrigin(parseCheckpoint(text).origin);
    const time = await log.record.stamp();
    const kept = this.#kept.get(name);
    // The same words in the same second: who asks again and again costs no signature.
    if (kept?.text === text && kept.time === time) return kept.cosignatures;
    // The threads begin before Ed25519 is computed here, so that both run at once.
    const inThreads = Promise.all(this.#threads.map((thread) => thread.cosign(text, time)));
    const here = this.#noteKeys.map((key) => cosign({ key, text, time }));
    const cosignatures = [...here, ...(await inThreads)];
    const note = utf8(formatNote({ text, signatures: [...signed.signatures, ...cosignatures] }));
    await log.record.keep(note);
    this.#kept.set(name, { note, text, cosignatures, time });
    return cosignatures;
  }

  /** Damage to a kept note makes no false answer: one that does not verify is not served. */
  async #readKept(): Promise<void> {
    for await (const [name, note] of this.#records.notes()) {
      const kept = this.#verifiedNote(name, note);
      if (kept !== undefined) this.#kept.set(name, kept);
    }
  }

  #verifiedNote(name: string, note: Uint8Array): LastAnswer | undefined {
    try {
      const { text, signatures } = parseNote(note);
      if (hashOfOrigin(parseCheckpoint(text).origin) !== name) return undefined;
      const own = this.#verifiers.flatMap((key) =>
        signatures
          .filter((signature) => matchesKey(key, signature))
          .map((signature) => ({ signature, time: verifyCosignature(key, text, signature).time })),
      );
      const [first] = own;
      if (first === undefined) return undefined;
      return { note, text, cosignatures: own.map(({ signature }) => signature), time: first.time };
    } catch (error) {
      if (error instanceof LedgerError) return undefined;
      throw error;
    }
  }
}

/** The signatures of a note by these keys, which have been verified; each once. */
function byKeys({ signatures }: Note, keys: readonly VerifierKey[]): NoteSignature[] {
  return signatures.filter(
    (signature, index) =>
      keys.some((key) => matchesKey(key, signature)) &&
      !signatures.slice(0, index).some((earlier) => sameSignature(earlier, signature)),
  );
}

function requireCosignerKeys(keys: readonly SignerKey[]): void {
  const [first] = keys;
  const wrong = keys.find(({ name, type }) => type === 1 || name !== first?.name);
  if (first === undefined || wrong !== undefined) {
    throw new LedgerError('bad-key', 'these keys cannot cosign as one witness', {
      expected: 'keys of one name, of type 4 (Ed25519) or 6 (ML-DSA-44)',
      got: wrong === undefined ? 'no key' : `${excerpt(wrong.name)}, type ${wrong.type}`,
    });
  }
  assert(new Set(keys.map(({ id }) => id)).size === keys.length, 'each key is given once');
}
