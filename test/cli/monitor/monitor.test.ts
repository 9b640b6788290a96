import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { monitor } from '../../../src/cli/monitor/commands.ts';
import { statusText } from '../../../src/cli/monitor/status.ts';
import { LedgerError } from '../../../src/errors.ts';
import { exitStatus } from '../../../src/cli/terminal/exit.ts';
import type { Io } from '../../../src/cli/terminal/io.ts';
import { execute, resolve } from '../../../src/cli/terminal/resolve.ts';
import type { Finding } from '../../../src/monitor/finding.ts';
import { formatVerifierKey, signerKey, verifierOf } from '../../../src/note/key.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import { Receiver, serveLog } from '../../monitor/serving.ts';
import type { Site } from '../../monitor/serving.ts';
import { SampleLog, cosignedAt } from '../../verifier/sample-log.ts';
import type { Ran } from '../desk.ts';

const genesis = fixtures.genesis();
const builds = Array.from({ length: 5 }, (_, i) => fixtures.build({ seq: i + 1 }));

const runMonitor = (args: readonly string[], desk: Io): Promise<number> =>
  execute(resolve(monitor, args), desk);

describe('isal monitor', () => {
  let place: string;
  let directory: string;
  let log: SampleLog;
  let site: Site;
  let receiver: Receiver;
  /** Seconds. */
  let now: number;
  let cosignedNow: number;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'isal-monitor-'));
    directory = join(place, 'monitor');
    log = new SampleLog([genesis, ...builds]);
    cosignedNow = cosignedAt;
    now = cosignedAt + 60;
    site = await serveLog((path, maxBytes) => log.serve({ time: cosignedNow })(path, maxBytes));
    receiver = await Receiver.listen();
    await writeFile(join(place, 'trust.json'), JSON.stringify({ ...log.trustFile(), maxAge: 3_600 }));
  });
  afterEach(async () => {
    await site.close();
    await receiver.close();
    await rm(place, { recursive: true });
  });

  const io = (out: (text: string) => void, err: (text: string) => void = () => undefined): Io => ({
    stdout: out,
    stderr: err,
    env: {},
    isTTY: false,
    colours: false,
    now: () => now * 1_000,
  });

  const run = async (...args: readonly string[]): Promise<Ran> => {
    let stdout = '';
    let stderr = '';
    const desk = io(
      (text) => (stdout += text),
      (text) => (stderr += text),
    );
    try {
      return { status: await runMonitor(args, desk), stdout, stderr };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return { status: exitStatus[error.code], stdout, stderr, error };
    }
  };
  const once = (...args: readonly string[]): Promise<Ran> => run('once', directory, ...args);
  const init = (): Promise<Ran> =>
    run('init', directory, '--trust', join(place, 'trust.json'), '--url', site.url);
  const watch = async (change: (list: Record<string, unknown>) => void): Promise<void> => {
    const path = join(directory, 'watch.json');
    const list = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    change(list);
    await writeFile(path, JSON.stringify(list));
  };

  it('watches nothing without a trust file, and says how to pin one', async () => {
    const { status, error } = await run('init', directory, '--url', site.url);
    expect(status).to.equal(4);
    expect(error?.code).to.equal('no-trust-file');
    expect(error?.expected).to.contain('to pin one');
    expect(await readdir(place)).to.deep.equal(['trust.json']);
    await init();
    await rm(join(directory, 'trust.json'));
    expect((await once()).error?.code).to.equal('no-trust-file');
  });

  it('pins the trust file as it is then, in a directory that nobody else reads', async () => {
    expect((await init()).status).to.equal(0);
    expect((await init()).error?.code).to.equal('store-exists');
    await writeFile(join(place, 'trust.json'), '{}');
    expect((await once()).status).to.equal(0);
    for (const name of ['trust.json', 'watch.json']) {
      expect((await stat(join(directory, name))).mode & 0o077).to.equal(0);
    }
  });

  it('exits with 0 when there is nothing new, 1 for findings, 3 for what is stale, 5 for no answer', async () => {
    await init();
    expect(await once()).to.include({ status: 0, stdout: '' });
    log.append(fixtures.build({ seq: 6, signedBy: [fixtures.builder] }));
    const found = await once();
    expect(found.status).to.equal(1);
    expect(found.stdout).to.match(
      /^ALERT ledger\.example\/test unauthorised: leaf 6 \(build of hello 1\.6, number 6 of the stream builds\): .*; evidence in unauthorised-[0-9a-f]{32}\.json\n$/,
    );
    expect(await readdir(join(directory, 'evidence'))).to.have.length(1);
    expect(await once()).to.include({ status: 0, stdout: '' });
    now += 3_601;
    const stale = await once();
    expect(stale.status).to.equal(3);
    expect(stale.stdout).to.contain('stale');
    expect(await once()).to.include({ status: 3, stdout: '' });
    cosignedNow = now;
    const fresh = await once();
    expect(fresh.status).to.equal(0);
    expect(fresh.stdout).to.match(/^over {2}.*stale/);
    await site.close();
    expect(await once()).to.include({ status: 5, stdout: '' });
    site = await serveLog(log.serve());
  });

  it('prints JSON, one finding a line', async () => {
    await init();
    await watch((list) => {
      (list['logs'] as { rules: unknown[] }[])[0]?.rules.push({ alert: 'product', product: 'hello' });
    });
    const { stdout } = await once('--json');
    const lines = stdout.trimEnd().split('\n');
    const findings = lines.map((line) => JSON.parse(line) as Finding);
    expect(findings.map(({ kind, index, n }) => [kind, index, n])).to.deep.equal(
      [1, 2, 3, 4, 5].map((index) => ['product', index, index - 1]),
    );
  });

  it('is not blinded by a dead webhook, and sends what waited once it is back', async () => {
    await init();
    await watch((list) => (list['webhook'] = { url: receiver.url }));
    receiver.status = () => 503;
    log.append(fixtures.build({ seq: 6, signedBy: [fixtures.builder] }));
    const blind = await once();
    expect(blind.status).to.equal(1);
    expect(blind.stdout).to.contain('unauthorised');
    expect(blind.stderr).to.contain('1 to deliver');
    expect((await run('status', directory)).stdout).to.contain('webhook: 1 to deliver');
    receiver.status = () => 200;
    expect((await once()).status).to.equal(0);
    expect(receiver.taken.map(({ kind, index }) => [kind, index])).to.deep.equal([['unauthorised', 6]]);
    expect((await run('status', directory)).stdout).to.contain('webhook: all delivered');
  });

  it('shows size, age, open findings and outbox, also while a monitor runs', async () => {
    await init();
    await watch((list) => {
      list['webhook'] = { url: receiver.url };
      list['interval'] = 1_000;
    });
    log.append(fixtures.build({ seq: 6, signedBy: [fixtures.builder] }));
    let stdout = '';
    let print = (): void => undefined;
    const printed = new Promise<void>((resolve) => (print = resolve));
    const desk = io((text) => {
      stdout += text;
      print();
    });
    const stopped = runMonitor(['run', directory], desk);
    await printed;
    while (receiver.taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await once()).error?.code).to.equal('store-locked');
    let running = '';
    while (!running.includes('leaf 6')) {
      running = (await run('status', directory)).stdout;
      expect(running).to.contain('A monitor is running');
    }
    process.emit('SIGTERM', 'SIGTERM');
    expect(await stopped).to.equal(0);
    expect(stdout).to.contain('unauthorised: leaf 6');

    const text = (await run('status', directory)).stdout;
    expect(text)
      .to.contain('7, of which 7 judged')
      .and.contain('cosigned 1 minute ago')
      .and.contain('1 finding');
    const { logs } = JSON.parse((await run('status', directory, '--json')).stdout) as { logs: object[] };
    expect(logs[0]).to.include({ size: 7, judged: 7, asOf: cosignedAt, open: 1 });
    expect(logs[0]).to.have.deep.property('outbox', { stdout: 0, webhook: 0 });
  });

  it('shows a tick for a log of which every leaf was judged, and for no other', () => {
    const status = { origin: 'ledger.example/x', url: 'https://ledger.example', asOf: null, reached: null };
    const rest = { findings: [], outbox: {}, witnesses: [] };
    const mark = (size: number | null, judged: number, open: number): string =>
      statusText(
        { ...status, ...rest, size, judged, open },
        io(() => undefined),
      ).slice(0, 1);
    expect(mark(7, 7, 0)).to.equal('✓');
    expect(mark(7, 6, 0)).to.equal('?');
    expect(mark(null, 0, 0)).to.equal('?');
    expect(mark(7, 7, 1)).to.equal('✗');
    expect(mark(null, 0, 1)).to.equal('✗');
  });

  it('looks at a log although another one keeps it waiting', async () => {
    await init();
    let goOn = (): void => undefined;
    const waited = new Promise<void>((resolve) => (goOn = resolve));
    const late = await serveLog(async () => {
      await waited;
      throw new LedgerError('not-found', 'nothing yet');
    });
    const key = verifierOf(
      signerKey({ name: 'slow.example/log', type: 1, seed: new Uint8Array(32).fill(7) }),
    );
    const policy = `log ${formatVerifierKey(key)}\nquorum none\n`;
    const pinned = { format: 'isal-trust/v1', policy, genesis: fixtures.leafHashOf(genesis) };
    await writeFile(join(directory, 'slow.json'), JSON.stringify(pinned));
    await watch((list) =>
      (list['logs'] as object[]).unshift({ trust: 'slow.json', url: late.url, rules: [] }),
    );
    log.append(fixtures.build({ seq: 6, signedBy: [fixtures.builder] }));
    let stdout = '';
    const ended = runMonitor(
      ['once', directory],
      io((text) => {
        stdout += text;
        goOn();
      }),
    );
    await waited;
    expect(stdout).to.contain('unauthorised: leaf 6');
    expect(await ended).to.equal(1);
    await late.close();
  });

  it('refuses a log twice, an unknown command, and options that the watch list decides', async () => {
    await init();
    await watch((list) => (list['logs'] as object[]).push((list['logs'] as object[])[0] as object));
    expect((await once()).error?.code).to.equal('malformed-watch');
    expect((await run('look', directory)).error?.code).to.equal('usage');
    expect((await once('--url', site.url)).error?.code).to.equal('usage');
  });
});
