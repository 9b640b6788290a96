import { expect } from 'chai';
import fc from 'fast-check';
import type { ResidencyPredicate } from '../../../src/attestation/types.ts';
import { Residency, standingMarks } from '../../../src/verifier/folds/residency.ts';
import type { CategoryStatus, Standing } from '../../../src/verifier/folds/residency.ts';
import { residencyStatement } from '../../fixtures/attestations.ts';
import { entryOf, expectKept } from './entries.ts';
import { seed } from '../../extent.ts';

const days = 8;
const timeOf = (day: number): string => `2026-11-0${day + 1}T00:00:00Z`;
const now = Date.parse(timeOf(3)) + 1;

const statements = fc.array(
  fc.record({
    region: fc.constantFrom('europe', 'japan'),
    categories: fc.uniqueArray(fc.constantFrom('files', 'statistics'), { minLength: 1, maxLength: 2 }),
    phase: fc.constantFrom('announced', 'migrating', 'complete', 'complete', 'regressed', 'corrected'),
    effective: fc.nat(days - 1),
    copies: fc.array(fc.option(fc.nat(days - 1), { nil: undefined }), { maxLength: 2 }),
    exceptions: fc.nat(1),
  }),
  { maxLength: 12 },
);

type Drawn = typeof statements extends fc.Arbitrary<infer T> ? T : never;

function predicateOf(drawn: Drawn[number], at: number): ResidencyPredicate {
  const { region, categories, phase, effective, copies, exceptions } = drawn;
  return {
    ...residencyStatement({ seq: at + 1 }).predicate,
    region,
    categories,
    phase,
    effectiveAt: timeOf(effective),
    residualCopies: copies.map((until) => ({
      country: 'DE',
      what: 'A copy.',
      ...(until === undefined ? {} : { until: timeOf(until) }),
    })),
    exceptions: Array.from({ length: exceptions }, () => 'Support.'),
  };
}

/** Of one category of one region: what stands at each place, and what of the places before it counts. */
function naive(history: readonly { readonly index: number; readonly said: ResidencyPredicate }[]): object {
  const resets = (phase: string): boolean => ['announced', 'regressed', 'corrected'].includes(phase);
  const lastReset = history.findLastIndex(({ said }) => resets(said.phase));
  const arrived = history.slice(lastReset + 1).find(({ said }) => said.phase === 'complete');
  /** Whether all had arrived when the statement at this place came. */
  const arrivedBefore = (place: number): boolean => {
    const before = history.slice(0, place);
    const since = before.findLastIndex(({ said }) => resets(said.phase));
    return before.slice(since + 1).some(({ said }) => said.phase === 'complete');
  };
  const newMove = history.findLastIndex(
    ({ said }, place) => said.phase === 'regressed' || (said.phase === 'announced' && arrivedBefore(place)),
  );
  const promises = history.slice(Math.max(0, newMove)).filter(({ said }) => said.phase === 'announced');
  const last = history.at(-1) as (typeof history)[number];
  const passed = (time: string | undefined): boolean => time !== undefined && Date.parse(time) <= now;
  const holds = last.said.phase === 'complete' && passed(last.said.effectiveAt);
  const standings: readonly (readonly [Standing, boolean])[] = [
    ['against', ['regressed', 'corrected'].includes(last.said.phase)],
    ['copy-overdue', holds && last.said.residualCopies.some(({ until }) => passed(until))],
    ['excepted', holds && last.said.residualCopies.length + last.said.exceptions.length > 0],
    ['done', holds],
    ['overdue', passed(promises.at(-1)?.said.effectiveAt)],
    ['pending', true],
  ];
  return {
    statement: last.index,
    standing: standings.find(([, is]) => is)?.[0],
    promises: promises.map(({ index }) => index),
    arrived: arrived?.index,
  };
}

const facts = ({ statement, standing, promises, arrived }: CategoryStatus): object => ({
  statement: statement.entry.index,
  standing,
  promises: promises.map(({ entry }) => entry.index),
  arrived: arrived?.entry.index,
});

describe('where data are said to be, by any statements', () => {
  it('is what a naive reference says of each region and category', () => {
    const seen = new Set<Standing>();
    fc.assert(
      fc.property(statements, (drawn) => {
        const fold = new Residency();
        const said = drawn.map((one, at) => ({ index: at + 1, said: predicateOf(one, at) }));
        for (const { index, said: predicate } of said) {
          fold.add(entryOf(index, 'residency', { ...residencyStatement(), predicate }));
        }
        const expected = ['europe', 'japan'].flatMap((region) =>
          ['files', 'statistics'].flatMap((category) => {
            const history = said.filter(
              ({ said: one }) => one.region === region && one.categories.includes(category),
            );
            return history.length === 0 ? [] : [{ region, category, ...naive(history) }];
          }),
        );
        const found = fold
          .result(now)
          .flatMap(({ region, categories }) =>
            categories.map((status) => ({ region, category: status.category, ...facts(status) })),
          );
        expect(found).to.deep.equal(expected);
        for (const { categories } of fold.result(now))
          for (const { standing } of categories) seen.add(standing);
      }),
      { numRuns: 500, seed },
    );
    expect([...seen]).to.have.members(Object.keys(standingMarks));
  });

  it('is the same after any restart', () => {
    fc.assert(
      fc.property(statements, (drawn) => {
        const entries = drawn.map((one, at) =>
          entryOf(at + 1, 'residency', { ...residencyStatement(), predicate: predicateOf(one, at) }),
        );
        expectKept(() => new Residency(), entries, now);
        expectKept(() => new Residency('japan'), entries, now);
      }),
      { numRuns: 40 },
    );
  });
});
