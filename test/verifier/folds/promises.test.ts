import { expect } from 'chai';
import fc from 'fast-check';
import { Coverage, coveredBy, latenessOf, madeLateBy } from '../../../src/verifier/folds/promises.ts';
import type { TimeRange } from '../../../src/verifier/folds/promises.ts';

const promise = { source: 'access', from: '2026-11-01T00:00:00Z', summaryEvery: 86_400, grace: 3_600 };
const day = 86_400_000;
const start = Date.parse(promise.from);
/** Days and hours behind the beginning of the promise. */
const at = (days: number, hours = 0): number => start + days * day + hours * 3_600_000;
const period = (from: number, to: number): TimeRange => ({ from: at(from), to: at(to) });
const iso = (ms: number): string => new Date(ms).toISOString();

describe('the periods that summaries cover', () => {
  const short = fc
    .tuple(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 6 }))
    .map(([from, length]) => ({ from, to: from + length }));

  it('are joined in any order, as one marks every moment in them', () => {
    fc.assert(
      fc.property(fc.array(short, { maxLength: 12 }), fc.nat({ max: 40 }), (ranges, from) => {
        const coverage = new Coverage(ranges);
        const covered = (moment: number): boolean =>
          ranges.some((one) => moment >= one.from && moment < one.to);
        const holes = coverage.holes(from);
        expect(holes.at(-1)?.to).to.equal(undefined);
        for (let moment = from; moment < 60; moment++) {
          const inHole = holes.some((one) => moment >= one.from && moment < (one.to ?? Infinity));
          expect(inHole, `${moment}`).to.equal(!covered(moment));
        }
        for (const [place, one] of coverage.ranges.entries()) {
          expect(one.from).to.be.greaterThan(coverage.ranges[place - 1]?.to ?? -1);
        }
        expect(new Coverage(coverage.ranges).ranges).to.deep.equal(coverage.ranges);
      }),
      { seed: 7 },
    );
  });

  it('are as many as there is room for, and those that meet others still find it', () => {
    const coverage = new Coverage([], { limit: 3 });
    for (const from of [0, 10, 20, 30]) coverage.add({ from, to: from + 1 });
    coverage.add({ from: 21, to: 25 });
    expect(coverage.ranges).to.deep.equal([
      { from: 0, to: 1 },
      { from: 10, to: 11 },
      { from: 20, to: 25 },
    ]);
  });
});

describe('a promised summary', () => {
  const late = (ranges: readonly TimeRange[], time: number) =>
    latenessOf(promise, new Coverage(ranges), time);

  it('is late once its period and the grace have passed, and not in the moment in which they do', () => {
    expect(late([], at(1, 1))).to.deep.equal([]);
    expect(late([], at(1, 1) + 1)).to.deep.equal([{ from: at(0), due: at(1, 1) }]);
    expect(late([period(0, 1)], at(2, 1))).to.deep.equal([]);
    expect(late([period(0, 1)], at(2, 2))).to.deep.equal([{ from: at(1), due: at(2, 1) }]);
  });

  it('is late between others and at the end, each on its own', () => {
    expect(late([period(-3, 1), period(2, 3)], at(5))).to.deep.equal([
      { from: at(1), to: at(2), due: at(2, 1) },
      { from: at(3), due: at(4, 1) },
    ]);
  });

  it('covers nothing while it is dated ahead by more than clocks may differ', () => {
    const summary = { occurredAt: iso(at(1)), period: { from: iso(at(0)), to: iso(at(1)) } };
    expect(coveredBy(summary, at(1))).to.deep.equal(period(0, 1));
    expect(coveredBy(summary, at(1) - 300_000)).to.deep.equal(period(0, 1));
    expect(coveredBy(summary, at(1) - 300_001)).to.equal(undefined);
    expect(coveredBy({ ...summary, occurredAt: iso(at(9)) }, at(2))).to.equal(undefined);
  });

  it('says by its own time how late it was made, where it was promised', () => {
    const made = (from: number, to: number, when: number) =>
      madeLateBy({ occurredAt: iso(when), period: { from: iso(at(from)), to: iso(at(to)) } }, promise);
    expect(made(0, 1, at(1, 1))).to.equal(undefined);
    expect(made(0, 1, at(1, 3))).to.equal(2 * 3_600_000);
    expect(made(0, 3, at(3))).to.equal(47 * 3_600_000);
    expect(made(-1, 1, at(9))).to.equal(undefined);
  });
});
