import { expect } from 'chai';
import fc from 'fast-check';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import { stateKey } from '../../src/monitor/rows.ts';
import type { Known } from '../../src/monitor/store.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { MemoryImage } from '../../src/storage/memory.ts';
import type { Batch } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { linkMark } from '../../src/verifier/folds/chain-verdict.ts';
import { chainFields, linkUpdates } from '../../src/verifier/folds/update-chain.ts';
import type { LinkKind } from '../../src/verifier/folds/update-chain.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Wrapped } from '../ledger/faulty.ts';
import { changeRow } from '../ledger/site.ts';
import { applied, plans, statementOf } from '../verifier/folds/update-plans.ts';
import type { Step } from '../verifier/folds/update-plans.ts';
import { SampleLog, cosignedAt } from '../verifier/sample-log.ts';
import { Post, spoiled } from './post.ts';

const genesis = fixtures.genesis();
const timeOf = (seconds: number): string => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;

/** Update number `seq` of the source that follows the state of another one, or of none. */
function update(seq: number, after: number | null = seq - 1): Uint8Array {
  const { predicate } = fixtures.databaseUpdateStatement({ seq: (after ?? 0) + 1 });
  return fixtures.databaseUpdate({
    seq,
    change: (statement) => {
      statement.predicate.previous = after === null ? null : predicate.previous;
    },
  });
}

function residency(
  seq: number,
  phase: 'announced' | 'complete' | 'regressed' | 'corrected',
  effectiveAt: number,
): Uint8Array {
  return fixtures.residency({
    seq,
    change: ({ predicate }) => {
      Object.assign(predicate, { phase, effectiveAt: timeOf(effectiveAt), residualCopies: [] });
    },
  });
}

/** Numbers may come in any order, so that only what is looked at is found. */
const impatient = { rules: [{ alert: 'gap', after: 0 }] } as const;

const broken = (findings: readonly Finding[]): object[] =>
  findings
    .filter(({ kind }) => kind === 'chain-broken')
    .map(({ state, index, facts }) => [state, index, facts?.['link'], facts?.['previous']]);

/** Rows of these kinds are taken out, as a store has them that was begun before there were any. */
function withoutRows(image: MemoryImage, octets: readonly number[]): void {
  for (const name of image.rows.keys()) {
    if (!octets.includes(name.charCodeAt(0))) continue;
    image.rows.delete(name);
    image.keys.splice(image.keys.indexOf(name), 1);
  }
}

function changeKnown(image: MemoryImage, change: (known: Known) => Partial<Known>): void {
  changeRow(image, stateKey, (row) => utf8(JSON.stringify(change(JSON.parse(fromUtf8(row)) as Known))));
}

/** As a monitor left it that knew nothing of histories. */
function asBefore(image: MemoryImage): void {
  withoutRows(image, [11, 12, 13]);
  changeKnown(image, ({ folded: _, ...known }) => known);
}

describe('a monitor, of the histories of a log', () => {
  let log: SampleLog;
  let post: Post;

  const watch = async (...leaves: readonly Uint8Array[]): Promise<void> => {
    log = new SampleLog([genesis, ...leaves]);
    post = await Post.make(log.trust());
    post.options = { ...impatient, verify: () => true };
  };
  afterEach(() => post.close());

  it('finds two updates that follow one state, and two beginnings, whatever it has read between them', async () => {
    await watch(update(1, null), update(2));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    log.append(update(3, 1));
    await post.round(log.serve());
    log.append(update(4, null));
    await post.round(log.serve());
    await post.round(log.serve());
    const findings = await post.findings();
    expect(broken(findings)).to.deep.equal([
      ['open', 3, 'forks', 1],
      ['open', 4, 'begins-again', 1],
    ]);
    expect(findings[0]).to.deep.include({
      code: 'chain-broken',
      facts: {
        family: 'threats',
        platform: 'any',
        version: '2026.3',
        link: 'forks',
        follows: '2026.1',
        previous: 1,
      },
    });
  });

  it('waits for what an update follows as long as for a number of its source, and says when it has come', async () => {
    await watch(update(1, null), update(3));
    post.options = { rules: [{ alert: 'gap', after: 600 }] };
    await post.round(log.serve());
    post.time += 599;
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    post.time += 1;
    await post.round(log.serve());
    expect(await post.kinds()).to.have.members(['gap', 'chain-broken']);
    log.append(update(2));
    await post.round(log.serve());
    expect((await post.kinds()).slice(2)).to.have.members(['gap over', 'chain-broken over']);
  });

  it('calls a rollback to a state that nothing records not broken: it is not shown', async () => {
    const lost: Step = { version: 9, state: 9, after: 0, named: 0, rollback: true, by: 'sha256' };
    const first: Step = { version: 0, state: 0, after: null, named: 0, rollback: false, by: 'sha256' };
    await watch(
      ...[first, lost].map((step, at) => fixtures.databaseUpdate({ seq: at + 1, change: applied(step) })),
    );
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
  });

  it('finds every link of any chain that is contradicted to whoever reads the whole log', async () => {
    const step = (state: number, after: number | null): Step => ({
      version: state,
      state,
      after,
      named: after ?? 0,
      rollback: false,
      by: 'sha256',
    });
    const fork = [step(0, null), step(1, 0), step(2, 0)];
    const skip = [step(0, null), step(3, 2)];
    const seen = new Set<LinkKind>();
    await watch();
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(6), async (plan, cut) => {
        const leaves = plan.map((step, at) =>
          fixtures.databaseUpdate({ seq: at + 1, change: applied(step) }),
        );
        const links = linkUpdates(
          plan.map((step, at) => ({
            entry: { index: at + 1 },
            predicate: chainFields(statementOf(step, at).predicate),
          })),
        );
        const expected = links.filter((link) => linkMark(link) === 'contradicted');
        const own = new SampleLog([genesis, ...leaves.slice(0, cut)]);
        const eyes = await Post.make(own.trust());
        eyes.options = { ...impatient, verify: () => true };
        try {
          await eyes.round(own.serve());
          for (const leaf of leaves.slice(cut)) own.append(leaf);
          await eyes.round(own.serve());
          const open = new Map<string, Finding>();
          for (const finding of await eyes.findings()) {
            if (finding.state === 'over') open.delete(finding.id);
            else open.set(finding.id, finding);
          }
          expect([...open.values()].map(({ index = 0 }) => index).toSorted((a, b) => a - b)).to.deep.equal(
            expected.map(({ entry }) => entry.index),
          );
          for (const { link } of expected) seen.add(link);
        } finally {
          await eyes.close();
        }
      }),
      {
        numRuns: 40,
        examples: [
          [fork, 0],
          [skip, 2],
        ],
      },
    );
    expect([...seen]).to.include.members(['forks', 'skips']);
  });

  it('finds data that are again where they must not be, until they are said to be back', async () => {
    await watch(residency(1, 'complete', cosignedAt - 100), residency(2, 'regressed', cosignedAt - 50));
    await post.round(log.serve());
    await post.round(log.serve());
    expect((await post.findings())[0]).to.deep.include({
      kind: 'residency-regressed',
      state: 'open',
      index: 2,
      facts: {
        region: 'europe',
        category: 'threat-statistics',
        standing: 'against',
        phase: 'regressed',
        effectiveAt: timeOf(cosignedAt - 50),
      },
    });
    log.append(residency(3, 'complete', cosignedAt - 10));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['residency-regressed', 'residency-regressed over']);
  });

  it('holds a promised move against the time of the witnesses, and not against its own clock', async () => {
    await watch(residency(1, 'announced', cosignedAt + 1_000));
    post.time = cosignedAt + 90_000;
    await post.round(log.serve({ time: cosignedAt + 999 }));
    expect(await post.kinds()).to.deep.equal([]);
    await post.round(log.serve({ time: cosignedAt + 1_000 }));
    const [found] = await post.findings();
    expect(found).to.deep.include({ kind: 'residency-overdue', index: 1 });
    expect(found?.facts).to.deep.include({ standing: 'overdue', effectiveAt: timeOf(cosignedAt + 1_000) });
    log.append(residency(2, 'complete', cosignedAt + 1_000));
    await post.round(log.serve({ time: cosignedAt + 1_001 }));
    expect(await post.kinds()).to.deep.equal(['residency-overdue', 'residency-overdue over']);
  });

  it('judges nothing before it has read to the end: what is missing may only be unread', async () => {
    const others = Array.from({ length: 260 }, (_, at) => fixtures.dataAccess({ seq: at + 1 }));
    await watch(update(1, null), update(3), ...others, update(2));
    const stop = new AbortController();
    await post.round(log.serve(), { signal: stop.signal, onProgress: () => stop.abort() });
    expect(await post.position()).to.equal(256);
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
  });

  it('writes a row once for each update, and of the chain only where it is broken', async () => {
    const written: string[] = [];
    class Counting extends Wrapped {
      override commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
        for (const [key, value] of batch.puts) {
          if (key[0] === 11 || key[0] === 12) written.push(`${key[0]} ${fromUtf8(value).slice(0, 30)}`);
        }
        return this.inner.commit(batch, expected, next);
      }
    }
    const look = (): Promise<unknown> =>
      post.round(log.serve(), { storage: new Counting(new MemoryStorage(post.image)) });
    await watch(...Array.from({ length: 40 }, (_, at) => update(at + 1, at === 0 ? null : at)));
    await look();
    expect(written.filter((row) => row.startsWith('11'))).to.have.length(40);
    written.length = 0;
    log.append(update(41));
    await look();
    expect(written.map((row) => row.slice(0, 2))).to.deep.equal(['11', '12', '12']);
    expect(written.at(-1)).to.equal('12 {"broken":[],"count":0}');
    written.length = 0;
    log.append(fixtures.build({ seq: 1 }));
    await look();
    expect(written).to.deep.equal([]);
  });

  describe('where its store was begun before it knew of them', () => {
    const accesses = Array.from({ length: 300 }, (_, at) => fixtures.dataAccess({ seq: at + 1 }));
    const unauthorised = fixtures.databaseUpdate({
      seq: 9,
      change: applied({ version: 9, state: 9, after: 8, named: 8, rollback: false, by: 'sha256' }),
      signedBy: [fixtures.publisher],
    });

    it('reads the leaves again that it has judged, and finds what was there all along', async () => {
      await watch(
        update(1, null),
        ...accesses,
        unauthorised,
        update(2),
        residency(1, 'regressed', cosignedAt),
      );
      await post.round(log.serve());
      expect(await post.kinds()).to.have.members(['unauthorised', 'residency-regressed']);
      asBefore(post.image);
      log.append(update(3, 1));
      await post.round(log.serve());
      expect((await post.kinds()).slice(2)).to.deep.equal(['chain-broken']);
      // The first one is still open: nothing was lost, and nothing found twice.
      expect(new Set((await post.findings()).map(({ id }) => id)).size).to.equal(3);
      const paths: string[] = [];
      await post.round(
        spoiled(log.serve(), (path) => {
          paths.push(path);
          return undefined;
        }),
      );
      expect(paths.filter((path) => path.startsWith('tile/entries/'))).to.deep.equal([]);
    });

    it('goes on with what is new while the log withholds what is old', async () => {
      await watch(update(1, null), update(2), ...accesses);
      post.options = { ...post.options, patience: 0 };
      await post.round(log.serve());
      asBefore(post.image);
      for (const leaf of [
        ...accesses.slice(0, 210).map((_, at) => fixtures.build({ seq: at + 1 })),
        update(3, 1),
      ]) {
        log.append(leaf);
      }
      const withheld = spoiled(log.serve(), (path) =>
        path === 'tile/entries/000' ? Promise.reject(new LedgerError('not-found', 'gone')) : undefined,
      );
      expect(await post.round(withheld)).to.include({ unreachable: true });
      expect(await post.position()).to.equal(log.size);
      expect(await post.kinds()).to.deep.equal(['withheld']);
      await post.round(log.serve());
      expect((await post.kinds()).slice(1)).to.have.members(['withheld over', 'chain-broken']);
    });

    it('stops between two batches, and takes it up there', async () => {
      await watch(update(1, null), ...accesses, update(2), update(3, 1));
      await post.round(log.serve());
      const known = await post.findings();
      asBefore(post.image);
      const stop = new AbortController();
      const progress: number[] = [];
      await post.round(log.serve(), {
        signal: stop.signal,
        onProgress: (done) => {
          progress.push(done);
          stop.abort();
        },
      });
      expect(progress).to.deep.equal([256]);
      const paths: string[] = [];
      await post.round(
        spoiled(log.serve(), (path) => {
          paths.push(path);
          return undefined;
        }),
      );
      expect(paths.filter((path) => path.startsWith('tile/entries/'))).to.deep.equal([
        'tile/entries/001.p/48',
      ]);
      // It had been found before, and was open all the while.
      expect(await post.findings()).to.deep.equal(known);
    });

    it('reads again what an older isal has judged since, which keeps no histories', async () => {
      await watch(update(1, null), update(2));
      await post.round(log.serve());
      log.append(update(3, 1));
      log.append(update(4, 3));
      await post.round(log.serve());
      const found = broken(await post.findings());
      // As if the second round had been an older isal's: it keeps the member that it does not know.
      withoutRows(post.image, [6, 7]);
      changeKnown(post.image, (known) => ({ ...known, folded: 3, next: 0, troubles: {} }));
      const rowOf = (index: number): string =>
        [...post.image.rows.keys()].find(
          (name) => name.startsWith('\u000b') && name.endsWith(String.fromCharCode(index)),
        ) ?? '';
      for (const index of [3, 4]) {
        post.image.keys.splice(post.image.keys.indexOf(rowOf(index)), 1);
        post.image.rows.delete(rowOf(index));
      }
      await post.round(log.serve());
      expect(broken(await post.findings())).to.deep.equal(found);
    });
  });
});
