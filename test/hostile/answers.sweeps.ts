/** `isal verify` takes nothing on the server's word: whatever field of whatever answer is changed. */
import { expect } from 'chai';
import type { Extent } from '../extent.ts';
import type { Reply } from './answers.ts';
import { innerChanges, wholeChanges } from './changes.ts';
import type { Change, Pool } from './changes.ts';
import { Liars } from './lies.ts';

/** Those answers on which all else rests are changed more often than others. */
const allRestsOn = /^checkpoint$|^api\/v1\/artifacts\//;

function* changesOf(path: string, honest: Reply, pool: Pool): Generator<Change> {
  yield* wholeChanges(honest, pool);
  yield* innerChanges(path, honest, pool);
}

/** Registers them as a suite. */
export function sweepAnswers({ name, cases, upTo, random }: Extent): void {
  describe(`isal verify against a server that lies, ${name}`, function () {
    this.timeout(upTo(3_600_000, 60_000));
    let liars: Liars;
    let pool: Pool;
    before(async () => {
      liars = await Liars.open();
      ({ pool } = liars);
    });
    after(() => liars.close());

    for (const scenario of Liars.scenarios) {
      it(`says no better of ${scenario.name}, whatever is changed in one answer`, async () => {
        for (const [path, honest] of await liars.replies(scenario)) {
          const all = changesOf(path, honest, pool);
          let count = 0;
          for (const change of cases(all, allRestsOn.test(path) ? 8 : 2, `${scenario.name} ${path}`)) {
            const better = await liars.better(scenario, new Map([[path, change.reply]]));
            expect(better, `${path}: ${change.name}`).to.deep.equal([]);
            count++;
          }
          expect(count, path).to.be.greaterThan(1);
        }
      });

      it(`says no better of ${scenario.name}, whatever is changed in three answers`, async () => {
        const all = [...(await liars.replies(scenario))].map(
          ([path, honest]) => [path, [...changesOf(path, honest, pool)]] as const,
        );
        const draw = random();
        for (let left = upTo(1_000, 3); left > 0; left--) {
          const chosen = [0, 0, 0].map(() => {
            const [path, changes] = all[draw.below(all.length)]!;
            return [path, changes[draw.below(changes.length)]!] as const;
          });
          const lies = new Map(chosen.map(([path, { reply }]) => [path, reply]));
          const names = chosen.map(([path, change]) => `${path}: ${change.name}`);
          expect(await liars.better(scenario, lies), names.join('; ')).to.deep.equal([]);
        }
      });
    }

    it('would notice: by the truth about another file, the honest answers are lies', async () => {
      const [recorded, , stranger] = Liars.scenarios;
      const better = await liars.better({ ...recorded!, name: stranger!.name }, new Map());
      expect(better.join('\n')).to.contain('untrue at size 10').and.to.contain('proven at size 10');
    });
  });
}
