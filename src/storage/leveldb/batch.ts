/**
 * A record of the write-ahead log: the number of its first write, how many
 * there are, and each of them.
 */
import { Cursor } from './cursor.ts';
import type { Entry } from './internal-key.ts';
import type { LogRecord } from './log-file.ts';

/** Throws `Damage`. */
export function readBatch({ offset, bytes }: LogRecord): Entry[] {
  const cursor = new Cursor(bytes, offset);
  const sequence = cursor.uint64();
  const count = cursor.uint32();
  const entries: Entry[] = [];
  while (cursor.left > 0) {
    const type = cursor.byte();
    if (type > 1) throw cursor.damage(`a write is of unknown type ${type}`);
    const key = cursor.sized();
    const value = type === 1 ? cursor.sized() : undefined;
    entries.push({ key, sequence: sequence + entries.length, value });
  }
  if (entries.length !== count) throw cursor.damage('a batch has another number of writes than it says');
  return entries;
}
