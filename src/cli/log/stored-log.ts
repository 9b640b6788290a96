/**
 * What is left of a log in the files of a database, read as far as it can be: for
 * one who holds all of it against known roots.
 */
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import { LedgerError } from '../../errors.ts';
import type { ArchivedCheckpoint } from '../../ledger/archive.ts';
import {
  archiveRange,
  checkpointKey,
  leafKey,
  leafRange,
  timeOfArchiveKey,
} from '../../ledger/store/keys.ts';
import { equal } from '../../bytes.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import { takeSnapshot } from '../../storage/leveldb/snapshot.ts';

export class StoredLog {
  readonly storage: LevelFiles;

  private constructor(storage: LevelFiles) {
    this.storage = storage;
  }

  /** Throws `store-missing`, `store-failed`; damage is met by the reader of what it hides. */
  static async open(database: string): Promise<StoredLog> {
    return new StoredLog(LevelFiles.of(await takeSnapshot(database)));
  }

  /** From leaf `from` on, without a gap, as far as they go. */
  async *leaves(from: number): AsyncGenerator<Uint8Array> {
    let index = from;
    for await (const [key, leaf] of this.storage.range(leafRange(from, Number.MAX_SAFE_INTEGER))) {
      if (!equal(key, leafKey(index))) return;
      yield leaf;
      index += 1;
    }
  }

  /** The checkpoints of the archive that can be read; their trees are for the caller to compare. */
  async archived(): Promise<ArchivedCheckpoint[]> {
    const found: ArchivedCheckpoint[] = [];
    try {
      for await (const [key, note] of this.storage.range(archiveRange(0, Number.MAX_SAFE_INTEGER))) {
        const time = timeOfArchiveKey(key);
        found.push({ time, note, checkpoint: parseCheckpoint(parseNote(note).text) });
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
    return found;
  }

  /** The checkpoint that was published last, if it can be read; its signatures are for the caller to verify. */
  async published(): Promise<Uint8Array | undefined> {
    try {
      return await this.storage.get(checkpointKey);
    } catch (error) {
      if (error instanceof LedgerError) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}
