import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyDatabase } from '../../../src/storage/leveldb/copy.ts';
import { LevelFiles } from '../../../src/storage/leveldb/level-files.ts';
import { openLevel } from '../../../src/storage/level.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { uint64 } from '../../../src/bytes.ts';
import { Random } from '../../random.ts';
import { refusal } from '../../ledger/site.ts';

/** What no compression makes smaller. */
const random = new Random(5);
const noise: Uint8Array = Uint8Array.from({ length: 61_000 }, () => random.below(256));

/** Row `n` of commit `n`: large, so that tables are made and put together all the time. */
function rowsOf(n: number): [Uint8Array, Uint8Array][] {
  return [
    [Uint8Array.of(0x6c, ...uint64(n)), noise.subarray(n, n + 60_000)],
    [Uint8Array.of(0x63), uint64(n)],
  ];
}

const headAt = (size: number): { size: number; root: Uint8Array } => ({
  size,
  root: new Uint8Array(32).fill(size % 251),
});

async function append(storage: Storage, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    await storage.commit({ puts: rowsOf(n) }, n === 0 ? undefined : headAt(n), headAt(n + 1));
  }
}

describe('a copy of a database', () => {
  let root: string;
  const at = (name: string): string => join(root, name);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'isal-copy-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('taken while tables come and go has every row up to its head, and opens', async function () {
    this.timeout(120_000);
    const storage = await openLevel(at('db'), { create: true });
    await append(storage, 0, 40);
    const state = { writing: true };
    const written = append(storage, 40, 240).finally(() => (state.writing = false));
    let copies = 0;
    while (state.writing) {
      const copy = at(`copy-${copies++}`);
      await mkdir(copy);
      await copyDatabase(at('db'), copy);
      const view = await LevelFiles.open(copy);
      const size = (await view.head())?.size ?? 0;
      expect(size).to.be.at.least(40);
      // The rows that one commit wrote with the head are there, and all before them.
      expect(await view.get(Uint8Array.of(0x63))).to.deep.equal(uint64(size - 1));
      let rows = 0;
      for await (const _ of view.range({ gte: Uint8Array.of(0x6c), lt: Uint8Array.of(0x6d) })) rows += 1;
      expect(rows).to.equal(size);
      await view.close();
      const opened = await openLevel(copy, { create: false });
      expect((await opened.head())?.size).to.equal(size);
      await opened.close();
      await rm(copy, { recursive: true });
    }
    await written;
    await storage.close();
    expect(copies).to.be.above(1);
  });

  it('changes nothing in the original, and takes no lock of it', async () => {
    const storage = await openLevel(at('db'), { create: true });
    await append(storage, 0, 5);
    const before = await readdir(at('db'));
    await mkdir(at('copy'));
    await copyDatabase(at('db'), at('copy'));
    expect(await readdir(at('db'))).to.deep.equal(before);
    expect(await readdir(at('copy'))).not.to.include('LOCK');
    await append(storage, 5, 8);
    await storage.close();
  });

  it('is refused where there is no database, or no manifest', async () => {
    await mkdir(at('db'));
    await mkdir(at('copy'));
    expect((await refusal(copyDatabase(at('db'), at('copy')))).code).to.equal('store-missing');
    await writeFile(join(at('db'), 'CURRENT'), 'MANIFEST-000099\n');
    expect((await refusal(copyDatabase(at('db'), at('copy')))).code).to.equal('store-corrupt');
    expect(await readdir(at('copy'))).to.deep.equal([]);
  });
});
