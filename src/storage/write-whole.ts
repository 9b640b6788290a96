import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './sync-directory.ts';

/** What `writeWhole` calls a file before it is whole. */
export const unfinished = '.tmp';

/**
 * Writes a file that lasts, whole or not at all: a crash leaves the old one, or
 * none, and perhaps `<path>.tmp`, which the next writing of the path replaces.
 * One writer for a path at a time.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}${unfinished}`;
  try {
    await writeFile(temporary, bytes, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}
