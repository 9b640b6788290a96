/** The sequencer's limits, each at exactly its limit and one beyond, and what it does not believe of its store. */
import { expect } from 'chai';
import { fromHex } from '../../src/bytes.ts';
import type { SequencerLimits } from '../../src/ledger/sequencer.ts';
import { leafHashKey, leafKey } from '../../src/ledger/store/keys.ts';
import { MemoryStorage, type MemoryImage } from '../../src/storage/memory.ts';
import type { Batch } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { build, correction, leafHashOf } from '../fixtures/attestations.ts';
import { GatedStorage } from './faulty.ts';
import { Site, appendAll, changeRow, flip, leaves, refusal, until } from './site.ts';

/** Notes how many entries each commit holds; a commit of a checkpoint holds none. */
class CountingStorage extends GatedStorage {
  readonly entries: number[] = [];

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    await super.commit(batch, expected, next);
    if (next.size !== expected?.size) this.entries.push(next.size - (expected?.size ?? 0));
  }
}

function lengthOf(...some: readonly Uint8Array[]): number {
  return some.reduce((sum, leaf) => sum + leaf.length, 0);
}

describe('a batch', () => {
  /** What the commits hold into which these leaves are divided when they have queued behind a first one. */
  async function batchesOf(all: readonly Uint8Array[], limits: Partial<SequencerLimits>): Promise<number[]> {
    const storage = new CountingStorage(new MemoryStorage());
    const ledger = await new Site().open({ storage, limits });
    const [first, ...rest] = all as [Uint8Array, ...Uint8Array[]];
    storage.gate.close();
    const answers = [ledger.append(first)];
    await until(() => storage.gate.passed === 3);
    answers.push(...rest.map((leaf) => ledger.append(leaf)));
    await until(() => ledger.health().queued === rest.length);
    storage.gate.open();
    await Promise.all(answers);
    await ledger.close();
    // Leaf 0 and the first one.
    return storage.entries.slice(2);
  }

  const all = leaves(4);
  const [, one, two, three] = all as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  it('takes entries up to exactly its bytes, and not one byte beyond', async () => {
    expect(await batchesOf(all, { batchBytes: lengthOf(one, two, three) })).to.deep.equal([3]);
    expect(await batchesOf(all, { batchBytes: lengthOf(one, two, three) - 1 })).to.deep.equal([2, 1]);
    expect(await batchesOf(all, { batchBytes: lengthOf(one, two) })).to.deep.equal([2, 1]);
    expect(await batchesOf(all, { batchBytes: lengthOf(one, two) - 1 })).to.deep.equal([1, 1, 1]);
  });

  it('takes one entry that is larger than all its bytes', async () => {
    expect(await batchesOf(all, { batchBytes: 1 })).to.deep.equal([1, 1, 1]);
  });

  it('takes exactly its number of entries, and not one more', async () => {
    expect(await batchesOf(all, { batchEntries: 3 })).to.deep.equal([3]);
    expect(await batchesOf(all, { batchEntries: 2 })).to.deep.equal([2, 1]);
  });
});

describe('the submission queue', () => {
  const [first, second, third, fourth] = leaves(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

  /** A ledger that is committing one entry, with one more in its queue. */
  async function queued(limits: Partial<SequencerLimits>) {
    const storage = new GatedStorage(new MemoryStorage());
    const ledger = await new Site().open({ storage, limits });
    storage.gate.close();
    const taken = [ledger.append(first)];
    await until(() => storage.gate.passed === 3);
    taken.push(ledger.append(second));
    await until(() => ledger.health().queued === 1);
    return { ledger, storage, taken };
  }

  it('is full at exactly its bytes, and has room one byte before', async () => {
    const full = await queued({ waitingBytes: second.length });
    expect(await refusal(full.ledger.append(third))).to.include({ code: 'queue-full' });
    const room = await queued({ waitingBytes: second.length + 1 });
    room.taken.push(room.ledger.append(third));
    await until(() => room.ledger.health().queued === 2);
    expect(await refusal(room.ledger.append(fourth))).to.include({ code: 'queue-full' });
    for (const { ledger, storage, taken } of [full, room]) {
      storage.gate.open();
      await Promise.all(taken);
      await ledger.close();
    }
  });

  it('has its bytes back when what waited is on its way', async () => {
    const { ledger, storage, taken } = await queued({ waitingBytes: second.length });
    storage.gate.open();
    await Promise.all(taken);
    const receipts = await appendAll(ledger, [third]);
    expect(receipts.map(({ index }) => index)).to.deep.equal([3]);
    await ledger.close();
  });

  it('is full at exactly its number of entries, those counted that are committed and not published', async () => {
    const { ledger, storage, taken } = await queued({ waitingEntries: 2 });
    // One is being committed, one is queued: room for one.
    taken.push(ledger.append(third));
    await until(() => ledger.health().queued === 2);
    expect(await refusal(ledger.append(fourth))).to.include({ code: 'queue-full' });
    storage.gate.open();
    await Promise.all(taken);
    await ledger.close();
  });
});

describe('the target of a correction', () => {
  const target = build({ seq: 1 });
  const targetHash = leafHashOf(target);

  /** Records the target, spoils a row, and offers the correction. */
  async function offered(spoil: (image: MemoryImage) => void) {
    const site = new Site();
    const ledger = await site.open();
    await ledger.append(target);
    spoil(site.image);
    const error = await refusal(ledger.append(correction({ target: targetHash })));
    const next = await refusal(ledger.append(leaves(2)[1] as Uint8Array));
    await ledger.close();
    return { error, next: next.code };
  }

  it('with other bytes than its hash ends all recording: it would say who may correct it', async () => {
    // As good as any entry, and the supervisor is among its signers: nothing but the hash tells.
    const other = leaves(1)[0] as Uint8Array;
    for (const change of [() => other, flip(-1), () => undefined]) {
      const { error, next } = await offered((image) => changeRow(image, leafKey(1), change));
      expect(error).to.include({ code: 'store-corrupt', index: 1 });
      expect(next).to.equal('store-corrupt');
    }
  });

  it('whose row leads to another entry ends all recording', async () => {
    const { error } = await offered((image) =>
      changeRow(image, leafHashKey(fromHex(targetHash, 32)), flip(-1)),
    );
    expect(error).to.include({ code: 'store-corrupt', index: 0 });
  });
});
