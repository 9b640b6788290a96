import { expect } from 'chai';
import { region } from '../../../src/cli/update/commands.ts';
import type { ResidencyPredicate, StatementOf } from '../../../src/attestation/types.ts';
import { correction, leafHashOf, residency } from '../../fixtures/attestations.ts';
import { Desk } from '../desk.ts';
import type { Ran } from '../desk.ts';

/** A statement: by default, all data of Europe are in Switzerland. */
function statement(seq: number, fields: Partial<ResidencyPredicate> = {}): Uint8Array {
  return residency({
    seq,
    change: ({ predicate }: StatementOf<'residency'>) =>
      void Object.assign(predicate, { residualCopies: [] }, fields),
  });
}

/** What the command says of a ledger that holds these leaves, at the beginning of November 2026. */
async function statusOf(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
  const desk = await Desk.open(leaves);
  try {
    return await desk.online(region, 'status', ...args, '--as-of', '2026-11-04T00:00:00Z');
  } finally {
    await desk.close();
  }
}

const announced = statement(1, { phase: 'announced', effectiveAt: '2018-12-31T00:00:00Z' });
const migrating = statement(2, { phase: 'migrating', effectiveAt: '2018-11-13T00:00:00Z' });
const complete = statement(3);

describe('isal region status', () => {
  it('says where the data are by the last statement, and lists the ones before', async () => {
    const { status, stdout } = await statusOf([announced, migrating, complete]);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(
      /^✓ Region +europe, threat-statistics: in CH since 2018-11-13, nothing excepted \(leaf 3\); promised for 2018-12-31 \(leaf 1\): 48 days earlier$/m,
    );
    expect(stdout.match(/^✓ Stated +europe: /gm)).to.have.length(3);
    expect(stdout).to.match(
      /^✓ Stated .*\(leaf 1\) announced, threat-statistics from RU to CH, effective 2018-12-31$/m,
    );
  });

  it('does not call proven what is announced or under way', async () => {
    const pending = await statusOf([
      statement(1, { phase: 'announced', effectiveAt: '2027-01-01T00:00:00Z' }),
    ]);
    expect(pending.status).to.equal(2);
    expect(pending.stdout).to.match(/^\? Region .*: announced, to be in CH from 2027-01-01 \(leaf 1\)$/m);
    expect((await statusOf([announced, migrating])).status).to.equal(2);
    const later = await statusOf([statement(1, { effectiveAt: '2027-01-01T00:00:00Z' })]);
    expect(later.stdout).to.match(/^\? Region .*: complete, to be in CH from 2027-01-01/m);
  });

  it('shows a promise whose date has passed without a word', async () => {
    const { status, stdout } = await statusOf([announced]);
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Region .*: promised in CH for 2018-12-31, and nothing stated since/m);
  });

  it('holds the dates that were promised against the one on which it was so', async () => {
    const promised = (seq: number, date: string, fields: Partial<ResidencyPredicate> = {}): Uint8Array =>
      statement(seq, { phase: 'announced', effectiveAt: `${date}T12:00:00Z`, ...fields });
    const dates = async (...leaves: readonly Uint8Array[]): Promise<string | undefined> =>
      /^. Region .*?\(leaf \d\)(.*)$/m.exec((await statusOf(leaves)).stdout)?.[1];
    expect(await dates(promised(1, '2018-11-13'), complete)).to.equal(
      '; promised for 2018-11-13 (leaf 1): kept to the day',
    );
    expect(await dates(promised(1, '2018-11-12'), complete)).to.match(/: 1 day LATER$/);
    expect(await dates(promised(1, '2018-01-01'), promised(2, '2018-11-01'), complete)).to.equal(
      '; promised for 2018-01-01 (leaf 1), then for 2018-11-01 (leaf 2): 316 days LATER than the first of these',
    );
    // Once all has arrived, an announcement is about another move.
    const again = await statusOf([
      promised(1, '2018-01-01'),
      complete,
      promised(4, '2027-01-01', { from: ['CH'], to: ['SG'] }),
    ]);
    expect(again.stdout).to.match(/^\? Region .*: announced, to be in SG from 2027-01-01 \(leaf 3\)$/m);
    const postponed = await statusOf([
      complete,
      promised(4, '2027-01-01', { from: ['CH'], to: ['SG'] }),
      promised(5, '2028-01-01', { from: ['CH'], to: ['SG'] }),
    ]);
    expect(postponed.stdout).to.match(
      /; promised for 2027-01-01 \(leaf 2\), then for 2028-01-01 \(leaf 3\)$/m,
    );
  });

  it('does not let a move that is under way, or to be complete some day, hide that its date has passed', async () => {
    const moving = await statusOf([announced, migrating]);
    expect(moving.stdout).to.match(
      /^\? Region .*: promised in CH for 2018-12-31, and still under way \(leaf 2\)$/m,
    );
    const someDay = await statusOf([announced, statement(2, { effectiveAt: '2027-01-01T00:00:00Z' })]);
    expect(someDay.status).to.equal(2);
    expect(someDay.stdout).to.match(
      /^\? Region .*: promised in CH for 2018-12-31, to be so only from 2027-01-01 /m,
    );
    const postponed = await statusOf([
      announced,
      statement(2, { phase: 'announced', effectiveAt: '2027-01-01T00:00:00Z' }),
    ]);
    expect(postponed.stdout).to.match(
      /^\? Region .*: announced, .* \(leaf 2\); promised for 2018-12-31 \(leaf 1\), then for 2027-01-01 \(leaf 2\)$/m,
    );
  });

  it('names the claims that were taken back, also when all has been made good since', async () => {
    const wrong = statement(4, {
      phase: 'corrected',
      to: ['SG'],
      occurredAt: '2020-03-01T00:00:00Z',
      effectiveAt: '2018-11-13T00:00:00Z',
    });
    const { status, stdout } = await statusOf([
      announced,
      complete,
      wrong,
      statement(5, { effectiveAt: '2021-01-01T00:00:00Z' }),
    ]);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(
      /^✓ Taken back +europe, threat-statistics: “complete, in CH from 2018-11-13 on \(leaf 2\)” was WRONG, says leaf 3 of 2020-03-01$/m,
    );
    expect(stdout).to.match(
      /^✓ Region .* since 2021-01-01, .*; promised for 2018-12-31 .*: 732 days LATER$/m,
    );
    const json = JSON.parse((await statusOf([complete, wrong], '--json')).stdout) as {
      regions: { categories: { takenBack: object[] }[] }[];
    };
    expect(json.regions[0]?.categories[0]?.takenBack).to.deep.equal([{ index: 1, by: 2 }]);
  });

  it('never leaves out exceptions and copies that remain, and asks for those that were to be gone', async () => {
    const copy = { country: 'DE', what: 'A backup.' };
    const excepted = await statusOf([
      statement(1, { residualCopies: [copy], exceptions: ['Support cases.'] }),
    ]);
    expect(excepted.status).to.equal(0);
    expect(excepted.stdout).to.match(
      /^✓ Region .*: in CH since 2018-11-13, NOT WHOLLY; a copy in DE: A backup\.; except: Support cases\. /m,
    );
    const overdue = await statusOf([
      statement(1, { residualCopies: [{ ...copy, until: '2026-11-01T00:00:00Z' }] }),
    ]);
    expect(overdue.status).to.equal(2);
    expect(overdue.stdout).to.match(
      /that a copy is gone by its date is not stated; a copy in DE until 2026-11-01/,
    );
  });

  it('is contradicted by a move back, and by a statement that takes back an earlier one', async () => {
    const regressed = await statusOf([
      complete,
      statement(4, { phase: 'regressed', from: ['CH'], to: ['SG'], effectiveAt: '2026-10-01T00:00:00Z' }),
    ]);
    expect(regressed.status).to.equal(1);
    expect(regressed.stdout).to.match(/^✗ Region .*: REGRESSED: in SG since 2026-10-01 \(leaf 2\)$/m);
    const wrong = await statusOf([complete, statement(4, { phase: 'corrected', to: ['SG'] })]);
    expect(wrong.status).to.equal(1);
    expect(wrong.stdout).to.match(/^✗ Region .*: an earlier statement was WRONG: in SG since 2018-11-13/m);
    expect(wrong.stdout).to.match(/^✓ Stated .*\(leaf 1\) complete/m);
  });

  it('shows the correction of a statement', async () => {
    const { status, stdout } = await statusOf([complete, correction({ target: leafHashOf(complete) })]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Corrected +leaf 1 is corrected by leaf 2: retraction: /m);
    expect(stdout).to.match(/^✗ Region .* \(leaf 1\); CORRECTED by leaf 2: retraction: /m);
    expect(stdout).to.match(/^✗ Stated .*; CORRECTED by leaf 2: retraction: /m);
  });

  it('keeps categories and regions apart', async () => {
    const leaves = [
      statement(1, { categories: ['files', 'threat-statistics'], phase: 'migrating' }),
      statement(2),
      statement(3, { region: 'japan', phase: 'regressed' }),
    ];
    const { status, stdout } = await statusOf(leaves, 'europe');
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Region +europe, files: migrating, /m);
    expect(stdout).to.match(/^✓ Region +europe, threat-statistics: in CH /m);
    expect(stdout).not.to.contain('japan');
    const json = JSON.parse((await statusOf(leaves, '--json')).stdout) as {
      exit: number;
      regions: { region: string; categories: object[]; history: object[] }[];
    };
    expect(json.exit).to.equal(1);
    expect(json.regions.map((one) => one.region)).to.deep.equal(['europe', 'japan']);
    expect(json.regions[0]?.categories).to.deep.equal([
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
    expect(json.regions[0]?.history[1]).to.deep.include({ index: 2, phase: 'complete', to: ['CH'] });
  });

  it('answers not proven for a region that nothing is stated of', async () => {
    const { status, stdout } = await statusOf([complete], 'mars');
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Region +no statement about mars as of 2$/m);
  });

  it('refuses what it does not understand', async () => {
    expect((await statusOf([], 'europe', 'japan')).status).to.equal(4);
    const desk = await Desk.open([]);
    expect((await desk.online(region, 'history')).status).to.equal(4);
    await desk.close();
  });
});
