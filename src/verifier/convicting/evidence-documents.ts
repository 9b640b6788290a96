/**
 * The authority documents in an evidence file, and what they decide about a
 * leaf above them: that nobody was allowed to record it there, or that the
 * file does not show it.
 *
 * The two are not the same. Whoever wants to frame an honest log leaves a
 * document out, and what it authorised looks unauthorised. So a leaf is judged
 * by the document that *it names*, and one that is missing convicts nobody:
 *
 *   the named document is shown, newest of all    every refusal under it is final: were a
 *                                                 later one in force, the leaf would name
 *                                                 the wrong one
 *   … and a later one below the leaf is shown     not in force: versions only ascend
 *   the named leaf is shown, no valid document    never in force
 *   all leaf hashes below, the named not there    never in force
 *   anything else                                 not shown
 */
import { hashLeaf } from '#sha256';
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { verifySignatures } from '../../attestation/authority.ts';
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import { keyidsOn, targetOf, unknownTarget } from '../../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { ProvenLeaf } from './evidence-file.ts';
import type { Trust } from '../trust.ts';
import { AuthorityChain, requireGenesis } from '../authorising/authority-chain.ts';
import { withIndex } from '../authorising/walk.ts';

type Roots = Pick<Trust, 'genesis' | 'origin'>;

/** Whether it is shown that no leaf below `index` has this leaf hash. */
export type Absent = (leafHash: string, index: number) => boolean;

/** Documents whose inclusion has been verified, fed in ascending order from leaf 0. */
export class ShownDocuments {
  readonly #trust: Roots;
  readonly #absent: Absent;
  /** Leaf hashes of leaves that are shown and can never have been in force. */
  readonly #invalid = new Set<string>();
  /** Leaf hash → keyids on the leaf, of every leaf shown. */
  readonly #signers = new Map<string, ReadonlySet<string>>();
  /** Those that are valid; begun by `#add`. */
  #chain: AuthorityChain | undefined;
  #last = -1;

  /**
   * Throws `leaf-mismatch` or `wrong-origin` for another leaf 0 than the pinned
   * one, `authority-unproven` for a document whose predecessor is not shown,
   * `malformed-evidence` for leaves that do not ascend.
   */
  constructor(documents: readonly ProvenLeaf[], trust: Roots, absent: Absent = () => false) {
    this.#trust = trust;
    this.#absent = absent;
    for (const document of documents) this.#add(document);
  }

  /** Index of the last document; -1 for none. */
  get last(): number {
    return this.#last;
  }

  /** The valid document of that leaf hash. */
  get(leafHash: string): AuthoritySnapshot | undefined {
    return this.#chain?.documents.get(leafHash);
  }

  /**
   * Why nobody was allowed to record these bytes at this index, above all
   * documents; undefined for a leaf that was allowed as far as they tell.
   * Throws `authority-unproven` where they do not decide; `unknown-type` for a
   * statement that this verifier cannot judge.
   */
  refusal({ index, leaf }: Pick<ProvenLeaf, 'index' | 'leaf'>): LedgerError | undefined {
    if (index === 0) return thrownBy(() => requireGenesis(hashLeaf(leaf), this.#trust));
    let attestation: Attestation;
    try {
      attestation = decodeAttestation(decodeEnvelope(leaf));
    } catch (error) {
      // A type that came after this verifier was written is no fault of the log.
      if (!(error instanceof LedgerError) || error.code === 'unknown-type') throw error;
      return error;
    }
    const origin = originOf(attestation);
    if (origin !== this.#trust.origin) {
      return new LedgerError('wrong-origin', 'made for another log', {
        expected: this.#trust.origin,
        got: origin,
      });
    }
    return this.#refusal(attestation, index);
  }

  /**
   * Who signed the leaf that a correction names; undefined for other entries.
   * Throws `authority-unproven` where that leaf is not shown: whether the right
   * ones signed is then open.
   */
  signersOfTarget(attestation: Attestation): ReadonlySet<string> | undefined {
    const target = targetOf(attestation);
    if (target === undefined || this.#signers.has(target)) return this.#signers.get(target ?? '');
    throw new LedgerError('authority-unproven', 'the leaf that a correction names is not shown', {
      expected: target,
    });
  }

  #refusal(attestation: Attestation, index: number): LedgerError | undefined {
    const named = namedBy(attestation);
    const current = this.#chain?.current;
    if (current !== undefined && this.#decides(current, attestation, named)) {
      const missing = targetOf(attestation);
      if (missing !== undefined && this.#absent(missing, index)) return unknownTarget();
      const target = this.signersOfTarget(attestation);
      return thrownBy(() => {
        if (attestation.type === 'authority') return current.succeed(attestation, { index });
        return verifySignatures(attestation, current.authorise(attestation, { index, target }).keys);
      });
    }
    if (named !== null && (this.#invalid.has(named) || this.#absent(named, index))) {
      return new LedgerError('authority-invalid', 'names an authority document that was never in force', {
        expected: 'the leaf hash of a valid authority document below',
        got: named,
      });
    }
    throw new LedgerError('authority-unproven', 'the authority document that the leaf names is not shown', {
      expected: named ?? 'leaf 0',
      got: `${this.#chain?.documents.size ?? 0} documents, this one not among them`,
      index,
    });
  }

  /** Whether documents that are not shown could make no difference. */
  #decides(current: AuthoritySnapshot, attestation: Attestation, named: string | null): boolean {
    // Only leaf 0 may name none.
    if (named === null || this.#chain?.documents.has(named) === true) return true;
    // Versions only ascend, so a document of one that is already taken has no way to be valid.
    return attestation.type === 'authority' && attestation.statement.predicate.version <= current.version;
  }

  #add(document: ProvenLeaf): void {
    const { index, leaf } = document;
    if (index <= this.#last || (this.#chain === undefined && index !== 0)) {
      throw new LedgerError('malformed-evidence', 'the documents begin with leaf 0 and ascend', {
        expected: this.#chain === undefined ? '0' : `more than ${this.#last}`,
        got: `${index}`,
      });
    }
    this.#last = index;
    this.#signers.set(toHex(hashLeaf(leaf)), keyidsOn(leaf));
    try {
      const chain = this.#chain;
      if (chain === undefined) {
        // A leaf that is not the pinned one need not even be decoded.
        requireGenesis(hashLeaf(leaf), this.#trust);
        this.#chain = new AuthorityChain(decodeAttestation(decodeEnvelope(leaf)), this.#trust);
      } else if (isEntry(leaf) || this.refusal(document) !== undefined)
        this.#invalid.add(toHex(hashLeaf(leaf)));
      else chain.succeed(index, decodeAttestation(decodeEnvelope(leaf)));
    } catch (error) {
      throw error instanceof LedgerError ? withIndex(error, index) : error;
    }
  }
}

/** An entry, in good order or not, is no authority document, so whoever names it as one names none. */
function isEntry(leaf: Uint8Array): boolean {
  try {
    return decodeAttestation(decodeEnvelope(leaf)).type !== 'authority';
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}

/** The leaf hash of the authority document that a leaf rests on; null for one that names none. */
export function namedBy(attestation: Attestation): string | null {
  if (attestation.type === 'authority') return attestation.statement.predicate.previous;
  return attestation.supervision?.ledger.authority ?? null;
}

function originOf(attestation: Attestation): string {
  if (attestation.type === 'authority') return attestation.statement.predicate.origin;
  return attestation.supervision?.ledger.origin ?? '';
}

function thrownBy(check: () => unknown): LedgerError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}
