import { expect } from 'chai';
import { Level } from 'level';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLevel } from '../../src/storage/level.ts';
import type { Row, StorageReader } from '../../src/storage/storage.ts';
import { LedgerError } from '../../src/errors.ts';
import { utf8 } from '../../src/bytes.ts';
import { expectCode, headOf, storageSuite } from './suite.ts';

storageSuite('LevelDB', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'isal-level-'));
  let create = true;
  return {
    open: async () => {
      const storage = await openLevel(dir, { create });
      create = false;
      return storage;
    },
    remove: async () => rm(dir, { recursive: true }),
  };
});

describe('opening LevelDB', () => {
  let parent: string;
  let dir: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-open-'));
    dir = join(parent, 'deep', 'db');
  });

  afterEach(async () => rm(parent, { recursive: true }));

  const fill = async (): Promise<void> => {
    const storage = await openLevel(dir, { create: true });
    await storage.commit({ puts: [[utf8('a'), utf8('1')]] }, undefined, headOf(1));
    await storage.close();
  };

  const rawRow = async (key: Uint8Array, value: Uint8Array): Promise<void> => {
    const options = { keyEncoding: 'view', valueEncoding: 'view' } as const;
    const db = new Level<Uint8Array, Uint8Array>(dir, options);
    await db.put(key, value);
    await db.close();
  };

  it('creates only where there is none, and opens only where there is one', async () => {
    await expectCode(openLevel(dir, { create: false }), 'store-missing');
    expect(await readdir(parent)).to.deep.equal([]);
    await fill();
    await expectCode(openLevel(dir, { create: true }), 'store-exists');
    const storage = await openLevel(dir, { create: false });
    expect(await storage.head()).to.deep.equal(headOf(1));
    await storage.close();
  });

  it('takes a file in place of the directory for no database', async () => {
    await writeFile(join(parent, 'deep'), '');
    await expectCode(openLevel(dir, { create: false }), 'store-missing');
  });

  it('opens a database whose LOCK is gone, as a copy without it is', async () => {
    await fill();
    await rm(join(dir, 'LOCK'));
    const storage = await openLevel(dir, { create: false });
    await storage.commit({ puts: [] }, headOf(1), headOf(2));
    await storage.close();
  });

  it('refuses a head row of another length, or with a size beyond 2^53 - 1', async () => {
    await fill();
    for (const bad of [new Uint8Array(39), new Uint8Array(41), new Uint8Array(40).fill(0xff), utf8('')]) {
      await rawRow(Uint8Array.of(0), bad);
      await expectCode(openLevel(dir, { create: false }), 'store-corrupt');
    }
    const largest = new Uint8Array(40).fill(0xff).fill(0, 0, 1).fill(0x1f, 1, 2);
    await rawRow(Uint8Array.of(0), largest);
    const storage = await openLevel(dir, { create: false });
    expect((await storage.head())?.size).to.equal(Number.MAX_SAFE_INTEGER);
    await storage.close();
  });

  it('refuses a database of others: rows without a head row', async () => {
    await (await openLevel(dir, { create: true })).close();
    await rawRow(utf8('a'), utf8('1'));
    await expectCode(openLevel(dir, { create: false }), 'store-corrupt');
  });

  it('says damaged or unreadable, and can be tried again, when files of LevelDB are bad', async () => {
    await fill();
    const current = await readFile(join(dir, 'CURRENT'), 'utf8');
    await truncate(join(dir, 'CURRENT'), 5);
    await expectCode(openLevel(dir, { create: false }), 'store-corrupt');
    await writeFile(join(dir, 'CURRENT'), 'MANIFEST-999999\n');
    await expectCode(openLevel(dir, { create: false }), 'store-corrupt');
    await writeFile(join(dir, 'CURRENT'), current);
    await (await openLevel(dir, { create: false })).close();
  });
});

async function allRows(storage: StorageReader): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of storage.range({ gte: utf8('a'), lt: utf8('z') })) rows.push(row);
  return rows;
}

describe('a damaged row in LevelDB', () => {
  it('ends all commits, and what is read afterwards comes from the files', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'isal-distrust-'));
    const dir = join(parent, 'db');
    const storage = await openLevel(dir, { create: true });
    const rows = Array.from(
      { length: 300 },
      (_, i) => [utf8(`row ${i}`), new Uint8Array(300).fill(i)] as const,
    );
    await storage.commit({ puts: rows }, undefined, headOf(1));
    await storage.rewrite({ gte: utf8('a'), lte: utf8('z') });
    await storage.commit({ puts: [[utf8('last'), utf8('in the log')]] }, headOf(1), headOf(2));
    const before = await allRows(storage);
    await storage.distrust(new LedgerError('store-corrupt', 'row 0 is damaged'));
    await expectCode(storage.commit({ puts: [] }, headOf(2), headOf(3)), 'store-corrupt');
    const names = (await readdir(dir)).filter((name) => name.endsWith('.ldb'));
    for (const name of names) {
      const bytes = await readFile(join(dir, name));
      bytes[10] = (bytes[10] ?? 0) ^ 4;
      await writeFile(join(dir, name), bytes);
    }
    await expectCode(storage.get(utf8('row 0')), 'store-corrupt');
    const readable = { gte: utf8('row 2'), lt: utf8('z') };
    for await (const row of storage.range(readable)) expect(before).to.deep.include(row);
    expect(await storage.getMany([utf8('last'), utf8('row 99')])).to.deep.equal([
      utf8('in the log'),
      new Uint8Array(300).fill(99),
    ]);
    await storage.close();
    // Also where every checksum holds, the next opening knows of it.
    const error: unknown = await openLevel(dir, { create: false }).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'store-corrupt', got: 'row 0 is damaged' });
    await rm(parent, { recursive: true });
  });

  it('is refused at opening with a code, and LevelDB is not asked', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'isal-damaged-'));
    const dir = join(parent, 'db');
    const storage = await openLevel(dir, { create: true });
    await storage.commit({ puts: [[utf8('a'), new Uint8Array(5000).fill(1)]] }, undefined, headOf(1));
    await storage.rewrite({ gte: utf8('a'), lte: utf8('z') });
    await storage.close();
    const name = (await readdir(dir)).find((name) => name.endsWith('.ldb')) ?? '';
    const bytes = await readFile(join(dir, name));
    bytes[10] = (bytes[10] ?? 0) ^ 4;
    await writeFile(join(dir, name), bytes);
    const names = await readdir(dir);
    const error: unknown = await openLevel(dir, { create: false }).catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'store-corrupt' });
    expect((error as { expected: string }).expected).to.include('isal store check');
    expect(await readdir(dir)).to.deep.equal(names);
    await rm(parent, { recursive: true });
  });
});

describe('the one write path', () => {
  const src = fileURLToPath(new URL('../../../src/', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const sourceOf = (path: string): string =>
    readFileSync(join(src, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

  it('lets no file but storage/level.ts reach LevelDB', () => {
    const imports = /\b(?:from|import|require)\s*\(?\s*['"`](?:level|[a-z]+-level)['"`]/;
    const users = files.filter((path) => imports.test(sourceOf(path)));
    expect(users).to.deep.equal([join('storage', 'level.ts')]);
  });

  it('is one synced batch there', () => {
    const source = sourceOf(join('storage', 'level.ts'));
    expect(source.match(/[\w#]+\.(?:put|del|batch|clear|write)\(/g)).to.deep.equal([
      '#db.batch(',
      'commit.put(',
      'commit.del(',
      'commit.put(',
      'commit.write(',
    ]);
    expect(source.match(/\bsync:[^,}]*/g)).to.deep.equal(['sync: true ']);
  });
});
