import { expect } from 'chai';
import { update } from '../../../src/cli/update/commands.ts';
import type { DatabaseUpdatePredicate, StatementOf } from '../../../src/attestation/types.ts';
import { correction, databaseUpdate, digest, leafHashOf } from '../../fixtures/attestations.ts';
import { answerOf, marksOf } from '../answers.ts';
import type { Answer } from '../answers.ts';
import { Desk } from '../desk.ts';
import type { Ran } from '../desk.ts';

/** What the command says of a ledger that holds these leaves. */
async function chainOf(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
  const desk = await Desk.open(leaves);
  try {
    return await desk.online(update, 'chain', 'threats', ...args);
  } finally {
    await desk.close();
  }
}

interface Chains extends Answer {
  readonly chains: readonly {
    readonly platform: string;
    readonly updates: readonly {
      readonly index: number;
      readonly kind: string;
      readonly mark: string;
      readonly link: string;
      readonly previous: number | null;
      readonly backTo?: number | null;
    }[];
  }[];
}

async function chains(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Chains> {
  return answerOf(await chainOf(leaves, '--json', ...args)) as Chains;
}

/** Every link with the update that it follows or disagrees with, and its mark. */
const linksOf = ({ chains: all }: Chains): unknown[] =>
  all.flatMap(({ updates }) => updates.map(({ mark, link, previous }) => [mark, link, previous]));

/** The fixture's update: number `seq` follows number `seq - 1`. */
const plain = (seq: number): Uint8Array => databaseUpdate({ seq });

function changed(seq: number, change: (predicate: DatabaseUpdatePredicate) => void): Uint8Array {
  return databaseUpdate({
    seq,
    change: (statement: StatementOf<'database-update'>) => {
      change(statement.predicate);
      statement.subject = [{ digest: { ...statement.predicate.result } }];
    },
  });
}

const state = (seq: number) => ({ version: `2026.${seq}`, result: { sha256: digest(`threats ${seq}`) } });
const follows = (seq: number, previous: number): Uint8Array =>
  changed(seq, (predicate) => {
    predicate.previous = state(previous);
  });

/** Update 3 takes update 2 back to the state of update 1. */
const rollback = (to: number): Uint8Array =>
  changed(3, (predicate) => {
    predicate.kind = 'rollback';
    predicate.version = '2026.1';
    predicate.result = state(to).result;
  });

describe('isal update chain', () => {
  it('calls a chain unbroken that leads back to its first update', async () => {
    const answer = await chains([plain(1), plain(2), plain(3)]);
    expect(answer.exit).to.equal(0);
    expect(marksOf(answer)).to.deep.equal([
      '✓ Checkpoint',
      '✓ Replayed',
      '✓ Chain',
      '✓ Update',
      '✓ Update',
      '✓ Update',
    ]);
    expect(linksOf(answer)).to.deep.equal([
      ['proven', 'first', null],
      ['proven', 'follows', 1],
      ['proven', 'follows', 2],
    ]);
  });

  it('prints what it says in JSON, a line with its mark for each point and the answer below', async () => {
    const leaves = [plain(1), plain(3)];
    const { lines } = await chains(leaves);
    const { status, stdout } = await chainOf(leaves);
    expect(status).to.equal(1);
    const printed = stdout.trimEnd().split('\n');
    expect(printed.slice(0, -1)).to.deep.equal(
      lines.map(({ mark, label, text }) => `${mark === 'proven' ? '✓' : '✗'} ${label.padEnd(13)}${text}`),
    );
    expect(printed.at(-1)).to.match(/^ANSWER +CONTRADICTED/);
  });

  it('shows an update that was skipped', async () => {
    const answer = await chains([plain(1), plain(3)]);
    expect(answer.exit).to.equal(1);
    expect(marksOf(answer, 'Chain', 'Update')).to.deep.equal(['✗ Chain', '✓ Update', '✗ Update']);
    expect(linksOf(answer).at(-1)).to.deep.equal(['contradicted', 'skips', null]);
  });

  it('shows a fork: two updates that follow one state', async () => {
    const answer = await chains([plain(1), plain(2), follows(3, 1), follows(4, 3)]);
    expect(answer.exit).to.equal(1);
    expect(linksOf(answer).slice(2)).to.deep.equal([
      ['contradicted', 'forks', 1],
      ['proven', 'follows', 3],
    ]);
  });

  it('shows a rollback, and follows the chain on from it', async () => {
    const answer = await chains([plain(1), plain(2), rollback(1), follows(4, 1)]);
    expect(answer.exit).to.equal(0);
    expect(answer.chains[0]?.updates[2]).to.include({ kind: 'rollback', backTo: 1, previous: 2 });
    expect(linksOf(answer).at(-1)).to.deep.equal(['proven', 'follows', 3]);
  });

  it('does not call proven a rollback to a state that was never recorded', async () => {
    const answer = await chains([plain(1), plain(2), rollback(9)]);
    expect(answer.exit).to.equal(2);
    expect(marksOf(answer, 'Chain')).to.deep.equal(['? Chain']);
    expect(answer.chains[0]?.updates[2]).to.include({ mark: 'not-shown', link: 'follows', backTo: null });
  });

  it('shows a second beginning, another state of a version and another version of a state', async () => {
    const answer = await chains([
      plain(1),
      changed(2, (predicate) => void (predicate.previous = null)),
      changed(3, (predicate) => void (predicate.previous = { ...state(7), version: '2026.1' })),
      changed(4, (predicate) => void (predicate.previous = { ...state(1), version: '2025.9' })),
      changed(5, (predicate) => {
        predicate.previous = { version: '2026.1', result: { sha512: '0'.repeat(128) } };
      }),
    ]);
    expect(answer.exit).to.equal(1);
    expect(linksOf(answer).slice(1)).to.deep.equal([
      ['contradicted', 'begins-again', 1],
      ['contradicted', 'other-state', 1],
      ['contradicted', 'other-version', 1],
      ['not-shown', 'incomparable', 1],
    ]);
  });

  it('takes two updates that changed places in the log for what they are', async () => {
    expect((await chains([plain(1), plain(3), plain(2)])).exit).to.equal(0);
  });

  it('does not let updates that follow each other pass for a chain', async () => {
    const answer = await chains([plain(1), follows(4, 5), follows(5, 4)]);
    expect(answer.exit).to.equal(1);
    expect(linksOf(answer).slice(1)).to.deep.equal([
      ['contradicted', 'circle', 3],
      ['contradicted', 'circle', 2],
    ]);
  });

  it('keeps platforms apart, and lists no more than was asked for, but every break', async () => {
    const onLinux = (seq: number): Uint8Array =>
      changed(seq, (predicate) => {
        predicate.platform = 'linux';
        predicate.previous = seq === 3 ? null : state(seq - 2);
      });
    const leaves = [plain(1), plain(2), onLinux(3), onLinux(7), plain(10)];
    const some = await chains(leaves, '--last', '0');
    expect(marksOf(some, 'Chain', 'Update')).to.deep.equal(['✗ Chain', '✗ Update', '✗ Chain', '✗ Update']);
    const linux = await chains(leaves, '--platform', 'linux');
    expect(linux.exit).to.equal(1);
    expect(linux.chains.map(({ platform }) => platform)).to.deep.equal(['linux']);
    expect(linux.chains[0]?.updates.map(({ index }) => index)).to.deep.equal([3, 4]);
    expect(linksOf(linux)).to.deep.equal([
      ['proven', 'first', null],
      ['contradicted', 'skips', null],
    ]);
  });

  it('shows that an update was corrected', async () => {
    const answer = await chains([plain(1), plain(2), correction({ target: leafHashOf(plain(2)) })]);
    expect(answer.exit).to.equal(1);
    expect(marksOf(answer, 'Corrected')).to.deep.equal(['✗ Corrected']);
    expect(answer.corrections[0]).to.include({ index: 3, targetIndex: 2, kind: 'retraction' });
  });

  it('answers not proven for a family that nothing is recorded of', async () => {
    const answer = await chains([]);
    expect(answer.exit).to.equal(2);
    expect(marksOf(answer, 'Chain')).to.deep.equal(['? Chain']);
    expect(answer.chains).to.deep.equal([]);
  });

  it('refuses what it does not understand', async () => {
    expect((await chainOf([], 'another')).status).to.equal(4);
    expect((await chainOf([], '--last', 'all')).status).to.equal(4);
  });
});
