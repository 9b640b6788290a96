/** The limit of a replay that takes ten thousand signed entries to reach. */
import { expect } from 'chai';
import { build, correction, leafHashOf } from '../../fixtures/attestations.ts';
import { replayOf } from './replay-limits.ts';

const maxCorrections = 10_000;

describe('the limits of a replay, corrections', () => {
  it('lists the first 10,000 of 10,001, and counts all', async () => {
    const target = build({ seq: 1 });
    const made = Array.from({ length: maxCorrections + 1 }, (_, at) =>
      correction({ seq: at + 1, target: leafHashOf(target) }),
    );
    const { corrections, counts } = await replayOf([target, ...made]);
    expect([corrections.length, counts.correction]).to.deep.equal([maxCorrections, maxCorrections + 1]);
    // Leaf 0 and the target stand below them.
    expect([corrections[0]?.index, corrections.at(-1)?.index]).to.deep.equal([2, maxCorrections + 1]);
  });
});
