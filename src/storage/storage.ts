/**
 * Storage: sorted rows of bytes and the tree head that they belong to.
 *
 * There is one write path, `commit`: a compare-and-swap on the head. The rows
 * and the next head become durable together or not at all, so of two writers
 * that start from one head at most one wins. A row that says nothing new about
 * the tree (a cosigned checkpoint, say) goes the same way with the head
 * unchanged.
 *
 * Keys are sorted by unsigned bytes. A key begins with a byte of at least
 * 0x01: what lies below belongs to the storage itself. One row is there now:
 *
 *     key    00
 *     value  size (uint64, big-endian) || root (32 bytes)
 */
import { LedgerError, assert } from '../errors.ts';
import { concat, readUint64, uint64 } from '../bytes.ts';
import type { Head } from '../tlog/head.ts';

export type Row = readonly [key: Uint8Array, value: Uint8Array];

/** What one commit writes. The arrays are handed over: the caller changes them no more. */
export interface Batch {
  readonly puts: readonly Row[];
  readonly deletes?: readonly Uint8Array[];
}

/** The half-open range of keys `gte <= key < lt`, from its end where `reverse`, at most `limit` rows. */
export interface Range {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly limit?: number;
  readonly reverse?: boolean;
}

/**
 * The side of a storage that changes nothing.
 *
 * Every method, here and of `Storage`, throws `store-failed` once a commit has
 * failed or the storage is closed, and `store-locked` once another process may
 * be writing. A failed commit may or may not be on the disk, so nothing can be
 * trusted until the store is opened anew and read again.
 */
export interface StorageReader {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;

  /** The values in the order of the keys. */
  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>;

  /** The rows as they were when the first one was asked for: commits in between do not show. */
  range(range: Range): AsyncIterable<Row>;

  /** The head of the last commit; undefined before the first one. */
  head(): Promise<Head | undefined>;
}

export interface Storage extends StorageReader {
  /**
   * Writes `batch` and `next` in one atomic, durable step, if the head is
   * still `expected`; `next` may equal it. Commits that are called while one
   * is running wait in line, and each compares when its turn comes.
   *
   * Throws `head-conflict` when the head is another one: nothing is written
   * and the storage goes on. Throws `store-failed` or `store-locked` when the
   * write failed or cannot be trusted: the storage has stopped.
   */
  commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void>;

  /**
   * To be called when a row was found damaged. Nothing is committed any more
   * (`store-corrupt`), and reads go on past whatever would end the process on
   * damage; so it is at the next opening too. Storage that knows no damage has none of it.
   */
  distrust?(damage: LedgerError): Promise<void>;

  /** Waits for commits that were called before, then releases the store. */
  close(): Promise<void>;
}

/** The key of the head row. */
export const headKey: Uint8Array = Uint8Array.of(0);

/** The smallest key that callers may use. */
export const firstKey: Uint8Array = Uint8Array.of(1);

export function formatHead(head: Head): Uint8Array {
  assert(Number.isSafeInteger(head.size) && head.size >= 0, 'a tree size is a safe integer');
  assert(head.root.length === 32, 'a root is 32 bytes');
  return concat(uint64(head.size), head.root);
}

/** The head in a head row. Throws `store-corrupt`: only damage makes a row that `formatHead` did not. */
export function parseHead(row: Uint8Array): Head {
  if (row.length !== 40 || (row[0] ?? 0) !== 0 || (row[1] ?? 0) > 0x1f) {
    throw new LedgerError('store-corrupt', 'the head row of the store is damaged', {
      expected: 'a size up to 2^53 - 1 and a 32-byte root',
      got: `${row.length} bytes`,
    });
  }
  return { size: readUint64(row), root: row.slice(8) };
}

/** The storage's own rows are out of reach: a caller could otherwise move the head without a commit. */
export function assertKey(key: Uint8Array): void {
  assert((key[0] ?? 0) >= 1, 'a row key begins with a byte of at least 0x01');
}
