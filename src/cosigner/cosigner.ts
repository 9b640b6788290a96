/**
 * The one rule of all who sign tree heads, the ledger's own signer and a
 * witness alike: sign only what extends the head you signed last, and
 * remember the new one, durably, *before* you sign it.
 *
 * Sizes and roots are compared, never the bytes of a note.
 */
import { LedgerError, assert } from '../errors.ts';
import { equal } from '../bytes.ts';
import { verifyConsistency } from '../tlog/consistency.ts';
import { describeHead, sameHead, type Head } from '../tlog/head.ts';

/** Where a cosigner remembers. `anchor.ts` is one; a witness keeps one for each log. */
export interface AnchorState {
  /** The head that was remembered last; size 0 and the empty root at the beginning. */
  readonly head: Head;
  /** Remembers a larger head. It is durable when this returns; after an error it is unknown what is. */
  advance(next: Head): Promise<void>;
}

export interface Extension<T> {
  /** What is to be signed. */
  readonly head: Head;
  /** The size that the proof starts from, where the one who asks may not know the remembered one. */
  readonly from?: number;
  /** RFC 9162 consistency proof from the remembered head; empty from size 0 and to the same size. */
  readonly proof: readonly Uint8Array[];
  /** Makes the signatures; called only when `head` is remembered. */
  readonly sign: () => Promise<T>;
}

export class Cosigner {
  readonly #state: AnchorState;
  /** The smallest size that is signed. */
  readonly #smallest: number;
  /** Settles when the last extension in line has; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  /** Set once, when remembering failed: what was remembered is unknown, so nothing more is signed. */
  #stopped: { readonly error: unknown } | undefined;

  /** `emptyTree`: sign size 0 as well, with its one root. A log never does, a witness must. */
  constructor(state: AnchorState, { emptyTree = false }: { readonly emptyTree?: boolean } = {}) {
    this.#state = state;
    this.#smallest = emptyTree ? 0 : 1;
  }

  /** The head that was remembered last: signed, or about to be. */
  get head(): Head {
    return this.#state.head;
  }

  /**
   * Checks the rule, remembers the head, signs. Calls wait in line, so that
   * signatures leave in the order of the heads.
   *
   * The same size and root as remembered is signed again and nothing moves:
   * so a crash between remembering and signing is made good. When `sign`
   * itself fails its error is passed on, and the same head can be tried again.
   *
   * Throws `size-conflict` when `from` is not the remembered size;
   * `out-of-range` for size 0 where it is never signed; `root-mismatch` for
   * another root at the remembered size; `consistency-failed` for a smaller
   * size and for a proof that does not hold; what `advance` threw, then and
   * for ever after.
   */
  async extend<T>(extension: Extension<T>): Promise<T> {
    const { head } = extension;
    const next = { ...extension, head: { size: head.size, root: head.root.slice() } };
    const turn = this.#last.then(() => this.#extend(next));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #extend<T>({ head, from, proof, sign }: Extension<T>): Promise<T> {
    if (this.#stopped !== undefined) throw this.#stopped.error;
    const remembered = this.#state.head;
    // Here and not before the line: the calls ahead in it may have moved the head.
    if (from !== undefined && from !== remembered.size) {
      throw new LedgerError('size-conflict', 'the proof does not start from the remembered size', {
        expected: `a proof from size ${remembered.size}`,
        got: `one from size ${from}`,
        facts: { rememberedSize: remembered.size },
      });
    }
    checkForm(head, this.#smallest);
    checkOrder(remembered, head);
    verifyConsistency({
      from: remembered.size,
      fromRoot: remembered.root,
      to: head.size,
      toRoot: head.root,
      proof,
    });
    if (head.size > remembered.size) {
      try {
        await this.#state.advance(head);
      } catch (error) {
        this.#stopped = { error };
        throw error;
      }
    }
    // A crash here leaves the head remembered and unsigned; see `extend`.
    assert(sameHead(this.#state.head, head), 'what is signed is what is remembered');
    return sign();
  }
}

function checkForm(head: Head, smallest: number): void {
  if (!Number.isSafeInteger(head.size) || head.size < smallest || head.root.length !== 32) {
    throw new LedgerError('out-of-range', 'this tree head cannot be signed', {
      expected: `a size of at least ${smallest} and a 32-byte root`,
      got: `size ${head.size}, ${head.root.length}-byte root`,
    });
  }
}

/** What can be said without the proof. The one who asks may want a fork or a rollback signed. */
function checkOrder(remembered: Head, head: Head): void {
  const details = {
    expected: describeHead(remembered),
    got: describeHead(head),
    facts: { rememberedSize: remembered.size },
  };
  if (head.size < remembered.size) {
    throw new LedgerError('consistency-failed', 'a larger head was signed before', details);
  }
  if (head.size === remembered.size && !equal(head.root, remembered.root)) {
    throw new LedgerError('root-mismatch', 'another root was signed for this size', details);
  }
}
