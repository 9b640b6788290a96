/** What the metrics say after requests that are known, and that hostile ones add no series. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { errorCodes } from '../../src/errors.ts';
import { EvidenceDirectory } from '../../src/ledger/conflicts/evidence-directory.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { ask, raw, submit, submitLines } from '../http/harness.ts';
import { Site, appendAll, leaves, policy, refusal, until } from '../ledger/site.ts';
import { WitnessStand, policyOf } from '../ledger/witnesses.ts';
import type { Measured } from './series.ts';
import { measured, seriesOf } from './series.ts';

const recording = '/api/v1/attestations';
const requests = (route: string, method: string, status: string): string =>
  `isal_http_requests_total{route="${route}",method="${method}",status="${status}"}`;
const refused = (code: string): string => `isal_submissions_total{outcome="refused",code="${code}"}`;

/** Those of a metric, with its labels alone. */
function partsOf(series: ReadonlyMap<string, number>, metric: string): Record<string, number> {
  return Object.fromEntries([...series].filter(([name]) => name.split('{')[0] === metric));
}

/** Resolves when so many requests are over, as the metrics have it. */
async function over(measuring: Measured, count: number): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    const counts = Object.values(partsOf(await measuring.series(), 'isal_http_requests_total'));
    const sum = counts.reduce((total, one) => total + one, 0);
    if (sum >= count) return;
    if (performance.now() > end) throw new Error(`${sum} requests are counted, not ${count}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('metrics of a server', () => {
  let measuring: Measured;

  beforeEach(async () => {
    measuring = await measured();
  });

  afterEach(() => measuring.running.close());

  it('count requests by route, method and class of status, whatever was asked for', async () => {
    const { running } = measuring;
    for (const path of [
      '/checkpoint',
      '/checkpoint',
      '/healthz',
      '/tile/entries/000.p/1',
      '/tile/0/000.p/1',
    ]) {
      expect((await ask(running, path)).status, path).to.equal(200);
    }
    await ask(running, '/checkpoint', { method: 'HEAD' });
    await ask(running, '/healthz', { method: 'DELETE' });
    await ask(running, `${recording}/0`);
    await ask(running, `${recording}/77`);
    await ask(running, '/nowhere');
    await over(measuring, 10);
    const series = await measuring.series();
    expect(partsOf(series, 'isal_http_requests_total')).to.deep.equal({
      [requests('/checkpoint', 'GET', '2xx')]: 2,
      [requests('/checkpoint', 'HEAD', '2xx')]: 1,
      [requests('/healthz', 'GET', '2xx')]: 1,
      [requests('/tile/entries', 'GET', '2xx')]: 1,
      [requests('/tile', 'GET', '2xx')]: 1,
      [requests(`${recording}/{id}`, 'GET', '2xx')]: 1,
      [requests(`${recording}/{id}`, 'GET', '4xx')]: 1,
      [requests('none', 'GET', '4xx')]: 1,
      [requests('none', 'other', '4xx')]: 1,
    });
    expect(partsOf(series, 'isal_http_request_duration_seconds_count')).to.deep.include({
      'isal_http_request_duration_seconds_count{route="/checkpoint"}': 3,
      'isal_http_request_duration_seconds_count{route="none"}': 2,
    });
  });

  it('count envelopes by what came of them, alone and as lines', async () => {
    const { running } = measuring;
    const first = fixtures.build({ seq: 1 });
    expect((await submit(running, first)).status).to.equal(201);
    expect((await submit(running, first)).status).to.equal(200);
    expect((await submit(running, fixtures.build({ seq: 1, file: 'other' }))).status).to.equal(409);
    expect((await submit(running, Buffer.alloc(70_000))).status).to.equal(413);
    const lines = [first, fixtures.build({ seq: 2 }), 'rubbish', ''];
    expect((await submitLines(running, lines)).map(({ status }) => status)).to.deep.equal([
      200, 201, 400, 400,
    ]);
    const series = await measuring.series();
    expect(partsOf(series, 'isal_submissions_total')).to.deep.equal({
      'isal_submissions_total{outcome="recorded"}': 2,
      'isal_submissions_total{outcome="known"}': 2,
      [refused('source-conflict')]: 1,
      [refused('too-large')]: 1,
      [refused('not-json')]: 1,
      [refused('empty')]: 1,
      [refused('below-quorum')]: 0,
      [refused('queue-full')]: 0,
      [refused('too-many-requests')]: 0,
    });
    expect(partsOf(series, 'isal_submission_duration_seconds_count')).to.deep.equal({
      'isal_submission_duration_seconds_count{outcome="recorded"}': 2,
      'isal_submission_duration_seconds_count{outcome="known"}': 2,
      'isal_submission_duration_seconds_count{outcome="refused"}': 4,
    });
    expect(series.get('isal_committed_entries')).to.equal(3);
    expect(series.get('isal_published_entries')).to.equal(3);
  });

  it('tell what is committed from what is published, what waits, and the memory that it holds', async () => {
    const { running } = measuring;
    expect((await measuring.series()).get('isal_budget_used_bytes{budget="recording"}')).to.equal(0);
    const leaf = fixtures.build({ seq: 1 });
    running.publication.close();
    const answer = submit(running, leaf);
    await running.publication.arrival();
    const series = await measuring.series();
    expect(series.get('isal_committed_entries')).to.equal(2);
    expect(series.get('isal_published_entries')).to.equal(1);
    expect(series.get('isal_budget_used_bytes{budget="recording"}')).to.equal(leaf.length);
    expect(series.get('isal_budget_used_bytes{budget="reading"}')).to.equal(0);
    expect(series.get('isal_budget_bytes{budget="recording"}')).to.equal(128 * 2 ** 20);
    for (const budget of ['reading', 'tiles']) {
      expect(series.get(`isal_budget_bytes{budget="${budget}"}`)).to.equal(64 * 2 ** 20);
    }
    for (const line of ['tiles', 'lookups', 'long', 'batches']) {
      expect(series.get(`isal_line_waiting{line="${line}"}`)).to.equal(0);
      expect(series.get(`isal_line_running{line="${line}"}`)).to.equal(0);
    }
    expect(series.get('isal_limit_refusals_total{limit="address-cost"}')).to.equal(0);
    running.publication.open();
    expect((await answer).status).to.equal(201);
    running.commits.close();
    const second = submit(running, fixtures.build({ seq: 2 }));
    await running.commits.arrival();
    const third = submit(running, fixtures.build({ seq: 3 }));
    await until(() => running.ledger.health().queued === 1);
    expect((await measuring.series()).get('isal_queued_entries')).to.equal(1);
    running.commits.open();
    expect([(await second).status, (await third).status]).to.deep.equal([201, 201]);
  });

  it('say when the newest checkpoint was published, and that entries are taken', async () => {
    const series = await measuring.series();
    const published = series.get('isal_last_publication_timestamp_seconds') ?? 0;
    expect(Date.now() / 1000 - published).to.be.within(-1, 60);
    expect(series.get('isal_ready')).to.equal(1);
    // Of no age anybody vouches for, and of no quorum, nothing is said.
    expect(
      [...series.keys()].filter((name) => /^isal_(?:checkpoint_age|below|witness)/.test(name)),
    ).to.deep.equal([]);
  });

  it('have the numbers of the process, and none of another server in it', async () => {
    const other = await measured();
    await ask(other.running, '/checkpoint');
    await over(other, 1);
    const series = await measuring.series();
    expect(series.get('process_resident_memory_bytes')).to.be.greaterThan(1e7);
    expect(series.has('nodejs_eventloop_lag_p99_seconds')).to.equal(true);
    expect(partsOf(series, 'isal_http_requests_total')).to.deep.equal({});
    await other.running.close();
  });

  it('get no series from hostile paths, methods, headers and what is not HTTP', async () => {
    const { running } = measuring;
    const odd = ['PROPFIND', 'M-SEARCH', 'DELETE', 'PUT', 'PATCH', 'TRACE', 'OPTIONS', 'GET', 'HEAD', 'POST'];
    const wave = async (turn: number): Promise<void> => {
      const paths = [
        `/${turn}-${'x'.repeat(500)}`,
        `/api/v1/attestations/${turn}`,
        `/api/v1/artifacts/sha256:${String(turn).padStart(64, '0')}`,
        `/tile/${turn}/${turn}`,
        `/tile/entries/x${turn}`,
        `/checkpoint?${turn}`,
        `/%22%7D%0Aisal_ready%20${turn}`,
        `/"}\\n,${turn}`,
        `/{id}/${turn}`,
        '/api/v1/attestations',
      ];
      for (const path of paths) {
        for (const method of odd) {
          const headers = { 'X-Request-Id': `${turn}`, Traceparent: `00-${turn}`, Host: `h${turn}` };
          await ask(running, path, { method, headers });
        }
      }
      for (const text of [
        `M${turn} / HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET / HTTP/7.${turn}\r\n\r\n`,
        `GET / HTTP/1.1\r\nHost: x\r\n${turn}: ${'x'.repeat(9000)}\r\n\r\n`,
        `\u0000${turn}\r\n\r\n`,
      ]) {
        await raw(running, text);
      }
      await submitLines(running, [`{"${turn}":1}`, `${turn}`, '{', fixtures.build({ seq: turn })]);
    };
    const own = async (): Promise<string[]> =>
      [...(await measuring.series()).keys()].filter((name) => name.startsWith('isal_'));
    await wave(1);
    const { paths } = (await ask(running, '/openapi.json')).json as { paths: Record<string, unknown> };
    await over(measuring, 106);
    const before = await own();
    for (const turn of [2, 3, 4]) await wave(turn);
    await over(measuring, 421);
    expect((await own()).filter((name) => !before.includes(name))).to.deep.equal([]);
    const routes = ['none', '/tile', '/tile/entries', ...Object.keys(paths)];
    for (const name of before) {
      for (const [, label = '', value = ''] of name.matchAll(/([a-z_]+)="([^"]*)"/g)) {
        if (label === 'route') expect(routes).to.include(value);
        if (label === 'method') expect(['GET', 'HEAD', 'POST', 'OPTIONS', 'other']).to.include(value);
        if (label === 'status') expect(['2xx', '3xx', '4xx', '5xx', 'aborted']).to.include(value);
        if (label === 'code') expect(errorCodes).to.include(value);
      }
    }
  });
});

describe('metrics of a ledger', () => {
  let ledger: Ledger;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-metrics-'));
  });

  afterEach(async () => {
    await ledger.close();
    await rm(directory, { recursive: true });
  });

  it('say of each witness in which state it is, how old the checkpoint is, and when the quorum lacks', async () => {
    const stands = await Promise.all([1, 2, 3].map((n) => WitnessStand.start(n)));
    try {
      stands[1]?.cutOff();
      const rules = policyOf(stands, 2);
      const times = { retryMs: 1, retryMaxMs: 5, refreshMs: 3_600_000 };
      ledger = await new Site().open({ policy: rules, witnessing: { timeoutMs: 2_000, times } });
      let ahead = 0;
      const metrics = new Metrics({ ledger, policy: rules, now: () => Date.now() + ahead });
      await appendAll(ledger, leaves(1));
      await until(() => ledger.health().witnesses[1]?.state === 'failing');
      const series = seriesOf(await metrics.text());
      expect(partsOf(series, 'isal_witness_state')).to.deep.equal({
        ...states('W1', 'cosigning'),
        ...states('W2', 'failing'),
        ...states('W3', 'cosigning'),
      });
      expect(series.get('isal_below_quorum')).to.equal(0);
      expect(series.get('isal_checkpoint_age_seconds')).to.be.within(-1, 60);
      ahead = 7_200_000;
      for (const stand of stands) stand.cutOff();
      const giveUp = new AbortController();
      const unpublished = refusal(ledger.append(leaves(2)[1] ?? new Uint8Array(), { signal: giveUp.signal }));
      await until(() => ledger.health().quorumUnavailable !== undefined);
      giveUp.abort();
      expect((await unpublished).code).to.equal('recorded-not-published');
      const later = seriesOf(await metrics.text());
      expect(later.get('isal_below_quorum')).to.equal(1);
      expect(later.get('isal_ready')).to.equal(0);
      expect(later.get('isal_checkpoint_age_seconds')).to.be.within(7_199, 7_260);
      expect(later.get('isal_witness_state{witness="W2",state="cosigning"}')).to.equal(0);
      const added = [...later.keys()].filter((name) => !series.has(name));
      expect(added.filter((name) => name.startsWith('isal_'))).to.deep.equal([]);
    } finally {
      await Promise.all(stands.map((stand) => stand.stop()));
    }
  });

  it('have no limit to the age where no checkpoint was ever cosigned', async () => {
    const stand = await WitnessStand.start(1);
    stand.cutOff();
    const rules = policyOf([stand], 1);
    ledger = await new Site().open({ policy: rules });
    const series = seriesOf(await new Metrics({ ledger, policy: rules }).text());
    expect(series.get('isal_checkpoint_age_seconds')).to.equal(Infinity);
    expect(series.get('isal_last_publication_timestamp_seconds')).to.equal(0);
    expect(series.get('isal_below_quorum')).to.equal(1);
    await stand.stop();
  });

  it('count the evidence that is kept, and what was there before', async () => {
    const open = async (): Promise<Metrics> => {
      const store = await EvidenceDirectory.open(directory);
      let kept: () => void = () => {};
      const written = new Promise<void>((resolve) => (kept = resolve));
      ledger = await new Site().open({ evidence: { store, onKept: () => kept() } });
      const metrics = new Metrics({ ledger, policy, evidence: store });
      await appendAll(ledger, [fixtures.build({ seq: 1 })]);
      const file = store.kept.files;
      await refusal(ledger.append(fixtures.build({ seq: 1, file: `other ${file}` })));
      await written;
      return metrics;
    };
    const first = seriesOf(await (await open()).text());
    expect(first.get('isal_equivocations_kept')).to.equal(1);
    expect(first.get('isal_evidence_bytes')).to.be.greaterThan(1_000);
    await ledger.close();
    const second = seriesOf(await (await open()).text());
    expect(second.get('isal_equivocations_kept')).to.equal(2);
    expect(second.get('isal_evidence_bytes')).to.be.greaterThan(
      (first.get('isal_evidence_bytes') ?? 0) * 1.5,
    );
  });
});

function states(witness: string, state: string): Record<string, number> {
  return Object.fromEntries(
    ['unasked', 'cosigning', 'failing', 'faulty'].map((each) => [
      `isal_witness_state{witness="${witness}",state="${each}"}`,
      each === state ? 1 : 0,
    ]),
  );
}
