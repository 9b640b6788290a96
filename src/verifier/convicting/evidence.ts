/**
 * Judges evidence: whether a file convinces somebody who has only the trust
 * file. Two rules run through all of it:
 *
 * - Nothing is held against anybody but what bears their signature, or stands
 *   under a root that does. So no file can be made against a log that has kept
 *   its word, whatever its author leaves out.
 * - For what the *log* has done, its own signature suffices: a quorum of
 *   witnesses behind one of two histories does not excuse the other.
 *
 * Whoever holds a key is taken for its owner. A stolen log key convicts the log.
 */
import { hashLeaf } from '#sha256';
import { equal, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { parseProof } from '../../note/proof.ts';
import { quorumMet, verifyCheckpoint } from '../../note/quorum.ts';
import type { Policy } from '../../note/policy.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import type { Checkpoint } from '../../note/checkpoint.ts';
import { verifyConsistency } from '../../tlog/consistency.ts';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { parseEvidence } from './evidence-file.ts';
import type { BrokenPromiseEvidence, Evidence, ForkEvidence, RollbackEvidence } from './evidence-file.ts';
import type { Accused, EvidenceFinding } from './evidence-finding.ts';
import { judgeEquivocation, judgeUnauthorised } from './evidence-leaf.ts';
import type { Trust } from '../trust.ts';

type Pinned = Pick<Trust, 'policy' | 'origin' | 'genesis'>;

/**
 * Verifies an evidence file. Returns what it proves; throws `not-evidence` if
 * everything in it holds and convicts nobody, `authority-unproven` or
 * `unknown-type` if it does not decide whether a leaf was allowed,
 * `malformed-evidence`, and what the signatures and proofs in it fail with.
 *
 * Age and smallest size of the trust file do not matter here: a lie stays one.
 */
export function verifyEvidence(bytes: Uint8Array, trust: Pinned): EvidenceFinding {
  const evidence: Evidence = parseEvidence(bytes);
  if (evidence.kind === 'fork') return judgeFork(evidence, trust);
  if (evidence.kind === 'rollback') return judgeRollback(evidence, trust);
  if (evidence.kind === 'broken-promise') return judgeBrokenPromise(evidence, trust);
  const checkpoint = signedBy(evidence.checkpoint, trust);
  return evidence.kind === 'equivocation'
    ? judgeEquivocation(evidence, checkpoint, trust)
    : judgeUnauthorised(evidence, checkpoint, trust);
}

/**
 * The newer history has another root at the older size than the one that the
 * log signed for it. The consistency proof ties that other root to the newer
 * checkpoint; with an honest log it can only be the root that it signed.
 */
function judgeFork({ older, newer, olderRoot, proof }: ForkEvidence, trust: Pinned): EvidenceFinding {
  const before = signedBy(older, trust);
  const after = signedBy(newer, trust);
  verifyConsistency({
    from: before.size,
    fromRoot: olderRoot,
    to: after.size,
    toRoot: after.root,
    proof,
  });
  if (equal(olderRoot, before.root)) {
    throw new LedgerError('not-evidence', 'the newer checkpoint extends the older one', {
      expected: 'two histories',
      got: 'one history',
    });
  }
  const witnesses = cosignersOfBoth(older, newer, trust.policy);
  return {
    kind: 'fork',
    origin: trust.origin,
    against: accused(witnesses),
    sizes: [before.size, after.size],
    indices: [],
    signedRoot: before.root,
    otherRoot: olderRoot,
    witnesses,
  };
}

/**
 * A cosignature says: at this time I had seen no larger tree. A witness that
 * says so of a smaller tree, later than it has cosigned a larger one, has lied
 * or lost its memory, or its clock went back.
 *
 * That convicts these witnesses only. Anybody could have brought them the old
 * checkpoint again; the log needs no part in it. And two *different* witnesses
 * contradict nobody: one of them may merely have been slow.
 */
function judgeRollback({ larger, smaller }: RollbackEvidence, trust: Pinned): EvidenceFinding {
  const { policy } = trust;
  const before = verifyCheckpoint({ note: larger, policy });
  const after = verifyCheckpoint({ note: smaller, policy });
  const sizes = [before.checkpoint.size, after.checkpoint.size] as const;
  if (sizes[1] >= sizes[0]) {
    throw new LedgerError('not-evidence', 'the tree has not become smaller', {
      expected: 'the larger checkpoint, then the smaller',
      got: `${sizes[0]} and ${sizes[1]} leaves`,
    });
  }
  const liars = after.witnesses.filter(({ name, time }) =>
    before.witnesses.some((earlier) => earlier.name === name && earlier.time < time),
  );
  if (liars.length === 0) {
    throw new LedgerError(
      'not-evidence',
      'no witness has vouched for the smaller tree after the larger one',
      {
        expected: 'one that cosigned both, the smaller at a later time',
        got: timesOf(before, after),
      },
    );
  }
  return {
    kind: 'rollback',
    origin: trust.origin,
    against: ['witnesses'],
    sizes,
    indices: [],
    witnesses: liars.map(({ name }) => name),
    quorum: quorumMet(policy, liars),
  };
}

/** Two roots of the log, two leaves at one index. Both proofs are tied to their signed sizes. */
function judgeBrokenPromise(
  { receipt, checkpoint, leafHash, proof }: BrokenPromiseEvidence,
  trust: Pinned,
): EvidenceFinding {
  const promise = parseProof(receipt);
  const { index, hashes, extra } = promise;
  if (extra === undefined) {
    throw new LedgerError('malformed-evidence', 'the receipt does not hold its leaf', {
      expected: 'a tlog-proof with an extra line',
    });
  }
  const then = signedBy(promise.checkpoint, trust);
  const now = signedBy(checkpoint, trust);
  const promised = hashLeaf(extra);
  verifyInclusion({ index, size: then.size, leafHash: promised, root: then.root, proof: hashes });
  verifyInclusion({ index, size: now.size, leafHash, root: now.root, proof });
  if (equal(promised, leafHash)) {
    throw new LedgerError('not-evidence', 'the leaf is where the receipt says', {
      expected: 'another leaf at the index',
      got: toHex(promised),
    });
  }
  const witnesses = cosignersOfBoth(promise.checkpoint, checkpoint, trust.policy);
  return {
    kind: 'broken-promise',
    origin: trust.origin,
    against: accused(witnesses),
    sizes: [then.size, now.size],
    indices: [index],
    promised,
    found: leafHash,
    witnesses,
  };
}

/**
 * A checkpoint that the log has signed. Witnesses are passed over: their word
 * is not needed to hold the log to its own, and a line that fails, which a
 * hostile log could add, must not save it.
 */
function signedBy(note: Uint8Array, { policy }: Pinned): Checkpoint {
  const logsAlone: Policy = { logs: policy.logs, witnesses: [], groups: [], quorum: 'none' };
  return verifyCheckpoint({ note, policy: logsAlone }).checkpoint;
}

/**
 * Names of the witnesses that have cosigned both of two histories. One that has
 * checked that each tree extends the last cannot have; so it has not checked,
 * or has lost its memory.
 */
function cosignersOfBoth(one: Uint8Array, other: Uint8Array, policy: Policy): string[] {
  const names = [one, other].map((note) => {
    try {
      const { witnesses } = verifyCheckpoint({ note, policy: { ...policy, quorum: 'none' } });
      return witnesses.map(({ name }) => name);
    } catch (error) {
      // A line that fails saves the witnesses at most, and the log not at all.
      if (error instanceof LedgerError) return [];
      throw error;
    }
  });
  const [first = [], second = []] = names;
  return first.filter((name) => second.includes(name));
}

function accused(witnesses: readonly string[]): Accused[] {
  return witnesses.length === 0 ? ['log'] : ['log', 'witnesses'];
}

function timesOf(...checkpoints: readonly VerifiedCheckpoint[]): string {
  return checkpoints
    .map(
      ({ checkpoint, witnesses }) =>
        `size ${checkpoint.size}: ${witnesses.map(({ name, time }) => `${name} at ${time}`).join(', ') || 'none'}`,
    )
    .join('; ');
}
