/**
 * The chain of authority of a log, as a reader meets it from leaf 0 upwards: the
 * one driver of the walk over a bundle, the audit of a whole log and the
 * judgement of evidence.
 *
 *   const chain = new AuthorityChain(leaf0, trust);
 *   for each later leaf i:
 *     an authority document   chain.succeed(i, document)    in force from here on, or thrown
 *     any other entry         chain.authorise(i, entry)     whose keys must have signed, or thrown
 *
 * A server can sign anything into its tree; by this it is decided which of its
 * leaves were entitled to stand there. What is thrown changes nothing.
 */
import { equal, fromHex, toHex } from '../../bytes.ts';
import { LedgerError, assert } from '../../errors.ts';
import { AuthoritySnapshot } from '../../attestation/authority.ts';
import type { SignatureKeys, Signer, VerifySignature } from '../../attestation/authority.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Trust } from '../trust.ts';

/** An entry that was authorised when it was recorded, as far as the documents shown tell. */
export interface Entry {
  readonly index: number;
  readonly attestation: Attestation;
  readonly signers: readonly Signer[];
  /** Index and version of the authority document that it names. */
  readonly authority: { readonly index: number; readonly version: number };
}

/** An entry that is authorised once its signatures verify with these keys. */
export interface AuthorisedEntry {
  readonly entry: Entry;
  readonly keys: SignatureKeys;
}

/** Where the chain starts, and optionally a later document that it must hold. */
export type AuthorityTrust = Pick<Trust, 'origin' | 'genesis'> & Partial<Pick<Trust, 'authority'>>;

export class AuthorityChain {
  readonly #trust: AuthorityTrust;
  readonly #verify: VerifySignature | undefined;
  /** Leaf hash → the document, for each that was in force; owned by `#take`. */
  readonly #documents = new Map<string, AuthoritySnapshot>();
  /** Moved by `#take` only. */
  #current: AuthoritySnapshot;

  /**
   * Starts from leaf 0. Throws `leaf-mismatch` if it is not the pinned one,
   * `wrong-origin`, and as `AuthoritySnapshot.genesis`.
   */
  constructor(leaf0: Attestation, trust: AuthorityTrust, verify?: VerifySignature) {
    requireGenesis(leaf0.leafHash, trust);
    const genesis = AuthoritySnapshot.genesis(leaf0, verify);
    requireOrigin(genesis, trust);
    this.#trust = trust;
    this.#verify = verify;
    this.#current = this.#take(genesis);
  }

  /** In force for the next leaf. */
  get current(): AuthoritySnapshot {
    return this.#current;
  }

  /** Leaf hash → document, for each that was in force; in their order. */
  get documents(): ReadonlyMap<string, AuthoritySnapshot> {
    return this.#documents;
  }

  /** The authority document at leaf `index` is in force from here on. Throws as `AuthoritySnapshot.succeed`. */
  succeed(index: number, attestation: Attestation): void {
    assert(attestation.type === 'authority', 'only an authority document succeeds one');
    this.#current = this.#take(this.#current.succeed(attestation, { index, verify: this.#verify }));
  }

  /**
   * The pinned document is known to be the newest in the first `asOfSize`
   * leaves, so it stands below that size, and another one between it and that
   * size means that this is not the same history. Throws `authority-invalid`.
   */
  requirePinned(): void {
    const { authority } = this.#trust;
    if (authority === undefined) return;
    const { leafHash, index } = this.#current;
    const isPinned = leafHash === authority.leafHash;
    const below = index < authority.asOfSize;
    if (isPinned ? below : !below || !this.#documents.has(authority.leafHash)) return;
    throw new LedgerError('authority-invalid', 'the documents shown disagree with the pinned authority', {
      expected: `${authority.leafHash} in force at size ${authority.asOfSize}`,
      got: `${leafHash} at leaf ${index}`,
      index,
    });
  }

  #take(document: AuthoritySnapshot): AuthoritySnapshot {
    this.#documents.set(document.leafHash, document);
    return document;
  }
}

/**
 * The entry at leaf `index` under the document in force there. `target`: the
 * keyids on the leaf that a correction names. Throws as `authorise`. What a
 * *later* document says of these keys (a compromise that reaches back) is asked
 * of that one's `statusOf`.
 */
export function entryUnder(
  current: AuthoritySnapshot,
  index: number,
  attestation: Attestation,
  target?: ReadonlySet<string>,
): AuthorisedEntry {
  assert(
    attestation.type !== 'authority',
    'an authority document succeeds the one before, and is no entry under it',
  );
  const { signers, keys } = current.authorise(attestation, { index, target });
  const authority = { index: current.index, version: current.version };
  return { entry: { index, attestation, signers, authority }, keys };
}

/**
 * Leaf 0, against the pinned leaf hash. Throws `leaf-mismatch`: the server
 * shows a log that begins otherwise than the one that was pinned.
 */
export function requireGenesis(leafHash: Uint8Array, { genesis }: Pick<Trust, 'genesis'>): void {
  if (equal(leafHash, fromHex(genesis, 32))) return;
  throw new LedgerError(
    'leaf-mismatch',
    'leaf 0 is not the first authority document that the trust file pins',
    { expected: genesis, got: toHex(leafHash), index: 0 },
  );
}

/** Throws `wrong-origin`: the pinned leaf 0 and the pinned log keys do not belong together. */
function requireOrigin(genesis: AuthoritySnapshot, { origin }: Pick<Trust, 'origin'>): void {
  if (genesis.origin === origin) return;
  throw new LedgerError('wrong-origin', 'the first authority document is for another log', {
    expected: origin,
    got: genesis.origin,
    index: 0,
  });
}
