/** The listener for metrics, over real sockets. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import type { LogEntry } from '../../src/http/exchange/log.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { startMetrics } from '../../src/metrics/listener.ts';
import { ask, raw } from '../http/harness.ts';
import type { Measured } from './series.ts';
import { measured, seriesOf } from './series.ts';

const never = new Promise<never>(() => {});
const place = { host: '127.0.0.1', port: 0, failed: never };

describe('the listener for metrics', () => {
  let measuring: Measured;
  let server: RunningServer;
  const log: LogEntry[] = [];

  before(async () => {
    measuring = await measured();
    server = await startMetrics(measuring.metrics, { ...place, log: (entry) => log.push(entry) });
  });

  after(async () => {
    await server.close();
    await measuring.running.close();
  });

  it('answers GET /metrics with the text form of Prometheus', async () => {
    const { status, headers, text } = await ask({ server }, '/metrics');
    expect(status).to.equal(200);
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).to.equal('no-store');
    expect(seriesOf(text).get('isal_published_entries')).to.equal(1);
    expect(text).to.match(/^# TYPE isal_http_requests_total counter$/m);
    const head = await ask({ server }, '/metrics', { method: 'HEAD' });
    expect([head.status, head.text]).to.deep.equal([200, '']);
  });

  it('has nothing else, and repeats nothing of what was asked for', async () => {
    for (const path of [
      '/',
      '/metrics/',
      '/metrics/x',
      '/healthz',
      '/checkpoint',
      '/secret-4711',
      '//metrics',
    ]) {
      const answer = await ask({ server }, path);
      expect([answer.status, answer.json['code']], path).to.deep.equal([404, 'not-found']);
      expect(answer.text).to.not.contain('4711');
    }
    for (const method of ['POST', 'DELETE', 'OPTIONS']) {
      const answer = await ask({ server }, '/metrics', {
        method,
        headers: { 'X-Request-Id': 'secret-4711' },
      });
      expect([answer.status, answer.headers.allow], method).to.deep.equal([405, 'GET, HEAD']);
    }
    expect(await raw({ server }, 'RUBBISH\r\n\r\n')).to.match(/^HTTP\/1\.1 400 /);
    const long = `GET /metrics HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(9000)}\r\n\r\n`;
    expect(await raw({ server }, long)).to.match(/^HTTP\/1\.1 431 /);
  });

  it('is not there on the public side', async () => {
    expect((await ask(measuring.running, '/metrics')).status).to.equal(404);
  });

  it('gives pages of other origins nothing', async () => {
    for (const path of ['/metrics', '/nothing']) {
      const { headers } = await ask({ server }, path, { headers: { Origin: 'https://elsewhere.example' } });
      expect(headers['access-control-allow-origin'], path).to.equal(undefined);
      expect(headers['cross-origin-resource-policy'], path).to.equal('same-origin');
    }
  });

  it('is no request of the ledger, and no line in its log', async () => {
    for (let turn = 0; turn < 3; turn++) await ask({ server }, '/metrics');
    await ask({ server }, '/nothing');
    const names = [...(await measuring.series()).keys()];
    expect(
      names.filter((name) => name.startsWith('isal_http_requests_total{route="/metrics"')),
    ).to.deep.equal([]);
    expect(log).to.deep.equal([]);
  });

  it('makes one text for all who ask at once', async () => {
    const texts = await Promise.all([measuring.metrics.text(), measuring.metrics.text()]);
    expect(texts[0]).to.equal(texts[1]);
    const next = await measuring.metrics.text();
    expect(next).to.not.equal(texts[0]);
  });

  it('says 500 and no more when a text cannot be made, and tells its log', async () => {
    const faults: LogEntry[] = [];
    const broken = { contentType: 'text/plain', text: () => Promise.reject(new Error('secret-4711')) };
    const other = await startMetrics(broken, { ...place, log: (entry) => faults.push(entry) });
    const answer = await ask({ server: other }, '/metrics');
    expect([answer.status, answer.json['code']]).to.deep.equal([500, 'internal']);
    expect(answer.text).to.not.contain('4711');
    expect(faults.map(({ event, code }) => [event, code])).to.deep.equal([['error', 'internal']]);
    await other.close();
  });

  it('that cannot listen says so', async () => {
    const { port } = server;
    const code = await startMetrics(measuring.metrics, { ...place, port }).then(
      () => 'it listens',
      (error: NodeJS.ErrnoException) => error.code,
    );
    expect(code).to.equal('EADDRINUSE');
  });

  it('closes, also with somebody connected', async () => {
    const other = await startMetrics(measuring.metrics, place);
    const idle = connect(other.port, '127.0.0.1');
    await once(idle, 'connect');
    const gone = once(idle, 'close');
    idle.on('error', () => {});
    idle.resume();
    await other.close();
    await gone;
    const refused = connect(other.port, '127.0.0.1');
    const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).to.equal('ECONNREFUSED');
  });
});
