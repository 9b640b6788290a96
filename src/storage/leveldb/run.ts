/**
 * Tables whose keys do not overlap, in the order of their keys: a level, or one
 * table of the first level. Blocks and indexes that were read last are kept.
 */
import { LRUCache } from 'lru-cache';
import { compare } from '../../bytes.ts';
import { findingOf, refusalOf } from './damage.ts';
import { numbered } from './names.ts';
import type { Entry } from './internal-key.ts';
import type { SnapshotTable } from './snapshot.ts';
import { Table } from './table.ts';
import { spanOf } from './version.ts';

/** User keys `gte <= key < lt`. */
export interface Bounds {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
  readonly reverse: boolean;
}

/** What was read of the tables and may be read again. */
export class ReadBlocks {
  readonly #tables = new LRUCache<number, Table>({ max: 512 });
  readonly #blocks = new LRUCache<string, readonly Entry[]>({ max: 1024 });

  /** Throws `store-corrupt`, `store-unreadable`. */
  async table({ meta, file }: SnapshotTable): Promise<Table> {
    const kept = this.#tables.get(meta.number);
    if (kept !== undefined) return kept;
    const name = `${numbered(meta.number)}.ldb`;
    if (file === undefined) {
      throw refusalOf({ kind: 'damage', file: name, offset: 0, what: 'the table is missing' });
    }
    const table = await orCorrupt(file.name, () => Table.open(file));
    this.#tables.set(meta.number, table);
    return table;
  }

  async entries(snapshot: SnapshotTable, block: number): Promise<readonly Entry[]> {
    const id = `${snapshot.meta.number} ${block}`;
    const kept = this.#blocks.get(id);
    if (kept !== undefined) return kept;
    const table = await this.table(snapshot);
    const name = snapshot.file?.name ?? '';
    const entries = await orCorrupt(name, () => table.entries(block));
    this.#blocks.set(id, entries);
    return entries;
  }
}

async function orCorrupt<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw refusalOf(findingOf(error, file));
  }
}

export class Run {
  readonly #tables: readonly SnapshotTable[];
  readonly #read: ReadBlocks;

  constructor(tables: readonly SnapshotTable[], read: ReadBlocks) {
    this.#tables = tables;
    this.#read = read;
  }

  /** The newest write of `key` in this run. */
  async find(key: Uint8Array): Promise<Entry | undefined> {
    for (let t = this.#tableFor(key); t < this.#tables.length; t++) {
      const snapshot = this.#tables[t] as SnapshotTable;
      if (compare(spanOf(snapshot.meta).gte, key) > 0) return undefined;
      const table = await this.#read.table(snapshot);
      for (let block = table.blockFor(key); block < table.blocks.length; block++) {
        const entries = await this.#read.entries(snapshot, block);
        const entry = entries[lowerBound(entries, key)];
        if (entry !== undefined) return compare(entry.key, key) === 0 ? entry : undefined;
      }
    }
    return undefined;
  }

  /** All writes within the bounds, block by block, in the order of the keys or against it. */
  async *chunks({ gte, lt, reverse }: Bounds): AsyncGenerator<readonly Entry[]> {
    const inside = this.#tables.filter(({ meta }) => {
      const span = spanOf(meta);
      return compare(span.gte, lt) < 0 && compare(span.lte, gte) >= 0;
    });
    for (const snapshot of reverse ? inside.reverse() : inside) {
      const table = await this.#read.table(snapshot);
      const from = table.blockFor(gte);
      const to = Math.min(table.blockFor(lt) + 1, table.blocks.length);
      for (let i = 0; i < to - from; i++) {
        const entries = await this.#read.entries(snapshot, reverse ? to - 1 - i : from + i);
        const part = entries.slice(lowerBound(entries, gte), lowerBound(entries, lt));
        yield reverse ? part.reverse() : part;
      }
    }
  }

  /** The first table that may hold `key` or a larger one. */
  #tableFor(key: Uint8Array): number {
    let [low, high] = [0, this.#tables.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { meta } = this.#tables[middle] as SnapshotTable;
      if (compare(spanOf(meta).lte, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** How many entries have a smaller key. */
export function lowerBound(entries: readonly Entry[], key: Uint8Array): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare((entries[middle] as Entry).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
