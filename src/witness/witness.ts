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
import { LedgerError, assert, byCode, excerpt, lengthOf } from '../errors.ts';
import type { AddCheckpoint } from '../note/add-checkpoint.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { cosign, sameSignature } from '../note/cosignature.ts';
import { matchesKey, verifierOf, type SignerKey, type VerifierKey } from '../note/key.ts';
import { formatNote, formatSignatureLine, parseNote, type Note, type NoteSignature } from '../note/note.ts';
import type { Policy, PolicyBounds, PolicyLog } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { Storage } from '../storage/storage.ts';
import { sameHead, type Head } from '../tlog/head.ts';
import { KeptNotes } from './kept-notes.ts';
import { Records, hashOfOrigin, type LogRecord } from './records.ts';
import { refusedCheckpoint, type RefusedCheckpoint } from './refused.ts';

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
  /**
   * Keeps what was refused and may be a fork; the refusal is answered when it
   * has. It bounds what it keeps, and does not throw.
   */
  readonly keepRefused?: (refused: RefusedCheckpoint) => Promise<void>;
  /** Hears of every head that is cosigned: what was refused of the same head is no fork. */
  readonly onCosigned?: (origin: string, head: Head) => void;
}

/** Logs of one witness, each known by its origin. What it holds of them in memory is some kilobytes for each. */
export const maxLogs = 10_000;

/** Of a witness's policy: every log with a key of either type, and lines as long as they come. */
export const witnessPolicyBounds: PolicyBounds = { bytes: 48 << 20, logs: 2 * maxLogs };

interface KnownLog {
  /** The keys of this origin alone. */
  readonly policy: Policy;
  readonly record: LogRecord;
  readonly cosigner: Cosigner;
  waiting: number;
}

export class Witness {
  /** Resolves when the witness has stopped for good: what it stored last is unknown. */
  readonly failed: Promise<LedgerError>;
  readonly #records: Records;
  readonly #noteKeys: readonly SignerKey[];
  readonly #threads: readonly CosignThread[];
  readonly #logs: ReadonlyMap<string, KnownLog>;
  readonly #maxWaiting: number;
  readonly #keepRefused: (refused: RefusedCheckpoint) => Promise<void>;
  readonly #onCosigned: (origin: string, head: Head) => void;
  readonly #kept: KeptNotes;

  private constructor(parts: WitnessParts, records: Records) {
    const { keys, policy, now = Date.now } = parts;
    this.failed = records.failed;
    this.#records = records;
    this.#noteKeys = keys.filter(({ type }) => type === 4);
    this.#threads = keys.filter(({ type }) => type === 6).map((key) => new CosignThread(key));
    this.#kept = new KeptNotes(keys.map(verifierOf));
    this.#maxWaiting = parts.maxWaiting ?? 1000;
    this.#keepRefused = parts.keepRefused ?? (() => Promise.resolve());
    this.#onCosigned = parts.onCosigned ?? (() => {});
    const clock = (): number => Math.floor(now() / 1000);
    this.#logs = new Map(
      [...byOrigin(policy)].map(([origin, logs]) => {
        const record = records.of(origin, clock);
        const own: Policy = { logs, witnesses: [], groups: [], quorum: 'none' };
        const cosigner = new Cosigner(record, { emptyTree: true });
        return [origin, { policy: own, record, cosigner, waiting: 0 }];
      }),
    );
  }

  /**
   * Throws `bad-key` for keys that cannot cosign, `malformed-policy` for more
   * logs than a witness takes, and what `Records.open` throws.
   */
  static async open(parts: WitnessParts): Promise<Witness> {
    try {
      requireCosignerKeys(parts.keys);
      requireFewLogs(parts.policy);
      const witness = new Witness(parts, await Records.open(parts.storage, parts.anchor));
      for await (const [name, note] of witness.#records.notes()) witness.#kept.found(name, note);
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
    const signed: Note = { text: note.text, signatures: byKeys(note, verified.log) };
    const head = { size, root };
    try {
      return await this.#cosign(log, signed, head, request);
    } catch (error) {
      if (error instanceof LedgerError && isRefusal[error.code]) {
        const asked = { oldSize, proof, checkpoint: utf8(formatNote(signed)) };
        const last = { head: log.record.head, note: this.#noteOf(origin, log.record.head) };
        const refused = refusedCheckpoint(error, { origin, head, request: asked }, last);
        // Kept before the log hears of it: it could see to it that this process does not last.
        if (refused !== undefined) await this.#keepRefused(refused);
      }
      throw error;
    }
  }

  async #cosign(log: KnownLog, signed: Note, head: Head, { oldSize, proof }: AddCheckpoint): Promise<string> {
    if (oldSize > head.size) {
      throw new LedgerError('out-of-range', 'the old size is larger than the checkpoint’s size', {
        expected: `at most ${head.size}`,
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
    log.waiting++;
    try {
      const cosignatures = await log.cosigner.extend({
        head,
        from: oldSize,
        proof,
        sign: () => this.#sign(log, signed),
      });
      return cosignatures.map((signature) => `${formatSignatureLine(signature)}\n`).join('');
    } finally {
      log.waiting--;
    }
  }

  /** The kept note of this very head: after a crash it may be an older one, which contradicts nothing. */
  #noteOf(origin: string, head: Head): Uint8Array | undefined {
    const kept = this.#kept.get(hashOfOrigin(origin));
    // Another root for size 0 is no second history, but no root at all.
    if (kept === undefined || head.size === 0) return undefined;
    return sameHead(parseCheckpoint(kept.text), head) ? kept.note : undefined;
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
    const { origin } = parseCheckpoint(text);
    const name = hashOfOrigin(origin);
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
    this.#onCosigned(origin, log.record.head);
    return cosignatures;
  }
}

/** Refusals of what was brought. The others say "not now", or that this witness has stopped. */
const isRefusal = byCode(({ class: of }) => of === 'input' || of === 'tampered');

function byOrigin({ logs }: Pick<Policy, 'logs'>): Map<string, PolicyLog[]> {
  const found = new Map<string, PolicyLog[]>();
  for (const log of logs) {
    const same = found.get(log.key.name);
    if (same === undefined) found.set(log.key.name, [log]);
    else same.push(log);
  }
  return found;
}

/** The signatures of a note by these keys, which have been verified; each once. */
function byKeys({ signatures }: Note, keys: readonly VerifierKey[]): NoteSignature[] {
  return signatures.filter(
    (signature, index) =>
      keys.some((key) => matchesKey(key, signature)) &&
      !signatures.slice(0, index).some((earlier) => sameSignature(earlier, signature)),
  );
}

/** Throws `malformed-policy` for more logs than one witness takes. */
export function requireFewLogs(policy: Pick<Policy, 'logs'>): void {
  const { size } = byOrigin(policy);
  if (size <= maxLogs) return;
  throw new LedgerError('malformed-policy', 'the policy has more logs than one witness takes', {
    expected: `at most ${maxLogs} logs; the others can have a witness of their own`,
    got: `${size}`,
  });
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
