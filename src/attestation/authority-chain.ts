/**
 * The chain of authority of a whole log, as a replay meets it: leaf by leaf,
 * upwards, with what was in force at each.
 *
 *   const chain = new AuthorityChain(leaf0);
 *   for each later leaf i:
 *     an authority document   chain.feed(i, leaf)   takes it, or says why not
 *     any other entry         chain.check(i, leaf)  throws unless authorised
 *
 * A server can sign anything into its tree; whoever replays it decides by this
 * which of its leaves were entitled to stand there.
 */
import { LedgerError, assert } from '../errors.ts';
import { AuthoritySnapshot, verifySignatures } from './authority.ts';
import type { Signer, VerifySignature } from './authority.ts';
import type { Attestation } from './statement.ts';

export class AuthorityChain {
  /** Moved by `feed` only. */
  #current: AuthoritySnapshot;
  readonly #verify: VerifySignature | undefined;

  /** Starts from leaf 0. Throws as `AuthoritySnapshot.genesis`. */
  constructor(genesis: Attestation, verify?: VerifySignature) {
    this.#verify = verify;
    this.#current = AuthoritySnapshot.genesis(genesis, verify);
  }

  /** In force for the next leaf. */
  get current(): AuthoritySnapshot {
    return this.#current;
  }

  /**
   * Takes the authority document at leaf `index`. A valid successor is in force
   * from here on and nothing is returned; anything else is returned as a
   * finding and changes nothing.
   */
  feed(index: number, attestation: Attestation): LedgerError | undefined {
    assert(attestation.type === 'authority', 'entries other than authority documents are checked, not fed');
    try {
      this.#current = this.#current.succeed(attestation, { index, verify: this.#verify });
      return undefined;
    } catch (error) {
      if (error instanceof LedgerError) return error;
      throw error;
    }
  }

  /**
   * Requires that the entry at leaf `index` was authorised when it was recorded,
   * signatures included, and returns who signed. Throws as `authorise` and
   * `verifySignatures`. What a *later* document says of these keys (a
   * compromise that reaches back) is asked of that one's `statusOf`.
   */
  check(
    index: number,
    attestation: Attestation,
    { target }: { target?: ReadonlySet<string> | undefined } = {},
  ): readonly Signer[] {
    assert(attestation.type !== 'authority', 'authority documents are fed, not checked');
    const { signers, keys } = this.#current.authorise(attestation, { index, target });
    verifySignatures(attestation, keys, this.#verify);
    return signers;
  }
}
