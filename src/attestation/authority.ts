/**
 * The authority in force: who may record what, from one leaf to the next.
 *
 * Leaf 0 is the first authority document, signed by the threshold of its own
 * roots. A later one replaces it whole: version n + 1, the leaf hash of its
 * predecessor, the same origin, signed by the threshold of the old roots and of
 * its own. In force for leaf i is the last valid document below i; one that is
 * not valid changes nothing.
 *
 * Every other entry names the origin and the document in force, so that nothing
 * can be replayed into another log or slipped in under rules that have changed.
 */
import { toHex } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { decodeAuthority, invalid, requireRoots } from './authority-document.ts';
import type { DecodedAuthority, RootQuorum } from './authority-document.ts';
import { type Effects, type KeyStatus, applyRevocations, statusAt } from './revocations.ts';
import { type Signer, requireRoles } from './rules.ts';
import { type SignatureKeys, type VerifySignature, verifySignatures } from './signatures.ts';
import type { Attestation } from './statement.ts';
import { type Supervised, supervisionOf } from './kinds/index.ts';
import { type AuthorityPredicate, predicateTypes } from './types.ts';

export type { RootQuorum } from './authority-document.ts';
export type { KeyStatus } from './revocations.ts';
export type { Signer } from './rules.ts';
export { verifySignatures, verifySignaturesAsync } from './signatures.ts';
export type { SignatureKeys, VerifySignature, VerifySignatureMaybeAsync } from './signatures.ts';

/** Who signed, and the keys by which their signatures are still to be verified. */
export interface Authorisation {
  /** In the order of the envelope; empty for an authority document, which only roots sign. */
  readonly signers: readonly Signer[];
  readonly keys: SignatureKeys;
}

interface AuthorityInForce {
  readonly index: number;
  readonly leafHash: string;
  readonly version: number;
  readonly document: AuthorityPredicate;
}

/** One authority document in force. Immutable: admission runs on it in parallel. */
export class AuthoritySnapshot {
  /** Leaf index of the document. */
  readonly index: number;
  /** Its leaf hash, lowercase hex: what entries name as `ledger.authority`. */
  readonly leafHash: string;
  readonly version: number;
  readonly origin: string;
  readonly document: AuthorityPredicate;
  readonly #decoded: DecodedAuthority;
  readonly #effects: Effects;

  private constructor(place: AuthorityInForce, decoded: DecodedAuthority, effects: Effects) {
    this.index = place.index;
    this.leafHash = place.leafHash;
    this.version = place.version;
    this.origin = place.document.origin;
    this.document = place.document;
    this.#decoded = decoded;
    this.#effects = effects;
  }

  /**
   * The authority after leaf 0. Throws `unknown-type` if that is no authority
   * document, `authority-invalid` or `weak-key` if it contradicts itself, and
   * `unknown-signer`, `missing-role`, `superfluous-signature` or `bad-signature`
   * unless exactly the threshold of its own roots signed.
   *
   * That it signs itself proves nothing about whose it is: the caller compares
   * the leaf hash with a pinned one.
   */
  static genesis(attestation: Attestation, verify?: VerifySignature): AuthoritySnapshot {
    const document = authorityDocument(attestation);
    if (document.version !== 1)
      throw invalid('the first document has another version', '/version', '1', document.version);
    if (document.previous !== null) {
      throw invalid('the first document has no predecessor', '/previous', 'null', document.previous);
    }
    const decoded = decodeAuthority(document);
    const keys = requireRoots(keyidsOf(attestation), [{ whose: 'own', roots: decoded.roots }]);
    const effects = applyRevocations({
      previous: new Map(),
      revocations: document.revocations,
      index: 0,
    });
    verifySignatures(attestation, keys, verify);
    const leafHash = toHex(attestation.leafHash);
    return new AuthoritySnapshot({ index: 0, leafHash, version: 1, document }, decoded, effects);
  }

  /**
   * Everything about who signed except the signature bytes, which the caller
   * verifies with the keys returned (`verifySignatures`). Pure; in this order:
   *
   * - `wrong-origin`: made for another log
   * - `authority-superseded`: names a document that is not this one; facts
   *   `authority` and `version` are of this one
   * - `unknown-type`: the document has no rule for the predicate type
   * - `unknown-signer`: a key that the document does not list
   * - `key-not-in-force` at `index`
   * - `source-not-allowed`: a signer to whom the document does not give the source
   * - `missing-role`, `superfluous-signature`, `same-organisation`
   *
   * `index` is the leaf that the entry takes, if known; without it, the first
   * leaf that it can take, so that a revocation set for later is not yet felt.
   * `target` is the keyids on the leaf that a correction names.
   *
   * An authority document is held against the rules of succession instead, with
   * the errors of `succeed`; its keys are those of both quorums.
   */
  authorise(
    attestation: Attestation,
    { index = this.index + 1, target }: { index?: number; target?: ReadonlySet<string> | undefined } = {},
  ): Authorisation {
    assert(index > this.index, 'an authority document rules the leaves above it');
    if (attestation.type === 'authority') {
      return { signers: [], keys: this.#succession(attestation, index).keys };
    }
    const supervised = supervisionOf(attestation);
    assert(supervised !== undefined, 'every entry but an authority document names its ledger');
    this.#requireLedger(supervised);

    const { predicateType } = attestation.statement;
    const anyOf = this.#decoded.rules.get(predicateType);
    if (anyOf === undefined) {
      throw new LedgerError('unknown-type', 'the authority in force has no rule for this predicate type', {
        expected: [...this.#decoded.rules.keys()].join(', ') || 'no entries at all',
        got: predicateType,
        at: '/predicateType',
      });
    }

    const signers = keyidsOf(attestation).map((keyid, position) => this.#signer(keyid, position));
    this.requireInForce(attestation, { index });
    for (const [position, signer] of signers.entries()) {
      requireSource(signer, supervised.value.source.id, position);
    }
    requireRoles({ signers, anyOf, target });
    return { signers, keys: new Map(signers.map(({ keyid, publicKey }) => [keyid, publicKey])) };
  }

  /** Throws `key-not-in-force` if a key of the envelope does not count for an entry at `index`. */
  requireInForce(attestation: Pick<Attestation, 'envelope'>, { index }: { index: number }): void {
    for (const [position, { keyid }] of attestation.envelope.signatures.entries()) {
      const status = this.statusOf(keyid, index);
      if (status === 'in-force') continue;
      throw new LedgerError('key-not-in-force', `the key is ${status}`, {
        expected: 'a key in force',
        got: `${keyid}, ${status} from leaf ${this.#effects.get(keyid)?.countsFrom} on`,
        at: `/signatures/${position}`,
        facts: { keyid, status },
      });
    }
  }

  /**
   * What this document says of a key for an entry at leaf `atIndex`, which may
   * lie below the document: only `compromised` reaches back there. Keys that no
   * revocation names are `in-force`, listed or not. See revocations.ts.
   */
  statusOf(keyid: string, atIndex: number): KeyStatus {
    return statusAt({ effects: this.#effects, keyid, leafIndex: atIndex });
  }

  /** The key of a signer whom this document lists. */
  publicKeyOf(keyid: string): Uint8Array | undefined {
    return this.#decoded.signers.get(keyid)?.publicKey;
  }

  /** A signer whom this document lists. */
  signerOf(keyid: string): Signer | undefined {
    return this.#decoded.signers.get(keyid);
  }

  /**
   * The authority after a succeeding document at leaf `index`, its signatures
   * verified. Throws `unknown-type` for another type of entry, `wrong-origin`,
   * `authority-superseded` for a version that is already in force or older (the
   * same version with other bytes, too), `authority-invalid` for a skipped
   * version, a wrong predecessor, a contradiction or a revocation taken back,
   * `weak-key`, and what keeps the quorums from being met: `unknown-signer`,
   * `missing-role`, `superfluous-signature`, `bad-signature`.
   */
  succeed(
    attestation: Attestation,
    { index, verify }: { index: number; verify?: VerifySignature | undefined },
  ): AuthoritySnapshot {
    assert(index > this.index, 'an authority document stands above its predecessor');
    const { document, decoded, effects, keys } = this.#succession(attestation, index);
    verifySignatures(attestation, keys, verify);
    const leafHash = toHex(attestation.leafHash);
    return new AuthoritySnapshot({ index, leafHash, version: document.version, document }, decoded, effects);
  }

  /**
   * Whose signatures a succeeding document at leaf `index` would need, its
   * contents held against the rules of succession before the roots sign.
   * Throws as `succeed` does, except for what is about signatures.
   */
  quorums(
    document: AuthorityPredicate,
    { index = this.index + 1 }: { readonly index?: number } = {},
  ): readonly RootQuorum[] {
    assert(index > this.index, 'an authority document stands above its predecessor');
    return this.#successor(document, index).quorums;
  }

  #succession(
    attestation: Attestation,
    index: number,
  ): { document: AuthorityPredicate; decoded: DecodedAuthority; effects: Effects; keys: SignatureKeys } {
    const document = authorityDocument(attestation);
    const { decoded, effects, quorums } = this.#successor(document, index);
    return { document, decoded, effects, keys: requireRoots(keyidsOf(attestation), quorums) };
  }

  #successor(
    document: AuthorityPredicate,
    index: number,
  ): { decoded: DecodedAuthority; effects: Effects; quorums: readonly RootQuorum[] } {
    this.#requireOrigin(document.origin, '/predicate/origin');
    if (document.version <= this.version) {
      throw this.#superseded(
        '/predicate/version',
        `version ${this.version + 1}`,
        `version ${document.version}`,
      );
    }
    if (document.version !== this.version + 1) {
      throw invalid('a version was skipped', '/version', String(this.version + 1), document.version);
    }
    if (document.previous !== this.leafHash) {
      throw invalid('names another predecessor', '/previous', this.leafHash, document.previous);
    }
    const decoded = decodeAuthority(document);
    const effects = applyRevocations({
      previous: this.#effects,
      revocations: document.revocations,
      index,
    });
    const quorums = [
      { whose: 'old', roots: this.#decoded.roots },
      { whose: 'new', roots: decoded.roots },
    ];
    return { decoded, effects, quorums };
  }

  #requireLedger({ value: { ledger }, pointer }: Supervised): void {
    this.#requireOrigin(ledger.origin, `${pointer}/ledger/origin`);
    if (ledger.authority !== this.leafHash) {
      const at = `${pointer}/ledger/authority`;
      throw this.#superseded(at, this.leafHash, 'the hash of another leaf');
    }
  }

  #requireOrigin(origin: string, at: string): void {
    if (origin === this.origin) return;
    throw new LedgerError('wrong-origin', 'made for another log', {
      expected: this.origin,
      got: `another origin, of ${lengthOf(origin)}`,
      at,
    });
  }

  #superseded(at: string, expected: string, got: string): LedgerError {
    return new LedgerError('authority-superseded', 'another authority document is in force', {
      expected,
      got,
      at,
      facts: { authority: this.leafHash, version: this.version },
    });
  }

  #signer(keyid: string, position: number): Signer {
    const signer = this.#decoded.signers.get(keyid);
    if (signer !== undefined) return signer;
    throw new LedgerError('unknown-signer', 'signed by a key that the authority in force does not list', {
      expected: 'a signer of the authority document in force',
      got: keyid,
      at: `/signatures/${position}`,
      facts: { keyid },
    });
  }
}

function requireSource(signer: Signer, source: string, position: number): void {
  if (signer.sources.includes(source)) return;
  throw new LedgerError('source-not-allowed', 'a stream that a signer may not use', {
    expected: `${signer.name} signs for ${signer.sources.join(', ') || 'no stream'}`,
    got: `another stream, of ${lengthOf(source)}`,
    at: `/signatures/${position}`,
    facts: { keyid: signer.keyid },
  });
}

/**
 * The keyids of an envelope. That they are distinct is checked here again: a
 * key that counted twice would be a quorum by itself.
 */
function keyidsOf({ envelope }: Attestation): readonly string[] {
  const keyids = envelope.signatures.map(({ keyid }) => keyid);
  for (const [position, keyid] of keyids.entries()) {
    if (keyids.indexOf(keyid) === position) continue;
    throw new LedgerError('duplicate-signature', 'one key signed twice', {
      expected: 'one signature by each key',
      got: keyid,
      at: `/signatures/${position}`,
      facts: { keyid },
    });
  }
  return keyids;
}

function authorityDocument(attestation: Attestation): AuthorityPredicate {
  if (attestation.type !== 'authority') {
    throw new LedgerError('unknown-type', 'not an authority document', {
      expected: predicateTypes.authority,
      got: attestation.statement.predicateType,
      at: '/predicateType',
    });
  }
  return attestation.statement.predicate;
}
