/**
 * The walk over the leaves of a bundle: each authority document must be a
 * valid successor of the one before, and each entry must have been authorised
 * by the document that it names, which must be the newest one shown below it.
 *
 * The documents between two that are shown cannot be missing, because each
 * names its predecessor's leaf hash. What a bundle cannot show is that there
 * is no later one: see `Verdict`.
 */
import { equal, fromHex, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { hashLeaf } from '#sha256';
import { AuthorityChain } from '../../attestation/authority-chain.ts';
import type { AuthoritySnapshot, Signer } from '../../attestation/authority.ts';
import { keyidsOn, targetOf } from '../../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { BundleLeaf } from '../proving/bundle.ts';
import { Sequences } from './sequences.ts';
import type { Trust } from '../trust.ts';

/** An entry that was authorised when it was recorded, as far as the documents shown tell. */
export interface Entry {
  readonly index: number;
  readonly attestation: Attestation;
  readonly signers: readonly Signer[];
  /** Index and version of the authority document that it names. */
  readonly authority: { readonly index: number; readonly version: number };
}

export interface Walk {
  readonly entries: readonly Entry[];
  /** The newest authority document shown. */
  readonly newest: AuthoritySnapshot;
}

/**
 * Leaf 0, against the pinned leaf hash. Throws `leaf-mismatch`: somebody shows
 * a log that begins otherwise than the one that was pinned.
 */
export function requireGenesis(leafHash: Uint8Array, trust: Pick<Trust, 'genesis'>): void {
  if (equal(leafHash, fromHex(trust.genesis, 32))) return;
  throw new LedgerError(
    'leaf-mismatch',
    'leaf 0 is not the first authority document that the trust file pins',
    {
      expected: trust.genesis,
      got: toHex(leafHash),
      index: 0,
    },
  );
}

/**
 * Walks leaves whose inclusion is proven, in ascending order from leaf 0.
 * Throws the code of the first leaf that was not entitled to stand there, with
 * its index; `authority-unproven` where the document that an entry names, or
 * the later one that the trust file pins, is not among the leaves.
 */
export function walkLeaves(leaves: readonly BundleLeaf[], trust: Trust): Walk {
  const [first, ...rest] = leaves;
  if (first === undefined) throw new Error('broken invariant: a bundle has a leaf');
  const chain = at(0, () => {
    const genesis = decode(first);
    requireGenesis(genesis.leafHash, trust);
    return new AuthorityChain(genesis);
  });
  requireOrigin(chain.current, trust);
  const shown = new Map<string, number>([[chain.current.leafHash, 0]]);
  const entries: Entry[] = [];
  const sequences = new Sequences();
  /** Leaf hash → keyids on the leaf, for those walked so far. */
  const keyids = new Map<string, ReadonlySet<string>>([[chain.current.leafHash, keyidsOn(first.leaf)]]);
  const held = new Set(leaves.map(({ leaf }) => toHex(hashLeaf(leaf))));
  for (const leaf of rest) {
    at(leaf.index, () => {
      const attestation = decode(leaf);
      if (attestation.type === 'authority') {
        const refusal = chain.feed(leaf.index, attestation);
        if (refusal !== undefined) throw refusal;
        shown.set(chain.current.leafHash, leaf.index);
        requirePinned(chain.current, shown, trust);
      } else {
        requireShown(attestation, held);
        const signers = chain.check(leaf.index, attestation, { target: shownTarget(attestation, keyids) });
        requireNewNumber(attestation, sequences);
        const { index, version } = chain.current;
        entries.push({ index: leaf.index, attestation, signers, authority: { index, version } });
      }
      keyids.set(toHex(attestation.leafHash), keyidsOn(leaf.leaf));
    });
  }
  if (trust.authority !== undefined && !shown.has(trust.authority.leafHash)) {
    // Whoever made the bundle could otherwise leave out the document that revokes the key in question.
    throw new LedgerError(
      'authority-unproven',
      'the authority document that the trust file pins is not shown',
      {
        expected: trust.authority.leafHash,
        got: [...shown.keys()].at(-1) ?? 'none',
      },
    );
  }
  return { entries, newest: chain.current };
}

function decode({ leaf }: BundleLeaf): Attestation {
  return decodeAttestation(decodeEnvelope(leaf));
}

/** Throws `wrong-origin`: the pinned leaf 0 and the pinned log keys do not belong together. */
export function requireOrigin(genesis: AuthoritySnapshot, trust: Pick<Trust, 'origin'>): void {
  if (genesis.origin === trust.origin) return;
  throw new LedgerError('wrong-origin', 'the first authority document is for another log', {
    expected: trust.origin,
    got: genesis.origin,
    index: 0,
  });
}

/**
 * The pinned document is known to be the newest in the first `asOfSize`
 * leaves, so it stands below that size, and another one between it and that
 * size means that this is not the same history. `shown` holds the documents up
 * to `newest`.
 */
export function requirePinned(
  newest: AuthoritySnapshot,
  shown: ReadonlyMap<string, number>,
  trust: Pick<Trust, 'authority'>,
): void {
  const { authority } = trust;
  if (authority === undefined) return;
  const { leafHash, index } = newest;
  const isPinned = leafHash === authority.leafHash;
  const below = index < authority.asOfSize;
  if (isPinned ? below : !below || !shown.has(authority.leafHash)) return;
  throw new LedgerError('authority-invalid', 'the documents shown disagree with the pinned authority', {
    expected: `${authority.leafHash} in force at size ${authority.asOfSize}`,
    got: `${leafHash} at leaf ${index}`,
    index,
  });
}

/**
 * Throws `authority-unproven` where the document that the entry names is not
 * among the leaves held. If it is, and is not the one in force, nothing is
 * lacking: the entry was not authorised.
 */
function requireShown(attestation: Attestation, held: ReadonlySet<string>): void {
  const named = attestation.supervision?.ledger.authority;
  if (named === undefined || held.has(named)) return;
  throw new LedgerError('authority-unproven', 'the authority document that the entry names is not shown', {
    expected: named,
    got: `${held.size} leaves, this one not among them`,
  });
}

/** Who signed the leaf that a correction names; undefined for other entries. Throws `authority-unproven`. */
function shownTarget(
  attestation: Attestation,
  keyids: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> | undefined {
  const target = targetOf(attestation);
  if (target === undefined || keyids.has(target)) return keyids.get(target ?? '');
  throw new LedgerError('authority-unproven', 'the leaf that a correction names is not shown below it', {
    expected: target,
    got: `${keyids.size} leaves, this one not among them`,
  });
}

/**
 * Throws `source-conflict`: a source that gives one number to two contents, or
 * a log that holds one entry twice, is not to be believed about either.
 */
export function requireNewNumber({ supervision }: Attestation, sequences: Sequences): void {
  if (supervision === undefined || sequences.add(supervision.source.id, supervision.source.seq)) return;
  throw new LedgerError('source-conflict', 'a source has used one number twice', {
    expected: `each number of ${supervision.source.id} once`,
    got: `${supervision.source.seq} again`,
  });
}

/** Runs a check of one leaf; what it throws carries the leaf's index. */
function at<T>(index: number, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw withIndex(error, index);
  }
}

/** The same error, naming the leaf that it speaks of. */
export function withIndex(error: LedgerError, index: number): LedgerError {
  const { code, message, expected, got, at: pointer, facts } = error;
  return new LedgerError(code, message, {
    expected,
    got,
    at: pointer,
    facts,
    index: error.index ?? index,
    cause: error,
  });
}
