import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../../src/bytes.ts';
import { log } from '../../../src/cli/log/commands.ts';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import { checkpointKey, leafKey } from '../../../src/ledger/store/keys.ts';
import { formatCheckpoint } from '../../../src/note/checkpoint.ts';
import { formatNote, signNote } from '../../../src/note/note.ts';
import { formatPolicy } from '../../../src/note/policy.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { emptyRoot } from '../../../src/tlog/hash.ts';
import { build, dataAccess, leafHashOf } from '../../fixtures/attestations.ts';
import { ed25519Key, flip, genesis, origin, policy } from '../../ledger/site.ts';
import { formatEntryBundle, parseEntryBundle } from '../../../src/tlog/bundle.ts';
import { Network } from '../../hostile/answers.ts';
import { replaceByLoop } from '../../storage/leveldb/databases.ts';
import { Desk } from '../desk.ts';

/** Every file below a directory: its bytes, and when they were written. */
async function filesIn(directory: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs } = await stat(path);
    found[path] = `${mtimeMs} ${entry.isFile() ? (await readFile(path)).toString('hex') : ''}`;
  }
  return found;
}

describe('isal log fsck of a directory', () => {
  let directory: string;
  let desk: Desk;

  beforeEach(async () => {
    desk = await Desk.open([]);
    directory = await mkdtemp(join(tmpdir(), 'isal-fsck-'));
    const trust = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
    await writeFile(join(directory, 'trust.json'), JSON.stringify(trust));
    await Anchor.create(join(directory, 'anchor'), { size: 0, root: emptyRoot });
    const ledger = await Ledger.open({
      storage: await openLevel(join(directory, 'db'), { create: true }),
      anchor: await Anchor.open(join(directory, 'anchor')),
      logKeys: [ed25519Key],
      genesis,
      origin,
    });
    for (const leaf of [build({ seq: 1 }), build({ seq: 3 }), dataAccess()]) await ledger.append(leaf);
    await ledger.close();
  });
  afterEach(async () => {
    await desk.close();
    await rm(directory, { recursive: true });
  });

  it('derives leaves, tiles, index, anchor and authority again, and lists skipped numbers', async () => {
    const { status, stdout, error } = await desk.run(log, 'fsck', directory);
    expect(status, error?.message).to.equal(0);
    for (const label of ['Checkpoint', 'Leaves', 'Tiles', 'Index', 'Anchor', 'Entries', 'Authorised']) {
      expect(stdout).to.match(new RegExp(`^✓ ${label} `, 'm'));
    }
    expect(stdout).to.match(/^\? Gap +number 2 of builds$/m);
  });

  it('says which leaf was changed in a store that opens without a word', async () => {
    const storage = await openLevel(join(directory, 'db'), { create: false });
    const head = await storage.head();
    const leaf = await storage.get(leafKey(2));
    if (head === undefined || leaf === undefined) throw new Error('the store has leaf 2');
    await storage.commit({ puts: [[leafKey(2), flip(500)(leaf)]] }, head, head);
    await storage.close();
    const { status, error } = await desk.run(log, 'fsck', directory);
    expect(status).to.equal(1);
    expect(error).to.include({ code: 'store-corrupt', index: 2 });
  });

  it('refuses a published checkpoint of another tree, or of a larger one, though the log signed it', async () => {
    for (const [size, code] of [
      [2, 'root-mismatch'],
      [40, 'store-corrupt'],
    ] as const) {
      const text = formatCheckpoint({ origin, size, root: new Uint8Array(32).fill(9), extensions: [] });
      const storage = await openLevel(join(directory, 'db'), { create: false });
      const head = await storage.head();
      if (head === undefined) throw new Error('the store has a head');
      await storage.commit(
        { puts: [[checkpointKey, utf8(formatNote(signNote(text, [ed25519Key])))]] },
        head,
        head,
      );
      await storage.close();
      expect((await desk.run(log, 'fsck', directory)).error?.code).to.equal(code);
    }
  });

  it('refuses a store that is older than its anchor, or of another tree', async () => {
    const anchor = await Anchor.open(join(directory, 'anchor'));
    await anchor.advance({ size: 9, root: new Uint8Array(32).fill(7) });
    expect((await desk.run(log, 'fsck', directory)).error?.code).to.equal('store-behind-anchor');
    await rm(join(directory, 'anchor'), { recursive: true });
    await Anchor.create(join(directory, 'anchor'), { size: 2, root: new Uint8Array(32).fill(7) });
    const { status, error } = await desk.run(log, 'fsck', directory);
    expect(status).to.equal(1);
    expect(error?.code).to.equal('root-mismatch');
    expect(error?.message).to.contain('the anchor');
  });

  it('writes nothing, and looks at a store that another process has open', async () => {
    const before = await filesIn(directory);
    expect((await desk.run(log, 'fsck', directory)).status).to.equal(0);
    expect(await filesIn(directory)).to.deep.equal(before);
    const storage = await openLevel(join(directory, 'db'), { create: false });
    const { status, error } = await desk.run(log, 'fsck', directory);
    await storage.close();
    expect(status, error?.message).to.equal(0);
  });

  it('says nothing against what it cannot look at', async () => {
    await replaceByLoop(join(directory, 'db', 'CURRENT'));
    const { status, error } = await desk.run(log, 'fsck', directory);
    expect(error?.code).to.equal('store-unreadable');
    expect(status).to.equal(5);
  });

  it('says so where a directory stands in the place of a file', async () => {
    await rm(join(directory, 'db', 'CURRENT'));
    await mkdir(join(directory, 'db', 'CURRENT'));
    const { status, error } = await desk.run(log, 'fsck', directory);
    expect(error?.code).to.equal('store-corrupt');
    expect(status).to.equal(1);
  });

  it('refuses a store with no anchor, and none at all', async () => {
    await rm(join(directory, 'anchor'), { recursive: true });
    expect((await desk.run(log, 'fsck', directory)).error?.code).to.equal('anchor-missing');
    await rm(join(directory, 'db'), { recursive: true });
    await mkdir(join(directory, 'anchor'));
    expect((await desk.run(log, 'fsck', directory)).error?.code).to.equal('store-missing');
  });
});

describe('isal log fsck of a URL', () => {
  let desk: Desk;
  before(async () => {
    desk = await Desk.open([build({ seq: 1 }), build({ seq: 2 }), dataAccess()]);
  });
  after(() => desk.close());

  it('names the first place that is wrong, by leaf and path', async () => {
    for (const [wrong, index, path] of [
      ['tile/0/000.p/4', 1, 'tile/0/000.p/4'],
      ['tile/entries/000.p/4', 1, 'tile/0/000.p/4'],
    ] as const) {
      const network = new Network(desk.server.url);
      const { status, error } = await network.run(
        () => desk.offline(log, 'fsck', desk.server.url),
        (asked, honest) => {
          if (asked !== wrong) return honest;
          if (wrong === path) return { ...honest, body: flip(40)(honest.body) };
          const entries = parseEntryBundle(honest.body, 4);
          const body = formatEntryBundle(entries.with(1, flip(300)(entries[1] ?? new Uint8Array())));
          return { ...honest, body };
        },
      );
      expect(status).to.equal(1);
      expect(error).to.deep.include({ code: 'leaf-mismatch', index });
      expect(error?.facts['path']).to.equal(path);
    }
  });
});
