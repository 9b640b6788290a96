import { expect } from 'chai';
import { verifyEd25519 } from '#ed25519';
import { LedgerError } from '../../src/errors.ts';
import type { Ledger, Receipt } from '../../src/ledger/ledger.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { checkpointKey } from '../../src/ledger/store/keys.ts';
import { parseNote } from '../../src/note/note.ts';
import { verifyConsistency } from '../../src/tlog/consistency.ts';
import { parseCheckpoint, type Checkpoint } from '../../src/note/checkpoint.ts';
import { EagerPublisher, FailingStorage, Gate, GatedAnchor, GatedStorage } from './faulty.ts';
import { Site, appendAll, checkReceipt, leaves, refusal, until } from './site.ts';

describe('waiting', () => {
  it('ends with recorded-not-published and the index once the entry is committed', async () => {
    const site = new Site();
    const anchor = new GatedAnchor();
    const ledger = await site.open({ anchor });
    anchor.gate.close();
    const [leaf] = leaves(1) as [Uint8Array];
    const gone = new AbortController();
    const answer = refusal(ledger.append(leaf, { signal: gone.signal }));
    await until(() => ledger.health().committedSize === 2);
    gone.abort();
    const error = await answer;
    expect(error).to.include({ code: 'recorded-not-published', index: 1 });
    expect(error.facts).to.deep.equal({ index: 1 });
    anchor.gate.open();
    const receipt = await ledger.append(leaf);
    expect(receipt).to.include({ status: 'known', index: 1 });
    checkReceipt(receipt, leaf);
    await ledger.close();
  });

  it('that ends before the commit undoes nothing', async () => {
    const site = new Site();
    const storage = new GatedStorage(new MemoryStorage(site.image));
    const ledger = await site.open({ storage, now: () => 1000 });
    storage.gate.close();
    const [first, second] = leaves(2) as [Uint8Array, Uint8Array];
    expect(await refusal(ledger.append(first, { deadline: 999 }))).to.include({ code: 'timeout' });
    expect(await refusal(ledger.append(second, { signal: AbortSignal.abort() }))).to.include({
      code: 'timeout',
    });
    storage.gate.open();
    const receipts = await appendAll(ledger, [first, second]);
    expect(receipts.map(({ index }) => index).toSorted((a, b) => a - b)).to.deep.equal([1, 2]);
    expect(ledger.health().committedSize).to.equal(3);
    await ledger.close();
  });

  it('ends for nobody before the entry is published', async () => {
    const anchor = new GatedAnchor();
    const ledger = await new Site().open({ anchor });
    anchor.gate.close();
    const early: Receipt[] = [];
    const answers = leaves(3).map(async (leaf) => early.push(await ledger.append(leaf)));
    await until(() => ledger.health().committedSize === 4);
    expect(early).to.deep.equal([]);
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
    anchor.gate.open();
    await Promise.all(answers);
    expect(early).to.have.length(3);
    await ledger.close();
  });

  it('would end too early with a publisher that acknowledges at commit, and this test would see it', async () => {
    const anchor = new GatedAnchor();
    const ledger = await new Site().open({ anchor, publisher: (parts) => new EagerPublisher(parts) });
    anchor.gate.close();
    const [leaf] = leaves(1) as [Uint8Array];
    const receipt = await ledger.append(leaf);
    expect(ledger.checkpoint()?.checkpoint.size).to.be.at.most(receipt.index);
    anchor.gate.open();
    await ledger.close();
  });
});

describe('a ledger with all it can hold', () => {
  it('turns away what is new, still answers for what is recorded, and forgets nothing that it took', async () => {
    const anchor = new GatedAnchor();
    const ledger = await new Site().open({ anchor, limits: { waitingEntries: 4 } });
    const [known, ...rest] = leaves(8) as [Uint8Array, ...Uint8Array[]];
    await ledger.append(known);
    anchor.gate.close();
    const taken = rest.slice(0, 4).map((leaf) => ledger.append(leaf));
    await until(
      () => ledger.health().committedSize - ledger.health().publishedSize + ledger.health().queued === 4,
    );
    expect(await refusal(ledger.append(rest[4] as Uint8Array))).to.include({ code: 'queue-full' });
    expect(await ledger.append(known)).to.include({ status: 'known', index: 1 });
    anchor.gate.open();
    for (const [i, receipt] of (await Promise.all(taken)).entries())
      checkReceipt(receipt, rest[i] as Uint8Array);
    expect(await ledger.append(rest[4] as Uint8Array)).to.include({ status: 'new', index: 6 });
    await ledger.close();
  });

  it('counts bytes too', async () => {
    const site = new Site();
    const storage = new GatedStorage(new MemoryStorage(site.image));
    const [first, second, third] = leaves(3) as [Uint8Array, Uint8Array, Uint8Array];
    const ledger = await site.open({ storage, limits: { waitingBytes: second.length } });
    storage.gate.close();
    const taken = [ledger.append(first)];
    await until(() => storage.gate.passed === 3);
    taken.push(ledger.append(second));
    await until(() => ledger.health().queued === 1);
    expect(await refusal(ledger.append(third))).to.include({ code: 'queue-full' });
    storage.gate.open();
    await Promise.all(taken);
    await ledger.close();
  });
});

describe('closing', () => {
  it('answers everything that was accepted and takes nothing more', async () => {
    const site = new Site();
    const ledger = await site.open();
    const answers = appendAll(ledger, leaves(50));
    const closing = ledger.close();
    expect(await refusal(ledger.append(leaves(51)[50] as Uint8Array))).to.include({ code: 'shutting-down' });
    const receipts = await answers;
    await closing;
    for (const [i, receipt] of receipts.entries()) checkReceipt(receipt, leaves(50)[i] as Uint8Array);
    expect(site.image.head?.size).to.equal(51);
    expect(site.anchor.head.size).to.equal(51);
    expect(ledger.ready).to.equal(false);
  });

  it('publishes what nobody waits for any more', async () => {
    const site = new Site();
    const anchor = new GatedAnchor();
    site.anchor = anchor;
    const ledger = await site.open();
    anchor.gate.close();
    const gone = new AbortController();
    const answer = refusal(ledger.append(leaves(1)[0] as Uint8Array, { signal: gone.signal }));
    await until(() => ledger.health().committedSize === 2);
    gone.abort();
    await answer;
    const closing = ledger.close();
    anchor.gate.open();
    await closing;
    expect(anchor.head.size).to.equal(2);
    const row = await new MemoryStorage(site.image).get(checkpointKey);
    expect(parseCheckpoint(parseNote(row ?? new Uint8Array()).text).size).to.equal(2);
    const again = await site.open();
    expect(again.checkpoint()?.checkpoint.size).to.equal(2);
    await again.close();
  });

  it('records what nobody waits for and admission has not yet let through', async () => {
    const site = new Site();
    const gate = new Gate();
    const ledger = await site.open({
      verify: async (...signed) => {
        await gate.pass();
        return verifyEd25519(...signed);
      },
    });
    gate.close();
    const gone = new AbortController();
    const answer = refusal(ledger.append(leaves(1)[0] as Uint8Array, { signal: gone.signal }));
    await until(() => gate.passed > 0);
    gone.abort();
    expect(await answer).to.include({ code: 'timeout' });
    const closing = ledger.close();
    gate.open();
    await closing;
    expect(site.anchor.head.size).to.equal(2);
    expect(ledger.health().error).to.equal(undefined);
  });

  it('right after the first opening leaves leaf 0 published', async () => {
    const site = new Site();
    const ledger = await site.open();
    const first = ledger.checkpoint();
    await ledger.close();
    const again = await site.open();
    expect(again.checkpoint()?.note).to.deep.equal(first?.note);
    await again.close();
  });
});

describe('a commit that fails', () => {
  const all = leaves(5);

  /** Appends one after the other until the ledger stops; what was acknowledged, and every checkpoint seen. */
  async function runUntilStopped(ledger: Ledger): Promise<{ receipts: Receipt[]; seen: Checkpoint[] }> {
    const receipts: Receipt[] = [];
    const seen: Checkpoint[] = [];
    for (const leaf of all) {
      try {
        receipts.push(await ledger.append(leaf));
        const served = ledger.checkpoint();
        if (served !== undefined) seen.push(served.checkpoint);
      } catch (error) {
        expect(error).to.be.instanceOf(LedgerError);
        expect((error as LedgerError).code).to.be.oneOf(['store-failed', 'recorded-not-published']);
      }
    }
    return { receipts, seen };
  }

  // Commits alternate: entries, their checkpoint, entries, … ; the first two are leaf 0's.
  for (const kept of [false, true]) {
    for (const at of [1, 2, 3, 4, 5, 6, 7, 8]) {
      it(`stops the ledger at commit ${at}, ${kept ? 'kept' : 'lost'}, and nothing acknowledged is gone after`, async () => {
        const site = new Site();
        const storage = new FailingStorage(new MemoryStorage(site.image), { at, kept });
        let before: { receipts: Receipt[]; seen: Checkpoint[] } = { receipts: [], seen: [] };
        try {
          const ledger = await site.open({ storage });
          before = await runUntilStopped(ledger);
          expect((await ledger.failed).code).to.equal('store-failed');
          expect(ledger.ready).to.equal(false);
          expect(await refusal(ledger.append(all[4] as Uint8Array))).to.include({ code: 'store-failed' });
          await ledger.close();
        } catch (error) {
          expect(at).to.be.at.most(2);
          expect(error).to.include({ code: 'store-failed' });
        }
        const ledger = await site.open();
        for (const { index, leafHash } of before.receipts) {
          expect(await ledger.indexOf(leafHash)).to.equal(index);
          expect((await ledger.inclusion({ index })).index).to.equal(index);
        }
        for (const { size, root } of before.seen) {
          const { hashes, toRoot } = await ledger.consistency({
            from: size,
            to: ledger.health().publishedSize,
          });
          verifyConsistency({
            from: size,
            fromRoot: root,
            to: ledger.health().publishedSize,
            toRoot,
            proof: hashes,
          });
        }
        const receipts = await appendAll(ledger, all);
        expect(receipts.map(({ index }) => index).toSorted((a, b) => a - b)).to.deep.equal([1, 2, 3, 4, 5]);
        for (const { index, leafHash } of before.receipts) {
          expect(receipts.find((receipt) => receipt.leafHash === leafHash)?.index).to.equal(index);
        }
        await ledger.close();
      });
    }
  }

  it('refuses all that wait, each with a code', async () => {
    const site = new Site();
    const gated = new GatedStorage(new MemoryStorage(site.image));
    const storage = new FailingStorage(gated, { at: 4, kept: false });
    const ledger = await site.open({ storage, limits: { batchEntries: 1 } });
    gated.gate.close();
    const results = Promise.allSettled(leaves(4).map((leaf) => ledger.append(leaf)));
    await until(() => ledger.health().queued === 3);
    gated.gate.open();
    const codes = (await results).map((result) =>
      result.status === 'rejected' ? result.reason.code : 'none',
    );
    expect(codes[0]).to.equal('recorded-not-published');
    expect(codes.slice(1)).to.deep.equal(['store-failed', 'store-failed', 'store-failed']);
    await ledger.close();
  });
});

describe('an anchor that another writer took', () => {
  it('stops the ledger before anything is signed or acknowledged', async () => {
    const site = new Site();
    const ledger = await site.open();
    site.anchor.advance = async () => {
      throw new LedgerError('anchor-taken', 'another process goes on');
    };
    const error = await refusal(ledger.append(leaves(1)[0] as Uint8Array));
    expect(error).to.include({ code: 'recorded-not-published', got: 'anchor-taken' });
    expect((await ledger.failed).code).to.equal('anchor-taken');
    expect(ledger.checkpoint()?.checkpoint.size).to.equal(1);
    expect(await refusal(ledger.append(leaves(2)[1] as Uint8Array))).to.include({ code: 'anchor-taken' });
    await ledger.close();
  });
});
