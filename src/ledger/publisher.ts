/**
 * The publisher takes the newest committed head to the signer, collects the
 * quorum of witnesses, commits the cosigned checkpoint, serves it, and so
 * releases every acknowledgement below its size. Commits may run ahead of it; it
 * publishes one head after the other, and a head that grew meanwhile is
 * published in one go.
 *
 *   newest head ─► sign (anchor first) ─► quorum ─► commit the checkpoint ─► published
 *                                           │
 *                                           └─► none: nothing new is taken, and the
 *                                               round is tried again, ever less often
 *
 * With witnesses, the first round after opening takes them the anchored head
 * once more, before anything new is signed: a ledger that was put back in time
 * learns it here, and a head that was anchored and never cosigned gets its due.
 * Later the newest head is cosigned anew from time to time, also when nothing
 * was recorded, so that its readers can tell it from a stale one.
 *
 * What a crash leaves: before the signature, a head that is committed and
 * perhaps anchored; before the commit, one that is signed, perhaps cosigned,
 * and served to nobody by us. Either is signed and published after the next
 * opening. Nobody was told.
 */
import { fromUtf8, utf8 } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../note/checkpoint.ts';
import { formatNote, parseNote } from '../note/note.ts';
import { proveConsistency } from '../tlog/consistency.ts';
import type { Head } from '../tlog/head.ts';
import { rootOf } from '../tlog/root.ts';
import type { Archive } from './archive.ts';
import { promiseWithResolvers, type Failure, type Resolvers } from './store/failure.ts';
import type { LogState } from './sequencer.ts';
import type { Signer } from './signer.ts';
import type { TileStore } from './store/tile-store.ts';
import type { Witnesses } from './witnessing/witness-round.ts';

/** What the world may see: one checkpoint, and the log exactly as it states it. */
export interface Published {
  readonly state: LogState;
  /** The bytes of the cosigned checkpoint, and the text that they are. */
  readonly note: Uint8Array;
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/** Decodes a note once for all the proofs that end in it. Throws `malformed-note`, `malformed-checkpoint`. */
export function publishedAs(state: LogState, note: Uint8Array): Published {
  return { state, note, text: fromUtf8(note), checkpoint: parseCheckpoint(parseNote(note).text) };
}

/** What the ledger asks of its publisher. */
export interface Publication {
  /** Undefined until the first checkpoint is published. */
  readonly published: Published | undefined;
  /** Size of the largest head that may have been signed, at least the published one. */
  readonly signedSize: number;
  /** Why nothing new may be taken now: the quorum was not to be had. */
  readonly lacking: LedgerError | undefined;
  /** A newly committed state. */
  announce(state: LogState): void;
  /** Resolves when `size` entries are published; rejects with the error that stopped the ledger. */
  reached(size: number): Promise<Published>;
  /** Resolves when the newest announced state is published, the quorum is lacking, or the ledger has stopped. */
  idle(): Promise<void>;
  /** From now on, what the quorum is lacking for is not waited for. */
  finish(): void;
}

/** Milliseconds between rounds. */
export interface RoundTimes {
  /** After a first failed round; doubled with each further one, up to `retryMaxMs`. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
  /** After which the newest checkpoint is cosigned anew. */
  readonly refreshMs: number;
}

export const defaultRoundTimes: RoundTimes = { retryMs: 500, retryMaxMs: 15_000, refreshMs: 15 * 60_000 };

export interface PublisherParts {
  readonly signer: Pick<Signer, 'anchored' | 'sign'>;
  readonly tiles: TileStore;
  readonly archive: Archive;
  readonly failure: Failure;
  /** As recovered: the committed state, and what was published last. */
  readonly newest: LogState;
  readonly published: Published | undefined;
  /** Absent where the policy asks for no witness. */
  readonly witnesses?: Pick<Witnesses, 'round'>;
  readonly times?: RoundTimes;
}

interface Waiting extends Resolvers<Published> {
  readonly size: number;
}

export class Publisher implements Publication {
  readonly #parts: PublisherParts;
  readonly #times: RoundTimes;
  /** Set by `announce`. */
  #newest: LogState;
  /** Set by the running round, when the checkpoint is durable. */
  #published: Published | undefined;
  /** Whether witnesses have confirmed the head that was anchored at opening; set by the first round. */
  #confirmed: boolean;
  /** Whether it is time for a round although nothing new is committed; set by the timer. */
  #due = false;
  /** Set and cleared by the running round. */
  #lacking: LedgerError | undefined;
  /** Rounds in a row without a quorum. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #finishing = false;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#times = parts.times ?? defaultRoundTimes;
    this.#newest = parts.newest;
    this.#published = parts.published;
    this.#confirmed = parts.witnesses === undefined;
    void parts.failure.failed.then((error) => this.#refuseAll(error));
  }

  get published(): Published | undefined {
    return this.#published;
  }

  get lacking(): LedgerError | undefined {
    return this.#lacking;
  }

  /** The anchor moves before a signature is made, so it bounds what others may hold a checkpoint of. */
  get signedSize(): number {
    return this.#parts.signer.anchored.size;
  }

  announce(state: LogState): void {
    this.#newest = state;
    // Below quorum the timer sets the pace, or every late commit would be another round.
    if (this.#lacking === undefined) this.#start();
  }

  async reached(size: number): Promise<Published> {
    const published = this.#published;
    if (published !== undefined && published.state.tree.size >= size) return published;
    this.#parts.failure.check();
    if (this.#finishing && this.#lacking !== undefined) throw this.#lacking;
    const waiting: Waiting = { size, ...promiseWithResolvers<Published>() };
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  finish(): void {
    this.#finishing = true;
    clearTimeout(this.#timer);
    if (this.#lacking !== undefined) this.#refuseAll(this.#lacking);
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve();
      clearTimeout(this.#timer);
      while (this.#due || !this.#confirmed || this.#newest.tree.size > this.#publishedSize()) {
        this.#parts.failure.check();
        this.#lacking = await this.#round();
        if (this.#lacking !== undefined) break;
        this.#due = false;
        this.#failures = 0;
      }
      this.#schedule();
    } catch (error) {
      this.#refuseAll(this.#parts.failure.stop(error));
    } finally {
      this.#running = undefined;
    }
  }

  /** One head on its way, or why it was not published. */
  async #round(): Promise<LedgerError | undefined> {
    const state = this.#newest;
    const { signer } = this.#parts;
    // At first what is anchored, and nothing beyond it, is put before the witnesses.
    const again = !this.#confirmed && signer.anchored.size > 0;
    const head: Head = again ? signer.anchored : { size: state.tree.size, root: state.tree.root };
    const signed = await this.#sign(head, state);
    const cosigned = await this.#cosigned(head, state, signed);
    if ('lacking' in cosigned) return cosigned.lacking;
    this.#confirmed = true;
    if (head.size === state.tree.size) await this.#publish(state, cosigned.note);
    return undefined;
  }

  async #sign(head: Head, { tree }: LogState): Promise<Uint8Array> {
    const { signer, tiles } = this.#parts;
    const proof = await proveConsistency({ from: signer.anchored.size, to: head.size }, tiles.reader(tree));
    return signer.sign(head, proof);
  }

  async #cosigned(
    head: Head,
    { tree }: LogState,
    signed: Uint8Array,
  ): Promise<{ note: Uint8Array } | { lacking: LedgerError }> {
    const { witnesses, signer, tiles } = this.#parts;
    if (witnesses === undefined) return { note: signed };
    const { text, signatures } = parseNote(signed);
    const reader = tiles.reader(tree);
    const outcome = await witnesses.round(
      {
        head,
        note: signed,
        text,
        prove: (from) => proveConsistency({ from, to: head.size }, reader),
        signed: () => signer.anchored,
        rootAt: (size) => rootOf(size, tiles.reader(this.#newest.tree)),
      },
      // Somebody may know of a signature that we do not remember: at opening everybody is heard.
      { hearAll: !this.#confirmed },
    );
    if ('lacking' in outcome) return outcome;
    return { note: utf8(formatNote({ text, signatures: [...signatures, ...outcome.cosignatures] })) };
  }

  async #publish(state: LogState, note: Uint8Array): Promise<void> {
    // Served only when it is durable: a checkpoint that a restart forgot would look like a rollback.
    await this.#parts.archive.publish(note);
    const published = publishedAs(state, note);
    this.#published = published;
    const reached = this.#waiting.filter(({ size }) => size <= state.tree.size);
    this.#waiting = this.#waiting.filter(({ size }) => size > state.tree.size);
    for (const waiting of reached) waiting.resolve(published);
  }

  /** The next round that comes by itself: soon when the quorum is lacking, else to keep the checkpoint fresh. */
  #schedule(): void {
    if (this.#parts.witnesses === undefined) return;
    if (this.#finishing) {
      if (this.#lacking !== undefined) this.#refuseAll(this.#lacking);
      return;
    }
    const { retryMs, retryMaxMs, refreshMs } = this.#times;
    const wait =
      this.#lacking === undefined ? refreshMs : Math.min(retryMaxMs, retryMs * 2 ** this.#failures++);
    this.#timer = setTimeout(() => {
      this.#due = true;
      this.#start();
    }, wait);
    this.#timer.unref();
  }

  #publishedSize(): number {
    return this.#published?.state.tree.size ?? 0;
  }

  #refuseAll(error: unknown): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting = [];
  }
}
