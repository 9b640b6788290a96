import { expect } from 'chai';
import fc from 'fast-check';
import type { SupervisorStatementPredicate } from '../../../src/attestation/types.ts';
import { SupervisorStatements } from '../../../src/verifier/folds/supervisor-statements.ts';
import { supervisorStatementStatement } from '../../fixtures/attestations.ts';
import { entryOf, expectKept } from './entries.ts';

const timeOf = (day: number): string => `2026-11-${String(day + 1).padStart(2, '0')}T00:00:00Z`;
const ms = (day: number): number => Date.parse(timeOf(day));

interface Drawn {
  readonly kind: SupervisorStatementPredicate['kind'];
  readonly from: number;
  readonly length: number;
  readonly due: number | undefined;
}

const statements: fc.Arbitrary<Drawn[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('periodic' as const, 'funding' as const),
    from: fc.nat(15),
    length: fc.integer({ min: 1, max: 4 }),
    due: fc.option(fc.nat(25), { nil: undefined }),
  }),
  { maxLength: 8 },
);

const entriesOf = (drawn: readonly Drawn[]) =>
  drawn.map(({ kind, from, length, due }, at) => {
    const statement = supervisorStatementStatement({ seq: at + 1 });
    const { nextDue: _, ...predicate } = statement.predicate;
    return entryOf(at + 1, 'supervisor-statement', {
      ...statement,
      predicate: {
        ...predicate,
        kind,
        period: { from: timeOf(from), to: timeOf(from + length) },
        ...(due === undefined ? {} : { nextDue: timeOf(due) }),
      },
    });
  });

describe('what the supervisor says of itself', () => {
  it('is of each kind the statement whose period ends last, with the days that none covers', () => {
    fc.assert(
      fc.property(statements, fc.nat(25), (drawn, today) => {
        const fold = new SupervisorStatements();
        for (const entry of entriesOf(drawn)) fold.add(entry);
        const expected = (['funding', 'periodic'] as const).flatMap((kind) => {
          const own = drawn.map((one, at) => ({ ...one, index: at + 1 })).filter((one) => one.kind === kind);
          const ends = own.map(({ from, length }) => from + length);
          const last = own.findLast(({ from, length }) => from + length === Math.max(...ends));
          if (last === undefined) return [];
          const begin = Math.min(...own.map(({ from }) => from));
          const bare = Array.from({ length: Math.max(...ends) - begin }, (_, at) => begin + at).filter(
            (day) => !own.some(({ from, length }) => from <= day && day < from + length),
          );
          return [
            {
              kind,
              inForce: last.index,
              history: own.map(({ index }) => index),
              bare,
              overdue: last.due !== undefined && last.due < today,
            },
          ];
        });
        const found = fold.result(ms(today)).map(({ kind, inForce, history, interruptions, overdue }) => ({
          kind,
          inForce: inForce.entry.index,
          history: history.map(({ entry }) => entry.index),
          bare: interruptions.flatMap(({ from, to }) =>
            Array.from({ length: (to - from) / 86_400_000 }, (_, at) => (from - ms(0)) / 86_400_000 + at),
          ),
          overdue,
        }));
        expect(found).to.deep.equal(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same after any restart', () => {
    fc.assert(
      fc.property(statements, (drawn) =>
        expectKept(() => new SupervisorStatements(), entriesOf(drawn), ms(20)),
      ),
      { numRuns: 40 },
    );
  });

  it('rests on statements of the supervisor alone', () => {
    const fold = new SupervisorStatements();
    const [entry] = entriesOf([{ kind: 'funding', from: 0, length: 1, due: undefined }]);
    if (entry === undefined) throw new Error('no entry');
    const other = { ...entry, attestation: { ...entry.attestation, type: 'build' } } as typeof entry;
    expect(fold.add(other)).to.equal(false);
    expect(fold.add(entry)).to.equal(true);
    expect(fold.result(0)).to.have.length(1);
  });
});
