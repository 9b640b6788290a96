/**
 * Storage in LevelDB: the only file that knows LevelDB, and the only place
 * that writes to it. Every write is one synced batch. Without the sync a power
 * cut loses acknowledged entries and can leave a database that does not open.
 *
 * After each commit, and before its caller hears of it, the fence (fence.ts)
 * must stand. It is asked before each write as well: a process that was fenced
 * off must not write another byte, since LevelDB would reuse file numbers that
 * belong to the new owner by now.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Level } from 'level';
import { LedgerError, excerpt } from '../errors.ts';
import { compare } from '../bytes.ts';
import { CommitLine } from './commit-line.ts';
import { Fence, linkedLock, lockHolder } from './fence.ts';
import { checkLevelFiles } from './leveldb/check.ts';
import { findingOf, isGrave, refusalOf } from './leveldb/damage.ts';
import { readWhole } from './leveldb/files.ts';
import { LevelFiles } from './leveldb/level-files.ts';
import { damagedMarker } from './leveldb/names.ts';
import { assertKey, firstKey, formatHead, headKey, parseHead } from './storage.ts';
import type { Batch, Range, Row, Storage } from './storage.ts';
import type { Head } from '../tlog/head.ts';
import { syncDirectory } from './sync-directory.ts';

/** Rows that a range read fetches at a time: an entry bundle's worth. */
const rowsPerStep = 256;

/**
 * Opens the database in `dir`, or makes it where `create` is true.
 *
 * Throws `store-exists` or `store-missing` when there is one, or none, against
 * `create`; `store-locked` when a process has it open; `store-corrupt` when
 * the files, LevelDB or the head row show damage; `store-failed` when it cannot be
 * read. The files are looked at before LevelDB is: it ends the process on some
 * damage, and overlooks and rewrites the rest. What a checksum does not show, such
 * as an older copy, the anchor and the tree's own hashes decide.
 *
 * Without `compression` a value stands in the files as it is, so that it can be
 * looked for there.
 */
export async function openLevel(
  dir: string,
  { create, compression = true }: { readonly create: boolean; readonly compression?: boolean },
): Promise<LevelStore> {
  const exists = await isFile(join(dir, 'CURRENT'));
  if (create && exists) {
    throw new LedgerError('store-exists', `there is a database in ${dir} already`, {
      expected: 'no database',
    });
  }
  if (!create && !exists) {
    throw new LedgerError('store-missing', `there is no database in ${dir}`, { expected: 'a database' });
  }
  if (create) await mkdir(dir, { recursive: true });
  if (!create) await requireSound(dir);
  const fence = fenceIn(dir);
  const db = new Level<Uint8Array, Uint8Array>(dir, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    createIfMissing: create,
    errorIfExists: create,
    compression,
  });
  try {
    await db.open();
    fence.raise();
    // A crash before this sync may leave no directory, or one without a
    // database in it: creating it again succeeds or says `store-exists`.
    if (create) for (const path of [dir, dirname(resolve(dir))]) await syncDirectory(path);
    return new LevelStorage(dir, db, fence, await readHead(db));
  } catch (error) {
    await db.close();
    fence.lower();
    throw openingError(dir, error);
  }
}

/** Storage on a disk, which keeps what was deleted or overwritten until it is rewritten. */
export interface LevelStore extends Storage {
  distrust(damage: LedgerError): Promise<void>;

  /**
   * Writes the tables anew that hold keys `gte <= key <= lte`, without the
   * values in them that later commits have replaced. A value may survive one
   * call, where it and its successor went into one table together: overwrite it
   * once more and call again.
   */
  rewrite(keys: { readonly gte: Uint8Array; readonly lte: Uint8Array }): Promise<void>;
}

/**
 * Bytes of tables that an opening reads whole, the newest tables first; of the rest it reads
 * footer and index. That is all of a ledger of some hundred thousand entries, and a second or two
 * of any other; `Scrub` reads what is left.
 */
const openingBytes = 2 ** 28;

/**
 * Throws `store-corrupt` for damage in the files. The last record of the log alone is left to
 * LevelDB, which drops it if it is torn: whether anything signed is lost with it, the anchor knows.
 */
async function requireSound(dir: string): Promise<void> {
  // A process that has it open looked at it; what that one writes meanwhile is no damage.
  if (lockHolder(dir) !== undefined) return;
  const marker = await readWhole(dir, damagedMarker).catch((error: unknown) => {
    throw refusalOf(findingOf(error, damagedMarker));
  });
  if (marker !== undefined) {
    throw new LedgerError('store-corrupt', 'a row of this database was found damaged before', {
      expected: `a sound database: isal store check DIR names what is damaged; if it finds nothing, remove ${damagedMarker} from the database`,
      got: excerpt(Buffer.from(marker).toString('latin1').trim(), 300),
    });
  }
  for await (const finding of checkLevelFiles(dir, { blockBytes: openingBytes, rows: false })) {
    if (isGrave(finding)) throw refusalOf(finding);
  }
}

class LevelStorage implements LevelStore {
  readonly #dir: string;
  readonly #db: Level<Uint8Array, Uint8Array>;
  readonly #fence: Fence;
  readonly #line: CommitLine;
  #closed: Promise<void> | undefined;

  /** Set once, when a row was found damaged; never cleared. */
  #distrusted: Promise<void> | undefined;
  /** What is read then, in place of LevelDB. */
  #files: LevelFiles | undefined;

  constructor(dir: string, db: Level<Uint8Array, Uint8Array>, fence: Fence, head: Head | undefined) {
    this.#dir = dir;
    this.#db = db;
    this.#fence = fence;
    this.#line = new CommitLine(head);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#files !== undefined) return this.#files.get(key);
    assertKey(key);
    const value = await this.#read(() => this.#db.get(key));
    return value === undefined ? undefined : plain(value);
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    if (this.#files !== undefined) return this.#files.getMany(keys);
    keys.forEach(assertKey);
    const values = await this.#read(() => this.#db.getMany([...keys]));
    return values.map((value) => (value === undefined ? undefined : plain(value)));
  }

  async *range(range: Range): AsyncGenerator<Row, void, undefined> {
    if (this.#files !== undefined) {
      yield* this.#files.range(range);
      return;
    }
    const { gte, lt, limit = Infinity, reverse = false } = range;
    this.#line.check();
    const from = compare(gte, firstKey) < 0 ? firstKey : gte;
    if (compare(from, lt) >= 0) return;
    const iterator = this.#db.iterator({ gte: from, lt, limit, reverse });
    try {
      for (;;) {
        const rows = await this.#read(() => iterator.nextv(rowsPerStep));
        if (rows.length === 0) return;
        for (const [key, value] of rows) {
          this.#line.check();
          yield [plain(key), plain(value)];
        }
      }
    } finally {
      await iterator.close();
    }
  }

  async head(): Promise<Head | undefined> {
    return this.#line.head();
  }

  async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    if (this.#distrusted !== undefined) {
      throw new LedgerError(
        'store-corrupt',
        'a row of the store was found damaged, so nothing is written to it',
        {
          expected: 'a sound store; isal store check DIR names what is damaged',
        },
      );
    }
    await this.#line.commit(batch, expected, next, async () => {
      this.#fence.check();
      // Chained, because an array of operations costs twice the work per row.
      const commit = this.#db.batch();
      for (const [key, value] of batch.puts) commit.put(key, value);
      for (const key of batch.deletes ?? []) commit.del(key);
      commit.put(headKey, formatHead(next));
      await commit.write({ sync: true });
      // A crash here leaves a commit that no caller was told of: it is found at
      // the next opening, and signed and published then.
      this.#fence.check();
    });
  }

  async rewrite({ gte, lte }: { gte: Uint8Array; lte: Uint8Array }): Promise<void> {
    assertKey(gte);
    this.#fence.check();
    await this.#read(() => (this.#db as unknown as Compacting).compactRange(gte, lte));
    this.#fence.check();
  }

  /**
   * From here on rows are read from the files by `LevelFiles`, which refuses a damaged
   * block where LevelDB may end the process. LevelDB stays open, and idle, for its lock.
   */
  distrust({ message }: LedgerError): Promise<void> {
    this.#distrusted ??= this.#line.idle().then(async () => {
      // A row may be wrong under a checksum of its own, and then the next opening would not see it. It lies
      // with the database and goes with it; on a disk that takes no file, the next reader meets the row again.
      await writeFile(join(this.#dir, damagedMarker), `${message}\n`).catch(() => {});
      try {
        this.#files = await LevelFiles.open(this.#dir);
      } catch (error) {
        // The manifest or a log is damaged too: LevelDB has in memory what they held.
        if (!(error instanceof LedgerError)) throw error;
      }
    });
    return this.#distrusted;
  }

  async close(): Promise<void> {
    this.#closed ??= this.#line.close().then(async () => {
      await this.#distrusted;
      await this.#files?.close();
      await this.#db.close();
      this.#fence.lower();
    });
    await this.#closed;
  }

  /** A read that LevelDB refuses stops nothing, but it is never taken for an absent row. */
  async #read<T>(read: () => Promise<T>): Promise<T> {
    this.#line.check();
    try {
      return await read();
    } catch (cause) {
      this.#line.check();
      throw storeError('the database could not be read', cause);
    }
  }
}

/** What LevelDB offers in Node and `level` does not declare, since browsers lack it. */
interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>;
}

function fenceIn(dir: string): Fence {
  try {
    return new Fence(dir);
  } catch (error) {
    throw openingError(dir, error);
  }
}

/** The head row; undefined in a store that nothing was committed to. Throws `store-corrupt`. */
async function readHead(db: Level<Uint8Array, Uint8Array>): Promise<Head | undefined> {
  const row = await db.get(headKey);
  if (row !== undefined) return parseHead(plain(row));
  for await (const _ of db.keys({ limit: 1 })) {
    throw new LedgerError('store-corrupt', 'the store has rows but no head row', {
      expected: 'a head row',
      got: 'none',
    });
  }
  return undefined;
}

function openingError(dir: string, error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (codeOf(cause) === 'LEVEL_LOCKED') {
    // The lock may be that of the original, of which this is a copy by links.
    const linked = linkedLock(dir);
    if (linked !== undefined) return linked;
    const holder = lockHolder(dir);
    const who = holder === undefined ? 'another process' : `another process (${holder})`;
    return new LedgerError(
      'store-locked',
      `${who} has the database in ${dir} open; stop it first, only one may write`,
      {
        expected: 'a database that no process has open',
        cause,
      },
    );
  }
  return storeError(`the database in ${dir} could not be opened`, cause);
}

function storeError(message: string, cause: unknown): LedgerError {
  return new LedgerError(codeOf(cause) === 'LEVEL_CORRUPTION' ? 'store-corrupt' : 'store-failed', message, {
    got: cause instanceof Error ? cause.message : 'an error',
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** LevelDB answers with Buffers, whose `slice` shares memory where a Uint8Array's copies. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
    throw new LedgerError('store-failed', `${path} cannot be read`, { cause: error });
  }
}
