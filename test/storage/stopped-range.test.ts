/** A read of many rows ends with the storage: what is read of a store that was fenced off is nobody's any more. */
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/bytes.ts';
import { openLevel } from '../../src/storage/level.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { expectCode, headOf } from './suite.ts';

describe('a range that is being read when the storage stops', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-range-'));
  });

  afterEach(async () => rm(dir, { recursive: true }));

  const stores: Readonly<Record<string, () => Promise<Storage>>> = {
    memory: async () => new MemoryStorage(),
    LevelDB: async () => openLevel(join(dir, 'db'), { create: true }),
  };

  for (const [name, open] of Object.entries(stores)) {
    it(`gives no further row, over ${name}`, async () => {
      const storage = await open();
      const puts = ['a', 'b', 'c'].map((key) => [utf8(key), utf8(key)] as const);
      await storage.commit({ puts }, undefined, headOf(1));
      const rows = storage.range({ gte: utf8('a'), lt: utf8('z') })[Symbol.asyncIterator]();
      expect((await rows.next()).done).to.equal(false);
      await storage.close();
      await expectCode(rows.next(), 'store-failed');
    });
  }
});
