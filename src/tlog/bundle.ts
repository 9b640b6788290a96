/**
 * Entry bundles: the entries of up to 256 leaves, one after the other, each
 * behind its length in two bytes, big-endian. C2SP tlog-tiles, "Log entries".
 *
 *     0005 68656c6c6f  0002 6869         "hello" and "hi": a bundle of width 2
 *
 * Bundle n holds the leaves of tile (0, n); each entry's leaf hash stands
 * there.
 */
import { concat } from '../bytes.ts';
import { assert, LedgerError } from '../errors.ts';
import { tileWidth } from './tile.ts';

/** Bytes in the longest entry that the length prefix can say. */
export const maxEntryBytes = 65_535;

/** The bundle of 1 to 256 entries. Throws `too-large` for an entry beyond 65,535 bytes. */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  assert(entries.length >= 1 && entries.length <= tileWidth, 'a bundle holds 1 to 256 entries');
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > maxEntryBytes) {
        throw new LedgerError('too-large', 'an entry does not fit into an entry bundle', {
          expected: `at most ${maxEntryBytes} bytes`,
          got: `${entry.length} bytes`,
        });
      }
      return [Uint8Array.of(Math.floor(entry.length / 256), entry.length % 256), entry];
    }),
  );
}

/**
 * The `width` entries of a bundle, as views of its bytes. Throws
 * `malformed-tile` if there are fewer or more, or anything is left over: a
 * reader who stopped early would let a server append bytes that no hash covers.
 */
export function parseEntryBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  assert(Number.isInteger(width) && width >= 1 && width <= tileWidth, 'a bundle holds 1 to 256 entries');
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const high = bytes[at];
    const low = bytes[at + 1];
    if (high === undefined || low === undefined) throw malformed(width, `${entries.length} entries`);
    const start = at + 2;
    at = start + high * 256 + low;
    if (at > bytes.length) throw malformed(width, `an entry that ends after the bundle`);
    entries.push(bytes.subarray(start, at));
  }
  if (at !== bytes.length) throw malformed(width, `${bytes.length - at} bytes after the last entry`);
  return entries;
}

function malformed(width: number, got: string): LedgerError {
  return new LedgerError('malformed-tile', 'not an entry bundle of this width', {
    expected: `${width} entries, each behind two bytes of length, and nothing else`,
    got,
  });
}
