/**
 * What is left of a damaged database: rows that can be read and have their
 * checksums, and no way to write. LevelDB is never opened on it.
 */
import type { LedgerError } from '../../errors.ts';
import type { Head } from '../../tlog/head.ts';
import type { Range, Row, Storage } from '../storage.ts';
import { LevelFiles } from './level-files.ts';

export class DamagedStore implements Storage {
  readonly #files: LevelFiles;
  /** Why nothing is written. */
  readonly damage: LedgerError;

  private constructor(files: LevelFiles, damage: LedgerError) {
    this.#files = files;
    this.damage = damage;
  }

  /** Throws `store-corrupt` where too much is damaged to say of any row that it is not there. */
  static async open(dir: string, damage: LedgerError): Promise<DamagedStore> {
    return new DamagedStore(await LevelFiles.open(dir), damage);
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#files.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#files.getMany(keys);
  }

  range(range: Range): AsyncIterable<Row> {
    return this.#files.range(range);
  }

  head(): Promise<Head | undefined> {
    return this.#files.head();
  }

  async commit(): Promise<void> {
    throw this.damage;
  }

  async close(): Promise<void> {
    await this.#files.close();
  }
}
