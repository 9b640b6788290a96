/** What a verifier of consistency proofs must refuse, between all sizes up to 130 and at random ones up to 2^20. */
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Hash } from '../../src/tlog/hash.ts';
import { consistencyRanges, proveConsistency, verifyConsistency } from '../../src/tlog/consistency.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { range, type Extent } from '../extent.ts';
import { proof as referenceProof } from '../reference.ts';
import { consistencyClaim, rejectConsistency, rejectConsistencyBits, withoutStacks } from './claims.ts';
import { flipBit, fullTree, growTree, near, strangerHash, type Tree } from './tree.ts';

/** What the verifier computes, as text: equal texts cannot be told apart by any verifier. */
function computation(from: number, to: number): string {
  if (from > to) return 'none';
  if (from === 0 || from === to) return from === 0 ? `empty ${to === 0}` : 'same';
  const ranges = consistencyRanges({ from, to });
  return `${ranges[0]?.from === from} ${ranges.map((range) => range.from >= from).join()}`;
}

type Span = readonly [from: number, to: number];

/** From every size, 0 excepted, to each of these. */
function* spans(sizes: Iterable<number>): Generator<Span> {
  for (const to of sizes) for (const from of range(1, to)) yield [from, to];
}

/** All small sizes, and the edges of a tree of 128. */
const edges: readonly number[] = [...range(1, 16), 127, 128, 129, 130];

/** Registers them as a suite. */
export function sweepConsistency({ name, cases, upTo }: Extent): void {
  describe(`consistency proofs, ${name}`, () => {
    withoutStacks();
    let small: Tree;
    let roots: readonly Hash[];
    before(async () => {
      small = growTree(131);
      roots = await Promise.all(Array.from({ length: 132 }, (_, size) => rootOf(size, small)));
    });

    it('equal the naive reference and verify, between all sizes up to 130', async () => {
      for (const [from, to] of cases(spans(range(1, 130)), 400)) {
        const leaves = small.leaves.slice(0, to);
        const claim = await consistencyClaim(small, from, to);
        if (Buffer.concat(claim.proof).compare(Buffer.concat(referenceProof(from, leaves))) !== 0) {
          expect.fail(`${from} to ${to} differs from the reference`);
        }
        verifyConsistency(claim);
      }
    });

    it('are rejected under every named mutation, between all sizes up to 130', async () => {
      for (const [from, to] of cases(spans(range(1, 130)), 400)) {
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
    });

    it('are rejected for other sizes, with their roots, and with the same roots unless the computations coincide', async () => {
      let coincide = 0;
      for (const [from, to] of cases(spans(range(1, 130)), 400)) {
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
      expect(coincide).to.be.greaterThan(0);
    });

    it('are rejected with any single bit flipped: all sizes up to 16 and 127 to 130', async () => {
      for (const [from, to] of cases(spans(edges), 10))
        rejectConsistencyBits(await consistencyClaim(small, from, to));
    });

    it('verify between random sizes up to a power of two, and not with an earlier root of another history', async () => {
      const height = upTo(20, 14);
      const big = fullTree(height);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 2, max: 2 ** height }), fc.nat(2 ** height), async (to, seed) => {
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
        { numRuns: upTo(500, 100), seed: 6962 },
      );
    });
  });
}
