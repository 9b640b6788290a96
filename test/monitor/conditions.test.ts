/** What a monitor says of a log that was away, or kept something back, and is no longer and does no longer. */
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { Post, spoiled } from './post.ts';

const deaf: FetchPath = async () => {
  throw new LedgerError('unreachable', 'nobody there');
};

describe('what no longer holds of a log', () => {
  let log: SampleLog;
  let post: Post;

  beforeEach(async () => {
    log = new SampleLog([fixtures.genesis(), fixtures.build({ seq: 1 }), fixtures.build({ seq: 2 })]);
    post = await Post.make(log.trust());
    post.options = { patience: 0 };
  });

  afterEach(() => post.close());

  const reached = async (): Promise<number | null> => {
    const store = await post.store();
    await store.close();
    return store.known.reached;
  };

  /** Everything but the files whose paths begin so. */
  const without = (prefix: string): FetchPath =>
    spoiled(log.serve(), (path) =>
      path.startsWith(prefix) ? Promise.reject(new LedgerError('not-found', `no ${path}`)) : undefined,
    );

  it('it was last reached when it showed a checkpoint that the policy accepts, and a restart knows that', async () => {
    expect(await reached()).to.equal(null);
    await post.round(deaf);
    expect(await reached()).to.equal(null);
    const first = post.time;
    await post.round(log.serve());
    expect(await reached()).to.equal(first);
    post.time += 60;
    await post.round(deaf);
    await post.round(log.serve({ cosigners: [] }));
    expect(await reached()).to.equal(first);
    await post.round(log.serve());
    expect(await reached()).to.equal(first + 60);
  });

  it('entries that were withheld are there, which ends the finding', async () => {
    expect(await post.round(without('tile/entries/'))).to.include({ unreachable: true, contradicted: false });
    expect(await post.position()).to.equal(0);
    expect(await post.round(log.serve())).to.include({ unreachable: false });
    expect(await post.kinds()).to.deep.equal(['withheld', 'withheld over']);
    expect(await post.position()).to.equal(3);
  });

  it('the tiles that tie a checkpoint to the last one were withheld, which does not outlast them', async () => {
    await post.round(log.serve());
    log.append(fixtures.build({ seq: 3 }));
    await post.round(without('tile/0/'));
    expect(await post.kinds()).to.deep.equal(['withheld']);
    await post.round(without('tile/0/'));
    expect(await post.kinds()).to.deep.equal(['withheld']);
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['withheld', 'withheld over']);
  });

  it('they no longer keep it from being compared, though it is then convicted of a fork', async () => {
    await post.round(log.serve());
    log.append(fixtures.build({ seq: 3 }));
    await post.round(without('tile/0/'));
    const fork = new SampleLog([
      ...log.leaves.slice(0, 2),
      ...[7, 8, 9].map((seq) => fixtures.build({ seq })),
    ]);
    expect(await post.round(fork.serve())).to.include({ contradicted: true, unreachable: false });
    expect(await post.kinds()).to.deep.equal(['withheld', 'fork', 'withheld over']);
  });

  it('it answers again, and now withholds: the one is over as the other begins', async () => {
    await post.round(deaf);
    await post.round(without('tile/entries/'));
    expect((await post.kinds()).toSorted()).to.deep.equal(['unreachable', 'unreachable over', 'withheld']);
    await post.round(log.serve());
    expect((await post.kinds()).at(-1)).to.equal('withheld over');
  });

  it('a forged byte is gone, and now it withholds: the one is over as the other begins', async () => {
    const forged = spoiled(log.serve(), (path, bytes) =>
      path.startsWith('tile/entries/')
        ? bytes().then((served) => served.map((byte, at) => (at === 9 ? byte ^ 1 : byte)))
        : undefined,
    );
    expect(await post.round(forged)).to.include({ contradicted: true });
    expect(await post.round(without('tile/entries/'))).to.include({ contradicted: false });
    expect((await post.kinds()).toSorted()).to.deep.equal(['tampered', 'tampered over', 'withheld']);
    expect(await post.round(forged)).to.include({ contradicted: true, unreachable: false });
    expect((await post.kinds()).slice(3).toSorted()).to.deep.equal(['tampered', 'withheld over']);
  });

  it('is not taken for over in a round that could not look', async () => {
    await post.round(without('tile/entries/'));
    await post.round(deaf);
    expect((await post.kinds()).toSorted()).to.deep.equal(['unreachable', 'withheld']);
  });
});
