import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevel } from '../../src/storage/level.ts';
import { storageSuite } from './suite.ts';

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
