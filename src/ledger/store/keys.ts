/**
 * Row keys. One ASCII letter, then fields of fixed width or with their length
 * before them, so that the order of the keys is the order of what they name
 * and no two rows can share one key.
 *
 *   l index                 leaf: the bytes of the entry
 *   t level index           full tile: 256 hashes of 32 bytes
 *   h leaf hash             index of the entry with these bytes
 *   n length source seq     index of the entry with this number of the stream
 *   a version               index of the authority document of this version
 *   i kind length value index   search row, empty
 *   c                       the newest cosigned checkpoint, a signed note
 *   p                       when it was published
 *   k time                  an earlier cosigned checkpoint: the last one of an archive interval
 *
 * Index, version, seq and time (seconds since 1970) are 8 bytes, big-endian; level and kind one byte; length
 * two bytes. A value that is an index or a time is 8 bytes, big-endian. The tree head is
 * the storage's own row.
 */
import { LRUCache } from 'lru-cache';
import { concat, fromHex, readUint64, uint64, utf8 } from '../../bytes.ts';
import { LedgerError, assert } from '../../errors.ts';
import { searchRows } from '../../attestation/search-fields.ts';
import type { SearchRowName } from '../../attestation/search-fields.ts';
import type { Hash } from '../../tlog/hash.ts';

/** The rows whose keys begin with `gte`, up to but excluding `lt`. */
export interface KeyRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

const letter = (text: string): Uint8Array => utf8(text);

const leaf = letter('l');
const tile = letter('t');
const leafHash = letter('h');
const sourceNumber = letter('n');
const authority = letter('a');
const search = letter('i');
const archive = letter('k');

/** The row of the newest cosigned checkpoint. */
export const checkpointKey: Uint8Array = letter('c');

/** The row of the time at which that checkpoint was published. */
export const publishedKey: Uint8Array = letter('p');

/** The archived checkpoint that was published at `time`, in seconds. */
export function archiveKey(time: number): Uint8Array {
  return concat(archive, uint64(time));
}

/** Archived checkpoints published from `from` up to but excluding `to`. */
export function archiveRange(from: number, to: number): KeyRange {
  return { gte: archiveKey(from), lt: archiveKey(to) };
}

export function leafKey(index: number): Uint8Array {
  return concat(leaf, uint64(index));
}

/** Leaves `from` up to but excluding `to`. */
export function leafRange(from: number, to: number): KeyRange {
  return { gte: leafKey(from), lt: leafKey(to) };
}

export function tileKey(level: number, index: number): Uint8Array {
  return concat(tile, Uint8Array.of(level), uint64(index));
}

export function leafHashKey(hash: Hash): Uint8Array {
  return concat(leafHash, hash);
}

/** All rows that lead from a leaf hash to its index. */
export const leafHashRange: KeyRange = { gte: leafHash, lt: next(leafHash) };

/** The leaf hash in the key of such a row. */
export function hashOfLeafHashKey(key: Uint8Array): Hash {
  return key.slice(1);
}

export function sourceNumberKey(source: string, seq: number): Uint8Array {
  return concat(sourceNumber, withLength(utf8(source)), uint64(seq));
}

export function authorityKey(version: number): Uint8Array {
  return concat(authority, uint64(version));
}

export const authorityRange: KeyRange = { gte: authority, lt: next(authority) };

/** Prefixes of signers, products and the like, which come again and again. */
const prefixes = new LRUCache<string, Uint8Array>({ max: 1024 });

/**
 * What all search rows of one name and value begin with; the index follows. The
 * bytes are shared: they are not to be changed. Throws `bad-hex`.
 */
export function searchPrefix(row: SearchRowName, value: string): Uint8Array {
  if (searchRows[row].recurs !== true) return makePrefix(row, value);
  const name = `${row} ${value}`;
  let prefix = prefixes.get(name);
  if (prefix === undefined) {
    prefix = makePrefix(row, value);
    prefixes.set(name, prefix);
  }
  return prefix;
}

function makePrefix(row: SearchRowName, value: string): Uint8Array {
  const { byte, hex } = searchRows[row];
  const bytes = hex === true ? fromHex(value) : utf8(value);
  return concat(search, Uint8Array.of(byte), withLength(bytes));
}

export function searchKey(prefix: Uint8Array, index: number): Uint8Array {
  return concat(prefix, uint64(index));
}

/** Search rows below one prefix with an index from `from` up to but excluding `to`. */
export function searchRange(prefix: Uint8Array, from: number, to: number): KeyRange {
  return { gte: searchKey(prefix, from), lt: searchKey(prefix, to) };
}

/** The index at the end of a search row's key. */
export function indexOfSearchKey(key: Uint8Array): number {
  return readIndex(key.subarray(key.length - 8));
}

/** The time in the key of an archived checkpoint. */
export function timeOfArchiveKey(key: Uint8Array): number {
  return readIndex(key.subarray(1));
}

export function indexValue(index: number): Uint8Array {
  return uint64(index);
}

/** The index, or the time, in a row's value. Throws `store-corrupt`: every such value is of our own writing. */
export function readIndex(value: Uint8Array): number {
  try {
    if (value.length === 8) return readUint64(value);
  } catch {
    // Falls through: an index beyond 2^53 was not written by us either.
  }
  throw new LedgerError('store-corrupt', 'a row of the store does not hold the number that it should', {
    expected: '8 bytes, below 2^53',
    got: `${value.length} bytes`,
  });
}

function withLength(value: Uint8Array): Uint8Array {
  assert(value.length < 2 ** 16, 'the schemas bound every value that is indexed');
  return concat(Uint8Array.of(value.length >> 8, value.length & 0xff), value);
}

function next(prefix: Uint8Array): Uint8Array {
  const bytes = prefix.slice();
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}
