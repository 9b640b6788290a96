import { expect } from 'chai';
import { region } from '../../../src/cli/update/commands.ts';
import type { ResidencyPredicate, StatementOf } from '../../../src/attestation/types.ts';
import { correction, leafHashOf, residency } from '../../fixtures/attestations.ts';
import { answerOf, marksOf } from '../answers.ts';
import type { Answer } from '../answers.ts';
import { Desk } from '../desk.ts';

/** A statement: by default, all data of Europe are in Switzerland. */
function statement(seq: number, fields: Partial<ResidencyPredicate> = {}): Uint8Array {
  return residency({
    seq,
    change: ({ predicate }: StatementOf<'residency'>) =>
      void Object.assign(predicate, { residualCopies: [] }, fields),
  });
}

interface Regions extends Answer {
  readonly regions: readonly {
    readonly region: string;
    readonly categories: readonly {
      readonly category: string;
      readonly index: number;
      readonly standing: string;
      readonly mark: string;
      readonly promises: readonly { readonly index: number }[];
      readonly arrived?: object;
      readonly delayDays?: number;
      readonly takenBack: readonly object[];
      readonly correctedBy?: number;
    }[];
    readonly history: readonly object[];
  }[];
}

/** What the command says of a ledger that holds these leaves, at the beginning of November 2026. */
async function statusOf(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Regions> {
  const desk = await Desk.open(leaves);
  try {
    const ran = await desk.online(region, 'status', ...args, '--as-of', '2026-11-04T00:00:00Z', '--json');
    return answerOf(ran) as Regions;
  } finally {
    await desk.close();
  }
}

/** Exit status, standing and mark of the one category of the one region. */
function standingOf({ exit, regions }: Regions): unknown[] {
  const [category] = regions[0]?.categories ?? [];
  return [exit, category?.standing, category?.mark];
}

const announced = statement(1, { phase: 'announced', effectiveAt: '2018-12-31T00:00:00Z' });
const migrating = statement(2, { phase: 'migrating', effectiveAt: '2018-11-13T00:00:00Z' });
const complete = statement(3);

describe('isal region status', () => {
  it('says where the data are by the last statement, and lists the ones before', async () => {
    const answer = await statusOf([announced, migrating, complete]);
    expect(standingOf(answer)).to.deep.equal([0, 'done', 'proven']);
    expect(marksOf(answer, 'Region', 'Stated')).to.deep.equal([
      '✓ Region',
      '✓ Stated',
      '✓ Stated',
      '✓ Stated',
    ]);
    expect(answer.regions[0]?.categories[0]).to.deep.include({
      index: 3,
      promises: [{ index: 1, to: ['CH'], effectiveAt: '2018-12-31T00:00:00Z' }],
      arrived: { index: 3, to: ['CH'], effectiveAt: '2018-11-13T00:00:00Z' },
      delayDays: -48,
    });
  });

  it('does not call proven what is announced or under way', async () => {
    const some = { phase: 'announced', effectiveAt: '2027-01-01T00:00:00Z' } as const;
    expect(standingOf(await statusOf([statement(1, some)]))).to.deep.equal([2, 'pending', 'not-shown']);
    expect(standingOf(await statusOf([announced, migrating]))[0]).to.equal(2);
    const later = await statusOf([statement(1, { effectiveAt: '2027-01-01T00:00:00Z' })]);
    expect(standingOf(later)).to.deep.equal([2, 'pending', 'not-shown']);
  });

  it('shows a promise whose date has passed without a word', async () => {
    expect(standingOf(await statusOf([announced]))).to.deep.equal([2, 'overdue', 'not-shown']);
  });

  it('holds the dates that were promised against the one on which it was so', async () => {
    const promised = (seq: number, date: string, fields: Partial<ResidencyPredicate> = {}): Uint8Array =>
      statement(seq, { phase: 'announced', effectiveAt: `${date}T12:00:00Z`, ...fields });
    const dates = async (...leaves: readonly Uint8Array[]): Promise<unknown[]> => {
      const [category] = (await statusOf(leaves)).regions[0]?.categories ?? [];
      return [category?.delayDays, category?.promises.map(({ index }) => index)];
    };
    expect(await dates(promised(1, '2018-11-13'), complete)).to.deep.equal([0, [1]]);
    expect(await dates(promised(1, '2018-11-12'), complete)).to.deep.equal([1, [1]]);
    expect(await dates(promised(1, '2018-01-01'), promised(2, '2018-11-01'), complete)).to.deep.equal([
      316,
      [1, 2],
    ]);
    const elsewhere = { from: ['CH'], to: ['SG'] };
    // Once all has arrived, an announcement is about another move.
    expect(
      await dates(promised(1, '2018-01-01'), complete, promised(4, '2027-01-01', elsewhere)),
    ).to.deep.equal([undefined, [3]]);
    expect(
      await dates(complete, promised(4, '2027-01-01', elsewhere), promised(5, '2028-01-01', elsewhere)),
    ).to.deep.equal([undefined, [2, 3]]);
  });

  it('does not let a move that is under way, or to be complete some day, hide that its date has passed', async () => {
    const overdue = [2, 'overdue', 'not-shown'];
    expect(standingOf(await statusOf([announced, migrating]))).to.deep.equal(overdue);
    const someDay = statement(2, { effectiveAt: '2027-01-01T00:00:00Z' });
    expect(standingOf(await statusOf([announced, someDay]))).to.deep.equal(overdue);
    const postponed = statement(2, { phase: 'announced', effectiveAt: '2027-01-01T00:00:00Z' });
    expect(standingOf(await statusOf([announced, postponed]))).to.deep.equal([2, 'pending', 'not-shown']);
  });

  it('names the claims that were taken back, also when all has been made good since', async () => {
    const wrong = statement(4, {
      phase: 'corrected',
      to: ['SG'],
      occurredAt: '2020-03-01T00:00:00Z',
      effectiveAt: '2018-11-13T00:00:00Z',
    });
    const answer = await statusOf([
      announced,
      complete,
      wrong,
      statement(5, { effectiveAt: '2021-01-01T00:00:00Z' }),
    ]);
    expect(standingOf(answer)).to.deep.equal([0, 'done', 'proven']);
    expect(marksOf(answer, 'Taken back')).to.deep.equal(['✓ Taken back']);
    expect(answer.regions[0]?.categories[0]).to.deep.include({
      takenBack: [{ index: 2, by: 3 }],
      delayDays: 732,
    });
  });

  it('never leaves out exceptions and copies that remain, and asks for those that were to be gone', async () => {
    const copy = { country: 'DE', what: 'A backup.' };
    const excepted = statement(1, { residualCopies: [copy], exceptions: ['Support cases.'] });
    expect(standingOf(await statusOf([excepted]))).to.deep.equal([0, 'excepted', 'proven']);
    const overdue = statement(1, { residualCopies: [{ ...copy, until: '2026-11-01T00:00:00Z' }] });
    expect(standingOf(await statusOf([overdue]))).to.deep.equal([2, 'copy-overdue', 'not-shown']);
  });

  it('is contradicted by a move back, and by a statement that takes back an earlier one', async () => {
    const back = { from: ['CH'], to: ['SG'], effectiveAt: '2026-10-01T00:00:00Z' };
    for (const later of [
      statement(4, { phase: 'regressed', ...back }),
      statement(4, { phase: 'corrected', to: ['SG'] }),
    ]) {
      const answer = await statusOf([complete, later]);
      expect(standingOf(answer)).to.deep.equal([1, 'against', 'contradicted']);
      // That it was said is proven all the same.
      expect(marksOf(answer, 'Stated')).to.deep.equal(['✓ Stated', '✓ Stated']);
    }
  });

  it('shows the correction of a statement', async () => {
    const answer = await statusOf([complete, correction({ target: leafHashOf(complete) })]);
    expect(standingOf(answer)).to.deep.equal([1, 'done', 'contradicted']);
    expect(answer.regions[0]?.categories[0]?.correctedBy).to.equal(2);
    expect(marksOf(answer, 'Corrected', 'Region', 'Stated')).to.deep.equal([
      '✗ Corrected',
      '✗ Region',
      '✗ Stated',
    ]);
  });

  it('keeps categories and regions apart', async () => {
    const leaves = [
      statement(1, { categories: ['files', 'threat-statistics'], phase: 'migrating' }),
      statement(2),
      statement(3, { region: 'japan', phase: 'regressed' }),
    ];
    const europe = await statusOf(leaves, 'europe');
    expect(europe.exit).to.equal(2);
    expect(europe.regions.map((one) => one.region)).to.deep.equal(['europe']);
    const all = await statusOf(leaves);
    expect(all.exit).to.equal(1);
    expect(all.regions.map((one) => one.region)).to.deep.equal(['europe', 'japan']);
    expect(all.regions[0]?.categories).to.deep.equal([
      {
        category: 'files',
        index: 1,
        standing: 'pending',
        mark: 'not-shown',
        promises: [],
        takenBack: [],
      },
      {
        category: 'threat-statistics',
        index: 2,
        standing: 'done',
        mark: 'proven',
        promises: [],
        arrived: { index: 2, to: ['CH'], effectiveAt: '2018-11-13T00:00:00Z' },
        takenBack: [],
      },
    ]);
    expect(all.regions[0]?.history[1]).to.deep.include({ index: 2, phase: 'complete', to: ['CH'] });
  });

  it('answers not proven for a region that nothing is stated of', async () => {
    const answer = await statusOf([complete], 'mars');
    expect([answer.exit, answer.regions, marksOf(answer, 'Region')]).to.deep.equal([2, [], ['? Region']]);
  });

  it('refuses what it does not understand', async () => {
    const desk = await Desk.open([]);
    expect((await desk.online(region, 'status', 'europe', 'japan')).status).to.equal(4);
    expect((await desk.online(region, 'history')).status).to.equal(4);
    await desk.close();
  });
});
