import { expect } from 'chai';
import { hashLeaf } from '#sha256';
import { toHex } from '../../src/bytes.ts';
import { readEntries } from './checker.ts';
import { HttpClient } from './client.ts';
import { within, type ServerProcess } from './processes.ts';
import { Random } from '../random.ts';
import { onSite, type FaultSite } from './site.ts';

const rounds = 5;
const seed = 5;

/** SIGTERM, and an exit with status 0 after everything accepted is answered. */
async function terminate(server: ServerProcess): Promise<void> {
  server.terminate();
  const { status, words } = await within(40_000, 'a clean shutdown', server.ended);
  expect(status, words).to.equal(0);
}

/** Leaf hashes of the entries that nobody was ever answered for; leaf 0 is nobody's. */
async function unanswered(site: FaultSite, url: string, size: number): Promise<string[]> {
  const client = new HttpClient(url);
  try {
    const hashes = (await readEntries(client, size)).slice(1).map((leaf) => toHex(hashLeaf(leaf)));
    return hashes.filter((leafHash) => !site.observer.acknowledged.has(leafHash));
  } finally {
    client.close();
  }
}

describe(`SIGTERM under load, ${rounds} times (seed ${seed})`, function () {
  this.timeout(120_000);

  it('everything answered is published, and everything recorded was answered', () =>
    onSite(async (site) => {
      const random = new Random(seed);
      const load = site.load(seed);
      let server = site.serve();
      load.start(await server.ready);
      for (let round = 0; round < rounds; round++) {
        await server.during(site.observer.reaches(site.observer.acks + 50 + random.below(400)));
        await terminate(server);
        load.pause();
        server = site.serve();
        const url = await server.ready;
        const report = await site.check(url);
        expect(report.violations, `round ${round}`).to.deep.equal([]);
        expect(await unanswered(site, url, report.size), `round ${round}`).to.deep.equal([]);
        load.resume(url);
      }
      await load.stop();
      expect(load.unexpected).to.deep.equal([]);
      await terminate(server);
    }));

  it('a ledger with leaf 0 alone ends at once and comes back', () =>
    onSite(async (site) => {
      const first = site.serve();
      await first.ready;
      await terminate(first);
      const second = site.serve();
      const report = await site.check(await second.ready);
      expect(report).to.deep.include({ size: 1, violations: [] });
      await terminate(second);
    }));
});
