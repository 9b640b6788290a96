import fc from 'fast-check';
import { expect } from 'chai';
import { Sequences } from '../../../src/verifier/authorising/sequences.ts';

describe('Sequences', () => {
  it('finds repeats and gaps as a plain set does, in whatever order numbers come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (numbers) => {
        const sequences = new Sequences();
        const seen = new Set<number>();
        for (const number of numbers) {
          expect(sequences.add('one', number)).to.equal(!seen.has(number));
          seen.add(number);
        }
        const missing = sequences.gaps(100).flatMap(({ from, to }) => {
          return Array.from({ length: to - from }, (_, at) => from + at);
        });
        const highest = Math.max(0, ...seen);
        const expected = Array.from({ length: highest }, (_, at) => at + 1).filter(
          (number) => !seen.has(number),
        );
        expect(missing).to.deep.equal(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('keeps sources apart', () => {
    const sequences = new Sequences();
    expect(sequences.add('one', 1)).to.equal(true);
    expect(sequences.add('two', 1)).to.equal(true);
    sequences.add('two', 4);
    expect(sequences.gaps(10)).to.deep.equal([{ source: 'two', from: 2, to: 4 }]);
  });

  it('lists no more gaps than asked for', () => {
    const sequences = new Sequences();
    for (let number = 2; number <= 100; number += 2) sequences.add('one', number);
    expect(sequences.gaps(7)).to.have.length(7);
  });
});
