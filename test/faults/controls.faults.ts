import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { Anchor } from '../../src/cosigner/anchor.ts';
import { openLevel } from '../../src/storage/level.ts';
import type { Invariant, Report } from './checker.ts';
import { startBroken } from './processes.ts';
import { onSite, type FaultSite } from './site.ts';

const seed = 7;
const reason = {
  lost: /^leaf [0-9a-f]{64} was acknowledged at index \d+: the log has \d+ entries$/,
  replaced: /^leaf [0-9a-f]{64} was acknowledged at index \d+: another leaf is there$/,
  early: /^index \d+ was acknowledged, and then size \d+ was served$/,
  smaller: /^size \d+ had been seen, the newest checkpoint has \d+$/,
  shrank: /^size \d+ after size \d+ had been seen$/,
  forked: /^(the checkpoint seen at size \d+ is not of this history|two roots at size \d+)$/,
};

/** Serves under load until `acks` more are acknowledged, and then crashes. */
async function crash(site: FaultSite, faults: readonly string[], acks: number): Promise<void> {
  const server = startBroken(site.directory, faults);
  const load = site.load(seed);
  load.start(await server.ready);
  await server.during(site.observer.reaches(site.observer.acks + acks));
  await server.kill();
  await load.abandon();
}

async function checkWith(site: FaultSite, faults: readonly string[]): Promise<Report> {
  const server = startBroken(site.directory, faults);
  try {
    return await site.check(await server.ready);
  } finally {
    await server.kill();
  }
}

/** Asserts that these invariants are violated and no other, and for reasons of these kinds. */
function expectViolations(report: Report, expected: Partial<Record<Invariant, readonly RegExp[]>>): void {
  const found = new Set(report.violations.map(({ invariant }) => invariant));
  expect([...found].toSorted(), JSON.stringify(report)).to.deep.equal(Object.keys(expected).toSorted());
  for (const name of found) {
    const shown = report.violations.find(({ invariant }) => invariant === name);
    console.log(`      ${name}: ${shown?.reason.replace(/([0-9a-f]{8})[0-9a-f]{56}/, '$1…') ?? ''}`);
  }
  for (const { invariant, reason: text } of report.violations) {
    expect(
      expected[invariant]?.some((kind) => kind.test(text)),
      text,
    ).to.equal(true);
  }
}

describe('a server that is broken on purpose', function () {
  this.timeout(60_000);

  it('is no different from isal serve while nothing in it is broken', () =>
    onSite(async (site) => {
      await crash(site, [], 600);
      expectViolations(await checkWith(site, []), {});
    }));

  it('that drops unsynced writes is refused by its anchor, and without it has lost what it acknowledged (I1, I2)', () =>
    onSite(async (site) => {
      await crash(site, ['lagging'], 1000);
      const { status, words } = await site.serve().ended;
      expect(status).to.equal(1);
      expect(words).to.include('store-behind-anchor');

      // What an operator would do who thinks the anchor in the way.
      const storage = await openLevel(site.database, { create: false });
      const head = await storage.head();
      await storage.close();
      await rm(site.anchor, { recursive: true });
      if (head !== undefined) await Anchor.create(site.anchor, head);
      const server = site.serve();
      expectViolations(await site.check(await server.ready), { I1: [reason.lost], I2: [reason.smaller] });
    }));

  it('that acknowledges before it publishes is seen while it runs (I1, and so I2)', () =>
    onSite(async (site) => {
      const server = startBroken(site.directory, ['eager']);
      const load = site.load(seed);
      load.start(await server.ready);
      await server.during(site.observer.reaches(600));
      await load.stop();
      const report = await site.check(await server.ready);
      expectViolations(report, {
        I1: [reason.early, reason.lost],
        I2: [reason.shrank, reason.smaller],
      });
      await server.kill();
    }));

  it('that forgets its anchor and loses writes signs a second history (I1, I2)', () =>
    onSite(async (site) => {
      await crash(site, ['lagging', 'forgetful'], 1000);
      await crash(site, ['lagging', 'forgetful'], 1000);
      const report = await checkWith(site, ['forgetful']);
      expectViolations(report, {
        I1: [reason.lost, reason.replaced, reason.early],
        I2: [reason.forked, reason.shrank, reason.smaller],
      });
      const forks = report.violations.filter(({ reason: text }) => reason.forked.test(text));
      expect(forks, JSON.stringify(report.violations)).to.not.deep.equal([]);
    }));
});
