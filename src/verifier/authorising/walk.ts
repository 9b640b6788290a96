/**
 * The walk over the leaves of a bundle: each authority document must be a
 * valid successor of the one before, and each entry must have been authorised
 * by the document that it names, which must be the newest one shown below it.
 *
 * The documents between two that are shown cannot be missing, because each
 * names its predecessor's leaf hash. What a bundle cannot show is that there
 * is no later one: see `Verdict`.
 */
import { toHex } from '../../bytes.ts';
import { LedgerError, assert } from '../../errors.ts';
import { hashLeaf } from '#sha256';
import { verifySignatures } from '../../attestation/authority.ts';
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import { keyidsOn, targetOf } from '../../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { BundleLeaf } from '../proving/bundle.ts';
import { AuthorityChain, entryUnder } from './authority-chain.ts';
import type { Entry } from './authority-chain.ts';
import { Sequences } from './sequences.ts';
import type { Trust } from '../trust.ts';

export type { Entry } from './authority-chain.ts';

export interface Walk {
  readonly entries: readonly Entry[];
  /** The newest authority document shown. */
  readonly newest: AuthoritySnapshot;
}

/**
 * Walks leaves whose inclusion is proven, in ascending order from leaf 0.
 * Throws the code of the first leaf that was not entitled to stand there, with
 * its index; `authority-unproven` where the document that an entry names, or
 * the later one that the trust file pins, is not among the leaves.
 */
export function walkLeaves(leaves: readonly BundleLeaf[], trust: Trust): Walk {
  const [first, ...rest] = leaves;
  assert(first !== undefined, 'a bundle has a leaf');
  const chain = at(0, () => new AuthorityChain(decode(first), trust));
  const entries: Entry[] = [];
  const sequences = new Sequences();
  /** Leaf hash → keyids on the leaf, for those walked so far. */
  const keyids = new Map<string, ReadonlySet<string>>([[chain.current.leafHash, keyidsOn(first.leaf)]]);
  const held = new Set(leaves.map(({ leaf }) => toHex(hashLeaf(leaf))));
  for (const leaf of rest) {
    at(leaf.index, () => {
      const attestation = decode(leaf);
      if (attestation.type === 'authority') {
        chain.succeed(leaf.index, attestation);
        chain.requirePinned();
      } else {
        requireShown(attestation, held);
        const target = shownTarget(attestation, keyids);
        const { entry, keys } = entryUnder(chain.current, leaf.index, attestation, target);
        verifySignatures(attestation, keys);
        requireNewNumber(attestation, sequences);
        entries.push(entry);
      }
      keyids.set(toHex(attestation.leafHash), keyidsOn(leaf.leaf));
    });
  }
  if (trust.authority !== undefined && !chain.documents.has(trust.authority.leafHash)) {
    // A hostile maker of the bundle could otherwise leave out the document that revokes the key in question.
    throw new LedgerError(
      'authority-unproven',
      'the authority document that the trust file pins is not shown',
      {
        expected: trust.authority.leafHash,
        got: [...chain.documents.keys()].at(-1) ?? 'none',
      },
    );
  }
  return { entries, newest: chain.current };
}

function decode({ leaf }: BundleLeaf): Attestation {
  return decodeAttestation(decodeEnvelope(leaf));
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
 * Throws `source-conflict`: signers that give one number of a stream to two
 * contents, or a log that holds one entry twice, are not believed about either.
 */
export function requireNewNumber({ supervision }: Attestation, sequences: Sequences): void {
  if (supervision === undefined || sequences.add(supervision.source.id, supervision.source.seq)) return;
  throw new LedgerError('source-conflict', 'one number of a stream was used twice', {
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
