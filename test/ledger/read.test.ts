import { expect } from 'chai';
import { concat, fromHex } from '../../src/bytes.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { leafHashKey, leafKey, searchKey, searchPrefix, tileKey } from '../../src/ledger/store/keys.ts';
import { parseEntryBundle } from '../../src/tlog/bundle.ts';
import { verifyConsistency } from '../../src/tlog/consistency.ts';
import { hashLeaf, type Hash } from '../../src/tlog/hash.ts';
import { verifyInclusion } from '../../src/tlog/inclusion.ts';
import { tileWidthAt, tilesForSize } from '../../src/tlog/tile.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { mthOfLeafHashes, path, proof } from '../reference.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { GatedAnchor, GatedStorage } from './faulty.ts';
import {
  MemoryAnchor,
  Site,
  appendAll,
  changeRow,
  copyOf,
  flip,
  genesis,
  leaves,
  refusal,
  until,
} from './site.ts';

const sizes = [1, 2, 255, 256, 257, 511, 512, 513];

/** Appends until there are `size` entries. */
async function growTo(ledger: Ledger, size: number): Promise<void> {
  await appendAll(ledger, leaves(size - 1).slice(ledger.health().committedSize - 1));
}

/** Every entry, by its index. */
async function entriesOf(ledger: Ledger): Promise<Uint8Array[]> {
  const size = ledger.checkpoint()?.checkpoint.size ?? 0;
  return Promise.all(Array.from({ length: size }, (_, index) => ledger.entry(index)));
}

describe('reading around full tiles', () => {
  const site = new Site();
  let ledger: Ledger;

  before(async () => {
    ledger = await site.open();
  });

  after(() => ledger.close());

  for (const size of sizes) {
    it(`serves every tile, bundle and proof of size ${size} as the reference makes them, warm and cold`, async () => {
      await growTo(ledger, size);
      for (const reopen of [false, true]) {
        if (reopen) {
          await ledger.close();
          ledger = await site.open();
        }
        const entries = await entriesOf(ledger);
        expect(new Set(entries.map(fixtures.leafHashOf)).size).to.equal(size);
        const hashes = entries.map((entry) => hashLeaf(entry));
        const root = mthOfLeafHashes(hashes);
        expect(ledger.checkpoint()?.checkpoint).to.deep.include({ size, root });

        for (const tile of tilesForSize(size)) {
          const span = 256 ** tile.level;
          const expected = Array.from({ length: tile.width }, (_, i) => {
            const from = (tile.index * 256 + i) * span;
            return mthOfLeafHashes(hashes.slice(from, from + span));
          });
          expect(await ledger.tile(tile)).to.deep.equal(concat(...expected));
          if (tile.level === 0) {
            const bundle = await ledger.entryBundle(tile);
            const from = tile.index * 256;
            expect(parseEntryBundle(bundle, tile.width)).to.deep.equal(
              entries.slice(from, from + tile.width),
            );
          }
        }
        await checkProofs(ledger, hashes, root);
      }
    });
  }

  async function checkProofs(read: Ledger, leafHashes: readonly Hash[], root: Hash): Promise<void> {
    const size = leafHashes.length;
    for (let index = 0; index < size; index += size > 20 ? 17 : 1) {
      const inclusion = await read.inclusion({ index });
      expect(inclusion.hashes).to.deep.equal(path(index, leafHashes));
      expect(inclusion.checkpoint).to.deep.equal(read.checkpoint()?.note);
      verifyInclusion({ ...inclusion, root, proof: inclusion.hashes });
    }
    for (const from of sizes.filter((smaller) => smaller <= size)) {
      const { hashes, fromRoot, toRoot } = await read.consistency({ from, to: size });
      expect(hashes).to.deep.equal(proof(from, leafHashes));
      expect(fromRoot).to.deep.equal(mthOfLeafHashes(leafHashes.slice(0, from)));
      verifyConsistency({ from, fromRoot, to: size, toRoot, proof: hashes });
      const older = await read.inclusion({ index: from - 1, size: from });
      expect(older.hashes).to.deep.equal(path(from - 1, leafHashes.slice(0, from)));
      expect('checkpoint' in older).to.equal(from === size);
    }
  }

  it('refuses entries, trees and tiles that are not there', async () => {
    const size = ledger.checkpoint()?.checkpoint.size ?? 0;
    for (const index of [size, -1, 0.5, 2 ** 53]) {
      expect(await refusal(ledger.entry(index))).to.include({ code: 'not-found' });
      expect(await refusal(ledger.inclusion({ index }))).to.include({ code: 'out-of-range' });
    }
    for (const at of [0, size + 1, -1, Number.NaN]) {
      expect(await refusal(ledger.inclusion({ index: 0, size: at }))).to.include({ code: 'out-of-range' });
      expect(await refusal(ledger.consistency({ from: 1, to: at }))).to.include({ code: 'out-of-range' });
    }
    expect(await refusal(ledger.consistency({ from: 3, to: 2 }))).to.include({ code: 'out-of-range' });
    expect(await ledger.indexOf('00'.repeat(32))).to.equal(undefined);
    for (const tile of [
      { level: 0, index: 3, width: 1 },
      { level: 2, index: 0, width: 1 },
      { level: 63, index: 0, width: 1 },
      { level: 0, index: 2, width: 256 },
      { level: 0, index: 0, width: 0 },
      { level: 0, index: 2 ** 53 - 1, width: 256 },
    ]) {
      expect(await refusal(ledger.tile(tile))).to.include({ code: 'not-found' });
    }
    expect(ledger.ready).to.equal(true);
  });
});

describe('what is served while a head waits for its signature', () => {
  it('ends at the signed size: full in the store is partial for readers', async () => {
    const anchor = new GatedAnchor();
    const ledger = await new Site().open({ anchor });
    await growTo(ledger, 250);
    anchor.gate.close();
    const waiting = growTo(ledger, 300);
    await until(() => ledger.health().committedSize === 300);
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(250);

    expect(await refusal(ledger.tile({ level: 0, index: 0, width: 256 }))).to.include({ code: 'not-found' });
    expect(await refusal(ledger.entryBundle({ index: 0, width: 251 }))).to.include({ code: 'not-found' });
    expect(await refusal(ledger.tile({ level: 1, index: 0, width: 1 }))).to.include({ code: 'not-found' });
    const widest = await ledger.tile({ level: 0, index: 0, width: 250 });
    for (let width = 1; width <= 250; width += 3) {
      expect(await ledger.tile({ level: 0, index: 0, width })).to.deep.equal(widest.subarray(0, 32 * width));
      expect(parseEntryBundle(await ledger.entryBundle({ index: 0, width }), width)).to.have.length(width);
    }
    expect(await refusal(ledger.entry(250))).to.include({ code: 'not-found' });
    expect(await refusal(ledger.inclusion({ index: 250 }))).to.include({ code: 'out-of-range' });
    expect(await refusal(ledger.consistency({ from: 1, to: 251 }))).to.include({ code: 'out-of-range' });
    const page = await ledger.search({ type: 'database-update', after: 240 });
    expect(page.items.map(({ index }) => index)).to.deep.equal([241, 242, 243, 244, 245, 246, 247, 248, 249]);
    const unpublished = leaves(299).map(fixtures.leafHashOf);
    const found = await Promise.all(unpublished.map((hash) => ledger.indexOf(hash)));
    expect(found.filter((index) => index === undefined)).to.have.length(50);

    anchor.gate.open();
    await waiting;
    expect(await ledger.tile({ level: 0, index: 0, width: 256 })).to.have.length(8192);
    expect(await ledger.tile({ level: 0, index: 0, width: 250 })).to.deep.equal(widest);
    expect(tileWidthAt(0, 0, 300)).to.equal(256);
    await ledger.close();
  });

  it('has the tiles of a head that is signed and not yet published, and no more of it', async () => {
    const storage = new GatedStorage(new MemoryStorage());
    const site = new Site();
    const ledger = await site.open({ storage });
    await growTo(ledger, 250);
    storage.checkpoints.close();
    const passed = storage.checkpoints.passed;
    const waiting = ledger.append(leaves(250)[249] as Uint8Array);
    await until(() => storage.checkpoints.passed > passed);
    expect(site.anchor.head.size).to.equal(251);
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(250);
    expect(await ledger.tile({ level: 0, index: 0, width: 251 })).to.have.length(251 * 32);
    expect(parseEntryBundle(await ledger.entryBundle({ index: 0, width: 251 }), 251)).to.have.length(251);
    expect(await refusal(ledger.tile({ level: 0, index: 0, width: 252 }))).to.include({ code: 'not-found' });
    expect(await refusal(ledger.entry(250))).to.include({ code: 'not-found' });
    expect(await refusal(ledger.inclusion({ index: 0, size: 251 }))).to.include({ code: 'out-of-range' });
    storage.checkpoints.open();
    expect((await waiting).index).to.equal(250);
    await ledger.close();
  });

  it('has a proof and a checkpoint of one size at every moment', async () => {
    const ledger = await new Site().open();
    const growth = { done: false };
    const grown = growTo(ledger, 200).finally(() => (growth.done = true));
    let proofs = 0;
    while (!growth.done) {
      const { size, hashes, leafHash, index, checkpoint } = await ledger.inclusion({ index: 0 });
      const published = ledger.checkpoint();
      if (published?.note === checkpoint) expect(published?.checkpoint.size).to.equal(size);
      const text = Buffer.from(checkpoint ?? [])
        .toString()
        .split('\n');
      expect(text[1]).to.equal(String(size));
      verifyInclusion({
        index,
        size,
        leafHash,
        root: new Uint8Array(Buffer.from(text[2] ?? '', 'base64')),
        proof: hashes,
      });
      proofs += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(proofs).to.be.above(0);
    await grown;
    await ledger.close();
  });
});

describe('damage that appears in the store', () => {
  const whole = new Site();

  before(async () => {
    const ledger = await whole.open();
    await growTo(ledger, 600);
    await ledger.close();
  });

  /** Opens a log of 600 entries, spoils the store behind it, and reads; the error names the place. */
  async function refusedAt(
    place: { readonly index: number } | { readonly tile: number },
    spoil: (site: Site) => void,
    read: (ledger: Ledger) => Promise<unknown>,
  ): Promise<void> {
    const site = new Site();
    site.image = copyOf(whole.image);
    site.anchor = new MemoryAnchor(whole.anchor.head);
    const ledger = await site.open();
    spoil(site);
    const error = await refusal(read(ledger));
    expect(error).to.include({ code: 'store-corrupt' });
    expect({ index: error.index, ...error.facts }).to.include(place);
    expect((await ledger.halted).code).to.equal('store-corrupt');
    expect(ledger.ready).to.equal(false);
    // It is known what is damaged, and of which row: the ledger has not stopped.
    const { error: stopped, damage } = ledger.health();
    expect([stopped, damage?.code]).to.deep.equal([undefined, 'store-corrupt']);
    expect(await ledger.entry(3)).to.deep.equal(leaves(3)[2]);
    const next = leaves(600)[599] as Uint8Array;
    expect(await refusal(ledger.append(next))).to.include({ code: 'store-corrupt' });
    await ledger.close();
  }

  const spoilTile = (site: Site): void => changeRow(site.image, tileKey(0, 1), flip(3333));
  const spoilLeaf = (site: Site): void => changeRow(site.image, leafKey(7), flip(10));

  it('in a tile is not served as the tile', () =>
    refusedAt({ tile: 1 }, spoilTile, (ledger) => ledger.tile({ level: 0, index: 1, width: 256 })));

  it('in a tile does not become part of an inclusion proof', () =>
    refusedAt({ tile: 1 }, spoilTile, (ledger) => ledger.inclusion({ index: 300 })));

  it('in a tile does not become part of a consistency proof', () =>
    refusedAt({ tile: 1 }, spoilTile, (ledger) => ledger.consistency({ from: 300, to: 600 })));

  it('in a tile does not become part of a receipt', () =>
    refusedAt({ tile: 1 }, spoilTile, async (ledger) => {
      for (const leaf of leaves(599)) await ledger.append(leaf);
    }));

  it('in a leaf is not served as the entry', () =>
    refusedAt({ index: 7 }, spoilLeaf, (ledger) => ledger.entry(7)));

  it('in a leaf is not served in a bundle', () =>
    refusedAt({ index: 7 }, spoilLeaf, (ledger) => ledger.entryBundle({ index: 0, width: 256 })));

  it('that removed a leaf or a tile is not taken for an end', async () => {
    await refusedAt(
      { index: 7 },
      (site) => changeRow(site.image, leafKey(7), () => undefined),
      (ledger) => ledger.entryBundle({ index: 0, width: 256 }),
    );
    await refusedAt(
      { tile: 1 },
      (site) => changeRow(site.image, tileKey(0, 1), () => undefined),
      (ledger) => ledger.tile({ level: 0, index: 1, width: 256 }),
    );
  });

  it('in an index row does not make other bytes the known ones', () =>
    refusedAt(
      { index: 1 },
      (site) => changeRow(site.image, leafHashKey(hashLeaf(genesis)), flip(7)),
      (ledger) => ledger.append(genesis),
    ));

  it('in a search row does not make another entry match', () =>
    refusedAt(
      { index: 5 },
      (site) => {
        const prefix = searchPrefix('type', 'authority');
        const name = Buffer.from(searchKey(prefix, 0)).toString('latin1');
        const moved = Buffer.from(searchKey(prefix, 5)).toString('latin1');
        site.image.rows.delete(name);
        site.image.rows.set(moved, new Uint8Array());
        site.image.keys[site.image.keys.indexOf(name)] = moved;
      },
      (ledger) => ledger.search({ type: 'authority' }),
    ));
});

describe('index of a leaf hash', () => {
  it('is refused for what is no leaf hash', async () => {
    const ledger = await new Site().open();
    expect(await refusal(ledger.indexOf('zz'))).to.include({ code: 'bad-hex' });
    expect(await ledger.indexOf(fixtures.leafHashOf(genesis))).to.equal(0);
    expect(fromHex(fixtures.leafHashOf(genesis))).to.deep.equal(hashLeaf(genesis));
    await ledger.close();
  });
});
