/**
 * Looking at a store without changing a byte: for commands that must work on what
 * is damaged, on a full disk, on a medium that takes no writes, beside a server
 * that runs. What cannot be looked at is not spoken against.
 */
import { LedgerError } from '../../errors.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import { takeSnapshot } from '../../storage/leveldb/snapshot.ts';
import type { Finding } from '../../storage/leveldb/damage.ts';

/**
 * Gives `look` the rows of a database as they are, and what is wrong with its
 * files. Rows that are lost with a damaged log do not show, so what
 * is there is to be held against a signed root. Throws `store-missing`,
 * and `store-unreadable` for what access or the disk keeps from being read.
 */
export async function lookAt<T>(
  database: string,
  look: (storage: LevelFiles, findings: readonly Finding[]) => Promise<T>,
): Promise<T> {
  return readable(async () => {
    const snapshot = await takeSnapshot(database);
    const storage = LevelFiles.of(snapshot);
    try {
      return await look(storage, snapshot.findings);
    } finally {
      await storage.close();
    }
  });
}

/** Runs `look`, which writes nothing: a failure of the disk under it teaches nothing about the log. */
export async function readable<T>(look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code !== 'store-failed') throw error;
    const { message, expected, got, cause } = error;
    throw new LedgerError('store-unreadable', message, { expected, got, cause });
  }
}
