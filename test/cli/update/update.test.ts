import { expect } from 'chai';
import { update } from '../../../src/cli/update/commands.ts';
import type { DatabaseUpdatePredicate, StatementOf } from '../../../src/attestation/types.ts';
import { correction, databaseUpdate, digest, leafHashOf } from '../../fixtures/attestations.ts';
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
    const { status, stdout } = await chainOf([plain(1), plain(2), plain(3)]);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Chain +threats for any: 3 updates, unbroken back to the first$/m);
    expect(stdout).to.match(/^✓ Update +2026\.1 \(leaf 1, full\) is the first; Zurich 1 CH, 2026-11-03, /m);
    expect(stdout).to.match(/^✓ Update +2026\.3 \(leaf 3, full\) follows 2026\.2 \(leaf 2\); /m);
    expect(stdout).to.contain('100 % of global (stable)');
  });

  it('shows an update that was skipped', async () => {
    const { status, stdout } = await chainOf([plain(1), plain(3)]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Chain +threats for any: 2 updates, not whole at 1 place$/m);
    expect(stdout).to.match(
      /^✗ Update +2026\.3 \(leaf 2, full\) SKIPS: it follows 2026\.2, which no leaf records/m,
    );
  });

  it('shows a fork: two updates that follow one state', async () => {
    const { status, stdout } = await chainOf([plain(1), plain(2), follows(3, 1), follows(4, 3)]);
    expect(status).to.equal(1);
    expect(stdout).to.match(
      /^✗ Update +2026\.3 .* FORKS: another update follows 2026\.1 \(leaf 1\) already/m,
    );
    expect(stdout).to.match(/^✓ Update +2026\.4 /m);
  });

  it('shows a rollback, and follows the chain on from it', async () => {
    const { status, stdout } = await chainOf([plain(1), plain(2), rollback(1), follows(4, 1)]);
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Chain .*unbroken back to the first, with 1 rollback$/m);
    expect(stdout).to.match(
      /^✓ Update +2026\.1 \(leaf 3, ROLLBACK\) follows 2026\.2 \(leaf 2\), back to the state of leaf 1; /m,
    );
    expect(stdout).to.match(/^✓ Update +2026\.4 \(leaf 4, full\) follows 2026\.1 \(leaf 3\)/m);
  });

  it('does not call proven a rollback to a state that was never recorded', async () => {
    const { status, stdout } = await chainOf([plain(1), plain(2), rollback(9)]);
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Update .*ROLLBACK.*, back to a state that no leaf before it records/m);
  });

  it('shows a second beginning, another state of a version and another version of a state', async () => {
    const { status, stdout } = await chainOf([
      plain(1),
      changed(2, (predicate) => void (predicate.previous = null)),
      changed(3, (predicate) => void (predicate.previous = { ...state(7), version: '2026.1' })),
      changed(4, (predicate) => void (predicate.previous = { ...state(1), version: '2025.9' })),
      changed(5, (predicate) => {
        predicate.previous = { version: '2026.1', result: { sha512: '0'.repeat(128) } };
      }),
    ]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Update +2026\.2 .* says that it is the first, as leaf 1 does/m);
    expect(stdout).to.match(/^✗ Update +2026\.3 .* follows another state of 2026\.1 than leaf 1 records/m);
    expect(stdout).to.match(
      /^✗ Update +2026\.4 .* follows as 2025\.9 the state that leaf 1 records as another/m,
    );
    expect(stdout).to.match(/^\? Update +2026\.5 .* of which leaf 1 gives digests by other algorithms only/m);
  });

  it('takes two updates that changed places in the log for what they are', async () => {
    const { status, stdout } = await chainOf([plain(1), plain(3), plain(2)]);
    expect(status, stdout).to.equal(0);
  });

  it('does not let updates that follow each other pass for a chain', async () => {
    const { status, stdout } = await chainOf([plain(1), follows(4, 5), follows(5, 4)]);
    expect(status).to.equal(1);
    expect(stdout.match(/^✗ Update .* in a circle, never coming to a first/gm)).to.have.length(2);
  });

  it('keeps platforms apart, and lists no more than was asked for, but every break', async () => {
    const onLinux = (seq: number): Uint8Array =>
      changed(seq, (predicate) => {
        predicate.platform = 'linux';
        predicate.previous = seq === 3 ? null : state(seq - 2);
      });
    const leaves = [plain(1), plain(2), onLinux(3), onLinux(7), plain(10)];
    const { stdout } = await chainOf(leaves, '--last', '0');
    expect(stdout.match(/^. Chain/gm)).to.have.length(2);
    expect(stdout.match(/^. Update/gm)).to.have.length(2);
    const { status, stdout: json } = await chainOf(leaves, '--platform', 'linux', '--json');
    expect(status).to.equal(1);
    const { chains } = JSON.parse(json) as { chains: { platform: string; updates: object[] }[] };
    expect(chains.map(({ platform }) => platform)).to.deep.equal(['linux']);
    expect(chains[0]?.updates[0]).to.deep.include({
      index: 3,
      link: 'first',
      mark: 'proven',
      previous: null,
    });
    expect(chains[0]?.updates[1]).to.deep.include({ index: 4, link: 'skips', mark: 'contradicted' });
  });

  it('shows that an update was corrected', async () => {
    const { status, stdout } = await chainOf([
      plain(1),
      plain(2),
      correction({ target: leafHashOf(plain(2)) }),
    ]);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Corrected +leaf 2 is corrected by leaf 3: retraction: /m);
  });

  it('answers not proven for a family that nothing is recorded of', async () => {
    const { status, stdout } = await chainOf([]);
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Chain +no update of threats as of 1$/m);
  });

  it('refuses what it does not understand', async () => {
    expect((await chainOf([], 'another')).status).to.equal(4);
    expect((await chainOf([], '--last', 'all')).status).to.equal(4);
  });
});
