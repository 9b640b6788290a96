import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { answerMark } from '../../../src/verifier/answering/point.ts';
import { updatePoints } from '../../../src/verifier/answering/update-points.ts';
import type { OthersPoint, UpdatePoint, WayPoint } from '../../../src/verifier/answering/update-points.ts';
import { WantedUpdates } from '../../../src/verifier/answering/updates.ts';
import type { WantedUpdate } from '../../../src/verifier/answering/updates.ts';
import { digest } from '../../fixtures/attestations.ts';
import { entryOf } from '../folds/entries.ts';
import { statementOf } from '../folds/update-plans.ts';
import type { Step } from '../folds/update-plans.ts';

const step = (state: number, after: number | null, more: Partial<Step> = {}): Step => ({
  version: state,
  state,
  after,
  named: after ?? 0,
  rollback: false,
  by: 'sha256',
  ...more,
});

function pointsOf(
  plan: readonly Step[],
  wanted: WantedUpdate = {},
  corrected: readonly number[] = [],
): UpdatePoint[] {
  const fold = new WantedUpdates(
    { family: 'threats', ...wanted },
    () => new LedgerError('usage', 'too many'),
  );
  plan.forEach((one, at) => fold.add(entryOf(at + 1, 'database-update', statementOf(one, at))));
  const about = { size: plan.length + 1, digests: wanted.digests, corrected: new Set(corrected) };
  return fold.result().flatMap((shown) => updatePoints(shown, about));
}

function only<A extends UpdatePoint['about']>(points: readonly UpdatePoint[], about: A) {
  const found = points.filter((point): point is Extract<UpdatePoint, { about: A }> => point.about === about);
  expect(found, about).to.have.length(1);
  return found[0] as Extract<UpdatePoint, { about: A }>;
}

const place = ({ at }: WayPoint): unknown =>
  at === undefined ? undefined : [at.update.entry.index, at.update.link, at.back];

describe('one update among the others of its chain', () => {
  const three = [step(0, null), step(1, 0), step(2, 1)];

  it('is the state, the patch or a part of what was asked about', () => {
    const roleOf = (digests: WantedUpdate['digests']): unknown =>
      only(pointsOf(three, { digests }), 'update').role;
    expect(roleOf({ sha256: digest('state 1') })).to.equal('state');
    expect(roleOf(undefined)).to.equal(undefined);
    const patch = statementOf(step(0, null), 0);
    patch.predicate.patch = { sha256: digest('patch') };
    patch.subject.push({ digest: { sha256: digest('patch') } }, { digest: { sha256: digest('part') } });
    for (const [what, role] of [
      ['patch', 'patch'],
      ['part', 'part'],
    ] as const) {
      const digests = { sha256: digest(what) };
      const fold = new WantedUpdates({ digests }, () => new LedgerError('usage', 'too many'));
      fold.add(entryOf(1, 'database-update', patch));
      const [shown] = fold.result();
      if (shown === undefined) throw new Error('nothing found');
      const points = updatePoints(shown, { size: 2, digests, corrected: new Set() });
      expect(only(points, 'update').role).to.equal(role);
    }
  });

  it('has a way behind it that is unbroken, breaks on it, forks beside it, or was recorded late', () => {
    const way = (plan: readonly Step[], version?: string): WayPoint =>
      only(pointsOf(plan, { version }), 'way');
    expect(way(three)).to.include({ mark: 'proven', updates: 3 });
    expect(place(way(three))).to.equal(undefined);
    const skipped = way([step(0, null), step(2, 1), step(3, 2)]);
    expect([skipped.mark, place(skipped)]).to.deep.equal(['contradicted', [2, 'skips', 1]]);
    const forked = way([...three, step(5, 0)], 'v2');
    expect([forked.mark, place(forked)]).to.deep.equal(['contradicted', [4, 'forks', undefined]]);
    const late = way([step(0, null), step(2, 1), step(1, 0)], 'v2');
    expect(late).to.include({ mark: 'proven', qualified: true });
    expect(late.late?.entry.index).to.equal(3);
    const lost = way([...three, step(9, 2, { rollback: true })]);
    expect([lost.mark, place(lost)]).to.deep.equal(['not-shown', [4, 'follows', 0]]);
  });

  it('is contradicted where an entry that it rests on was corrected, and nowhere else', () => {
    const marked = (corrected: readonly number[]): string[] =>
      pointsOf(three, {}, corrected).flatMap((point) => ('corrected' in point ? [point.about] : []));
    // That the update names a source is said by the update itself.
    expect(marked([3])).to.deep.equal(['update', 'way', 'supervised']);
    expect(marked([1])).to.deep.equal(['way']);
    expect(marked([9])).to.deep.equal([]);
    const points = pointsOf(three, {}, [1]);
    expect(only(points, 'way')).to.include({ mark: 'contradicted', corrected: true });
    expect(answerMark(points)).to.equal('contradicted');
    // What is proven and qualified is no longer so once it is contradicted.
    const late = [step(0, null), step(2, 1), step(1, 0)];
    expect(only(pointsOf(late, { version: 'v2' }, [1]), 'way')).to.not.have.property('qualified');
  });

  it('tells others by what they got', () => {
    const others = (plan: readonly Step[], version?: string): unknown[] =>
      pointsOf(plan, { version })
        .filter((point): point is OthersPoint => point.about === 'others')
        .map(({ mark, how, others: named, count }) => [mark, how, named[0]?.entry.index, count]);
    expect(others(three)).to.deep.equal([['proven', 'none', undefined, 0]]);
    expect(others([...three, step(2, 1)])).to.deep.equal([['proven', 'same-state', 3, 1]]);
    expect(others([...three, step(7, 1, { version: 2 })], 'v2')).to.deep.equal([
      ['contradicted', 'other-state', 3, 1],
    ]);
    expect(others([...three, step(7, 1)], 'v2')).to.deep.equal([['contradicted', 'other-way', 4, 1]]);
    expect(others([...three, step(2, 9, { by: 'sha512', named: 9 })], 'v2')).to.deep.equal([
      ['not-shown', 'incomparable', 3, 1],
    ]);
    const many = Array.from({ length: 9 }, () => step(2, 1));
    expect(others([...three, ...many])[0]).to.deep.equal(['proven', 'same-state', 3, 9]);
  });

  it('says how the chain leads on from it, and that it was taken back', () => {
    const newer = (plan: readonly Step[], version: string): unknown => {
      const { count, last, takenBackBy } = only(pointsOf(plan, { version }), 'newer');
      return [count, last?.entry.index, takenBackBy];
    };
    expect(newer(three, 'v2')).to.deep.equal([0, undefined, undefined]);
    expect(newer(three, 'v0')).to.deep.equal([2, 3, undefined]);
    expect(newer([...three, step(9, 8)], 'v2')).to.deep.equal([0, 4, undefined]);
    expect(newer([step(0, null), step(1, 0), step(0, 1, { rollback: true })], 'v1')).to.deep.equal([1, 3, 3]);
  });

  it('is looked for in all families only as far as there is room', () => {
    const fold = new WantedUpdates({ digests: { sha256: digest('none') } }, (count) => {
      throw new LedgerError('usage', `more than ${count}`);
    });
    const entry = entryOf(1, 'database-update', statementOf(step(0, null), 0));
    const add = (): void => {
      for (let at = 0; at <= 100_000; at++) fold.add({ ...entry, index: at + 1 });
    };
    expect(add).to.throw('more than 100000');
  });
});
