/** What the files of a database still hold, whatever the database says is in it. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * LevelDB's tables, logs and manifests. Not its LOCK: POSIX gives up a
 * process's lock as soon as it closes any descriptor of the file, so looking
 * into it would let a second process in.
 */
const dataFile = /\.(?:ldb|sst|log|dbtmp)$|^MANIFEST-|^LOG/;

/** Whether any file in the directory of an uncompressed database holds one of the pieces. */
export async function filesHold(dir: string, pieces: readonly Uint8Array[]): Promise<boolean> {
  for (const name of await readdir(dir)) {
    if (!dataFile.test(name)) continue;
    const bytes = await readIfThere(join(dir, name));
    if (bytes !== undefined && pieces.some((piece) => bytes.includes(Buffer.from(piece)))) return true;
  }
  return false;
}

/** LevelDB may remove a file between the listing and the reading; then it holds nothing. */
async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
