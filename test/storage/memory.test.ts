import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import { storageSuite } from './suite.ts';

storageSuite('memory', async () => {
  const image = new MemoryImage();
  return { open: async () => new MemoryStorage(image), remove: async () => undefined };
});
