/**
 * The audit of leaves in their order: what a replay of a whole log and a
 * monitor that takes it up where it left off have in common.
 *
 *   const audit = new Audit({ trust });            or with `resume`
 *   audit.take(0, leaf0); audit.take(1, leaf1); …
 *   for (const result of await audit.settle()) …   one for each leaf, in order
 *
 * Each leaf is decoded, authorised by the authority then in force, its
 * signatures verified and its stream's number used once. A leaf that was not
 * entitled to stand where it stands is `refused`; it changes nothing about the
 * leaves after it.
 *
 * A correction is judged by who signed its target, so the audit notes the
 * signers of every leaf that it has seen.
 */
import { verifyEd25519 } from '#ed25519';
import { hashLeaf } from '#sha256';
import { LedgerError, assert } from '../../errors.ts';
import { verifySignaturesAsync } from '../../attestation/authority.ts';
import type { AuthoritySnapshot, VerifySignatureMaybeAsync } from '../../attestation/authority.ts';
import { targetOf, unknownTarget } from '../../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation, DecodedEnvelope } from '../../attestation/statement.ts';
import { AuthorityChain, entryUnder, requireGenesis } from './authority-chain.ts';
import type { AuthorityTrust, Entry } from './authority-chain.ts';
import { Sequences } from './sequences.ts';
import { SignersByLeaf } from './signers-by-leaf.ts';
import type { LeafSigners } from './signers-by-leaf.ts';
import { requireNewNumber, withIndex } from './walk.ts';

/** What the audit says of one leaf. */
export type Audited = { readonly index: number; readonly leaf: Uint8Array } & (
  | { readonly kind: 'entry'; readonly entry: Entry }
  | {
      /** An authority document that is in force from here on. */
      readonly kind: 'document';
      readonly snapshot: AuthoritySnapshot;
      /** It is valid and cannot be, by the later document that the trust file pins. */
      readonly disagreement?: LedgerError;
    }
  | {
      readonly kind: 'refused';
      readonly error: LedgerError;
      /** Where the leaf could be decoded. */
      readonly attestation?: Attestation;
    }
);

export interface AuditOptions {
  readonly trust: AuthorityTrust;
  /** May verify on other threads; as `verifyEd25519` otherwise. */
  readonly verify?: VerifySignatureMaybeAsync;
  /** Where an earlier audit stopped. */
  readonly resume?: {
    /** Leaf 0 and every `document` since, ascending. */
    readonly documents: readonly { readonly index: number; readonly leaf: Uint8Array }[];
    readonly sequences: Sequences;
    /** Knows the signers of every leaf that the earlier audit took. */
    readonly signers: LeafSigners;
  };
}

interface Pending {
  /** Later, where a store is asked. */
  readonly result: Audited | Promise<Audited>;
  /** Undefined where nothing is left to verify. */
  readonly verified?: Promise<void>;
}

export class Audit {
  readonly #trust: AuditOptions['trust'];
  readonly #verify: VerifySignatureMaybeAsync;
  /** Numbers used by authorised entries; owned by `settle`. */
  readonly sequences: Sequences;
  /** Moves on with every leaf taken. */
  readonly #signers: LeafSigners;
  #chain: AuthorityChain | undefined;
  #pending: Pending[] = [];

  /** Throws as `take` does for leaf 0, and `authority-invalid` if the documents to resume from are no chain. */
  constructor({ trust, verify = verifyEd25519, resume }: AuditOptions) {
    this.#trust = trust;
    this.#verify = verify;
    this.sequences = resume?.sequences ?? new Sequences();
    this.#signers = new SignersByLeaf();
    for (const { index, leaf } of resume?.documents ?? []) this.take(index, leaf);
    for (const { result } of this.#pending) {
      if ('kind' in result && result.kind === 'refused') throw result.error;
    }
    this.#pending = [];
    // They are noted there already, each at its own index.
    if (resume !== undefined) this.#signers = resume.signers;
  }

  /** In force for the next leaf; undefined before leaf 0. */
  get authority(): AuthoritySnapshot | undefined {
    return this.#chain?.current;
  }

  /** Leaf hash → index of every document that was in force. */
  get documents(): ReadonlyMap<string, number> {
    return new Map([...(this.#chain?.documents ?? [])].map(([leafHash, { index }]) => [leafHash, index]));
  }

  /** Leaves taken and not yet settled. */
  get waiting(): number {
    return this.#pending.length;
  }

  /**
   * The next leaf. Throws only for leaf 0: `leaf-mismatch` or `wrong-origin`
   * if it is not the pinned one, or what keeps it from being a first document.
   */
  take(index: number, leaf: Uint8Array): void {
    this.#pending.push(this.#chain === undefined ? this.#begin(index, leaf) : this.#judge(index, leaf));
  }

  /** What became of every leaf taken since the last call, in order, whatever the order in which signatures were verified. */
  async settle(): Promise<Audited[]> {
    const pending = this.#pending;
    this.#pending = [];
    const settled: Audited[] = [];
    for (const { result: awaited, verified } of pending) {
      const result = await awaited;
      try {
        await verified;
        // Only now does its number count: an unauthorised leaf must not use up the number of an honest one.
        if (result.kind === 'entry') requireNewNumber(result.entry.attestation, this.sequences);
        settled.push(result);
      } catch (error) {
        const attestation = result.kind === 'entry' ? result.entry.attestation : undefined;
        settled.push(refused(error, result.index, result.leaf, attestation));
      }
    }
    return settled;
  }

  /** The pinned authority document is missing below `size`, where the trust file says that it stands. */
  missingDocument(size: number): LedgerError | undefined {
    const { authority: pinned } = this.#trust;
    if (
      pinned === undefined ||
      pinned.asOfSize > size ||
      this.#chain?.documents.has(pinned.leafHash) === true
    ) {
      return undefined;
    }
    return new LedgerError(
      'authority-invalid',
      'the log does not hold the authority document that is pinned',
      { expected: pinned.leafHash },
    );
  }

  #begin(index: number, leaf: Uint8Array): Pending {
    assert(index === 0, 'an audit begins with leaf 0');
    // A leaf that is not the pinned one need not even be decoded.
    requireGenesis(hashLeaf(leaf), this.#trust);
    this.#chain = new AuthorityChain(decodeAttestation(this.#decode(index, leaf)), this.#trust);
    return { result: { kind: 'document', index, leaf, snapshot: this.#chain.current } };
  }

  #judge(index: number, leaf: Uint8Array): Pending {
    const chain = this.#chain as AuthorityChain;
    let attestation: Attestation | undefined;
    try {
      attestation = decodeAttestation(this.#decode(index, leaf));
      if (attestation.type === 'authority') return this.#succeed(chain, index, leaf, attestation);
      const target = targetOf(attestation);
      if (target !== undefined) return this.#judgeCorrection(chain.current, index, leaf, attestation, target);
      const { entry, keys } = entryUnder(chain.current, index, attestation);
      const verified = verifySignaturesAsync(attestation, keys, this.#verify);
      // Awaited in `settle`; until then a failure must not count as unhandled.
      verified.catch(() => undefined);
      return { result: { kind: 'entry', index, leaf, entry }, verified };
    } catch (error) {
      return { result: refused(error, index, leaf, attestation) };
    }
  }

  /** Notes who signed, also of a leaf that will be refused: it stands in the log, so it can be corrected. */
  #decode(index: number, leaf: Uint8Array): DecodedEnvelope {
    let decoded: DecodedEnvelope | undefined;
    try {
      decoded = decodeEnvelope(leaf);
      return decoded;
    } finally {
      const keyids = decoded?.envelope.signatures.map(({ keyid }) => keyid);
      this.#signers.add(decoded?.leafHash ?? hashLeaf(leaf), new Set(keyids), index);
    }
  }

  /** By the authority in force now; the signers of its target may be known only later. */
  #judgeCorrection(
    current: AuthoritySnapshot,
    index: number,
    leaf: Uint8Array,
    attestation: Attestation,
    target: string,
  ): Pending {
    // Asked at once, so that only leaves below it are found.
    const found = this.#signers.find(target);
    const judge = async (): Promise<Audited> => {
      const keyids = await found;
      try {
        if (keyids === undefined) throw unknownTarget();
        const { entry, keys } = entryUnder(current, index, attestation, keyids);
        await verifySignaturesAsync(attestation, keys, this.#verify);
        return { kind: 'entry', index, leaf, entry };
      } catch (error) {
        return refused(error, index, leaf, attestation);
      }
    };
    const result = judge();
    // Awaited in `settle`; until then a failure must not count as unhandled.
    result.catch(() => undefined);
    return { result };
  }

  #succeed(chain: AuthorityChain, index: number, leaf: Uint8Array, attestation: Attestation): Pending {
    chain.succeed(index, attestation);
    const snapshot = chain.current;
    try {
      chain.requirePinned();
    } catch (error) {
      const { error: disagreement } = refused(error, index, leaf);
      return { result: { kind: 'document', index, leaf, snapshot, disagreement } };
    }
    return { result: { kind: 'document', index, leaf, snapshot } };
  }
}

/** Keeps what a leaf was refused for; anything but a refusal is a fault of ours and ends the audit. */
function refused(
  error: unknown,
  index: number,
  leaf: Uint8Array,
  attestation?: Attestation,
): Audited & { kind: 'refused' } {
  if (!(error instanceof LedgerError)) throw error;
  const result = { kind: 'refused', index, leaf, error: withIndex(error, index) } as const;
  return attestation === undefined ? result : { ...result, attestation };
}
