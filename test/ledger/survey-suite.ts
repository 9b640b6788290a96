import { expect } from 'chai';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import { LedgerError } from '../../src/errors.ts';
import { Survey, type Doubt, type Surveyed } from '../../src/ledger/survey.ts';
import {
  authorityKey,
  checkpointKey,
  leafHashKey,
  leafKey,
  publishedKey,
  searchKey,
  searchPrefix,
  sourceNumberKey,
  tileKey,
} from '../../src/ledger/store/keys.ts';
import type { Extent } from '../extent.ts';
import type { Head } from '../../src/tlog/head.ts';
import { MemoryStorage, type MemoryImage } from '../../src/storage/memory.ts';
import type { StorageReader } from '../../src/storage/storage.ts';
import { databaseSource } from '../fixtures/attestations.ts';
import { Site, appendAll, changeRow, copyOf, flip, leaves } from './site.ts';

async function survey(
  storage: StorageReader,
  anchored?: Head,
): Promise<{ doubts: Doubt[]; surveyed: Surveyed | undefined }> {
  const doubts: Doubt[] = [];
  const run = new Survey({ storage, anchored }).run();
  for (;;) {
    const step = await run.next();
    if (step.done === true) return { doubts, surveyed: step.value };
    doubts.push(step.value);
  }
}

const surveyImage = (image: MemoryImage, anchored?: Head): ReturnType<typeof survey> =>
  survey(new MemoryStorage(image), anchored);

/** How many kinds of rows are damaged, the extent says. */
export function surveySuite({ name: extent, cases, upTo }: Extent): void {
  describe(`a survey of a store: ${extent}`, () => {
    const count = upTo(600, 300);
    const site = new Site();
    const { image } = site;
    before(async () => {
      const ledger = await site.open();
      await appendAll(ledger, leaves(count));
      await ledger.close();
    });

    it('finds nothing in a sound one, and counts what is there', async () => {
      const { doubts, surveyed } = await surveyImage(image, image.head);
      expect(doubts).to.deep.equal([]);
      expect(surveyed).to.include({ leaves: count + 1, tiles: Math.floor(count / 256) });
      expect((await surveyImage(image, { size: 1, root: new Uint8Array(32) })).doubts).to.have.length(1);
    });

    it('finds nothing in an empty one, unless something was signed', async () => {
      const empty = (): StorageReader => new MemoryStorage();
      expect((await survey(empty())).doubts).to.deep.equal([]);
      expect((await survey(empty(), { size: 1, root: new Uint8Array(32) })).doubts).to.have.length(1);
    });

    const attestation = decodeAttestation(decodeEnvelope(leaves(1)[0] ?? new Uint8Array()));
    const family = searchPrefix('family', 'threats');
    const rows: readonly (readonly [string, Uint8Array, number | undefined])[] = [
      ['the leaf of an entry', leafKey(17), 17],
      ['a leaf of the right edge', leafKey(count), count],
      ['a full tile', tileKey(0, 0), 255],
      ['the look-up by leaf hash', leafHashKey(attestation.leafHash), 1],
      ['the number that a source gave', sourceNumberKey(databaseSource, 1), 1],
      ['the look-up of authority documents', authorityKey(1), 0],
      ['a search row', searchKey(family, 5), 5],
      ['the newest checkpoint', checkpointKey, undefined],
      ['the time of publication', publishedKey, undefined],
    ];
    for (const [what, key, index] of cases(rows, 4)) {
      it(`names ${what}, changed or gone, and goes on`, async () => {
        for (const change of [flip(-1), () => undefined]) {
          const damaged = copyOf(image);
          // A search row has no bytes to change, and any time may be the one of publication.
          const isGone = change(new Uint8Array([1])) === undefined;
          if (!isGone && [0x69, 0x70].includes(key[0] ?? 0)) continue;
          changeRow(damaged, key, change);
          // The other end of the store: both are told of.
          changeRow(damaged, leafKey(290), flip(40));
          const { doubts } = await surveyImage(damaged, image.head);
          expect(doubts.some(({ entries }) => entries?.from === 290)).to.equal(true);
          const own = doubts.filter(({ entries }) => entries?.from !== 290);
          expect(own, what).to.have.length.greaterThan(0);
          if (index !== undefined) {
            const named = own.some(({ entries }) => entries && entries.from <= index && index < entries.to);
            expect(named, JSON.stringify(own)).to.equal(true);
          }
        }
      });
    }

    it('finds rows that no entry asks for, and a head of another tree', async () => {
      const added = copyOf(image);
      const text = Buffer.from(searchKey(family, count + 7)).toString('latin1');
      added.rows.set(text, new Uint8Array());
      added.keys.push(text);
      added.keys.sort();
      expect((await surveyImage(added)).doubts).to.have.length(1);
      for (const head of [
        { size: count + 1, root: new Uint8Array(32) },
        { size: count, root: image.head?.root ?? new Uint8Array(32) },
        { size: count + 2, root: image.head?.root ?? new Uint8Array(32) },
      ]) {
        const damaged = copyOf(image);
        damaged.head = head;
        expect((await surveyImage(damaged)).doubts, String(head.size)).to.have.length.greaterThan(0);
      }
    });

    it('ends on a head that claims far more entries than there are', async () => {
      const damaged = copyOf(image);
      damaged.head = { size: 2 ** 52, root: new Uint8Array(32) };
      const { doubts } = await surveyImage(damaged);
      expect(doubts.some(({ entries }) => entries?.to === 2 ** 52)).to.equal(true);
    });

    it('tells of rows that cannot be read, and throws what is no damage', async () => {
      const failing = (code: 'store-corrupt' | 'store-failed'): StorageReader => {
        const storage = new MemoryStorage(copyOf(image));
        const get = async (key: Uint8Array): Promise<Uint8Array | undefined> => {
          if (key[0] === 0x6c && key[8] === 9) throw new LedgerError(code, 'a bad block');
          return storage.get(key);
        };
        return {
          get,
          getMany: (keys) => Promise.all(keys.map(get)),
          range: (range) => storage.range(range),
          head: () => storage.head(),
        };
      };
      const { doubts } = await survey(failing('store-corrupt'));
      // Keys that end in 9: one of each bundle.
      expect(doubts.map(({ entries }) => entries?.from)).to.deep.equal(
        count > 521 ? [9, 265, 521] : [9, 265],
      );
      const error = await survey(failing('store-failed')).catch((error: unknown) => error);
      expect(error).to.include({ code: 'store-failed' });
    });
  });
}
