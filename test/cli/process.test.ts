/** `isal` as a process: signals, and streams that go away. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { exitStatus } from '../../src/cli/terminal/exit.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { isal } from './isal.ts';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Resolves when the text has come. */
function heard(stream: NodeJS.ReadableStream | Socket, text: string): Promise<string> {
  let all = '';
  return new Promise((resolve) => {
    stream.on('data', (part: Buffer | string) => {
      all += String(part);
      if (all.includes(text)) resolve(all);
    });
  });
}

async function ended(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, 'close')) as [number | null];
  return status;
}

describe('isal as a process', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-process-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('never says "proven" to a reader who went away before the answer', async () => {
    const child = spawn(process.execPath, [main, 'explain', 'usage'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    expect(await ended(child)).to.equal(128 + constants.signals.SIGPIPE);
  });

  it('has its own status for an internal error', async () => {
    const faulty = "process.stdout.write = () => setImmediate(() => { throw new Error('unforeseen'); })";
    const loaded = ['--import', `data:text/javascript,${encodeURIComponent(faulty)}`];
    const child = spawn(process.execPath, [...loaded, main, 'explain', 'usage'], { stdio: 'pipe' });
    const words = heard(child.stderr, 'unforeseen');
    expect(await ended(child)).to.equal(exitStatus.internal);
    expect(await words).to.match(/^isal: internal error \(a bug in isal\)\n/);
  });

  it('says why a ledger or a witness cannot listen', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const ledger = join(directory, 'ledger');
    const witness = join(directory, 'witness');
    const none = join(directory, 'none');
    await writeFile(none, 'quorum none\n');
    await isal(['init', ledger, '--origin', 'ledger.example/log', '--no-post-quantum']);
    await isal(['witness', 'init', witness, '--name', 'w.example', '--policy', none]);
    for (const command of [
      ['serve', ledger],
      ['witness', 'run', witness],
    ]) {
      const { status, stderr } = await isal([...command, '--port', String(port)]);
      expect(status).to.equal(4);
      expect(stderr).to.contain(`with port ${port}, cannot be listened on: EADDRINUSE`);
    }
    // Nobody is served by a ledger that cannot be measured as it was told to be; its database is free again.
    for (let turn = 0; turn < 2; turn++) {
      const metrics = ['--metrics', `127.0.0.1:${port}`];
      const { status, stdout, stderr } = await isal(['serve', ledger, '--port', '0', ...metrics]);
      expect([status, stdout]).to.deep.equal([4, '']);
      expect(stderr).to.contain(`with port ${port}, cannot be listened on: EADDRINUSE`);
    }
    const config = join(ledger, 'config.json');
    const settings = JSON.parse(await readFile(config, 'utf8')) as object;
    await writeFile(config, JSON.stringify({ ...settings, metrics: { host: '127.0.0.1', port } }));
    const { status, stderr } = await isal(['serve', ledger, '--port', '0']);
    expect(status).to.equal(4);
    expect(stderr).to.contain(`with port ${port}, cannot be listened on: EADDRINUSE`);
    taken.close();
  });

  it('takes no address for metrics that is none', async () => {
    const ledger = join(directory, 'ledger');
    for (const address of [
      '',
      '9464',
      ':9464',
      '127.0.0.1',
      '127.0.0.1:',
      '::1:9464',
      '[::1]',
      'a b:1',
      'a:65536',
      'a:1x',
    ]) {
      const { status, stderr } = await isal(['serve', ledger, '--metrics', address]);
      expect(status, address).to.equal(4);
      expect(stderr, address).to.contain('--metrics is not');
    }
    for (const address of ['127.0.0.1:9464', '[::1]:0', 'localhost:65535']) {
      const { stderr } = await isal(['serve', ledger, '--metrics', address]);
      expect(stderr, address).to.contain('store-missing');
    }
  });

  describe('serving', () => {
    let child: ChildProcess;
    let url: URL;
    let errors: string;

    /** Starts it with at most so many open files, or as many as this process may have. */
    async function start(openFiles?: number, ...options: readonly string[]): Promise<string> {
      const ledger = join(directory, 'ledger');
      const genesis = join(directory, 'genesis.json');
      await writeFile(genesis, fixtures.genesis());
      const init = ['init', ledger, '--origin', fixtures.origin, '--genesis', genesis, '--no-post-quantum'];
      expect(await ended(spawn(process.execPath, [main, ...init], { stdio: 'ignore' }))).to.equal(0);
      const limit = openFiles === undefined ? '' : `ulimit -n ${openFiles};`;
      const command = [process.execPath, main, 'serve', ledger, '--port', '0', ...options];
      const serving = spawn('sh', ['-c', `${limit} exec "$@"`, 'sh', ...command], { stdio: 'pipe' });
      child = serving;
      errors = '';
      serving.stderr.on('data', (part: Buffer) => (errors += part.toString()));
      const said = await heard(serving.stdout, 'Ctrl-C');
      url = new URL(/at (\S+),/.exec(said)?.[1] ?? '');
      return said;
    }

    afterEach(() => child.kill('SIGKILL'));

    /** Resolves when the server listens no more. */
    async function unreachable(): Promise<void> {
      for (;;) {
        const socket = connect(Number(url.port), url.hostname);
        const reached = await new Promise<boolean>((resolve) => {
          socket.on('connect', () => resolve(true));
          socket.on('error', () => resolve(false));
        });
        socket.destroy();
        if (!reached) return;
      }
    }

    it('goes on without its log when nobody reads that any more', async () => {
      await start();
      child.stderr?.destroy();
      for (let turn = 0; turn < 3; turn++)
        expect((await fetch(new URL('/healthz', url))).status).to.equal(200);
      child.kill('SIGTERM');
      expect(await ended(child)).to.equal(0);
    });

    it('keeps descriptors for the store, however many connections there are', async () => {
      await start(150);
      const kept = connect(Number(url.port), url.hostname);
      kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      await heard(kept, '"ok"');
      const crowd = Array.from({ length: 300 }, () => connect(Number(url.port), url.hostname));
      let refused = 0;
      await new Promise<void>((resolve) => {
        for (const socket of crowd) {
          socket.on('error', () => {});
          socket.on('close', () => {
            if (++refused === 200) resolve();
          });
          socket.resume();
        }
      });
      const leaf = fixtures.build();
      const answer = heard(kept, '}');
      kept.write(
        `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${leaf.length}\r\n\r\n`,
      );
      kept.write(leaf);
      expect(await answer).to.match(/^HTTP\/1\.1 201 /m);
      for (const socket of [kept, ...crowd]) socket.destroy();
    });

    it('answers with metrics where it was told to, until it is stopped, and nowhere else', async () => {
      const said = await start(undefined, '--metrics', '127.0.0.1:0');
      const metrics = new URL(/^Metrics at (\S+)$/m.exec(said)?.[1] ?? '');
      expect(metrics.port).to.not.equal(url.port);
      expect((await fetch(new URL('/healthz', url))).status).to.equal(200);
      const text = await (await fetch(metrics)).text();
      expect(text).to.match(/^isal_http_requests_total\{route="\/healthz",method="GET",status="2xx"\} 1$/m);
      expect(text).to.match(/^isal_equivocations_kept 0$/m);
      expect((await fetch(new URL('/metrics', url))).status).to.equal(404);
      child.kill('SIGTERM');
      expect(await ended(child)).to.equal(0);
      const [refused] = await Promise.allSettled([fetch(metrics)]);
      expect(refused.status).to.equal('rejected');
    });

    it('keeps evidence of a number that was used twice, which isal verify takes', async () => {
      await start();
      const submit = async (leaf: Uint8Array): Promise<number> => {
        const headers = { 'content-type': 'application/json' };
        const target = new URL('/api/v1/attestations', url);
        return (await fetch(target, { method: 'POST', headers, body: Buffer.from(leaf) })).status;
      };
      const kept = heard(child.stderr as NodeJS.ReadableStream, '"event":"equivocation"');
      expect(await submit(fixtures.build())).to.equal(201);
      expect(await submit(fixtures.build({ file: 'another' }))).to.equal(409);
      expect(await kept).to.match(
        /"event":"equivocation",.*"source":"builds","seq":1,"index":1,"file":"equi/,
      );
      const evidence = join(directory, 'ledger', 'evidence');
      const [file = ''] = await readdir(evidence);
      const trust = join(directory, 'ledger', 'trust.json');
      const args = ['verify', '--evidence', join(evidence, file), '--trust', trust];
      const judged = spawn(process.execPath, [main, ...args], { stdio: 'pipe' });
      expect(await heard(judged.stdout, 'ANSWER')).to.match(
        /✓ Evidence +equivocation: two contents were signed/,
      );
      expect(await ended(judged)).to.equal(0);
    });

    it('that ends in a write which cannot be trusted is no clean end, also after SIGTERM', async () => {
      await start();
      const leaf = fixtures.build();
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => {});
      const asked = heard(socket, '100 Continue');
      socket.write(
        `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${leaf.length}\r\nExpect: 100-continue\r\n\r\n`,
      );
      await asked;
      // From here on another process could open the database.
      await unlink(join(directory, 'ledger', 'db', 'LOCK'));
      child.kill('SIGTERM');
      await unreachable();
      const answer = heard(socket, '}');
      socket.write(leaf);
      expect(await answer).to.match(/^HTTP\/1\.1 503 /m);
      expect(await ended(child)).to.equal(exitStatus['store-locked']);
      expect(errors).to.contain('"event":"failed"').and.to.contain('code      store-locked');
      expect(errors).to.not.contain('"event":"stopped"');
    });
  });
});
