/** What a verifier of inclusion proofs must refuse, for all leaves of all sizes up to 130 and at random ones up to 2^20. */
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Hash } from '../../src/tlog/hash.ts';
import { inclusionRanges, proveInclusion, verifyInclusion } from '../../src/tlog/inclusion.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { range, type Extent } from '../extent.ts';
import { mthOfLeafHashes, path } from '../reference.ts';
import {
  inclusionClaim,
  rejectInclusion,
  rejectInclusionBits,
  withoutStacks,
  type InclusionClaim,
} from './claims.ts';
import { flipBit, fullTree, growTree, near, strangerHash, type Tree } from './tree.ts';

/** Whether the way from the leaf to the root turns left and right alike in both trees. */
function sameShape(a: InclusionClaim, index: number, size: number): boolean {
  const sides = (i: number, n: number): string =>
    inclusionRanges({ index: i, size: n })
      .map(({ from }) => (from > i ? 'r' : 'l'))
      .join('');
  return index < size && sides(a.index, a.size) === sides(index, size);
}

type Place = readonly [index: number, size: number];

/** Every leaf of trees of these sizes. */
function* places(sizes: Iterable<number>): Generator<Place> {
  for (const size of sizes) for (const index of range(0, size - 1)) yield [index, size];
}

/** All small sizes, and the edges of a tree of 128. */
const edges: readonly number[] = [...range(1, 16), 127, 128, 129, 130];

/** Registers them as a suite. */
export function sweepInclusion({ name, cases, upTo }: Extent): void {
  describe(`inclusion proofs, ${name}`, () => {
    withoutStacks();
    let small: Tree;
    before(() => {
      small = growTree(131);
    });

    it('equal the naive reference and verify, for every leaf of every size up to 130', async () => {
      for (const [index, size] of cases(places(range(1, 130)), 400)) {
        const leaves = small.leaves.slice(0, size);
        const root = mthOfLeafHashes(leaves);
        expect(await rootOf(size, small)).to.deep.equal(root);
        const proof = await proveInclusion({ index, size }, small);
        if (Buffer.concat(proof).compare(Buffer.concat(path(index, leaves))) !== 0) {
          expect.fail(`index ${index} of ${size} differs from the reference`);
        }
        verifyInclusion({ index, size, leafHash: leaves[index] as Hash, root, proof });
      }
    });

    it('are rejected under every named mutation, for every leaf of every size up to 130', async () => {
      for (const [index, size] of cases(places(range(1, 130)), 400)) {
        const claim = await inclusionClaim(small, index, size);
        const { proof, leafHash, root } = claim;
        const bit = (index * 131 + size * 17) % 256;
        rejectInclusion({ ...claim, leafHash: flipBit(leafHash, bit) }, 'one bit in the leaf hash');
        rejectInclusion({ ...claim, root: flipBit(root, bit) }, 'one bit in the root');
        rejectInclusion(
          { ...claim, leafHash: root, root: leafHash, proof: [strangerHash, ...proof] },
          'upside down',
        );
        proof.forEach((hash, i) => {
          rejectInclusion({ ...claim, proof: proof.with(i, flipBit(hash, bit)) }, `one bit in hash ${i}`);
          rejectInclusion({ ...claim, proof: proof.with(i, hash.subarray(0, 31)) }, `hash ${i} cut short`);
          rejectInclusion(
            { ...claim, proof: proof.with(i, new Uint8Array([...hash, 0])) },
            `hash ${i} made longer`,
          );
          rejectInclusion({ ...claim, proof: proof.toSpliced(i, 1) }, `hash ${i} left out`);
          rejectInclusion({ ...claim, proof: proof.toSpliced(i, 0, hash) }, `hash ${i} twice`);
          const next = proof[i + 1];
          if (next !== undefined) {
            rejectInclusion(
              { ...claim, proof: proof.with(i, next).with(i + 1, hash) },
              `hashes ${i} and ${i + 1} swapped`,
            );
          }
        });
        rejectInclusion(
          { ...claim, proof: proof.slice(0, -1), size: size + (proof.length === 0 ? 1 : 0) },
          'truncated',
        );
        rejectInclusion({ ...claim, proof: [...proof, strangerHash] }, 'extended');
        rejectInclusion({ ...claim, proof: [...proof, root] }, 'extended by the root');
        rejectInclusion({ ...claim, proof: [leafHash, ...proof] }, 'extended by the leaf hash');
        if (proof.length > 0)
          rejectInclusion({ ...claim, leafHash: root, proof: [] }, 'the root as its own leaf');
      }
    });

    it('are rejected for another index', async () => {
      for (const [index, size] of cases(places(range(1, 130)), 400)) {
        const claim = await inclusionClaim(small, index, size);
        const others = size <= 40 ? Array.from({ length: size + 1 }, (_, other) => other) : near(index, size);
        for (const other of others) {
          if (other !== index) rejectInclusion({ ...claim, index: other }, `as index ${other}`);
        }
      }
    });

    it('are rejected for another size, with its root, and with the same root unless the shapes coincide', async () => {
      const roots = await Promise.all(Array.from({ length: 132 }, (_, size) => rootOf(size, small)));
      let coincide = 0;
      for (const [index, size] of cases(places(range(1, 130)), 400)) {
        const claim = await inclusionClaim(small, index, size);
        for (const other of near(size, 131)) {
          rejectInclusion({ ...claim, size: other, root: roots[other] as Hash }, `as size ${other}`);
          // A root does not commit to its size: index 0 of 3 and of 4 are one
          // computation. The signed checkpoint binds the two.
          if (sameShape(claim, index, other)) coincide += 1;
          else rejectInclusion({ ...claim, size: other }, `as size ${other} with the old root`);
        }
      }
      expect(coincide).to.be.greaterThan(0);
    });

    it('are rejected with any single bit flipped: every leaf of sizes up to 16 and 127 to 130', async () => {
      for (const [index, size] of cases(places(edges), 10))
        rejectInclusionBits(await inclusionClaim(small, index, size));
    });

    it('verify for random leaves of random sizes up to a power of two, and not for a neighbour', async () => {
      const height = upTo(20, 14);
      const big = fullTree(height);
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 2, max: 2 ** height }),
          fc.nat(2 ** height),
          async (size, seed) => {
            const index = seed % size;
            const root = await rootOf(size, big);
            const proof = await proveInclusion({ index, size }, big);
            const leafHash = big.leaf(index);
            verifyInclusion({ index, size, leafHash, root, proof });
            const neighbour = index === 0 ? 1 : index - 1;
            rejectInclusion({ index: neighbour, size, leafHash, root, proof }, 'wrong index');
            rejectInclusion({ index, size, leafHash: big.leaf(neighbour), root, proof }, 'wrong leaf');
          },
        ),
        { numRuns: upTo(500, 100), seed: 6962 },
      );
    });
  });
}
