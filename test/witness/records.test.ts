import { expect } from 'chai';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import { uint64, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { Records, hashOfOrigin } from '../../src/witness/records.ts';
import { GatedStorage } from '../ledger/faulty.ts';
import { expectCode, headOf } from '../storage/suite.ts';
import type { Head } from '../../src/tlog/head.ts';
import { WitnessedLog } from './log.ts';
import { MemoryAnchor, WitnessSite, ed25519Key } from './site.ts';

const log = new WitnessedLog();
const policy = `${log.line}quorum none\n`;
const keyText = (prefix: number): string =>
  String.fromCharCode(prefix) + Buffer.from(hashOfOrigin(log.origin), 'hex').toString('latin1');

/** A site whose witness has cosigned sizes 4 and 9. */
async function worked(): Promise<WitnessSite> {
  const site = new WitnessSite();
  const witness = await site.open(policy);
  await witness.add(await log.request(0, 4));
  await witness.add(await log.request(4, 9));
  await witness.close();
  return site;
}

describe('what a witness remembers', () => {
  let image: MemoryImage;
  let anchor: MemoryAnchor;
  let time: number;

  beforeEach(() => {
    image = new MemoryImage();
    anchor = new MemoryAnchor();
    time = 1000;
  });

  const open = async (): Promise<Records> => Records.open(new MemoryStorage(image), anchor);

  it('is nothing at first, of any log', async () => {
    const record = (await open()).of(log.origin, () => time);
    expect([record.head, record.time]).to.deep.equal([log.head(0), 0]);
  });

  it('is head and time of each log, over restarts', async () => {
    const records = await open();
    await records.of('a', () => time).advance(headOf(3));
    time = 2000;
    await records.of('b', () => time).advance(headOf(5));
    await records.of('a', () => time).stamp();
    const again = await open();
    const [a, b] = ['a', 'b'].map((origin) => again.of(origin, () => time));
    expect([a?.head, a?.time]).to.deep.equal([headOf(3), 2000]);
    expect([b?.head, b?.time]).to.deep.equal([headOf(5), 2000]);
  });

  it('has times that never go back', async () => {
    const record = (await open()).of('a', () => time);
    expect(await record.stamp()).to.equal(1000);
    time = 900;
    expect(await record.stamp()).to.equal(1000);
    await record.advance(headOf(3));
    expect(record.time).to.equal(1000);
    time = 699;
    await expectCode(record.stamp(), 'clock-behind');
    time = 0;
    await expectCode((await open()).of('b', () => time).stamp(), 'clock-behind');
  });

  it('is written in turn, however many logs ask at once', async () => {
    const records = await open();
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => records.of(`log ${i}`, () => time).advance(headOf(i + 1))),
    );
    expect(anchor.head.size).to.equal(20);
    const again = await open();
    for (let i = 0; i < 20; i++) expect(again.of(`log ${i}`, () => time).head).to.deep.equal(headOf(i + 1));
  });

  it('ends with the first step that fails: nothing is remembered on a guess', async () => {
    const storage = new MemoryStorage(image);
    let advances = 0;
    const broken = {
      get head(): Head {
        return anchor.head;
      },
      advance: async (next: Head) => {
        if (++advances === 2) throw new Error('EIO');
        await anchor.advance(next);
      },
    };
    const records = await Records.open(storage, broken);
    await records.of('a', () => time).advance(headOf(1));
    await expectCode(records.of('a', () => time).advance(headOf(2)), 'store-failed');
    for (const origin of ['a', 'b']) {
      await expectCode(records.of(origin, () => time).advance(headOf(3)), 'store-failed');
    }
    expect((await records.failed).code).to.equal('store-failed');
    expect(advances).to.equal(2);
    // The change that was stored and not anchored is found, and anchored, by the next opening.
    expect((await open()).of('a', () => time).head).to.deep.equal(headOf(2));
    expect(anchor.head.size).to.equal(2);
  });
});

describe('a witness’s store', () => {
  it('that was restored from a backup is refused', async () => {
    const old = await worked();
    const site = new WitnessSite();
    const witness = await site.open(policy);
    await witness.add(await log.request(0, 4));
    await witness.close();
    // The store as of size 4, the anchor as of size 9.
    await expectCode(site.open(policy, { anchor: old.anchor }), 'store-behind-anchor');
    await expectCode(new WitnessSite().open(policy, { anchor: old.anchor }), 'store-behind-anchor');
  });

  it('whose anchor was restored or made anew is refused', async () => {
    const site = await worked();
    await expectCode(site.open(policy, { anchor: new MemoryAnchor() }), 'store-behind-anchor');
  });

  it('with another row than it was given is refused, whichever byte changed', async () => {
    for (let at = 0; at < 48; at++) {
      const site = await worked();
      const row = site.image.rows.get(keyText(1));
      if (row === undefined) throw new Error('no row');
      row[at] = (row[at] ?? 0) ^ 1;
      await expectCode(site.open(policy), 'store-corrupt');
    }
  });

  it('with a row too many, too few, or too short is refused', async () => {
    const many = await worked();
    const row = many.image.rows.get(keyText(1)) ?? new Uint8Array();
    const stray = `\u0001${'x'.repeat(32)}`;
    many.image.rows.set(stray, row);
    many.image.keys.push(stray);
    many.image.keys.sort();
    await expectCode(many.open(policy), 'store-corrupt');

    const few = await worked();
    few.image.rows.delete(keyText(1));
    few.image.keys.splice(few.image.keys.indexOf(keyText(1)), 1);
    await expectCode(few.open(policy), 'store-corrupt');

    const short = await worked();
    short.image.rows.set(keyText(1), row.slice(0, 47));
    await expectCode(short.open(policy), 'store-corrupt');
  });

  it('with a damaged note goes on, and does not serve it', async () => {
    const site = await worked();
    const note = site.image.rows.get(keyText(2)) ?? new Uint8Array();
    const other = new WitnessedLog({ origin: 'other.example/log' });
    const otherSite = new WitnessSite();
    const otherWitness = await otherSite.open(`${other.line}quorum none\n`);
    await otherWitness.add(await other.request(0, 9));
    for (const damage of [
      utf8('nothing'),
      uint64(0),
      note.subarray(0, note.length - 30),
      note.map((byte, at) => (at === note.length - 20 ? byte ^ 1 : byte)),
      // Another log's, cosigned as it should be, in this one's place.
      otherWitness.checkpoint(hashOfOrigin(other.origin)) ?? new Uint8Array(),
    ]) {
      site.image.rows.set(keyText(2), damage);
      const witness = await site.open(policy, { keys: [ed25519Key] });
      expect(witness.checkpoint(hashOfOrigin(log.origin))).to.equal(undefined);
      await witness.close();
    }
    const witness = await site.open(policy);
    await witness.add(await log.request(9, 10));
    expect(witness.checkpoint(hashOfOrigin(log.origin))).not.to.equal(undefined);
    await witness.close();
  });
});

describe('the rollback guard of a witness', () => {
  /** The store of a witness that has remembered these heads of one log, and its anchor. */
  async function remembered(
    ...sizes: readonly number[]
  ): Promise<{ image: MemoryImage; anchor: MemoryAnchor }> {
    const image = new MemoryImage();
    const anchor = new MemoryAnchor();
    const records = await Records.open(new MemoryStorage(image), anchor);
    for (const size of sizes) await records.of('a', () => 1000).advance(headOf(size));
    await records.close();
    return { image, anchor };
  }

  it('tells two stores apart that have counted as many changes', async () => {
    const [one, other] = [await remembered(3, 5), await remembered(3, 9)];
    await expectCode(Records.open(new MemoryStorage(one.image), other.anchor), 'store-behind-anchor');
    await expectCode(Records.open(new MemoryStorage(other.image), one.anchor), 'store-behind-anchor');
    await (await Records.open(new MemoryStorage(one.image), one.anchor)).close();
  });

  /** An anchor of one change less than the store, whose move ends as the test says. */
  async function oneBehind(advanced: Promise<void>) {
    const { image, anchor } = await remembered(3, 5);
    const { anchor: behind } = await remembered(3);
    let head = behind.head;
    const slow = {
      get head(): Head {
        return head;
      },
      advance: async (next: Head) => {
        head = next;
        await advanced;
      },
    };
    expect(head.size + 1).to.equal(anchor.head.size);
    return Records.open(new MemoryStorage(image), slow);
  }

  it('opens after a crash only once the change that was not anchored is, durably', async () => {
    let anchored: () => void = () => undefined;
    let opened = false;
    const opening = oneBehind(new Promise((resolve) => (anchored = resolve))).then((records) => {
      opened = true;
      return records;
    });
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(opened).to.equal(false);
    anchored();
    await (await opening).close();
  });

  it('does not open where that change cannot be anchored', async () => {
    const failed = Promise.reject(new LedgerError('anchor-taken', 'another process signs'));
    failed.catch(() => undefined);
    await expectCode(oneBehind(failed), 'anchor-taken');
  });

  it('never takes a smaller head after a larger one, whoever asks', async () => {
    const { image, anchor } = await remembered(3, 5);
    const records = await Records.open(new MemoryStorage(image), anchor);
    await expectCode(records.of('a', () => 1000).advance(headOf(4)), 'store-failed');
    await records.close();
    const again = await Records.open(new MemoryStorage(image), anchor);
    expect(again.of('a', () => 1000).head).to.deep.equal(headOf(5));
    await again.close();
  });
});

describe('a witness that cannot be opened', () => {
  it('has closed its store when it says so, so that the next try finds it free', async () => {
    const site = await worked();
    const storage = new GatedStorage(new MemoryStorage(site.image));
    const closed: string[] = [];
    storage.close = async () => {
      for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
      closed.push('store');
    };
    await expectCode(site.open(policy, { storage, anchor: new MemoryAnchor() }), 'store-behind-anchor');
    expect(closed).to.deep.equal(['store']);
  });
});
