import { expect } from 'chai';
import { compare, compareLatency, interleave, spread } from './rounds.ts';
import type { Measure, Side } from './rounds.ts';

describe('rounds of a benchmark', () => {
  it('runs every side once a round, and turns the order round after each', async () => {
    const ran: string[] = [];
    const side = (name: string): [string, Side] => [
      name,
      {
        run: async () => {
          ran.push(name);
          return { count: 10 * ran.length, milliseconds: 1000 };
        },
        processor: async () => 100 * ran.length,
      },
    ];
    const measures = await interleave(new Map([side('a'), side('b'), side('c')]), 3);
    expect(ran.join('')).to.equal('abccbaabc');
    expect(measures.get('a')).to.deep.equal([
      { perSecond: 10, processor: 10 },
      { perSecond: 60, processor: 100 / 60 },
      { perSecond: 70, processor: 100 / 70 },
    ]);
  });

  it('compares within each round, not the best of one side with the worst of the other', () => {
    const side = (...rates: number[]): Measure[] =>
      rates.map((perSecond) => ({ perSecond, processor: 1000 / perSecond }));
    const measures = new Map([
      ['ours', side(10, 40, 9)],
      ['bare', side(20, 80, 36)],
    ]);
    const expected = { median: 0.5, least: 0.25, greatest: 0.5 };
    expect(compare(measures, 'ours', 'bare').rate).to.deep.equal(expected);
    const { processor } = compare(measures, 'ours', 'bare');
    expect(processor.median).to.be.closeTo(0.5, 1e-9);
    expect(processor.least).to.be.closeTo(0.25, 1e-9);
  });

  it('compares what an answer takes as prices: within each round, and more is worse', () => {
    const side = (...p50s: number[]): Measure[] =>
      p50s.map((p50) => ({ perSecond: 1, processor: 2 * p50, p50 }));
    const measures = new Map([
      ['apart', side(11, 20, 30)],
      ['together', side(10, 20, 20)],
    ]);
    const expected = { median: 1, least: 1, greatest: 1.5 };
    const { rate, processor } = compareLatency(measures, 'apart', 'together');
    expect(rate).to.deep.equal({ ...expected, median: 1.1 });
    expect(processor).to.deep.equal({ ...expected, median: 1.1 });
    const unknown = new Map([['a', [{ perSecond: 1, processor: 1 }]]]);
    expect(Number.isNaN(compareLatency(unknown, 'a', 'a').rate.median)).to.equal(true);
  });

  it('takes the mean of the two in the middle for an even number of rounds', () => {
    expect(spread([4, 1, 3, 2])).to.deep.equal({ median: 2.5, least: 1, greatest: 4 });
  });

  it('refuses a side that was not measured', () => {
    expect(() => compare(new Map(), 'ours', 'bare')).to.throw('ours');
  });
});
