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
import { answerOf, marksOf } from '../answers.ts';
import type { Answer } from '../answers.ts';
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

interface Shown extends Answer {
  readonly updates: readonly {
    readonly index: number;
    readonly platform: string;
    readonly version: string;
    readonly kind: string;
    readonly chain: object;
    readonly others: object;
    readonly newer: readonly number[];
    readonly rules: readonly object[];
  }[];
}

async function shown(leaves: readonly Uint8Array[], ...args: readonly string[]): Promise<Shown> {
  return answerOf(await show(leaves, ...args, '--json')) as Shown;
}

const noOthers = { sameState: [], otherState: [], incomparable: [], forks: [] };

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
    const answer = await shown(three, 'threats');
    expect(answer.exit).to.equal(0);
    expect(marksOf(answer)).to.deep.equal([
      '✓ Checkpoint',
      '✓ Replayed',
      '✓ Update',
      '✓ Chain',
      '? Source',
      '? Reviewed',
      '✓ Roll-out',
      '✓ Others',
      '✓ Newer',
    ]);
    const [own] = answer.updates;
    expect(own).to.deep.include({ index: 3, version: '2026.3', kind: 'full', newer: [], others: noOthers });
    expect(own?.chain).to.deep.equal({ mark: 'proven', link: 'follows', back: [3, 2, 1], end: 'first' });
  });

  it('finds an update by its version, by a digest and by the file itself', async () => {
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
    try {
      const path = await desk.write('threats.db', content);
      const found = async (...args: string[]): Promise<number[]> => {
        const answer = answerOf(await desk.online(update, 'show', ...args, '--json')) as Shown;
        return [answer.exit, ...answer.updates.map(({ index }) => index)];
      };
      expect(await found(path)).to.deep.equal([0, 1]);
      expect(await found(`sha256:${sha256}`)).to.deep.equal([0, 1]);
      expect(await found(`sha256:${patch}`, '--family', 'threats')).to.deep.equal([0, 2]);
      expect(await found('threats', '2026.1')).to.deep.equal([0, 1]);
      expect(await found(`sha512:${'0'.repeat(128)}`)).to.deep.equal([2]);
      expect(await found(path, '--family', 'others')).to.deep.equal([2]);
    } finally {
      await desk.close();
    }
  });

  it('shows where the chain breaks, also when it breaks far below', async () => {
    const answer = await shown(
      [1, 3, 4].map((seq) => databaseUpdate({ seq })),
      'threats',
    );
    expect(answer.exit).to.equal(1);
    expect(answer.updates[0]?.chain).to.deep.equal({
      mark: 'contradicted',
      link: 'follows',
      back: [3, 2],
      end: 'skips',
    });
    const first = await shown([databaseUpdate({ seq: 1 }), databaseUpdate({ seq: 3 })], 'threats', '2026.1');
    expect(first.exit).to.equal(0);
    expect(first.updates[0]?.newer).to.deep.equal([]);
  });

  it('shows that others got another state of the same version', async () => {
    for (const version of [[], ['2026.2'], [`sha256:${state(2).result.sha256}`]]) {
      const asked = version[0]?.startsWith('sha256:') === true ? version : ['threats', ...version];
      const answer = await shown([...three.slice(0, 2), other], ...asked);
      expect(answer.exit).to.equal(1);
      expect(marksOf(answer, 'Others')).to.deep.equal(['✗ Others']);
      const [own] = answer.updates;
      expect(own?.others).to.deep.include({ otherState: [own?.index === 2 ? 3 : 2] });
    }
  });

  it('takes a state of which one digest is the same and another is not for another one', async () => {
    const result = { ...state(2).result, sha512: '1'.repeat(128) };
    const one = changed(2, (predicate) => void (predicate.result = { ...result, sha512: '2'.repeat(128) }));
    const two = changed(9, (predicate) => {
      Object.assign(predicate, { version: '2026.2', previous: state(1), result });
    });
    const answer = await shown([...three.slice(0, 1), one, two], 'threats');
    expect(answer.exit).to.equal(1);
    expect(answer.updates[0]?.others).to.deep.include({ otherState: [2] });
  });

  it('shows that others were led another way from a state below, which breaks the way behind it', async () => {
    const fork = changed(9, (predicate) => void (predicate.previous = state(1)));
    const answer = await shown([...three, fork], 'threats', '2026.3');
    expect(answer.exit).to.equal(1);
    expect(marksOf(answer, 'Chain', 'Others')).to.deep.equal(['✗ Chain', '✗ Others']);
    expect(answer.updates[0]?.others).to.deep.equal({ ...noOthers, forks: [4] });
    // What comes after the fork, and follows neither, is no part of the way behind the first.
    expect((await shown([...three, fork], 'threats', '2026.1')).exit).to.equal(0);
  });

  it('does not take a state that it cannot compare for another one, nor for the same', async () => {
    const sha512 = changed(9, (predicate) => {
      predicate.version = '2026.3';
      predicate.previous = state(7);
      predicate.result = { sha512: '0'.repeat(128) };
    });
    const answer = await shown([...three, sha512], `sha256:${state(3).result.sha256}`);
    expect(answer.exit).to.equal(2);
    expect(marksOf(answer, 'Others')).to.deep.equal(['? Others']);
    expect(answer.updates[0]?.others).to.deep.equal({ ...noOthers, incomparable: [4] });
  });

  it('says of an update that was taken back that it was, and of a rollback where it goes', async () => {
    const rollback = changed(3, (predicate) => {
      predicate.kind = 'rollback';
      predicate.version = '2026.1';
      predicate.result = state(1).result;
    });
    const taken = await shown([...three.slice(0, 2), rollback], 'threats', '2026.2');
    expect(taken.exit).to.equal(0);
    expect(taken.updates[0]?.newer).to.deep.equal([3]);
    const back = await shown([...three.slice(0, 2), rollback], 'threats');
    expect(back.updates[0]).to.deep.include({ index: 3, kind: 'rollback' });
    expect(back.updates[0]?.others).to.deep.equal({ ...noOthers, sameState: [1] });
    expect(marksOf(back, 'Chain', 'Others')).to.deep.equal(['✓ Chain', '✓ Others']);
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
    const leaves = [snapshot, review, ...three];
    const reviewed = await shown(leaves, 'threats');
    expect(reviewed.exit).to.equal(0);
    expect(marksOf(reviewed, 'Source', 'Reviewed')).to.deep.equal(['✓ Source', '! Reviewed']);
    const retracted = await shown([...leaves, correction({ target: leafHashOf(review) })], 'threats');
    expect(retracted.exit).to.equal(1);
    expect(retracted.updates[0]?.rules).to.deep.equal([{ snapshot: 1, agreement: 'same', reviews: [2] }]);
    expect(marksOf(retracted, 'Source', 'Reviewed', 'Corrected')).to.deep.equal([
      '✗ Corrected',
      '✓ Source',
      '✗ Reviewed',
    ]);
  });

  it('answers for each platform, and for one', async () => {
    const linux = changed(4, (predicate) => {
      predicate.platform = 'linux';
      predicate.previous = null;
    });
    const both = await shown([...three, linux], 'threats');
    expect(both.exit).to.equal(0);
    expect(both.updates.map(({ platform, index }) => [platform, index])).to.deep.equal([
      ['any', 3],
      ['linux', 4],
    ]);
    const one = await shown([...three, linux], 'threats', '--platform', 'linux');
    expect(one.updates.map(({ chain }) => chain)).to.deep.equal([
      { mark: 'proven', link: 'first', back: [4], end: 'first' },
    ]);
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
    for (const args of [['threats.db'], ['threats', '2026.1', '--platform', 'linux']]) {
      const none = await shown([], ...args);
      expect([none.exit, none.updates, marksOf(none, 'Update')]).to.deep.equal([2, [], ['? Update']]);
    }
  });
});
