import { expect } from 'chai';
import { bundleFrom } from '../../../src/verifier/collecting/source.ts';
import type { LedgerView } from '../../../src/verifier/collecting/source.ts';
import { build, correction, dataAccess, genesis, leafHashOf } from '../../fixtures/attestations.ts';
import { ledgerOf } from '../sample-ledger.ts';
import { SampleLog } from '../sample-log.ts';

const made = build({ seq: 1 });
const log = new SampleLog([genesis(), made, dataAccess(), correction({ target: leafHashOf(made) })]);

/** The ledger as of a size, whatever it has recorded since. */
async function asked(size: number, found: readonly number[], view: LedgerView = ledgerOf(log).at(size)) {
  const checkpoint = await log.note({ size });
  return bundleFrom({ view, checkpoint, size, trust: log.trust(), found: { indices: found } });
}

describe('the bundle that the answers of a ledger come to', () => {
  it('holds the leaves that are known to be wanted, and all that these rest on', async () => {
    const { bundle, all } = await asked(4, [3]);
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1, 3]);
    expect(all).to.equal(true);
  });

  it('asks for nothing that was recorded after its checkpoint', async () => {
    const { bundle } = await asked(3, [1, 3]);
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 1]);
  });

  it('names the newest authority document only where that is in its tree', async () => {
    const view = ledgerOf(log).at(3);
    const later = { ...view, authority: () => Promise.resolve({ leafHash: leafHashOf(made), index: 9 }) };
    const { bundle } = await asked(3, [2], later);
    expect(bundle.leaves.map(({ index }) => index)).to.deep.equal([0, 2]);
  });
});
