import { expect } from 'chai';
import fc from 'fast-check';
import { judgedChain } from '../../../src/verifier/answering/chains.ts';
import { wayPoint } from '../../../src/verifier/answering/update-points.ts';
import { replay } from '../../../src/verifier/folds/replay.ts';
import { UpdateChains, wholeUpdate } from '../../../src/verifier/folds/update-chain.ts';
import { historyOf } from '../../../src/verifier/folds/update-history.ts';
import { databaseUpdate, genesis } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import { hopsNamed, replayedVerdict } from '../supervised-log.ts';
import { applied, plans, statementOf } from '../folds/update-plans.ts';
import { seed } from '../../extent.ts';

async function* leavesOf(log: SampleLog) {
  for (const [index, leaf] of log.leaves.entries()) yield { index, leaf };
}

const severity = ['proven', 'not-shown', 'contradicted'];

describe('the questions about one chain of updates', () => {
  it('are answered by one judge: update chain, update show and verify --replay never disagree', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(plans, fc.nat(6), async (plan, chosen) => {
        const leaves = plan.map((step, at) => databaseUpdate({ seq: at + 1, change: applied(step) }));
        const log = new SampleLog([genesis(), ...leaves]);
        const fold = new UpdateChains({ family: 'threats', fields: wholeUpdate });
        await replay({
          size: log.size,
          root: await log.root(),
          leaves: leavesOf(log),
          trust: log.trust(),
          folds: [fold],
        });
        const chains = fold.result();
        expect(chains).to.have.length(1);
        for (const chain of chains) {
          const judged = judgedChain(chain);
          const ways = chain.updates.map((update) => wayPoint(historyOf(chain, update), new Set()));
          // The chain as a whole is the worst of the ways behind its updates.
          const worst = Math.max(...ways.map(({ mark }) => severity.indexOf(mark)));
          expect(judged.mark).to.equal(severity[worst]);
          const own = chosen % plan.length;
          const step = plan[own];
          const way = ways[own];
          if (step === undefined || way === undefined) throw new Error('no such update');
          const verdict = await replayedVerdict(log, [own + 1], statementOf(step, own).predicate.result);
          const [hop, ...more] = hopsNamed(verdict, 'chain').filter(({ entry }) => entry === own + 1);
          expect(more).to.deep.equal([]);
          expect([hop?.mark, hop?.qualified]).to.deep.equal([way.mark, way.qualified]);
          seen.add(`${way.mark}${way.qualified === true ? ' !' : ''}`);
        }
      }),
      { numRuns: 60, seed },
    );
    expect([...seen]).to.include.members(['proven', 'contradicted', 'not-shown']);
  });
});
