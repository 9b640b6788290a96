/**
 * The intake: from submitted bytes to an index.
 *
 *     leaf ─► room? ─► slot ─► admission ─► turnstile ─► sequencer ─► index
 *                      so many at once      in the order of the calls
 *
 * A chain of entries that was submitted in order is recorded in order, although
 * admission takes longer for one than for another.
 */
import { admit, type AdmissionContext } from '../admission/admit.ts';
import type { VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import { maxLeafBytes } from '../attestation/envelope.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import type { Sequenced, Sequencer } from './sequencer.ts';
import { Slots } from './slots.ts';
import type { Failure } from './store/failure.ts';
import type { LogStates } from './store/log-states.ts';
import { Turnstile } from './turnstile.ts';

export interface IntakeParts {
  readonly sequencer: Sequencer;
  readonly states: Pick<LogStates, 'committed'>;
  readonly failure: Failure;
  /** The Ed25519 rule; may hand the work to other threads. */
  readonly verify: VerifySignatureMaybeAsync;
}

/** Enough for every thread that verifies; with more, thousands that come at once would hold up everything else. */
const admissionsAtOnce = 32;

/** Where an entry stands, and the hash of its leaf. */
export type Taken = Sequenced & { readonly leafHash: Hash };

export class Intake {
  readonly #parts: IntakeParts;
  readonly #turnstile = new Turnstile();
  readonly #slots = new Slots(admissionsAtOnce);

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the entry is committed, now or before. Throws what admission
   * and the sequencer refuse.
   */
  async take(leaf: Uint8Array): Promise<Taken> {
    // No signature is verified for what would be turned away, under overload or
    // below quorum; what is recorded already still gets its answer.
    const { refusal } = this.#parts.sequencer;
    if (refusal !== undefined && leaf.length <= maxLeafBytes) {
      const leafHash = hashLeaf(leaf);
      const index = await this.#context().lookup(leafHash, leaf);
      if (index === undefined) throw refusal;
      return { index, status: 'known', leafHash };
    }
    return this.#turnstile.enter(async (inTurn) => {
      const admitted = await this.#slots.take(() => admit(leaf, this.#context()));
      const { leafHash } = admitted;
      if ('known' in admitted) return { index: admitted.known, status: 'known', leafHash };
      const sequenced = await inTurn(() => this.#parts.sequencer.submit(admitted.candidate));
      return { ...sequenced, leafHash };
    });
  }

  /** Resolves when everything that was taken until now is with the sequencer, or refused. */
  idle(): Promise<void> {
    return this.#turnstile.idle();
  }

  #context(): AdmissionContext {
    const { sequencer, states, failure, verify } = this.#parts;
    return {
      authority: states.committed.authority,
      lookup: (hash, bytes) => failure.guard(() => sequencer.lookup(hash, bytes)),
      leafOf: (hash) => failure.guard(() => sequencer.leafOf(hash)),
      verify,
    };
  }
}
