/** `isal verify` takes nothing on the server's word: whatever field of whatever answer is changed. */
import { expect } from 'chai';
import { Random } from '../faults/random.ts';
import { innerChanges, wholeChanges } from './changes.ts';
import { Liars } from './lies.ts';

/** Of each answer, and four times as many of one on which all else rests: as many as fit into a quick run; the long one (answers.faults.ts) makes every change. */
const sampled = 5;
const allRestsOn = /^checkpoint$|^api\/v1\/artifacts\//;

describe('isal verify against a server that lies', function () {
  this.timeout(60_000);
  const random = new Random(6);
  let liars: Liars;
  before(async () => {
    liars = await Liars.open();
  });
  after(() => liars.close());

  for (const scenario of Liars.scenarios) {
    it(`says no better of ${scenario.name}, whatever is changed in one answer`, async () => {
      const { pool } = liars;
      let count = 0;
      for (const [path, honest] of await liars.replies(scenario)) {
        const changes = [...wholeChanges(honest, pool), ...innerChanges(path, honest, pool)];
        for (let left = allRestsOn.test(path) ? 4 * sampled : sampled; left > 0; left--) {
          const [change] = changes.splice(random.below(changes.length), 1);
          if (change === undefined) break;
          const better = await liars.better(scenario, new Map([[path, change.reply]]));
          expect(better, `${path}: ${change.name}`).to.deep.equal([]);
          count++;
        }
      }
      expect(count).to.be.greaterThan(2 * sampled);
    });
  }

  it('would notice: by the truth about another file, the honest answers are lies', async () => {
    const [recorded, , stranger] = Liars.scenarios;
    const better = await liars.better({ ...recorded!, name: stranger!.name }, new Map());
    expect(better.join('\n')).to.contain('untrue at size 10').and.to.contain('proven at size 10');
  });
});
