/** The log's keys in a process of their own: what a core dump shows, and what the loss of that process leaves. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { hashLeaf } from '#sha256';
import { toHex } from '../../src/bytes.ts';
import { Random } from '../random.ts';
import { readEntries } from './checker.ts';
import { HttpClient } from './client.ts';
import { childrenOf, runs, secretsIn, shownBy } from './memory.ts';
import { ServerProcess, startBroken, within, type Ended } from './processes.ts';
import { onSite, type FaultSite } from './site.ts';

/** A long run takes more of them: ISAL_KILLS=200 npm run test:faults. */
const kills = Number(process.env['ISAL_KILLS'] ?? 3);
const seed = 10;

const keyFiles = ['log-ed25519.key', 'log-mldsa44.key'];

/** What each process shows of the keys of the log. */
async function shownOf(site: FaultSite, pids: readonly number[]): Promise<string[][]> {
  const secrets = new Map<string, Buffer>();
  for (const file of keyFiles) {
    const text = await readFile(join(site.directory, 'keys', file), 'utf8');
    for (const [name, secret] of secretsIn(text)) secrets.set(`${file}: ${name}`, secret);
  }
  return Promise.all(pids.map((pid) => shownBy(pid, secrets)));
}

async function underLoad(site: FaultSite, server: ServerProcess, acks: number): Promise<void> {
  const load = site.load(seed);
  load.start(await server.ready);
  await server.during(site.observer.reaches(site.observer.acks + acks));
  await load.abandon();
}

async function signerOf(server: ServerProcess): Promise<number> {
  const children = await childrenOf(server.pid);
  expect(children, 'the processes that the server has started').to.have.length(1);
  return children[0] ?? 0;
}

function expectLost({ status, words }: Ended): void {
  expect(words).to.contain('signer-lost');
  expect(status).to.equal(5);
}

describe('the log’s keys', function () {
  this.timeout(120_000);

  it('are in no page of the server’s memory; the signer’s has them, and so had that of a server with both in one', () =>
    onSite(async (site) => {
      const server = site.serve();
      await underLoad(site, server, 300);
      const signer = await signerOf(server);
      const [ofServer, ofSigner] = await shownOf(site, [server.pid, signer]);
      expect(ofServer).to.deep.equal([]);
      for (const file of keyFiles) expect(ofSigner).to.include(`${file}: seed`);
      // Linux leaves the memory of the signer out of a core dump.
      expect((await readFile(`/proc/${signer}/coredump_filter`, 'utf8')).trim()).to.match(/^0+$/);
      await server.kill();

      const both = startBroken(site.directory, []);
      await underLoad(site, both, 300);
      const [ofBoth] = await shownOf(site, [both.pid]);
      for (const file of keyFiles) expect(ofBoth).to.include(`${file}: seed`);
      console.log(
        `      the server: ${ofServer?.length ?? 0} secrets; the signer: ${ofSigner?.join(', ') ?? ''}`,
      );
      console.log(`      both in one process: ${ofBoth?.length ?? 0}`);
    }));
});

describe(`kill -9 of the signer under load, ${kills} times (seed ${seed})`, function () {
  this.timeout(60_000 + kills * 10_000);

  it('ends the server with a code, and leaves everything acknowledged provable', () =>
    onSite(async (site) => {
      const random = new Random(seed);
      const load = site.load(seed);
      let server = site.serve();
      load.start(await server.ready);
      for (let kill = 1; kill <= kills; kill++) {
        await server.during(site.observer.reaches(site.observer.acks + 1 + random.below(400)));
        process.kill(await signerOf(server), 'SIGKILL');
        expectLost(await within(10_000, 'the end of a server without a signer', server.ended));
        load.pause();
        server = site.serve();
        const url = await server.ready;
        const report = await site.check(url);
        expect(report.violations, `after kill ${kill}`).to.deep.equal([]);
        expect(report.size).to.be.above(report.acknowledged);
        load.resume(url);
      }
      await load.stop();
      // Who waits when the signer goes is told so, if the answer still gets out.
      const odd = load.unexpected.filter((told) => !/^503 .*"signer-lost"/.test(told));
      expect(odd).to.deep.equal([]);
      const report = await site.check(await server.ready);
      expect(report.violations).to.deep.equal([]);
      console.log(
        `      ${report.acknowledged} entries acknowledged, ${report.checkpoints} checkpoints seen`,
      );
    }));

  it('ends a server that is idle, too', () =>
    onSite(async (site) => {
      const server = site.serve();
      await server.ready;
      process.kill(await signerOf(server), 'SIGKILL');
      expectLost(await within(10_000, 'the end of a server without a signer', server.ended));
    }));
});

describe('a signer that the server has started', function () {
  this.timeout(60_000);

  it('ends when the server is killed, and is not left behind', () =>
    onSite(async (site) => {
      for (let round = 0; round < 3; round++) {
        const server = site.serve();
        await underLoad(site, server, 50);
        const signer = await signerOf(server);
        // Resolves when all have closed what the server's standard error was.
        await server.kill();
        expect(await runs(signer)).to.equal(false);
      }
    }));

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`outlives a ${signal} to the whole group, until everything accepted is signed and answered`, () =>
      onSite(async (site) => {
        const server = ServerProcess.serveInGroup(site.directory);
        const load = site.load(seed);
        load.start(await server.ready);
        await server.during(site.observer.reaches(300));
        server.tellGroup(signal);
        const { status, words } = await within(40_000, 'a clean shutdown', server.ended);
        expect(status, words).to.equal(0);
        await load.abandon();
        const again = site.serve();
        const url = await again.ready;
        const report = await site.check(url);
        expect(report.violations).to.deep.equal([]);
        const client = new HttpClient(url);
        const leaves = (await readEntries(client, report.size)).slice(1);
        client.close();
        const hashes = leaves.map((leaf) => toHex(hashLeaf(leaf)));
        expect(hashes.filter((hash) => !site.observer.acknowledged.has(hash))).to.deep.equal([]);
      }));
  }
});

describe('a signer that runs on its own', function () {
  this.timeout(120_000);

  it('signs for one server at a time, and for the next when that was killed', () =>
    onSite(async (site) => {
      const socket = join(site.root, 'signer.sock');
      const signer = ServerProcess.signer(site.directory, socket);
      await signer.ready;
      expect((await stat(socket)).mode & 0o777).to.equal(0o600);
      const load = site.load(seed);
      let server = site.serve(['--signer', socket]);
      load.start(await server.ready);
      await server.during(site.observer.reaches(200));
      const second = await site.serve(['--signer', socket]).ended;
      expect(second.words).to.contain('store-locked');
      expect(second.status).to.equal(4);
      expect(await childrenOf(server.pid)).to.deep.equal([]);
      for (let kill = 1; kill <= 3; kill++) {
        await server.during(site.observer.reaches(site.observer.acks + 100));
        await server.kill();
        load.pause();
        server = site.serve(['--signer', socket]);
        const url = await server.ready;
        expect((await site.check(url)).violations, `after kill ${kill}`).to.deep.equal([]);
        load.resume(url);
      }
      await server.during(site.observer.reaches(site.observer.acks + 100));
      await load.stop();
      server.terminate();
      expect((await server.ended).status).to.equal(0);
      signer.terminate();
      expect((await signer.ended).status).to.equal(0);
    }));

  it('takes its server along when it is killed, and both come back in any order', () =>
    onSite(async (site) => {
      const socket = join(site.root, 'signer.sock');
      const signer = ServerProcess.signer(site.directory, socket);
      await signer.ready;
      const server = site.serve(['--signer', socket]);
      const load = site.load(seed);
      load.start(await server.ready);
      await server.during(site.observer.reaches(200));
      await signer.kill();
      expectLost(await within(10_000, 'the end of a server without a signer', server.ended));
      await load.abandon();
      // The socket is still there, and nobody answers.
      expectLost(await site.serve(['--signer', socket]).ended);
      await ServerProcess.signer(site.directory, socket).ready;
      const report = await site.check(await site.serve(['--signer', socket]).ready);
      expect(report.violations).to.deep.equal([]);
    }));

  it('of another ledger is refused', () =>
    onSite((site) =>
      onSite(async (other) => {
        const socket = join(other.root, 'signer.sock');
        await ServerProcess.signer(other.directory, socket).ready;
        const { status, words } = await site.serve(['--signer', socket]).ended;
        expect(words).to.contain('bad-key');
        expect(status).to.equal(4);
      }),
    ));
});
