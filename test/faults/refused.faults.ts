import { expect } from 'chai';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { leafKey, tileKey } from '../../src/ledger/store/keys.ts';
import { HttpClient } from './client.ts';
import { ServerProcess, within } from './processes.ts';
import { onSite, type FaultSite } from './site.ts';

/** Few, so that a log which stops at 40 entries is still in its first tile. */
const clients = 32;

/** Serves until this many more entries are acknowledged, one by one by many clients, and ends as an operator ends it. */
async function record(site: FaultSite, count: number): Promise<void> {
  const server = site.serve();
  const load = site.load(3, clients);
  load.start(await server.ready);
  await server.during(site.observer.reaches(site.observer.acks + count));
  await load.stop();
  server.terminate();
  const { status, words } = await within(20_000, 'the end of a server', server.ended);
  expect(status, words).to.equal(0);
}

/** The words with which `isal serve` refuses to start, with exit status 1 and this code. */
async function expectRefusal(site: FaultSite, code: string): Promise<string> {
  const { status, words } = await within(20_000, 'a server that must refuse', site.serve().ended);
  expect(status, words).to.equal(1);
  expect(words).to.include(`code      ${code} (isal explain ${code})`);
  return words;
}

/** Flips one bit of a row behind everybody's back. */
async function flipBit(site: FaultSite, key: Uint8Array): Promise<void> {
  const db = new Level<Uint8Array, Uint8Array>(site.database, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: false,
  });
  const row = await db.get(key);
  if (row === undefined) throw new Error('no such row');
  const changed = row.slice();
  changed[100] = (changed[100] ?? 0) ^ 1;
  await db.put(key, changed, { sync: true });
  await db.close();
}

async function expectAllThere(site: FaultSite): Promise<void> {
  const server = site.serve();
  expect((await site.check(await server.ready)).violations).to.deep.equal([]);
  await server.kill();
}

describe('what isal serve refuses to open', function () {
  this.timeout(60_000);

  it('a database that is older than its anchor, with the way out, which works', () =>
    onSite(async (site) => {
      const old = `${site.database}-old`;
      const newest = `${site.database}-newest`;
      await record(site, 300);
      await cp(site.database, old, { recursive: true });
      await record(site, 300);
      await rename(site.database, newest);
      await rename(old, site.database);
      const words = await expectRefusal(site, 'store-behind-anchor');
      expect(words).to.match(/to go on {2}isal log refill \S+ --from /);
      expect(words).to.match(/expected {2}size \d+, root [0-9a-f]{64}/);

      await rm(site.database, { recursive: true });
      await rename(newest, site.database);
      await expectAllThere(site);
    }));

  it('a missing database under an anchor that has signed', () =>
    onSite(async (site) => {
      await record(site, 50);
      await rm(site.database, { recursive: true });
      const { status, words } = await within(20_000, 'a server that must refuse', site.serve().ended);
      expect(status, words).to.equal(4);
      expect(words).to.include('code      store-missing');
    }));

  it('a missing anchor, with the way out, which works', () =>
    onSite(async (site) => {
      await record(site, 50);
      await rename(site.anchor, `${site.anchor}-away`);
      const words = await expectRefusal(site, 'anchor-missing');
      expect(words).to.match(/put the newest generation files back; .* open a new origin/);
      expect(words).to.match(/to go on {2}isal serve --read-only /);
      await rename(`${site.anchor}-away`, site.anchor);
      await expectAllThere(site);
    }));

  it('a damaged tile that would change the root, and the same store again once the bit is back', () =>
    onSite(async (site) => {
      await record(site, 600);
      await flipBit(site, tileKey(0, 1));
      const words = await expectRefusal(site, 'store-corrupt');
      expect(words).to.match(/to go on {2}isal log refill /);
      await flipBit(site, tileKey(0, 1));
      await expectAllThere(site);
    }));

  it('a damaged leaf at the right edge', () =>
    onSite(async (site) => {
      await record(site, 40);
      await flipBit(site, leafKey(7));
      const words = await expectRefusal(site, 'store-corrupt');
      expect(words).to.match(/do not have the root of its head$/m);
      expect(words).to.match(/to go on {2}isal log refill /);
      await flipBit(site, leafKey(7));
      await expectAllThere(site);
    }));

  it('and a damaged leaf under a full tile is found by its first reader, who is refused: the server stays, also when it is started again, and acknowledges nothing more', () =>
    onSite(async (site) => {
      await record(site, 600);
      await flipBit(site, leafKey(7));
      for (let start = 0; start < 3; start++) {
        const server = start === 0 ? site.serve() : ServerProcess.serveAlone(site.directory);
        const client = new HttpClient(await server.ready);
        expect((await client.get('tile/entries/000')).status).to.equal(503);
        expect((await client.get('tile/entries/001')).status).to.equal(200);
        expect((await client.get('checkpoint')).status).to.equal(200);
        const answer = await site.observer.submit(client, site.leaves.fresh());
        expect(answer).to.include({ status: 503 });
        expect((await client.get('readyz')).status).to.equal(503);
        const health = await client.get('healthz');
        expect([health.status, Buffer.from(health.body).toString()]).to.deep.equal([
          200,
          '{"status":"damaged"}',
        ]);
        client.close();
        server.terminate();
        const { status, words } = await within(20_000, 'the end of a server', server.ended);
        expect(status, words).to.equal(0);
        expect(words).to.include('"event":"damaged"');
      }
      await rm(join(site.database, 'DAMAGED'));
      await flipBit(site, leafKey(7));
      await expectAllThere(site);
    }));
});
