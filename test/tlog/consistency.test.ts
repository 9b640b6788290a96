import { expect } from 'chai';
import * as fc from 'fast-check';
import { LedgerError } from '../../src/errors.ts';
import { emptyRoot, type Hash } from '../../src/tlog/hash.ts';
import { consistencyRanges, proveConsistency, verifyConsistency } from '../../src/tlog/consistency.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { mthOfLeafHashes, proof as referenceProof } from '../reference.ts';
import { consistencyClaim, rejectConsistency, rejectConsistencyBits, withoutStacks } from './claims.ts';
import { flipBit, fullTree, growTree, near, strangerHash, type Tree } from './tree.ts';

/** What the verifier computes, as text: equal texts cannot be told apart by any verifier. */
function computation(from: number, to: number): string {
  if (from > to) return 'none';
  if (from === 0 || from === to) return from === 0 ? `empty ${to === 0}` : 'same';
  const ranges = consistencyRanges({ from, to });
  return `${ranges[0]?.from === from} ${ranges.map((range) => range.from >= from).join()}`;
}

describe('consistency proofs', () => {
  withoutStacks();
  let small: Tree;
  let roots: readonly Hash[];
  before(async () => {
    small = growTree(131);
    roots = await Promise.all(Array.from({ length: 132 }, (_, size) => rootOf(size, small)));
  });

  it('equal the naive reference and verify, between all sizes up to 130', async () => {
    for (let to = 1; to <= 130; to++) {
      const leaves = small.leaves.slice(0, to);
      for (let from = 1; from <= to; from++) {
        const claim = await consistencyClaim(small, from, to);
        if (Buffer.concat(claim.proof).compare(Buffer.concat(referenceProof(from, leaves))) !== 0) {
          expect.fail(`${from} to ${to} differs from the reference`);
        }
        verifyConsistency(claim);
      }
    }
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

  it('are rejected under every named mutation, between all sizes up to 130', async () => {
    for (let to = 1; to <= 130; to++) {
      for (let from = 1; from <= to; from++) {
        const claim = await consistencyClaim(small, from, to);
        const { proof, fromRoot, toRoot } = claim;
        const bit = (from * 131 + to * 17) % 256;
        rejectConsistency({ ...claim, fromRoot: flipBit(fromRoot, bit) }, 'one bit in the earlier root');
        rejectConsistency({ ...claim, toRoot: flipBit(toRoot, bit) }, 'one bit in the later root');
        proof.forEach((hash, i) => {
          rejectConsistency({ ...claim, proof: proof.with(i, flipBit(hash, bit)) }, `one bit in hash ${i}`);
          rejectConsistency({ ...claim, proof: proof.with(i, hash.subarray(0, 31)) }, `hash ${i} cut short`);
          rejectConsistency(
            { ...claim, proof: proof.with(i, new Uint8Array([...hash, 0])) },
            `hash ${i} made longer`,
          );
          rejectConsistency({ ...claim, proof: proof.toSpliced(i, 1) }, `hash ${i} left out`);
          rejectConsistency({ ...claim, proof: proof.toSpliced(i, 0, hash) }, `hash ${i} twice`);
          const next = proof[i + 1];
          if (next !== undefined) {
            rejectConsistency(
              { ...claim, proof: proof.with(i, next).with(i + 1, hash) },
              `hashes ${i} and ${i + 1} swapped`,
            );
          }
        });
        rejectConsistency({ ...claim, proof: [...proof, strangerHash] }, 'extended');
        rejectConsistency({ ...claim, proof: [...proof, toRoot] }, 'extended by the later root');
        rejectConsistency({ ...claim, proof: [fromRoot, ...proof] }, 'extended by the earlier root');
        rejectConsistency(
          { ...claim, fromRoot: toRoot.subarray(0, 31), toRoot: toRoot.subarray(0, 31) },
          'short roots',
        );
        if (from < to) {
          rejectConsistency({ ...claim, fromRoot: toRoot, toRoot: fromRoot }, 'roots swapped');
          rejectConsistency({ ...claim, fromRoot: toRoot }, 'the later root twice');
          rejectConsistency({ ...claim, toRoot: fromRoot }, 'the earlier root twice');
          rejectConsistency({ ...claim, from: to, to: from }, 'sizes swapped');
          rejectConsistency({ ...claim, proof: [] }, 'emptied');
        }
      }
    }
  });

  it('are rejected for other sizes, with their roots, and with the same roots unless the computations coincide', async () => {
    let coincide = 0;
    for (let to = 1; to <= 130; to++) {
      for (let from = 1; from <= to; from++) {
        const claim = await consistencyClaim(small, from, to);
        const same = computation(from, to);
        for (const other of near(from, 131)) {
          const fromRoot = roots[other] as Hash;
          if (other > 0 || claim.proof.length > 0)
            rejectConsistency({ ...claim, from: other, fromRoot }, `from ${other}`);
          // As with inclusion, roots do not commit to sizes; the signed checkpoints do.
          if (computation(other, to) === same) coincide += 1;
          else rejectConsistency({ ...claim, from: other }, `from ${other} with the old root`);
        }
        for (const other of near(to, 131)) {
          rejectConsistency({ ...claim, to: other, toRoot: roots[other] as Hash }, `to ${other}`);
          if (computation(from, other) === same) coincide += 1;
          else rejectConsistency({ ...claim, to: other }, `to ${other} with the old root`);
        }
      }
    }
    expect(coincide).to.be.greaterThan(0);
  });

  it('are rejected with any single bit flipped: all sizes up to 16, the edges of 127 to 130', async () => {
    for (let to = 1; to <= 16; to++) {
      for (let from = 1; from <= to; from++) rejectConsistencyBits(await consistencyClaim(small, from, to));
    }
    for (const to of [127, 128, 129, 130]) {
      for (const from of [1, 63, 64, 65, 127, to])
        rejectConsistencyBits(await consistencyClaim(small, from, to));
    }
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

  it('verify between random sizes up to 2^20, and not with an earlier root of another history', async () => {
    const big = fullTree(20);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 2 ** 20 }), fc.nat(2 ** 20), async (to, seed) => {
        const from = 1 + (seed % (to - 1));
        const proof = await proveConsistency({ from, to }, big);
        const claim = { from, fromRoot: await rootOf(from, big), to, toRoot: await rootOf(to, big), proof };
        verifyConsistency(claim);
        rejectConsistency({ ...claim, fromRoot: strangerHash }, 'another earlier root');
        rejectConsistency({ ...claim, toRoot: strangerHash }, 'another later root');
        const last = proof.length - 1;
        rejectConsistency(
          { ...claim, proof: proof.with(last, flipBit(proof[last] as Hash, seed % 256)) },
          'one bit',
        );
      }),
      { numRuns: 500, seed: 6962 },
    );
  });
});
