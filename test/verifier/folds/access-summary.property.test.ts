import { expect } from 'chai';
import fc from 'fast-check';
import type { PeriodSummaryPredicate } from '../../../src/attestation/types.ts';
import { AccessCounter } from '../../../src/verifier/folds/access-summary.ts';
import { dataAccessStatement, periodSummaryStatement } from '../../fixtures/attestations.ts';
import { entryOf, expectKept } from './entries.ts';

const hour = 3_600_000;
const start = Date.parse('2026-11-03T00:00:00Z');
const timeOf = (at: number): string => new Date(start + at * hour).toISOString().replace('.000', '');

interface Event {
  readonly source: string;
  readonly seq: number;
  readonly at: number;
  readonly country: string;
}

interface Summary {
  readonly source: string;
  readonly from: number;
  readonly numbers: number;
  readonly begins: number;
  readonly hours: number;
  readonly claimed: number;
}

const source = fc.constantFrom('east', 'west');
const events: fc.Arbitrary<Event[]> = fc.uniqueArray(
  fc.record({
    source,
    seq: fc.integer({ min: 1, max: 12 }),
    at: fc.nat(20),
    country: fc.constantFrom('CH', 'DE'),
  }),
  { maxLength: 14, selector: ({ source: of, seq }) => `${of} ${seq}` },
);
const summaries: fc.Arbitrary<Summary[]> = fc.array(
  fc.record({
    source,
    from: fc.integer({ min: 1, max: 10 }),
    numbers: fc.nat(5),
    begins: fc.nat(18),
    hours: fc.integer({ min: 1, max: 6 }),
    claimed: fc.nat(5),
  }),
  { maxLength: 4 },
);

const eventEntry = ({ source: id, seq, at, country }: Event, index: number) => {
  const statement = dataAccessStatement({ source: id, seq, occurredAt: timeOf(at) });
  statement.predicate.actor.physicalCountry = country;
  return entryOf(index, 'data-access', statement);
};
const summaryEntry = ({ source: id, from, numbers, begins, hours, claimed }: Summary, index: number) => {
  const statement = periodSummaryStatement({ seq: index });
  const predicate: PeriodSummaryPredicate = {
    ...statement.predicate,
    period: { from: timeOf(begins), to: timeOf(begins + hours) },
    summarised: { source: id, seqFrom: from, seqTo: from + numbers },
    gatewayCount: claimed,
    vendorCount: claimed,
    unexplained: 0,
    counts: {
      ...statement.predicate.counts,
      byCountry: claimed === 0 ? [] : [{ country: 'CH', count: claimed }],
    },
  };
  return entryOf(index, 'period-summary', { ...statement, predicate });
};

const entriesOf = (some: readonly Event[], more: readonly Summary[]) => [
  ...some.map((event, at) => eventEntry(event, at + 1)),
  ...more.map((summary, at) => summaryEntry(summary, some.length + at + 1)),
];

/** Numbers, one by one. */
const spread = (ranges: readonly { readonly from: number; readonly to: number }[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, at) => from + at));

const numbersOf = ({ from, numbers }: Summary): number[] => spread([{ from, to: from + numbers }]);

describe('accesses, counted again from any log', () => {
  it('are what a naive reference counts, of each source and in the time that was asked for', () => {
    fc.assert(
      fc.property(events, summaries, fc.nat(20), fc.nat(20), (some, more, one, other) => {
        const asked = { from: start + Math.min(one, other) * hour, to: start + Math.max(one, other) * hour };
        const fold = new AccessCounter({ asked });
        for (const entry of entriesOf(some, more)) fold.add(entry);
        for (const found of fold.result(start + 30 * hour)) {
          const own = some.filter((event) => event.source === found.source);
          const about = more.filter((summary) => summary.source === found.source);
          const within = own.filter(
            ({ at }) => start + at * hour >= asked.from && start + at * hour < asked.to,
          );
          expect(found.events).to.equal(within.length);
          const inCountry = (country: string): number =>
            within.filter((event) => event.country === country).length;
          expect(found.counts.byCountry).to.deep.equal(
            Object.fromEntries(
              ['CH', 'DE'].map((name) => [name, inCountry(name)]).filter(([, n]) => n !== 0),
            ),
          );
          const used = own.map(({ seq }) => seq);
          const highest = Math.max(0, ...used);
          expect(spread(found.gaps)).to.deep.equal(
            spread([{ from: 1, to: highest + 1 }]).filter((seq) => !used.includes(seq)),
          );
          const spoken = about.flatMap(numbersOf);
          const end = Math.max(1, ...about.map(({ from, numbers }) => from + numbers));
          expect(spread(found.unsummarised)).to.deep.equal(
            spread([{ from: 1, to: end }]).filter((seq) => !spoken.includes(seq)),
          );
          expect(found.open).to.equal(used.filter((seq) => seq >= end).length);
        }
        const sources = new Set([...some, ...more].map((any) => any.source));
        expect(fold.result(0).map((found) => found.source)).to.deep.equal([...sources].toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('are held against every summary with both numbers', () => {
    fc.assert(
      fc.property(events, summaries, (some, more) => {
        const fold = new AccessCounter();
        for (const entry of entriesOf(some, more)) fold.add(entry);
        const compared = fold.result(start + 30 * hour).flatMap((found) => found.summaries);
        expect(compared).to.have.length(more.length);
        for (const { entry, recorded, differences } of compared) {
          const summary = more[entry.index - some.length - 1] as Summary;
          const own = some.filter(
            (event) => event.source === summary.source && numbersOf(summary).includes(event.seq),
          );
          expect(recorded).to.equal(own.length);
          const outside = own.filter(
            ({ at }) => at < summary.begins - 0.25 || at >= summary.begins + summary.hours,
          ).length;
          const claims: Readonly<Record<string, readonly [number, number]>> = {
            summarised: [summary.numbers, own.length],
            gatewayCount: [summary.claimed, own.length],
            period: [0, outside],
            'counts/byCountry/CH': [summary.claimed, own.filter(({ country }) => country === 'CH').length],
            'counts/byCountry/DE': [0, own.filter(({ country }) => country === 'DE').length],
          };
          for (const [field, [claimed, counted]] of Object.entries(claims)) {
            const difference = differences.find((one) => one.field === field);
            expect(difference !== undefined, field).to.equal(claimed !== counted);
            if (difference !== undefined)
              expect([difference.summary, difference.log]).to.deep.equal([claimed, counted]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are the same after any restart', () => {
    fc.assert(
      fc.property(events, summaries, (some, more) => {
        expectKept(() => new AccessCounter(), entriesOf(some, more), start);
        expectKept(() => new AccessCounter({ source: 'east' }), entriesOf(some, more), start);
      }),
      { numRuns: 30 },
    );
  });
});
