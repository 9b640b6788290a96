import { expect } from 'chai';
import type { Receipt } from '../../src/ledger/ledger.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Site, appendAll, checkReceipt, genesis, inDirectory, leaves } from './site.ts';

const stores: readonly (readonly [
  string,
  (test: (open: () => Promise<Storage>) => Promise<void>) => Promise<void>,
])[] = [
  ['memory', async (test) => test(async () => new MemoryStorage())],
  ['LevelDB', inDirectory],
];

for (const [name, withStore] of stores) {
  describe(`ledger over ${name}`, () => {
    it('publishes leaf 0 when it is first opened, and then what is appended', () =>
      withStore(async (open) => {
        const site = new Site();
        const ledger = await site.open({ storage: await open() });
        expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
        expect(ledger.authority().leafHash).to.equal(fixtures.leafHashOf(genesis));
        const [leaf] = leaves(1);
        const receipt = await ledger.append(leaf as Uint8Array);
        expect(receipt).to.include({ status: 'new', index: 1 });
        expect(checkReceipt(receipt, leaf as Uint8Array)).to.equal(2);
        expect(await ledger.entry(0)).to.deep.equal(genesis);
        expect(await ledger.entry(1)).to.deep.equal(leaf);
        await ledger.close();
      }));

    it('gives 600 entries from 60 submitters dense indices and receipts that verify', () =>
      withStore(async (open) => {
        const ledger = await new Site().open({ storage: await open() });
        const all = leaves(600);
        const receipts = new Map<Uint8Array, Receipt>();
        await Promise.all(
          Array.from({ length: 60 }, async (_, client) => {
            for (const leaf of all.slice(10 * client, 10 * client + 10))
              receipts.set(leaf, await ledger.append(leaf));
          }),
        );
        for (const [leaf, receipt] of receipts)
          expect(checkReceipt(receipt, leaf)).to.be.above(receipt.index);
        const indices = [...receipts.values()].map(({ index }) => index).toSorted((a, b) => a - b);
        expect(indices).to.deep.equal(Array.from({ length: 600 }, (_, i) => i + 1));
        const again = await appendAll(ledger, all);
        expect(again.map(({ index }) => index)).to.deep.equal(all.map((leaf) => receipts.get(leaf)?.index));
        expect(new Set(again.map(({ status }) => status))).to.deep.equal(new Set(['known']));
        await ledger.close();
      }));
  });
}
