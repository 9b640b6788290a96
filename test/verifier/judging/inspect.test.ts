import { expect } from 'chai';
import { inspectEntries } from '../../../src/verifier/judging/inspect.ts';
import { verifyBundle } from '../../../src/verifier/judging/verify-bundle.ts';
import { computedMs } from '../../cpu.ts';
import { databaseUpdate, digest, genesis } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';

const state = (at: number) => ({ version: `v${at % 2}`, result: { sha256: digest(`state ${at % 2}`) } });

/** To and fro between two states, which is the most that updates can have to do with each other. */
function toggled(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    databaseUpdate({
      seq: at + 1,
      change: (statement) => {
        Object.assign(statement.predicate, state(at), {
          kind: at === 0 ? 'full' : 'rollback',
          previous: at === 0 ? null : state(at - 1),
        });
        statement.subject = [{ digest: state(at).result }];
      },
    }),
  );
}

describe('what a bundle holds', () => {
  it('is told of the last of many updates, in a time that grows with them', async () => {
    const log = new SampleLog([genesis(), ...toggled(400)]);
    const bundle = await log.bundle([...log.leaves.keys()].slice(1));
    const { walk, summary } = verifyBundle({ bundle, trust: log.trust() });
    const began = computedMs();
    const inspected = inspectEntries(walk, summary);
    expect(computedMs() - began, 'milliseconds of work').to.be.below(2_000);
    expect(inspected.map(({ entry }) => entry.index)).to.deep.equal([400]);
    const chain = inspected[0]?.hops.find(({ hop }) => hop === 'chain');
    expect(chain).to.deep.include({ end: 'first', version: 'v0', updates: 400, index: 1 });
  });
});
