/**
 * The publisher takes the newest committed head to the signer, collects the
 * quorum of witnesses, commits the cosigned checkpoint, publishes it, and so
 * releases every receipt below its size. Commits may run ahead of it; it
 * publishes one head after the other, and a head that grew meanwhile is
 * published in one go.
 *
 *   committed ─► sign (anchor first) ─► quorum ─► commit the checkpoint ─► published
 *                                         │
 *                                         └─► unavailable: nothing new is taken, and
 *                                             the round is tried again, ever less often
 *
 * With witnesses, the first round after opening takes them the anchored head
 * once more, before anything new is signed: a ledger that was put back in time
 * learns it here, and a head that was anchored and never cosigned gets its due.
 * Later the newest head is cosigned anew from time to time, also when nothing
 * was recorded, so that its readers can tell it from a stale one.
 *
 * What a crash leaves, step by step; no submitter was told of any of it:
 *
 * 1. before the anchor moved: a head that is committed, and signed by no key;
 * 2. after it: one that is anchored, perhaps signed. The next opening signs
 *    exactly that size and root again;
 * 3. after witnesses were asked: one that some of them remember, and may serve.
 *    It is not beyond the anchor, so the next opening takes it to them again;
 * 4. after the checkpoint is committed: a published one, served from the next
 *    opening on.
 */
import { utf8 } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import { formatNote, parseNote } from '../note/note.ts';
import type { Signer } from '../signer/signer.ts';
import { proveConsistency } from '../tlog/consistency.ts';
import { headOf, type Head } from '../tlog/head.ts';
import { rootOf } from '../tlog/root.ts';
import type { Archive } from './archive.ts';
import { promiseWithResolvers, type Failure, type Resolvers } from './store/failure.ts';
import { publishedAs, type LogState, type LogStates, type Published } from './store/log-states.ts';
import type { TileStore } from './store/tile-store.ts';
import type { Witnesses } from './witnessing/witness-round.ts';

/** What the ledger asks of its publisher. */
export interface Publication {
  /** Publishes what an opening found, and from then on all that is committed. */
  start(): void;
  /** Resolves when `size` entries are published; rejects with the error that stopped the ledger. */
  reached(size: number): Promise<Published>;
  /** Resolves when what is committed is published, the quorum is unavailable, or the ledger has stopped. */
  idle(): Promise<void>;
  /** From now on, a quorum that is unavailable is not waited for. */
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
  /** The publisher alone says what is published, and whether there is a quorum. */
  readonly states: Omit<LogStates, 'advance'>;
  /** Undefined where the policy asks for no witness. */
  readonly witnesses: Pick<Witnesses, 'round'> | undefined;
  readonly times: RoundTimes;
}

/** Something that goes on when `size` entries are published. */
interface AwaitedSize extends Resolvers<Published> {
  readonly size: number;
}

export class Publisher implements Publication {
  readonly #parts: PublisherParts;
  /** Whether witnesses have confirmed the head that was anchored at opening; set by the first round. */
  #confirmed: boolean;
  /** Whether it is time for a round although nothing new is committed; set by the timer. */
  #due = false;
  /** Rounds in a row without a quorum. */
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #finishing = false;
  #awaited: AwaitedSize[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#confirmed = parts.witnesses === undefined;
    // Below quorum the timer sets the pace, or every late commit would be another round.
    parts.states.onCommitted(() => {
      if (parts.states.quorumUnavailable === undefined) this.start();
    });
    void parts.failure.halted.then((error) => this.#refuseAll(error));
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async reached(size: number): Promise<Published> {
    const { states, failure } = this.#parts;
    if (states.published !== undefined && states.publishedSize >= size) return states.published;
    failure.checkWriting();
    if (this.#finishing && states.quorumUnavailable !== undefined) throw states.quorumUnavailable;
    const awaited: AwaitedSize = { size, ...promiseWithResolvers<Published>() };
    this.#awaited.push(awaited);
    return awaited.promise;
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  finish(): void {
    this.#finishing = true;
    clearTimeout(this.#timer);
    const { quorumUnavailable } = this.#parts.states;
    if (quorumUnavailable !== undefined) this.#refuseAll(quorumUnavailable);
  }

  async #run(): Promise<void> {
    const { states, failure } = this.#parts;
    try {
      await Promise.resolve();
      clearTimeout(this.#timer);
      while (this.#due || !this.#confirmed || states.committed.tree.size > states.publishedSize) {
        failure.checkWriting();
        const unavailable = await this.#round();
        if (unavailable !== undefined) {
          states.loseQuorum(unavailable);
          break;
        }
        states.regainQuorum();
        this.#due = false;
        this.#failures = 0;
      }
      this.#schedule();
    } catch (error) {
      this.#refuseAll(failure.met(error));
    } finally {
      this.#running = undefined;
    }
  }

  /** One head on its way, or why it was not published. */
  async #round(): Promise<LedgerError | undefined> {
    const { signer, states } = this.#parts;
    const state = states.committed;
    // At first what is anchored, and nothing beyond it, is put before the witnesses.
    const again = !this.#confirmed && signer.anchored.size > 0;
    const head = again ? signer.anchored : headOf(state.tree);
    const signed = await this.#sign(head, state);
    const outcome = await this.#cosigned(head, state, signed);
    if ('quorumUnavailable' in outcome) return outcome.quorumUnavailable;
    this.#confirmed = true;
    if (head.size === state.tree.size) await this.#publish(state, outcome.note);
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
  ): Promise<{ note: Uint8Array } | { quorumUnavailable: LedgerError }> {
    const { witnesses, signer, tiles, states } = this.#parts;
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
        rootAt: (size) => rootOf(size, tiles.reader(states.committed.tree)),
      },
      // A witness may know of a signature that we do not remember: at opening every one is heard.
      { hearAll: !this.#confirmed },
    );
    if ('quorumUnavailable' in outcome) return outcome;
    return { note: utf8(formatNote({ text, signatures: [...signatures, ...outcome.cosignatures] })) };
  }

  async #publish(state: LogState, note: Uint8Array): Promise<void> {
    // Published only when it is durable: a checkpoint that a restart forgot would look like a rollback.
    await this.#parts.archive.publish(note);
    const published = publishedAs(state, note);
    this.#parts.states.publish(published);
    const reached = this.#awaited.filter(({ size }) => size <= state.tree.size);
    this.#awaited = this.#awaited.filter(({ size }) => size > state.tree.size);
    for (const { resolve } of reached) resolve(published);
  }

  /** The next round that comes by itself: soon without a quorum, else to keep the checkpoint fresh. */
  #schedule(): void {
    const { witnesses, states, times } = this.#parts;
    if (witnesses === undefined) return;
    const { quorumUnavailable } = states;
    if (this.#finishing) {
      if (quorumUnavailable !== undefined) this.#refuseAll(quorumUnavailable);
      return;
    }
    const { retryMs, retryMaxMs, refreshMs } = times;
    const wait =
      quorumUnavailable === undefined ? refreshMs : Math.min(retryMaxMs, retryMs * 2 ** this.#failures++);
    this.#timer = setTimeout(() => {
      this.#due = true;
      this.start();
    }, wait);
    this.#timer.unref();
  }

  #refuseAll(error: unknown): void {
    for (const { reject } of this.#awaited) reject(error);
    this.#awaited = [];
  }
}
