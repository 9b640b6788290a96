/** What test/hostile/answers.test.ts does for a sample: every change of every answer, and pairs of them. */
import { expect } from 'chai';
import { innerChanges, wholeChanges } from '../hostile/changes.ts';
import type { Change } from '../hostile/changes.ts';
import { Liars } from '../hostile/lies.ts';
import { Random } from './random.ts';

const pairs = 1_000;

describe('isal verify against a server that lies in any way', function () {
  this.timeout(3_600_000);
  const random = new Random(Number(process.env['SEED'] ?? 6));
  let liars: Liars;
  before(async () => {
    liars = await Liars.open();
  });
  after(() => liars.close());

  for (const scenario of Liars.scenarios) {
    it(`says no better of ${scenario.name}`, async () => {
      const { pool } = liars;
      const all: (readonly [path: string, change: Change])[] = [];
      for (const [path, honest] of await liars.replies(scenario)) {
        for (const change of wholeChanges(honest, pool)) all.push([path, change]);
        for (const change of innerChanges(path, honest, pool)) all.push([path, change]);
      }
      for (const [path, change] of all) {
        const better = await liars.better(scenario, new Map([[path, change.reply]]));
        expect(better, `${path}: ${change.name}`).to.deep.equal([]);
      }
      for (let left = pairs; left > 0; left--) {
        const chosen = [0, 0, 0].map(() => all[random.below(all.length)]!);
        const better = await liars.better(
          scenario,
          new Map(chosen.map(([path, change]) => [path, change.reply])),
        );
        expect(better, chosen.map(([path, { name }]) => `${path}: ${name}`).join('; ')).to.deep.equal([]);
      }
    });
  }
});
