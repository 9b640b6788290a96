import { expect } from 'chai';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HttpClient } from './client.ts';
import { startBroken, within, type Ended, type ServerProcess } from './processes.ts';
import { Random } from '../random.ts';
import { onSite, type FaultSite } from './site.ts';

const seed = 11;

/** What a writer says that has found another one. */
const givesWay = /code {6}(store-locked|anchor-taken) /;

/** Resolves with the status of a server that must end; never by a signal. */
async function expectEnd(server: ServerProcess): Promise<Ended> {
  const ended = await within(20_000, 'the end of a server', server.ended);
  expect(ended.status, ended.words).to.be.oneOf([1, 4]);
  return ended;
}

/** Nothing that either of two writers acknowledged is lost, by a server that neither of them was. */
async function expectNothingLost(site: FaultSite): Promise<void> {
  const server = site.serve();
  const report = await site.check(await server.ready);
  expect(report.violations).to.deep.equal([]);
  await server.kill();
}

describe('two servers on one data directory', function () {
  this.timeout(120_000);

  it('the second is refused with the reason, and the first goes on under load', () =>
    onSite(async (site) => {
      const first = site.serve();
      const load = site.load(seed);
      load.start(await first.ready);
      await first.during(site.observer.reaches(100));
      for (let i = 0; i < 3; i++) {
        const { status, words } = await within(20_000, 'the second server', site.serve().ended);
        expect(status, words).to.equal(4);
        expect(words).to.match(/another process \(\d+\) has the database in .* open; stop it first/);
        expect(words).to.include('code      store-locked');
      }
      // It still appends: nothing that the second one did has stopped it.
      await first.during(site.observer.reaches(site.observer.acks + 300));
      await load.stop();
      expect(load.refusals).to.deep.equal(new Map());
      await first.kill();
      await expectNothingLost(site);
    }));

  it('with the lock file deleted under a first one that appends, at most one goes on and nothing is lost', () =>
    onSite(async (site) => {
      const random = new Random(seed);
      const load = site.load(seed);
      let first = site.serve();
      load.start(await first.ready);
      const outcomes: string[] = [];
      for (let round = 0; round < 4; round++) {
        await first.during(site.observer.reaches(site.observer.acks + 100 + random.below(200)));
        // In two rounds the second one is loaded already and opens in the same moment.
        const atOnce = round % 2 === 0;
        const second = atOnce ? startBroken(site.directory, ['waiting']) : undefined;
        if (second !== undefined) await second.waiting;
        await unlink(join(site.database, 'LOCK'));
        second?.tell('open');
        const other = second ?? site.serve();
        const went = await other.ready.then(
          () => 'the second went on',
          () => 'neither went on',
        );
        const { words } = await expectEnd(first);
        expect(words).to.match(givesWay);
        load.pause();
        outcomes.push(went);
        if (went === 'neither went on') expect((await expectEnd(other)).words).to.match(/code {6}[a-z-]+/);
        // Whichever went on, it appends; then a third one must find everything.
        if (went === 'the second went on') {
          load.resume(await other.ready);
          await other.during(site.observer.reaches(site.observer.acks + 200));
        }
        await other.kill();
        load.pause();
        first = site.serve();
        const url = await first.ready;
        expect((await site.check(url)).violations).to.deep.equal([]);
        load.resume(url);
      }
      await load.stop();
      expect(load.unexpected).to.deep.equal([]);
      await first.kill();
      await expectNothingLost(site);
      console.log(`      ${outcomes.join(', ')}`);
    }));

  it('with the lock file deleted under a first one that is idle, the first stops at its next entry, unanswered', () =>
    onSite(async (site) => {
      const { observer, leaves } = site;
      const first = site.serve();
      const before = new HttpClient(await first.ready);
      expect((await observer.submit(before, leaves.fresh())).status).to.equal(201);
      await unlink(join(site.database, 'LOCK'));
      const second = site.serve();
      const after = new HttpClient(await second.ready);
      expect((await observer.submit(after, leaves.fresh())).status).to.equal(201);

      const refused = await observer.submit(before, leaves.fresh());
      expect(refused).to.include({ status: 503, code: 'store-locked' });
      const { status, words } = await expectEnd(first);
      expect(status).to.equal(4);
      expect(words).to.include('another process may have opened the database');

      expect((await observer.submit(after, leaves.fresh())).status).to.equal(201);
      expect((await site.check(await second.ready)).violations).to.deep.equal([]);
      await second.kill();
      await expectNothingLost(site);
      before.close();
      after.close();
    }));
});
