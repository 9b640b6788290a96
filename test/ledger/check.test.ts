import { expect } from 'chai';
import { equal, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { StoreCheck } from '../../src/ledger/check.ts';
import {
  archiveKey,
  authorityKey,
  checkpointKey,
  leafHashKey,
  leafKey,
  searchKey,
  searchPrefix,
  sourceNumberKey,
  tileKey,
} from '../../src/ledger/store/keys.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { MemoryImage } from '../../src/storage/memory.ts';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import { databaseSource } from '../fixtures/attestations.ts';
import type { CheckedStore } from '../../src/ledger/check.ts';
import { Site, appendAll, changeRow, copyOf, flip, leaves, origin, refusal } from './site.ts';

const count = 300;

async function checkAll(image: MemoryImage, sizes: readonly number[] = []): Promise<CheckedStore> {
  const { head } = image;
  if (head === undefined) throw new Error('the image has a head');
  const check = new StoreCheck({ storage: new MemoryStorage(image), head, sizes });
  let next = 0;
  for await (const { index } of check.leaves()) expect(index).to.equal(next++);
  const result = await check.finish();
  for (const size of sizes) expect(check.rootAt(size)).to.have.length(32);
  if (sizes.includes(head.size)) expect(equal(check.rootAt(head.size), head.root)).to.equal(true);
  return result;
}

describe('StoreCheck', () => {
  const site = new Site();
  const { image } = site;
  before(async () => {
    const ledger = await site.open();
    await appendAll(ledger, leaves(count));
    await ledger.close();
  });

  it('takes a sound store, and knows its root at the sizes asked for', async () => {
    const result = await checkAll(image, [0, 1, 256, count + 1]);
    expect(result).to.deep.include({ leaves: count + 1, tiles: 1 });
  });

  it('refuses a root for a size that nobody asked for', async () => {
    const head = image.head ?? { size: 0, root: new Uint8Array(32) };
    const check = new StoreCheck({ storage: new MemoryStorage(copyOf(image)), head, sizes: [5] });
    expect(() => check.rootAt(6)).to.throw('broken invariant');
    expect(() => check.rootAt(5)).to.throw('broken invariant');
  });

  it('compares the archive with the tree, and wants it in order', async () => {
    let time = 0;
    const archiving = new Site();
    const ledger = await archiving.open({ now: () => time, archiveInterval: 1 });
    for (const leaf of leaves(3)) {
      time += 5000;
      await ledger.append(leaf);
    }
    await ledger.close();
    expect((await checkAll(archiving.image)).archived).to.equal(3);
    const note = (at: number): Uint8Array =>
      archiving.image.rows.get(Buffer.from(archiveKey(at)).toString('latin1'))!;
    for (const [at, change] of [
      [5, flip(origin.length + 9)],
      [5, flip(0)],
      [0, () => note(10)],
      [10, () => note(0)],
    ] as const) {
      const damaged = copyOf(archiving.image);
      changeRow(damaged, archiveKey(at), change);
      expect(await refusal(checkAll(damaged))).to.include({ code: 'store-corrupt' });
    }
  });

  const attestation = decodeAttestation(decodeEnvelope(leaves(1)[0] ?? new Uint8Array()));
  const family = searchPrefix('family', 'threats');
  const rows: readonly (readonly [string, Uint8Array, number | undefined])[] = [
    ['the leaf of an entry', leafKey(17), 17],
    ['a full tile', tileKey(0, 0), undefined],
    ['the look-up by leaf hash', leafHashKey(attestation.leafHash), 1],
    ['the number that a source gave', sourceNumberKey(databaseSource, 1), 1],
    ['the look-up of authority documents', authorityKey(1), 0],
  ];
  for (const [what, key, index] of rows) {
    it(`finds ${what} changed or gone, and says where`, async () => {
      for (const change of [flip(-1), () => undefined]) {
        const damaged = copyOf(image);
        changeRow(damaged, key, change);
        const error = await refusal(checkAll(damaged));
        expect(error.code).to.equal('store-corrupt');
        if (index !== undefined) expect(error.index).to.equal(index);
      }
    });
  }

  it('names the leaf whose hash a tile has wrong', async () => {
    const damaged = copyOf(image);
    changeRow(damaged, tileKey(0, 0), flip(32 * 200 + 3));
    const error = await refusal(checkAll(damaged));
    expect(error).to.include({ code: 'store-corrupt', index: 200 });
    expect(error.facts).to.deep.equal({ path: 'tile/0/000' });
  });

  it('finds a tile that is cut short, a search row that is gone, and rows that nothing accounts for', async () => {
    const cut = copyOf(image);
    changeRow(cut, tileKey(0, 0), (value) => value.subarray(0, 100));
    expect((await refusal(checkAll(cut))).code).to.equal('store-corrupt');

    const gone = copyOf(image);
    changeRow(gone, searchKey(family, 5), () => undefined);
    expect(await refusal(checkAll(gone))).to.include({ code: 'store-corrupt', index: 5 });

    const added = copyOf(image);
    const text = Buffer.from(searchKey(family, count + 7)).toString('latin1');
    added.rows.set(text, new Uint8Array());
    added.keys.push(text);
    added.keys.sort();
    expect((await refusal(checkAll(added))).message).to.contain('no entry accounts for');
  });

  it('finds a head of another tree, a longer one, and a shorter one', async () => {
    const { head } = image;
    if (head === undefined) throw new Error('the image has a head');
    for (const wrong of [
      { size: head.size, root: flip(0)(head.root) },
      { size: head.size + 1, root: head.root },
      { size: head.size - 1, root: head.root },
    ]) {
      const damaged = copyOf(image);
      damaged.head = wrong;
      expect((await refusal(checkAll(damaged))).code).to.equal('store-corrupt');
    }
  });

  it('leaves the published checkpoint to whoever knows the keys, and misses it not', async () => {
    const damaged = copyOf(image);
    changeRow(damaged, checkpointKey, () => undefined);
    expect((await checkAll(damaged)).leaves).to.equal(count + 1);
  });

  it('lets a failing storage fail', async () => {
    const broken = new MemoryStorage(copyOf(image));
    await broken.close();
    const check = new StoreCheck({ storage: broken, head: { size: 1, root: utf8('') }, sizes: [] });
    const error = await refusal(check.leaves().next());
    expect(error).to.be.instanceOf(LedgerError);
    expect(error.code).to.equal('store-failed');
  });

  it('names an entry that cannot be read, also where no tile tells its hash', async () => {
    for (const index of [0, 5, count]) {
      const damaged = copyOf(image);
      changeRow(damaged, leafKey(index), () => utf8('junk'));
      expect(await refusal(checkAll(damaged))).to.include({ code: 'store-corrupt', index });
    }
  });
});
