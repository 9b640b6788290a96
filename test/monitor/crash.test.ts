import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { deliverAll } from '../../src/monitor/outbox.ts';
import type { Channel } from '../../src/monitor/outbox.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Batch } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Wrapped } from '../ledger/faulty.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { brokenPromises } from './deliveries.ts';
import { Post } from './post.ts';

/** What of the last commit is on the disk; the third is what a store must never do. */
type Left = 'nothing' | 'all' | 'the position without the findings';

/** Dies at commit number `at`. */
class Dying extends Wrapped {
  #left: number;
  readonly #leaves: Left;

  constructor(image: MemoryImage, at: number, leaves: Left) {
    super(new MemoryStorage(image));
    this.#left = at;
    this.#leaves = leaves;
  }

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    const last = this.#left-- === 0;
    const torn = last && this.#leaves === 'the position without the findings';
    // Rows 01, 06 and 07 hold the findings and their count.
    const puts = batch.puts.filter(([key]) => ![1, 6, 7].includes(key[0] ?? 0));
    if (torn && expected !== undefined) await this.inner.commit({ puts }, expected, next);
    else if (!last || this.#leaves === 'all') await this.inner.commit(batch, expected, next);
    if (last) throw new LedgerError('store-failed', 'the process died here');
  }
}

describe('a monitor that dies', () => {
  const genesis = fixtures.genesis();
  const stranger = fixtures.party('stranger');
  const document = fixtures.authorityDocument({ version: 2, previous: fixtures.leafHashOf(genesis) });
  const authority = fixtures.leafHashOf(document);
  const leaves = [
    genesis,
    ...Array.from({ length: 253 }, (_, i) => fixtures.dataAccess({ seq: i + 1 })),
    fixtures.dataAccess({ seq: 255, signedBy: [stranger] }),
    document,
    fixtures.dataAccess({ seq: 7, authority, occurredAt: '2026-11-04T09:30:00Z' }),
    ...Array.from({ length: 20 }, (_, i) => fixtures.dataAccess({ seq: 255 + i, authority })),
    fixtures.build({ seq: 1, authority }),
    fixtures.databaseUpdate({
      seq: 1,
      authority,
      change: ({ predicate }) => {
        predicate.previous = { version: '2026.0', result: { sha256: fixtures.digest('never recorded') } };
      },
    }),
    fixtures.residency({
      seq: 1,
      authority,
      change: ({ predicate }) => {
        predicate.phase = 'regressed';
      },
    }),
  ];
  const log = new SampleLog(leaves);
  const rules = [
    { alert: 'type', type: 'build' },
    { alert: 'gap', after: 0 },
  ] as const;
  /** Whether signatures hold is not what this is about, and they take most of the time. */
  const verify = (): boolean => true;
  let undisturbed: Finding[];
  let post: Post;

  before(async () => {
    const calm = await Post.make(log.trust());
    calm.options = { rules, verify };
    await calm.round(log.serve());
    undisturbed = await calm.findings();
    await calm.close();
  });
  beforeEach(async () => {
    post = await Post.make(log.trust());
    post.options = { rules, verify };
  });
  afterEach(() => post.close());

  /** Lets it die at every commit in turn and then go on; the positions where something else was found. */
  const dieEverywhere = async (leaves: Left): Promise<number[]> => {
    const wrong: number[] = [];
    let at = 0;
    for (let died = true; died; at++) {
      post.image = new MemoryImage();
      died = await post.round(log.serve(), { storage: new Dying(post.image, at, leaves) }).then(
        () => false,
        (error: unknown) => error instanceof LedgerError && error.code === 'store-failed',
      );
      await post.round(log.serve());
      expect(await post.position()).to.equal(log.size);
      if (JSON.stringify(await post.findings()) !== JSON.stringify(undisturbed)) wrong.push(at);
    }
    // The store, the checkpoint, two batches, the round.
    expect(at).to.be.above(5);
    return wrong;
  };

  it('has found the same in the same order once it gets to the end, whichever commit it died at', async () => {
    expect(undisturbed.map(({ kind, index }) => `${kind} ${index ?? ''}`)).to.deep.equal([
      'unauthorised 254',
      'authority 255',
      'equivocation 256',
      'type 277',
      'gap ',
      'residency-regressed 279',
      'chain-broken 278',
    ]);
    expect(await dieEverywhere('nothing')).to.deep.equal([]);
    expect(await dieEverywhere('all')).to.deep.equal([]);
  });

  it('would be seen to lose findings if they were not in one commit with the position', async () => {
    expect(await dieEverywhere('the position without the findings')).to.deep.equal([2, 3]);
  });

  it('delivers every finding, and again only what it had not confirmed', async () => {
    await post.round(log.serve());
    const runs: Finding[][] = [];
    for (let confirmed = 0; confirmed < undisturbed.length;) {
      const taken: Finding[] = [];
      const one: Channel = {
        name: 'test',
        deliver: async ([first]) => {
          taken.push(first as Finding);
          return 1;
        },
      };
      // Every second confirmation is lost.
      const store = await post.store(new Dying(post.image, 1, 'nothing'));
      await deliverAll(store, one).catch(() => undefined);
      runs.push(taken);
      confirmed = await post.store().then((again) => again.delivered('test'));
    }
    expect(brokenPromises(runs, { repeats: 1 })).to.deep.equal([]);
    expect(new Set(runs.flat().map(({ n }) => n)).size).to.equal(undisturbed.length);
    expect(runs.flat().length).to.be.above(undisturbed.length);
  });

  it('is caught by the test’s own judge when it loses, skips, or repeats more than it may', () => {
    const [a, b, c] = undisturbed as [Finding, Finding, Finding];
    expect(brokenPromises([[a, b, c]], { repeats: 0 })).to.deep.equal([]);
    expect(brokenPromises([[a, c]], { repeats: 0 })).to.not.deep.equal([]);
    expect(brokenPromises([[a], [c]], { repeats: 1 })).to.not.deep.equal([]);
    expect(brokenPromises([[a, b, c], [a]], { repeats: 1 })).to.not.deep.equal([]);
    expect(brokenPromises([[a, b], [{ ...b, text: 'changed' }]], { repeats: 1 })).to.not.deep.equal([]);
  });
});
