import { expect } from 'chai';
import { update } from '../../../src/cli/update/commands.ts';
import type { DatabaseUpdatePredicate, StatementOf } from '../../../src/attestation/types.ts';
import {
  correction,
  databaseUpdate,
  digest,
  leafHashOf,
  sourceReview,
  sourceSnapshot,
} from '../../fixtures/attestations.ts';
import { Desk } from '../desk.ts';
import type { Ran } from '../desk.ts';

/** What the command says of a ledger that holds these leaves. */
async function show(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Ran> {
  const desk = await Desk.open(leaves);
  try {
    return await desk.online(update, 'show', ...args);
  } finally {
    await desk.close();
  }
}

type Predicate = DatabaseUpdatePredicate;

function changed(seq: number, change: (predicate: Predicate) => void, family?: string): Uint8Array {
  return databaseUpdate({
    seq,
    ...(family === undefined ? {} : { family }),
    change: (statement: StatementOf<'database-update'>) => {
      change(statement.predicate);
      statement.subject = [{ digest: { ...statement.predicate.result } }];
    },
  });
}

const state = (seq: number) => ({ version: `2026.${seq}`, result: { sha256: digest(`threats ${seq}`) } });
const three = [1, 2, 3].map((seq) => databaseUpdate({ seq }));

/** Another state of 2026.2, for some. */
const other = changed(9, (predicate) => {
  predicate.version = '2026.2';
  predicate.previous = state(1);
  predicate.rollout = { channels: ['beta'], regions: ['eu'], percent: 10 };
});

describe('isal update show', () => {
  it('says of the newest update of a family what it is, whence it comes and whom it goes to', async () => {
    const { status, stdout } = await show(three, 'threats');
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(
      /^✓ Update +threats 2026\.3 for any \(leaf 3, full\): Zurich 1 CH, 2026-11-03, review automated; 1,003 records; for engine 21\.4 and later$/m,
    );
    expect(stdout).to.match(
      /^✓ Chain +it follows 2026\.2 \(leaf 2\); 3 updates back to the first, unbroken$/m,
    );
    expect(stdout).to.match(/^✓ Roll-out +100 % of global \(stable\), routine$/m);
    expect(stdout).to.match(/^✓ Others +no other state of 2026\.3 for any is recorded$/m);
    expect(stdout).to.match(/^✓ Newer +none is recorded: it is the newest$/m);
  });

  it('finds an update by its version, by a digest and by the file itself, and says what the file is', async () => {
    const content = 'a database';
    const sha256 = digest(content);
    const patch = digest('a patch');
    const leaf = changed(1, (predicate) => {
      predicate.result = { sha256 };
      predicate.patch = { sha256: patch };
    });
    const withPatch = databaseUpdate({
      seq: 2,
      change: ({ predicate, subject }) => {
        predicate.previous = { version: '2026.1', result: { sha256 } };
        predicate.patch = { sha256: patch };
        subject.push({ digest: { sha256: patch } });
      },
    });
    const desk = await Desk.open([leaf, withPatch]);
    const ran = (...args: string[]): Promise<Ran> => desk.online(update, 'show', ...args);
    try {
      const path = await desk.write('threats.db', content);
      const says = async (words: RegExp, ...args: string[]): Promise<void> => {
        const { status, stdout } = await ran(...args);
        expect(status, stdout).to.equal(0);
        expect(stdout).to.match(words);
      };
      await says(/^✓ Update +the state of threats 2026\.1 for any \(leaf 1, /m, path);
      await says(/^✓ Update +the state of threats 2026\.1 /m, `sha256:${sha256}`);
      await says(/^✓ Update +the patch to threats 2026\.2 /m, `sha256:${patch}`, '--family', 'threats');
      await says(/^✓ Update +threats 2026\.1 for any /m, 'threats', '2026.1');
      await says(/^✓ Newer +1 update, the newest 2026\.2 \(leaf 2\)$/m, path);
      expect((await ran(`sha512:${'0'.repeat(128)}`)).status).to.equal(2);
      expect((await ran(path, '--family', 'others')).stdout).to.match(
        /^\? Update +no update of others has a digest of this file as of 3$/m,
      );
    } finally {
      await desk.close();
    }
  });

  it('shows where the chain breaks, also when it breaks far below', async () => {
    const { status, stdout } = await show(
      [1, 3, 4].map((seq) => databaseUpdate({ seq })),
      'threats',
    );
    expect(status).to.equal(1);
    expect(stdout).to.match(
      /^✗ Chain +1 update back, 2026\.3 \(leaf 2\) SKIPS: it follows 2026\.2, which no leaf records$/m,
    );
    const first = await show([databaseUpdate({ seq: 1 }), databaseUpdate({ seq: 3 })], 'threats', '2026.1');
    expect(first.status, first.stdout).to.equal(0);
    expect(first.stdout).to.match(/^✓ Newer +none follows it; the last one recorded is 2026\.3 \(leaf 2\)$/m);
  });

  it('shows that others got another state of the same version', async () => {
    for (const version of [[], ['2026.2']]) {
      const { status, stdout } = await show([...three.slice(0, 2), other], 'threats', ...version);
      expect(status).to.equal(1);
      expect(stdout).to.match(/^✗ Others +got ANOTHER state as 2026\.2: leaf 2 \(sha256 [0-9a-f]{8}…/m);
      expect(stdout).to.match(/^✓ Roll-out +10 % of eu \(beta\), routine; not everybody$/m);
    }
    const asked = `sha256:${state(2).result.sha256}`;
    const { status, stdout } = await show([...three.slice(0, 2), other], asked);
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Others +got ANOTHER state as 2026\.2: leaf 3 \(.*, 10 % of eu \(beta\)\)$/m);
  });

  it('takes a state of which one digest is the same and another is not for another one', async () => {
    const result = { ...state(2).result, sha512: '1'.repeat(128) };
    const one = changed(2, (predicate) => void (predicate.result = { ...result, sha512: '2'.repeat(128) }));
    const two = changed(9, (predicate) => {
      Object.assign(predicate, { version: '2026.2', previous: state(1), result });
    });
    const { status, stdout } = await show([...three.slice(0, 1), one, two], 'threats');
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Others +got ANOTHER state as 2026\.2: leaf 2 /m);
  });

  it('shows that others were led another way from a state below', async () => {
    const fork = changed(9, (predicate) => void (predicate.previous = state(1)));
    const { status, stdout } = await show([...three, fork], 'threats', '2026.3');
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✓ Chain /m);
    expect(stdout).to.match(
      /^✗ Others +were led ANOTHER way from the same state: leaf 4 \(2026\.9, 100 % of global \(stable\)\)$/m,
    );
  });

  it('does not take a state that it cannot compare for another one, nor for the same', async () => {
    const sha512 = changed(9, (predicate) => {
      predicate.version = '2026.3';
      predicate.previous = state(7);
      predicate.result = { sha512: '0'.repeat(128) };
    });
    const { status, stdout } = await show([...three, sha512], `sha256:${state(3).result.sha256}`);
    expect(status).to.equal(2);
    expect(stdout).to.match(/^\? Others +of 2026\.3, digests by other algorithms only: leaf 4 /m);
  });

  it('says of an update that was taken back that it was, and of a rollback where it goes', async () => {
    const rollback = changed(3, (predicate) => {
      predicate.kind = 'rollback';
      predicate.version = '2026.1';
      predicate.result = state(1).result;
    });
    const taken = await show([...three.slice(0, 2), rollback], 'threats', '2026.2');
    expect(taken.status, taken.stdout).to.equal(0);
    expect(taken.stdout).to.match(
      /^✓ Newer +1 update, the newest 2026\.1 \(leaf 3\); TAKEN BACK by leaf 3$/m,
    );
    const back = await show([...three.slice(0, 2), rollback], 'threats');
    expect(back.stdout).to.match(/^✓ Update +threats 2026\.1 for any \(leaf 3, ROLLBACK\)/m);
    expect(back.stdout).to.match(/^✓ Chain +it follows 2026\.2 \(leaf 2\), back to the state of leaf 1; /m);
    expect(back.stdout).to.match(/^✓ Others +got the same state as 2026\.1: leaf 1 /m);
  });

  it('shows the source of the rules and how far it was reviewed', async () => {
    const rules = digest('rules');
    const snapshot = sourceSnapshot({
      manifestSha256: rules,
      change: ({ predicate }) => {
        predicate.kind = 'rules';
        predicate.product = 'threats';
      },
    });
    const review = sourceReview({ snapshot: { leafHash: leafHashOf(snapshot), sha256: rules } });
    const none = await show(three, 'threats');
    expect(none.stdout).to.match(
      /^\? Source +names sha256 .*; no escrowed snapshot of it among all 4 leaves$/m,
    );
    const leaves = [snapshot, review, ...three];
    const { status, stdout } = await show(leaves, 'threats');
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^✓ Source +sha256 .* is the escrowed snapshot of threats 1\.1: .*\(leaf 1\)$/m);
    expect(stdout).to.match(/^! Reviewed +targeted: 412 of 9,310 files, not full; .*\(leaf 2\)$/m);
    const retracted = await show(
      [...leaves, correction({ target: leafHashOf(review) })],
      'threats',
      '--json',
    );
    expect(retracted.status).to.equal(1);
    const { lines, updates } = JSON.parse(retracted.stdout) as {
      lines: { mark: string; label: string; text: string }[];
      updates: { rules: unknown }[];
    };
    expect(updates[0]?.rules).to.deep.equal([{ snapshot: 1, agreement: 'same', reviews: [2] }]);
    const marks = lines.filter(({ label }) => /Source|Reviewed|Corrected/.test(label));
    expect(marks.map(({ label, mark }) => [label, mark])).to.deep.equal([
      ['Corrected', 'contradicted'],
      ['Source', 'proven'],
      ['Reviewed', 'contradicted'],
    ]);
    expect(marks[2]?.text).to.match(/; CORRECTED since$/);
  });

  it('answers for each platform, and for one', async () => {
    const linux = changed(4, (predicate) => {
      predicate.platform = 'linux';
      predicate.previous = null;
    });
    const both = await show([...three, linux], 'threats', '--json');
    expect(both.status).to.equal(0);
    const { updates } = JSON.parse(both.stdout) as { updates: Record<string, unknown>[] };
    expect(updates.map(({ platform, index }) => [platform, index])).to.deep.equal([
      ['any', 3],
      ['linux', 4],
    ]);
    expect(updates[0]?.['chain']).to.deep.equal({
      mark: 'proven',
      link: 'follows',
      back: [3, 2, 1],
      end: 'first',
    });
    const one = await show([...three, linux], 'threats', '--platform', 'linux');
    expect(one.stdout).to.match(/^✓ Chain +it is the first; 1 update back to the first, unbroken$/m);
    expect(one.stdout).not.to.contain('for any');
  });

  it('counts a correction of what the update rests on against it, and no other', async () => {
    const of = (leaf: number): Uint8Array =>
      correction({ target: leafHashOf(three[leaf - 1] as Uint8Array) });
    expect((await show([...three, of(1)], 'threats')).status).to.equal(1);
    expect((await show([...three, of(3)], 'threats', '2026.2')).status).to.equal(0);
  });

  it('refuses what it does not understand', async () => {
    expect((await show([])).status).to.equal(4);
    expect((await show([], 'threats', '1', '2')).status).to.equal(4);
    expect((await show([], 'threats', '--family', 'threats')).status).to.equal(4);
    expect((await show([], 'threats.db')).stdout).to.match(
      /^\? Update +no update of threats\.db \(no file of that name is here\) as of 1$/m,
    );
    const none = await show([], 'threats', '2026.1', '--platform', 'linux');
    expect([
      none.status,
      none.stdout.includes('no update of threats 2026.1 for linux as of 1'),
    ]).to.deep.equal([2, true]);
  });
});
