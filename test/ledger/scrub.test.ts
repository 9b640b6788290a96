import { expect } from 'chai';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger.ts';
import { Scrub, type ScrubLimits } from '../../src/ledger/scrub.ts';
import { leafKey } from '../../src/ledger/store/keys.ts';
import { openLevel, type LevelStore } from '../../src/storage/level.ts';
import {
  MemoryAnchor,
  appendAll,
  ed25519Key,
  flip,
  genesis,
  leaves,
  origin,
  refusal,
  until,
} from './site.ts';

const unhurried: ScrubLimits = { share: 1, bytesPerSecond: Infinity, pauseMs: 0 };

describe('a scrub', () => {
  let dir: string;
  let storage: LevelStore;
  let ledger: Ledger;
  let anchor: MemoryAnchor;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-scrub-'));
    anchor = new MemoryAnchor();
    await open(true);
    await appendAll(ledger, leaves(120));
    await ledger.close();
    // Opened once more, LevelDB puts what is in the log into a table.
    await open(false);
  });
  afterEach(async () => {
    await ledger.close();
    await rm(dir, { recursive: true });
  });

  const open = async (create: boolean): Promise<void> => {
    storage = await openLevel(dir, { create });
    ledger = await Ledger.open({ storage, anchor, logKeys: [ed25519Key], genesis, origin });
  };
  const scrub = (limits: Partial<ScrubLimits> = {}): Scrub => {
    const errors: unknown[] = [];
    return new Scrub({
      database: dir,
      ledger,
      limits: { ...unhurried, ...limits },
      onError: (error) => errors.push(error),
    });
  };

  it('goes over a sound store again and again, also while it grows', async () => {
    const running = scrub();
    running.start();
    const more = appendAll(ledger, leaves(160).slice(120));
    await until(() => running.progress.rounds >= 3);
    await more;
    await running.stop();
    expect(ledger.health().damage).to.equal(undefined);
    expect(running.progress.bytes).to.be.greaterThan(3 * 120 * 500);
    expect(running.progress.roundAt).to.be.closeTo(Date.now(), 60_000);
  });

  it('meets a flipped bit in a block, and with it all recording ends', async () => {
    const name = (await readdir(dir)).find((name) => name.endsWith('.ldb')) ?? '';
    await writeFile(join(dir, name), flip(5000)(await readFile(join(dir, name))));
    const running = scrub();
    running.start();
    expect((await ledger.halted).facts).to.include({ file: name });
    await running.stop();
    expect(running.progress.rounds).to.equal(0);
    expect(await refusal(ledger.append(leaves(301)[300] ?? new Uint8Array()))).to.include({
      code: 'store-corrupt',
    });
    // Whoever closes it has waited for the note; without a word it would come at some later time.
    await ledger.close();
    expect(await readFile(join(dir, 'DAMAGED'), 'utf8')).to.include(name);
  });

  it('meets an entry that is wrong under a checksum of its own', async () => {
    const [head, leaf] = [await storage.head(), await storage.get(leafKey(7))];
    if (head === undefined || leaf === undefined) throw new Error('the store has leaf 7');
    await storage.commit({ puts: [[leafKey(7), flip(100)(leaf)]] }, head, head);
    const running = scrub();
    running.start();
    expect(await ledger.halted).to.include({ code: 'store-corrupt', index: 7 });
    await running.stop();
  });

  it('reads no faster than it may', async () => {
    const running = scrub({ bytesPerSecond: 2 ** 20 });
    const begun = performance.now();
    running.start();
    await until(() => running.progress.bytes > 400_000);
    const seconds = (performance.now() - begun) / 1000;
    await running.stop();
    // What is read before the first rest and before the last is not waited for yet.
    expect(seconds).to.be.greaterThan((400_000 - 2 ** 18) / 2 ** 20);
  });

  it('ends at once when it is told to, in the middle of a rest', async () => {
    const running = scrub({ pauseMs: 1e8 });
    running.start();
    await until(() => running.progress.rounds === 1);
    await running.stop();
  });
});
