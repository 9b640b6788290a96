/**
 * A block of a table: rows whose keys leave out what they share with the key
 * before, and the offsets at which a key stands in full.
 */
import { Cursor, readUint32 } from './cursor.ts';
import { Damage } from './damage.ts';

export interface BlockRow {
  /** As it stands in the block: an internal key, or a name. */
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `at`: where the block lies in its file. Throws `Damage`. */
export function readBlock(contents: Uint8Array, at: number): BlockRow[] {
  const end = contents.length - 4;
  const restarts = end < 0 ? 0 : readUint32(contents, end);
  if (restarts < 1 || restarts * 4 > end)
    throw new Damage(at, 'a block has not the table of keys that it says');
  const rowsEnd = end - restarts * 4;
  const cursor = new Cursor(contents.subarray(0, rowsEnd), at);
  const rows: BlockRow[] = [];
  let before: Uint8Array = new Uint8Array();
  let restart = 0;
  while (cursor.left > 0) {
    const rowAt = cursor.at;
    const shared = cursor.varint();
    const own = cursor.varint();
    const valueLength = cursor.varint();
    if (shared > before.length) throw cursor.damage('a key shares more than the key before it has');
    // LevelDB jumps to these offsets: one that is none of a full key makes it read beyond its memory.
    if (restart < restarts && readUint32(contents, rowsEnd + restart * 4) === rowAt) {
      if (shared !== 0) throw cursor.damage('a key that should stand in full does not');
      restart += 1;
    }
    const rest = cursor.take(own);
    const key = new Uint8Array(shared + own);
    key.set(before.subarray(0, shared));
    key.set(rest, shared);
    rows.push({ key, value: cursor.take(valueLength) });
    before = key;
  }
  // An empty block has one offset, which leads to its end.
  if (restart !== restarts && !(rows.length === 0 && restarts === 1)) {
    throw new Damage(at, 'an offset in a block leads to no key');
  }
  return rows;
}
