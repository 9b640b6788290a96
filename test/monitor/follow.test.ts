import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { EvidenceFolder } from '../../src/monitor/evidence.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import { stateKey } from '../../src/monitor/rows.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { SampleLog, cosignedAt } from '../verifier/sample-log.ts';
import { changeRow } from '../ledger/site.ts';
import { Post, spoiled } from './post.ts';

const genesis = fixtures.genesis();
const builds = (from: number, to: number): Uint8Array[] =>
  Array.from({ length: to - from + 1 }, (_, i) => fixtures.build({ seq: from + i }));
const summaries = (findings: readonly Finding[]) =>
  findings.map(({ kind, state, index }) => ({ kind, state, ...(index === undefined ? {} : { index }) }));

/** A log that nothing can be reached of. */
const deaf: FetchPath = async () => {
  throw new LedgerError('unreachable', 'nobody there');
};

describe('a monitor', () => {
  const made = builds(1, 299);
  let log: SampleLog;
  let post: Post;

  const watch = async (
    leaves: readonly Uint8Array[] = [genesis, ...made.slice(0, 9)],
    trust: object = {},
  ) => {
    log = new SampleLog(leaves);
    post = await Post.make(log.trust(trust));
  };
  afterEach(() => post.close());

  it('has nothing to say of an honest log, and ends at its last leaf', async () => {
    await watch([genesis, ...made]);
    expect(await post.round(log.serve())).to.deep.equal({
      found: 0,
      contradicted: false,
      policy: false,
      unreachable: false,
      witnesses: [],
    });
    expect(await post.position()).to.equal(300);
    expect(await post.findings()).to.deep.equal([]);
  });

  it('goes on where it stopped, reading no bundle that lies whole below', async () => {
    await watch([genesis, ...made.slice(0, 255)]);
    await post.round(log.serve());
    for (const leaf of made.slice(255)) log.append(leaf);
    const paths: string[] = [];
    await post.round(
      spoiled(log.serve(), (path) => {
        paths.push(path);
        return undefined;
      }),
    );
    expect(await post.position()).to.equal(300);
    expect(paths.filter((path) => path.startsWith('tile/entries/'))).to.deep.equal(['tile/entries/001.p/44']);
    expect(await post.findings()).to.deep.equal([]);
  });

  it('knows after a restart which numbers were used, who may sign and what it has read', async () => {
    await watch();
    await post.round(log.serve());
    const authority = fixtures.authorityDocument({ version: 2, previous: fixtures.leafHashOf(genesis) });
    log.append(authority);
    await post.round(log.serve());
    log.append(fixtures.build({ seq: 4, product: 'other', authority: fixtures.leafHashOf(authority) }));
    log.append(fixtures.build({ seq: 10, authority: fixtures.leafHashOf(authority) }));
    log.append(fixtures.build({ seq: 11 }));
    await post.round(log.serve());
    expect(summaries(await post.findings())).to.deep.equal([
      { kind: 'authority', state: 'noted', index: 10 },
      { kind: 'equivocation', state: 'open', index: 11 },
      { kind: 'unauthorised', state: 'open', index: 13 },
    ]);
    expect((await post.findings()).map(({ code }) => code)).to.deep.equal([
      undefined,
      'source-conflict',
      'authority-superseded',
    ]);
    expect((await post.proven()).map(({ kind, indices }) => ({ kind, indices }))).to.deep.equal([
      { kind: 'equivocation', indices: [4, 11] },
      { kind: 'unauthorised-leaf', indices: [13] },
    ]);
  });

  it('reports what the watch list asks for, each entry once, with the labels', async () => {
    await watch([
      genesis,
      fixtures.build({ seq: 1 }),
      fixtures.build({ seq: 2, product: 'other' }),
      fixtures.databaseUpdate(),
    ]);
    post.options = {
      rules: [
        { alert: 'product', product: 'other', label: 'ours' },
        { alert: 'product', product: 'other', label: 'theirs' },
        { alert: 'digest', digest: { sha256: fixtures.digest('hello_1.1.deb') } },
        { alert: 'signer', keyid: fixtures.publisher.keyid },
        { alert: 'type', type: 'authority' },
      ],
    };
    await post.round(log.serve());
    const findings = await post.findings();
    expect(findings.map(({ kind, index, labels }) => [kind, index, labels?.join()])).to.deep.equal([
      ['type', 0, undefined],
      ['digest', 1, undefined],
      ['product', 2, 'ours,theirs'],
      ['signer', 3, undefined],
    ]);
    expect(findings.map(({ n }) => n)).to.deep.equal([0, 1, 2, 3]);
    expect(new Set(findings.map(({ id }) => id)).size).to.equal(4);
    expect((await post.round(log.serve())).found).to.equal(0);
  });

  it('reports a leaf that nobody was entitled to, with evidence, and goes on behind it', async () => {
    await watch();
    log.append(fixtures.build({ seq: 10, signedBy: [fixtures.builder] }));
    log.append(utf8('not an envelope'));
    log.append(fixtures.authorityDocument({ version: 7, previous: fixtures.leafHashOf(genesis) }));
    log.append(fixtures.build({ seq: 10 }));
    const { found, contradicted } = await post.round(log.serve());
    expect({ found, contradicted }).to.deep.equal({ found: 3, contradicted: false });
    expect(summaries(await post.findings())).to.deep.equal([
      { kind: 'unauthorised', state: 'open', index: 10 },
      { kind: 'unauthorised', state: 'open', index: 11 },
      { kind: 'invalid-authority', state: 'open', index: 12 },
    ]);
    expect((await post.proven()).map(({ indices }) => indices[0])).to.have.members([10, 11, 12]);
    expect(await post.position()).to.equal(14);
  });

  it('keeps as many evidence files as it has room for, and goes on finding without', async () => {
    await watch([genesis, ...Array.from({ length: 20 }, (_, i) => utf8(`junk ${i}`))]);
    post.options = { evidence: new EvidenceFolder(post.directory, { limit: 8 }) };
    await post.round(log.serve());
    for (let i = 20; i < 24; i++) log.append(utf8(`junk ${i}`));
    await post.round(log.serve());
    const findings = await post.findings();
    expect(findings).to.have.length(24);
    expect(findings.filter(({ evidence }) => evidence !== undefined)).to.have.length(8);
    expect(await post.proven()).to.have.length(8);
  });

  it('reports a gap once it has lasted, and that it is over', async () => {
    await watch([genesis, ...builds(1, 2), fixtures.build({ seq: 4 })]);
    post.options = { rules: [{ alert: 'gap', after: 100 }] };
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    post.time += 100;
    await post.round(log.serve());
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['gap']);
    log.append(fixtures.build({ seq: 3 }));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['gap', 'gap over']);
    const [begun, ended] = await post.findings();
    expect(ended?.id).to.equal(begun?.id);
  });

  it('takes nothing for missing before it has read to the end', async () => {
    await watch([genesis, fixtures.build({ seq: 2 }), ...made.slice(2), fixtures.build({ seq: 1 })]);
    post.options = { rules: [{ alert: 'gap', after: 0 }] };
    const stop = new AbortController();
    await post.round(log.serve(), { signal: stop.signal, onProgress: () => stop.abort() });
    expect(await post.position()).to.equal(256);
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
  });

  it('lists a thousand gaps, and none of them is over because another one pushed it out', async () => {
    const both = [fixtures.signer(fixtures.gateway, ['access-gateway'], ['one', 'two'])];
    const own = fixtures.genesis({ signers: both });
    const authority = fixtures.leafHashOf(own);
    const bound = (leaves: readonly { source: string; seq: number }[]): Uint8Array[] =>
      leaves.map((event) => fixtures.dataAccess({ ...event, authority }));
    const events = (source: string, count: number, from = 0) =>
      Array.from({ length: count }, (_, i) => ({ source, seq: 2 * (i + from) + 2 }));
    await watch([own, ...bound(events('two', 600)), ...bound(events('one', 300))]);
    post.options = { rules: [{ alert: 'gap', after: 0 }] };
    await post.round(log.serve());
    expect(await post.kinds()).to.have.length(900);
    for (const leaf of bound(events('one', 200, 300))) log.append(leaf);
    await post.round(log.serve());
    const kinds = await post.kinds();
    expect(kinds).to.have.length(1_100);
    expect(kinds).to.not.include('gap over');
  });

  it('hears a silence by the times that entries give, which cannot be dated ahead', async () => {
    const at = (time: number): string => new Date(time * 1_000).toISOString();
    await watch([genesis, fixtures.build({ seq: 1, occurredAt: at(cosignedAt) })]);
    post.options = { rules: [{ alert: 'silence', source: 'builds', seconds: 600 }] };
    await post.round(log.serve());
    post.time = cosignedAt + 600;
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    post.time += 1;
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['silence']);
    log.append(fixtures.build({ seq: 2, occurredAt: at(cosignedAt + 86_400) }));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['silence', 'silence over']);
    post.time += 601;
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['silence', 'silence over', 'silence']);
  });

  it('misses a summary that was promised, by the time of the witnesses, and says when it came', async () => {
    const day = 86_400;
    const at = (time: number): string => new Date(time * 1_000).toISOString();
    const midnight = cosignedAt - (cosignedAt % day);
    const promise = { source: 'access', from: at(midnight - 2 * day), summaryEvery: day, grace: 3_600 };
    const promising = fixtures.genesis({ promises: [promise] });
    const authority = fixtures.leafHashOf(promising);
    const summary = (seq: number, from: number, to: number): Uint8Array =>
      fixtures.periodSummary({
        seq,
        authority,
        occurredAt: at(to),
        change: ({ predicate }) => void (predicate.period = { from: at(from), to: at(to) }),
      });
    await watch([promising, summary(1, midnight - 2 * day, midnight - day)]);
    const due = midnight + 3_600;
    // The monitor's own clock is days ahead, which makes nobody late.
    post.time = midnight + 3 * day;
    await post.round(log.serve({ time: due }));
    expect(await post.kinds()).to.deep.equal([]);
    await post.round(log.serve({ time: due + 1 }));
    const [found] = await post.findings();
    expect(found).to.deep.include({ kind: 'summary-late', state: 'open', code: 'summary-late' });
    expect(found?.text).to.equal(
      `no summary of the stream access for the time from ${at(midnight - day).replace('.000', '')} on; one was due by ${at(due).replace('.000', '')}`,
    );
    log.append(summary(2, midnight - day, midnight));
    await post.round(log.serve({ time: due + 2 }));
    expect(await post.kinds()).to.deep.equal(['summary-late', 'summary-late over']);

    // Dated ahead: nobody can have counted that.
    log.append(summary(3, midnight, midnight + 30 * day));
    // A day is left out, and the next one summarised in time.
    log.append(summary(4, midnight + day, midnight + 2 * day));
    await post.round(log.serve({ time: midnight + 2 * day }));
    expect((await post.kinds()).slice(2)).to.deep.equal(['summary-late']);
    await post.round(log.serve({ time: midnight + 3 * day }));
    expect((await post.kinds()).slice(3)).to.deep.equal([]);
    log.append(fixtures.authorityDocument({ version: 2, previous: authority }));
    await post.round(log.serve({ time: midnight + 3 * day }));
    expect((await post.kinds()).slice(3)).to.deep.equal(['authority', 'summary-late over']);
    expect((await post.findings())[3]?.text).to.match(/; summaries are promised of no stream$/);
  });

  it('reads an old checkpoint and says that it is old; a fresh cosignature of the same tree ends it', async () => {
    await watch(undefined, { maxAge: 3_600 });
    post.options = { maxAge: 3_600 };
    post.time = cosignedAt + 3_601;
    expect(await post.round(log.serve())).to.include({ policy: true, found: 1 });
    expect(await post.position()).to.equal(10);
    expect(await post.round(log.serve())).to.include({ policy: true, found: 0 });
    expect(await post.round(log.serve({ time: post.time }))).to.include({ policy: false, found: 0 });
    expect(await post.kinds()).to.deep.equal(['stale', 'stale over']);
  });

  it('takes no checkpoint below the quorum, nor one that nobody known has signed', async () => {
    await watch();
    expect(await post.round(log.serve({ cosigners: [] }))).to.include({ policy: true, contradicted: false });
    expect(await post.round(log.serve({ keys: [] }))).to.include({ policy: true });
    expect(await post.position()).to.equal(0);
    expect(await post.kinds()).to.deep.equal(['policy', 'policy', 'policy over']);
    const forged = spoiled(log.serve(), (path, bytes) =>
      path === 'checkpoint'
        ? bytes().then((note) => utf8(new TextDecoder().decode(note).replace('\n10\n', '\n11\n')))
        : undefined,
    );
    expect(await post.round(forged)).to.include({ contradicted: true, policy: false });
    expect((await post.kinds()).slice(-2)).to.have.members(['policy over', 'bad-checkpoint']);
  });

  it('takes no tree smaller than the trust file knows it to be', async () => {
    await watch(undefined, { minSize: 11 });
    expect(await post.round(log.serve())).to.include({ policy: true, contradicted: false });
    expect(await post.position()).to.equal(0);
    log.append(fixtures.build({ seq: 10 }));
    expect(await post.round(log.serve())).to.include({ policy: false });
    expect(await post.position()).to.equal(11);
  });

  it('is patient with a log that does not answer, and says when it is back', async () => {
    await watch();
    post.options = { patience: 300 };
    expect(await post.round(deaf)).to.include({ unreachable: true, found: 0 });
    post.time += 300;
    expect(await post.round(deaf)).to.include({ unreachable: true, found: 1 });
    expect(await post.round(log.serve())).to.include({ unreachable: false });
    expect(await post.kinds()).to.deep.equal(['unreachable', 'unreachable over']);
    expect(await post.position()).to.equal(10);
  });

  it('does not go past a byte that was forged, and reads on when it is right again', async () => {
    await watch([genesis, ...made]);
    for (const forged of ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000']) {
      const before = await post.position();
      const server = spoiled(log.serve(), (path, bytes) =>
        path === forged
          ? bytes().then((served) => served.map((byte, at) => (at === 5 ? byte ^ 1 : byte)))
          : undefined,
      );
      expect(await post.round(server), forged).to.include({ contradicted: true });
      expect(await post.position(), forged).to.equal(before);
    }
    await post.round(log.serve());
    expect(await post.position()).to.equal(300);
    expect((await post.kinds()).at(-1)).to.equal('tampered over');
  });

  it('convicts a log of two histories, of one size and of two, and believes neither any further', async () => {
    for (const more of [[], builds(10, 12)]) {
      await watch();
      await post.round(log.serve());
      const fork = new SampleLog([
        genesis,
        ...made.slice(0, 8),
        fixtures.build({ seq: 9, product: 'forged' }),
        ...more,
      ]);
      expect(await post.round(fork.serve())).to.include({ contradicted: true, found: 1 });
      expect(await post.round(fork.serve())).to.include({ contradicted: true, found: 0 });
      expect(await post.kinds()).to.deep.equal(['fork']);
      expect((await post.proven()).map(({ kind, sizes }) => ({ kind, sizes }))).to.deep.equal([
        { kind: 'fork', sizes: [10, 10 + more.length] },
      ]);
      // The history that was seen first is still followed.
      log.append(fixtures.build({ seq: 10 }));
      expect(await post.round(log.serve())).to.include({ contradicted: false });
      expect(await post.position()).to.equal(11);
      await post.close();
    }
    await watch();
  });

  it('sees a fork after a crash in the middle of catching up', async () => {
    await watch([genesis, ...made]);
    const stop = new AbortController();
    await post.round(log.serve(), { signal: stop.signal, onProgress: () => stop.abort() });
    expect(await post.position()).to.equal(256);
    const fork = new SampleLog([
      genesis,
      ...made.slice(0, 298),
      fixtures.build({ seq: 299, product: 'forged' }),
    ]);
    // Evidence of two histories is kept where there is no room for more about leaves.
    post.options = { evidence: new EvidenceFolder(post.directory, { limit: 0 }) };
    expect(await post.round(fork.serve())).to.include({ contradicted: true });
    expect(await post.kinds()).to.deep.equal(['fork']);
    expect((await post.proven()).map(({ sizes }) => sizes)).to.deep.equal([[300, 300]]);
  });

  it('keeps a fork that is shown once only, also if it is killed while it asks the witnesses', async () => {
    await watch();
    await post.round(log.serve());
    const fork = new SampleLog([genesis, ...made.slice(0, 8), fixtures.build({ seq: 9, product: 'forged' })]);
    const killed = {
      witnesses: [],
      fetchPath: async (): Promise<Uint8Array> => {
        throw new Error('killed');
      },
    };
    const error: unknown = await post
      .round(fork.serve(), { witnesses: [killed] })
      .catch((cause: unknown) => cause);
    expect(error).to.include({ message: 'killed' });
    expect(await post.round(log.serve())).to.include({ found: 0, contradicted: false });
    expect(await post.kinds()).to.deep.equal(['fork']);
    expect((await post.proven()).map(({ kind }) => kind)).to.deep.equal(['fork']);
  });

  it('takes a smaller checkpoint for an old answer, unless its witnesses have vouched for it later', async () => {
    await watch();
    await post.round(log.serve());
    expect(await post.round(log.serve({ size: 8 }))).to.include({ policy: true, contradicted: false });
    expect(await post.kinds()).to.deep.equal([]);
    expect(await post.round(log.serve({ size: 8, time: cosignedAt + 30 }))).to.include({
      contradicted: true,
    });
    expect(await post.kinds()).to.deep.equal(['rollback']);
    expect((await post.proven()).map(({ kind }) => kind)).to.deep.equal(['rollback']);
  });

  it('says so for good when leaf 0 is not the pinned one', async () => {
    await watch([genesis, ...made.slice(0, 3)], { genesis: fixtures.digest('another') });
    expect(await post.round(log.serve())).to.include({ contradicted: true, found: 1 });
    expect(await post.round(log.serve())).to.include({ contradicted: true, found: 0 });
    expect(await post.kinds()).to.deep.equal(['pinned-authority']);
    expect(await post.position()).to.equal(0);
  });

  it('misses a pinned authority document once the log has passed the size at which it was in force', async () => {
    const leafHash = fixtures.digest('withheld');
    await watch(undefined, { authority: { leafHash, asOfSize: 11 } });
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal([]);
    log.append(fixtures.build({ seq: 10 }));
    await post.round(log.serve());
    log.append(fixtures.build({ seq: 11 }));
    await post.round(log.serve());
    expect(await post.kinds()).to.deep.equal(['pinned-authority']);
  });

  it('refuses to go on under another trust file', async () => {
    await watch();
    await post.round(log.serve());
    const other = await Post.make(log.trust({ genesis: fixtures.digest('another') }));
    other.image = post.image;
    const error: unknown = await other.round(log.serve()).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'wrong-origin' });
    await other.close();
  });

  it('refuses a store of another version, whose rows it would misread', async () => {
    await watch();
    await post.round(log.serve());
    changeRow(post.image, stateKey, (row) =>
      utf8(fromUtf8(row).replace('isal-monitor-state/v2', 'isal-monitor-state/v1')),
    );
    const error: unknown = await post.round(log.serve()).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'store-corrupt' });
  });
});
