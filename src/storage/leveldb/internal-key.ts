/**
 * The keys of LevelDB's tables: the user's key, then the number of the write
 * and whether it put or deleted, in eight bytes. Newer writes of one key come first.
 */
import { readUint32 } from './cursor.ts';
import { Damage } from './damage.ts';

/** One write of one key; `value` is undefined where it deleted. */
export interface Entry {
  readonly key: Uint8Array;
  readonly sequence: number;
  readonly value: Uint8Array | undefined;
}

const trailerSize = 8;

/** The user's key in an internal key, which may be a made-up one between two that exist. */
export function userKeyOf(internal: Uint8Array, at: number): Uint8Array {
  if (internal.length < trailerSize) throw new Damage(at, 'a key is shorter than its trailer');
  return internal.subarray(0, internal.length - trailerSize);
}

/** The write that a table has under `internal`. Throws `Damage`. */
export function entryOf(internal: Uint8Array, value: Uint8Array, at: number): Entry {
  const key = userKeyOf(internal, at);
  const low = readUint32(internal, key.length);
  const high = readUint32(internal, key.length + 4);
  const type = low & 0xff;
  if (type > 1) throw new Damage(at, `a row is of unknown type ${type}`);
  if (high >= 2 ** 29) throw new Damage(at, 'the number of a write is larger than any database has');
  return { key, sequence: high * 2 ** 24 + (low >>> 8), value: type === 1 ? value : undefined };
}
