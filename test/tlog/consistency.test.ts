import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { emptyRoot, type Hash } from '../../src/tlog/hash.ts';
import { consistencyRanges, verifyConsistency } from '../../src/tlog/consistency.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { sample } from '../extent.ts';
import { mthOfLeafHashes, proof as referenceProof } from '../reference.ts';
import { consistencyClaim, rejectConsistency, withoutStacks } from './claims.ts';
import { sweepConsistency } from './consistency.sweeps.ts';
import { growTree, strangerHash, type Tree } from './tree.ts';

sweepConsistency(sample);

describe('consistency proofs', () => {
  withoutStacks();
  let small: Tree;
  let roots: readonly Hash[];
  before(async () => {
    small = growTree(131);
    roots = await Promise.all(Array.from({ length: 132 }, (_, size) => rootOf(size, small)));
  });

  it('from size 0 are empty, and demand the root of the empty tree', async () => {
    for (let to = 0; to <= 130; to++) {
      const claim = await consistencyClaim(small, 0, to);
      expect(claim.proof).to.deep.equal([]);
      verifyConsistency(claim);
      rejectConsistency({ ...claim, fromRoot: strangerHash }, 'another root of size 0');
      rejectConsistency({ ...claim, proof: [strangerHash] }, 'extended');
      rejectConsistency({ ...claim, proof: [emptyRoot] }, 'extended by the root of the empty tree');
    }
    rejectConsistency(
      { ...(await consistencyClaim(small, 0, 0)), toRoot: strangerHash },
      'another later root of size 0',
    );
  });

  it('are rejected for a tree in which one earlier leaf was changed', async () => {
    const leaves = small.leaves.slice(0, 70);
    for (let from = 1; from < 70; from++) {
      const forged = leaves.with(from - 1, strangerHash);
      const claim = { from, fromRoot: roots[from] as Hash, to: 70, toRoot: mthOfLeafHashes(forged) };
      rejectConsistency({ ...claim, proof: referenceProof(from, forged) }, 'its own proof');
      rejectConsistency({ ...claim, proof: referenceProof(from, leaves) }, 'the honest proof');
    }
  });

  it('refuse what is no size with out-of-range', () => {
    const spans: [number, number][] = [
      [-1, 5],
      [0.5, 5],
      [Number.NaN, 5],
      [0, Number.NaN],
      [0, 2 ** 53],
      [6, 5],
    ];
    for (const [from, to] of spans) {
      expect(() => consistencyRanges({ from, to }))
        .to.throw(LedgerError)
        .with.property('code', 'out-of-range');
    }
  });
});
