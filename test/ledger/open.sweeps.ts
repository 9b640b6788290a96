/** A ledger that is closed and opened again, whatever its size. */
import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { genesisCommit, openGenesis } from '../../src/ledger/genesis.ts';
import { recover } from '../../src/ledger/open.ts';
import { leafKey, tileKey } from '../../src/ledger/store/keys.ts';
import { grow } from '../../src/ledger/store/tree.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Row } from '../../src/storage/storage.ts';
import { hashLeaf, type Hash } from '../../src/tlog/hash.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { range, type Extent } from '../extent.ts';
import { mth } from '../reference.ts';
import { Site, appendAll, genesis, leaves, origin } from './site.ts';

const largest = 300;

/** Registers them as a suite. */
export function sweepOpening({ name, cases, upTo }: Extent): void {
  // Where the tree gets a tile on another level.
  const around = upTo(256 ** 2, 256);

  describe(`opening again, ${name}`, () => {
    it('finds the same tree at every size from 1 to 300, and goes on from it', async () => {
      const site = new Site();
      const entries = [genesis, ...leaves(largest)];
      let grown = 1;
      for (const size of cases(range(1, largest), 30)) {
        if (grown < size) {
          const growing = await site.open();
          await appendAll(growing, entries.slice(grown, size));
          await growing.close();
        }
        const ledger = await site.open();
        const root = mth(entries.slice(0, size));
        expect(ledger.checkpoint()?.checkpoint).to.deep.include({ size, root });
        expect((await ledger.append(entries[size] as Uint8Array)).index).to.equal(size);
        grown = size + 1;
        await ledger.close();
      }
    });

    it(`rebuilds the right edge around ${around} entries from tiles alone`, async () => {
      const start = openGenesis(genesis, origin);
      const first = genesisCommit(start);
      const image = new MemoryImage();
      const storage = new MemoryStorage(image);
      await storage.commit({ puts: first.rows }, undefined, first.tree);
      let { committed } = await recover({ storage, anchor: { head: first.tree }, genesis: start, keys: [] });
      const reference = RightEdge.empty();
      reference.append(hashLeaf(genesis));
      for (const target of [around - 1, around, around + 1, around + 257]) {
        const rows: Row[] = [];
        const hashes: Hash[] = [];
        for (let index = committed.tree.size; index < target; index++) {
          const leaf = utf8(`leaf ${index}`);
          rows.push([leafKey(index), leaf]);
          hashes.push(hashLeaf(leaf));
          reference.append(hashLeaf(leaf));
        }
        const { tree, full } = grow(committed.tree, hashes);
        for (const { level, index, tile } of full) rows.push([tileKey(level, index), tile.bytes()]);
        await storage.commit({ puts: rows }, committed.tree, tree);
        const recovered = await recover({ storage, anchor: { head: tree }, genesis: start, keys: [] });
        expect(recovered.committed.tree.root).to.deep.equal(reference.root());
        expect(recovered.committed.tree.tiles.map((tile) => tile.map((nodes) => nodes.length))).to.deep.equal(
          tree.tiles.map((tile) => tile.map((nodes) => nodes.length)),
        );
        ({ committed } = recovered);
      }
    });
  });
}
