import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import type { ArchiveQuery } from '../../src/ledger/archive.ts';
import { archiveKey, publishedKey } from '../../src/ledger/store/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { FailingStorage } from './faulty.ts';
import { Site, changeRow, copyOf, ed25519Key, flip, leaves, origin, refusal } from './site.ts';

const hour = 3600;

/** A ledger whose clock the test sets, in seconds. */
class Clocked {
  readonly site = new Site();
  time: number;

  constructor(time: number) {
    this.time = time;
  }

  open(archiveInterval = hour): Promise<Ledger> {
    return this.site.open({ now: () => this.time * 1000 + 999, archiveInterval });
  }

  /** Publishes one more entry at each of the times. */
  async publish(ledger: Ledger, ...times: readonly number[]): Promise<void> {
    const { size } = ledger.checkpoint()!.checkpoint;
    for (const [i, leaf] of leaves(size - 1 + times.length)
      .slice(size - 1)
      .entries()) {
      this.time = times[i] as number;
      await ledger.append(leaf);
    }
  }
}

/** [time, size] of each, newest first. */
async function listed(ledger: Ledger, query: ArchiveQuery = {}): Promise<number[][]> {
  const { items } = await ledger.checkpoints(query);
  return items.map(({ time, checkpoint }) => [time, checkpoint.size]);
}

describe('the archive of checkpoints', () => {
  it('keeps the last checkpoint of every interval, and has the newest', async () => {
    const clocked = new Clocked(10 * hour);
    const ledger = await clocked.open();
    expect(await listed(ledger)).to.deep.equal([[10 * hour, 1]]);
    await clocked.publish(ledger, 10 * hour + 720, 10 * hour + 2820, 11 * hour, 11 * hour + 300);
    await clocked.publish(ledger, 14 * hour + 1800, 14 * hour + 1860);
    expect(await listed(ledger)).to.deep.equal([
      [14 * hour + 1860, 7],
      [11 * hour + 300, 5],
      [10 * hour + 2820, 3],
    ]);
    await ledger.close();
  });

  it('answers with the notes that were served', async () => {
    const clocked = new Clocked(0);
    const ledger = await clocked.open();
    const served = [ledger.checkpoint()!.note];
    for (const time of [1, 2, 3]) {
      await clocked.publish(ledger, time * hour);
      served.unshift(ledger.checkpoint()!.note);
    }
    const { items } = await ledger.checkpoints({});
    expect(items.map(({ note }) => fromUtf8(note))).to.deep.equal(served.map(fromUtf8));
    await ledger.close();
  });

  it('is asked by time, both ends included, and page by page', async () => {
    const clocked = new Clocked(0);
    const ledger = await clocked.open();
    await clocked.publish(ledger, 100, 200, 300, 400);
    await ledger.close();
    const again = await clocked.open(100);
    await clocked.publish(again, 500, 650, 700);
    const all = [
      [700, 8],
      [650, 7],
      [500, 6],
      [400, 5],
    ];
    expect(await listed(again)).to.deep.equal(all);
    expect(await listed(again, { from: 500, to: 650 })).to.deep.equal(all.slice(1, 3));
    expect(await listed(again, { to: 499, limit: 1 })).to.deep.equal([[400, 5]]);
    expect(await listed(again, { to: 399 })).to.deep.equal([]);
    expect(await listed(again, { from: 700 })).to.deep.equal([[700, 8]]);
    expect(await listed(again, { from: 701 })).to.deep.equal([]);
    expect(await listed(again, { from: 600, to: 500 })).to.deep.equal([]);
    const paged: number[][] = [];
    let to: number | undefined;
    do {
      const page = await again.checkpoints({ limit: 1, ...(to === undefined ? {} : { to }) });
      paged.push(...page.items.map(({ time, checkpoint }) => [time, checkpoint.size]));
      to = page.next;
    } while (to !== undefined);
    expect(paged).to.deep.equal(all);
    for (const limit of [1, 100]) {
      expect((await again.checkpoints({ limit })).items).to.have.length(Math.min(limit, all.length));
    }
    for (const limit of [0, 101, 1.5]) {
      expect(await refusal(again.checkpoints({ limit }))).to.include({ code: 'bad-request' });
    }
    await again.close();
  });

  it('goes on after a restart, with the interval that the ledger then has', async () => {
    const clocked = new Clocked(hour);
    const first = await clocked.open();
    await clocked.publish(first, 2 * hour);
    await first.close();
    clocked.time = 5 * hour;
    const second = await clocked.open();
    expect(await listed(second)).to.deep.equal([
      [2 * hour, 2],
      [hour, 1],
    ]);
    await clocked.publish(second, 5 * hour);
    await second.close();
    const third = await clocked.open(10 * hour);
    await clocked.publish(third, 6 * hour, 11 * hour);
    expect((await listed(third)).map(([, size]) => size)).to.deep.equal([5, 4, 2, 1]);
    await third.close();
  });

  it('does not run backwards with the clock', async () => {
    const clocked = new Clocked(10 * hour);
    const ledger = await clocked.open();
    await clocked.publish(ledger, 9 * hour, 2 * hour);
    expect(await listed(ledger)).to.deep.equal([[10 * hour, 3]]);
    await clocked.publish(ledger, 11 * hour);
    expect(await listed(ledger)).to.deep.equal([
      [11 * hour, 4],
      [10 * hour, 3],
    ]);
    await ledger.close();
  });

  it('gets a checkpoint in the commit that publishes the next one, or not at all', async () => {
    const clocked = new Clocked(0);
    const ledger = await clocked.open();
    await ledger.close();
    for (const kept of [false, true]) {
      const site = new Site();
      site.image = copyOf(clocked.site.image);
      site.anchor.head = clocked.site.anchor.head;
      clocked.time = hour;
      const storage = new FailingStorage(new MemoryStorage(site.image), { at: 2, kept });
      const broken = await site.open({ storage, now: () => hour * 1000 });
      expect(await refusal(broken.append(leaves(1)[0]!))).to.be.an.instanceOf(Error);
      await broken.close();
      const name = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
      expect(site.image.rows.has(name(archiveKey(0)))).to.equal(kept);
      const again = await site.open({ now: () => hour * 1000 });
      expect(await listed(again)).to.deep.equal([
        [hour, 2],
        [0, 1],
      ]);
      await again.close();
    }
  });

  it('serves no damaged row and no checkpoint of another tree, and the ledger goes on', async () => {
    const clocked = new Clocked(0);
    const ledger = await clocked.open();
    await clocked.publish(ledger, hour, 2 * hour);
    const { image } = clocked.site;
    const [root, size] = [new Uint8Array(32).fill(7), 2];
    const foreign = formatNote(
      signNote(formatCheckpoint({ origin, size, root, extensions: [] }), [ed25519Key]),
    );
    for (const change of [
      flip(0),
      flip(origin.length + 1),
      flip(origin.length + 9),
      () => new Uint8Array(0),
      () => utf8(foreign),
    ]) {
      const before = image.rows.get(Buffer.from(archiveKey(hour)).toString('latin1'))!;
      changeRow(image, archiveKey(hour), change);
      const error = await refusal(ledger.checkpoints({ to: hour }));
      expect(error.code).to.equal('store-corrupt');
      expect(await listed(ledger, { from: 2 * hour })).to.deep.equal([[2 * hour, 3]]);
      changeRow(image, archiveKey(hour), () => before);
    }
    expect(ledger.ready).to.equal(true);
    await clocked.publish(ledger, 3 * hour);
    await ledger.close();
  });

  it('begins anew where a store says no time of publication', async () => {
    const clocked = new Clocked(0);
    const ledger = await clocked.open();
    await ledger.close();
    changeRow(clocked.site.image, publishedKey, () => undefined);
    clocked.time = 5 * hour;
    const again = await clocked.open();
    expect(await listed(again)).to.deep.equal([]);
    await clocked.publish(again, 5 * hour);
    expect(await listed(again)).to.deep.equal([[5 * hour, 2]]);
    await again.close();
    changeRow(clocked.site.image, publishedKey, () => new Uint8Array(7));
    expect(await refusal(clocked.open())).to.include({ code: 'store-corrupt' });
  });
});
