import { expect } from 'chai';
import { interleave, ratio, spread } from './rounds.ts';
import type { Side } from './rounds.ts';

describe('rounds of a benchmark', () => {
  it('runs every side once a round, and turns the order round after each', async () => {
    const ran: string[] = [];
    const side = (name: string): [string, Side] => [
      name,
      async () => {
        ran.push(name);
        return ran.length;
      },
    ];
    const rates = await interleave(new Map([side('a'), side('b'), side('c')]), 3);
    expect(ran.join('')).to.equal('abccbaabc');
    expect(rates.get('a')).to.deep.equal([1, 6, 7]);
    expect(rates.get('c')).to.deep.equal([3, 4, 9]);
  });

  it('compares within each round, not the best of one side with the worst of the other', () => {
    const rates = new Map([
      ['ours', [10, 40, 9]],
      ['bare', [20, 80, 30]],
    ]);
    expect(ratio(rates, 'ours', 'bare')).to.deep.equal({ median: 0.5, least: 0.3, greatest: 0.5 });
  });

  it('takes the mean of the two in the middle for an even number of rounds', () => {
    expect(spread([4, 1, 3, 2])).to.deep.equal({ median: 2.5, least: 1, greatest: 4 });
  });

  it('refuses a side that was not measured', () => {
    expect(() => ratio(new Map(), 'ours', 'bare')).to.throw('ours');
  });
});
