import { expect } from 'chai';
import type { ArchivedCheckpoint } from '../../src/ledger/archive.ts';
import { openGenesis } from '../../src/ledger/genesis.ts';
import { refill, type RefillParts, type RefilledStore } from '../../src/ledger/refill.ts';
import { publishedKey } from '../../src/ledger/store/keys.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Head } from '../../src/tlog/head.ts';
import { build, correction, dataAccess, leafHashOf } from '../fixtures/attestations.ts';
import { Site, appendAll, flip, genesis, leaves, origin, refusal } from './site.ts';

/** Leaves of a log in order, as a copy hands them out. */
async function* copied(
  some: readonly Uint8Array[],
  change = (leaf: Uint8Array, _: number) => leaf,
): AsyncGenerator<Uint8Array> {
  for (const [index, leaf] of some.entries()) yield change(leaf, index);
}

describe('a store that is refilled', () => {
  const site = new Site();
  let all: readonly Uint8Array[];
  let newest: ArchivedCheckpoint;
  let head: Head;

  before(async function () {
    this.timeout(60_000);
    const ledger = await site.open();
    const first = build({ seq: 1 });
    // A full tile, an unfinished one, several types, and rows that two entries share.
    await ledger.append(first);
    const corrected = correction({ target: leafHashOf(first) });
    const recorded = [build({ seq: 2 }), dataAccess(), corrected, ...leaves(280)];
    await appendAll(ledger, recorded);
    const published = ledger.checkpoint();
    if (published === undefined) throw new Error('nothing was published');
    newest = { time: 1_700_000_000, ...published };
    head = published.checkpoint;
    all = await Promise.all(Array.from({ length: head.size }, (_, index) => ledger.entry(index)));
    await ledger.close();
  });

  const run = async (
    change: Partial<RefillParts> = {},
  ): Promise<{ image: MemoryImage; store: RefilledStore }> => {
    const image = new MemoryImage();
    const store = await refill({
      storage: new MemoryStorage(image),
      genesis: openGenesis(genesis, origin),
      leaves: copied(all),
      heads: [{ whose: 'the anchor', head }],
      published: [newest],
      ...change,
    });
    return { image, store };
  };

  it('has, row by row, what the sequencer and the publisher wrote', async () => {
    const { image, store } = await run();
    expect(store.head).to.deep.equal({ size: head.size, root: head.root });
    const time = Buffer.from(publishedKey).toString('latin1');
    expect(image.keys).to.deep.equal(site.image.keys);
    for (const key of image.keys) {
      if (key !== time) expect(image.rows.get(key), key).to.deep.equal(site.image.rows.get(key));
    }
    expect(image.head).to.deep.equal(site.image.head);
  });

  it('opens as a ledger that goes on where the other stopped', async () => {
    const { image } = await run();
    const other = new Site();
    other.image = image;
    await other.anchor.advance(head);
    const ledger = await other.open();
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(head.size);
    const { index } = await ledger.append(build({ seq: 3 }));
    expect(index).to.equal(head.size);
    await ledger.close();
  });

  it('keeps of an archive what is of this tree, and nothing else', async () => {
    const foreign = { ...newest, time: 5, checkpoint: { ...newest.checkpoint, root: new Uint8Array(32) } };
    const larger = { ...newest, time: 6, checkpoint: { ...newest.checkpoint, size: head.size + 1 } };
    const { store } = await run({ archived: [{ ...newest, time: 4 }, foreign, larger] });
    expect(store.archived).to.equal(1);
  });

  it('takes no leaf beyond the largest head that is known', async () => {
    const { store } = await run({ leaves: copied([...all, build({ seq: 9 })]) });
    expect(store.head.size).to.equal(head.size);
  });

  it('refuses a copy that ends early, that was changed, or that is of another log', async () => {
    const cases: readonly (readonly [string, Partial<RefillParts>])[] = [
      ['store-behind-anchor', { leaves: copied(all.slice(0, -1)) }],
      ['root-mismatch', { leaves: copied(all.map((leaf, i) => all[i === 7 ? 8 : i === 8 ? 7 : i] ?? leaf)) }],
      ['leaf-mismatch', { leaves: copied(all, (leaf, index) => (index === 0 ? flip(60)(leaf) : leaf)) }],
      [
        'root-mismatch',
        {
          heads: [
            { whose: 'the anchor', head: { size: 270, root: head.root } },
            { whose: 'it', head },
          ],
        },
      ],
    ];
    for (const [code, change] of cases) expect((await refusal(run(change))).code).to.equal(code);
  });

  it('is compared with a smaller anchor as soon as it has that many leaves', async () => {
    let asked = 0;
    const counting = copied(all, (leaf) => {
      asked += 1;
      return leaf;
    });
    const wrong = { size: 12, root: new Uint8Array(32).fill(3) };
    const heads = [
      { whose: 'the anchor', head: wrong },
      { whose: 'the checkpoint', head },
    ];
    await refusal(run({ leaves: counting, heads }));
    expect(asked).to.equal(12);
  });
});
