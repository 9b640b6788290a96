import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { inclusionRanges, proveInclusion } from '../../src/tlog/inclusion.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { sample } from '../extent.ts';
import { mthOfLeafHashes, path } from '../reference.ts';
import { sweepInclusion } from './inclusion.sweeps.ts';
import { fullTree } from './tree.ts';

sweepInclusion(sample);

describe('inclusion proofs', () => {
  it('refuse what is no index or no size with out-of-range', () => {
    const places: [number, number][] = [
      [0, 0],
      [1, 1],
      [-1, 5],
      [0.5, 5],
      [Number.NaN, 5],
      [0, Number.NaN],
      [0, -1],
      [0, 2 ** 53],
      [0, Number.POSITIVE_INFINITY],
    ];
    for (const [index, size] of places) {
      expect(() => inclusionRanges({ index, size }))
        .to.throw(LedgerError)
        .with.property('code', 'out-of-range');
    }
  });

  it('take at most 53 steps at the largest size there is', () => {
    const size = Number.MAX_SAFE_INTEGER;
    for (const index of [0, 1, size - 1, 2 ** 52, 2 ** 52 - 1]) {
      expect(inclusionRanges({ index, size }).length).to.be.at.most(53);
    }
  });

  it('equal the naive reference at sizes around 1,000 and 4,096', async () => {
    const big = fullTree(13);
    for (const size of [999, 1_000, 1_023, 1_025, 4_095, 4_096, 4_097]) {
      const leaves = Array.from({ length: size }, (_, index) => big.leaf(index));
      expect(await rootOf(size, big)).to.deep.equal(mthOfLeafHashes(leaves));
      for (const index of [0, 1, Math.floor(size / 3), size - 1]) {
        expect(await proveInclusion({ index, size }, big)).to.deep.equal(path(index, leaves));
      }
    }
  });
});
