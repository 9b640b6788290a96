import { expect } from 'chai';
import { readyWithinMs, type ServerProcess } from './processes.ts';
import { Random } from '../random.ts';
import { onSite } from './site.ts';

/** A long run takes more of them, or other moments: ISAL_KILLS=200 ISAL_SEED=2 npm run test:faults. */
const kills = Number(process.env['ISAL_KILLS'] ?? 20);
const seed = Number(process.env['ISAL_SEED'] ?? 20_261_122);

/** Lets the event loop turn for a chosen time: the moment of a crash, not a wait for anything. */
async function moment(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe(`kill -9 under load, ${kills} times (seed ${seed})`, function () {
  this.timeout(60_000 + kills * 10_000);

  it('leaves everything acknowledged provable and every checkpoint consistent with the newest', () =>
    onSite(async (site) => {
      const random = new Random(seed);
      const load = site.load(seed);
      let slowest = 0;
      let server: ServerProcess = site.serve();
      load.start(await server.ready);
      for (let kill = 1; kill <= kills; kill++) {
        await server.during(site.observer.reaches(site.observer.acks + 1 + random.below(600)));
        await moment(random.below(20));
        await server.kill();
        load.pause();
        // Every fifth crash is followed by another one while the server recovers.
        if (kill % 5 === 0) {
          const recovering = site.serve();
          await moment(random.below(700));
          await recovering.kill();
        }
        server = site.serve();
        const url = await server.ready;
        slowest = Math.max(slowest, server.readyMs);
        const report = await site.check(url);
        expect(report.violations, `after kill ${kill}`).to.deep.equal([]);
        expect(report.size).to.be.above(report.acknowledged);
        load.resume(url);
      }
      await load.stop();
      const report = await site.check(await server.ready);
      expect(report.violations).to.deep.equal([]);
      expect(load.unexpected).to.deep.equal([]);
      expect(slowest, 'I6').to.be.below(readyWithinMs);
      console.log(
        `      ${report.acknowledged} entries acknowledged, ${report.checkpoints} checkpoints seen, ` +
          `${load.refusals.get('none') ?? 0} requests cut off, slowest restart ${Math.round(slowest)} ms`,
      );
    }));
});
