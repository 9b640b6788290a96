/**
 * Storage in memory, for tests and for tools that keep nothing. It behaves as
 * `level.ts` does, but for durability; both run one conformance suite.
 */
import { assert } from '../errors.ts';
import { CommitLine } from './commit-line.ts';
import { assertKey, firstKey } from './storage.ts';
import type { Batch, Range, Row, Storage } from './storage.ts';
import type { Head } from '../tlog/head.ts';

/** What outlives a `MemoryStorage`, as a directory outlives a process. One storage at a time owns it. */
export class MemoryImage {
  /** One character for each byte of a key: the order of such texts is that of unsigned bytes. */
  readonly rows: Map<string, Uint8Array> = new Map();
  /** The keys of `rows`, sorted. */
  readonly keys: string[] = [];
  head: Head | undefined;
}

export class MemoryStorage implements Storage {
  readonly #image: MemoryImage;
  readonly #line: CommitLine;

  constructor(image: MemoryImage = new MemoryImage()) {
    this.#image = image;
    this.#line = new CommitLine(image.head);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    assertKey(key);
    this.#line.check();
    return this.#image.rows.get(textOf(key))?.slice();
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(assertKey);
    this.#line.check();
    return keys.map((key) => this.#image.rows.get(textOf(key))?.slice());
  }

  async *range({ gte, lt, limit = Infinity, reverse = false }: Range): AsyncGenerator<Row, void, undefined> {
    this.#line.check();
    const { keys, rows } = this.#image;
    const from = positionOf(keys, maxText(textOf(gte), textOf(firstKey)));
    const to = Math.max(from, positionOf(keys, textOf(lt)));
    const count = Math.min(limit, to - from);
    const chosen = reverse ? keys.slice(to - count, to).reverse() : keys.slice(from, from + count);
    // Both copies are taken before the first row leaves, so that later commits do not show.
    const found = chosen.map((key): Row => [bytesOf(key), rows.get(key)?.slice() ?? new Uint8Array()]);
    for (const row of found) {
      this.#line.check();
      yield row;
    }
  }

  async head(): Promise<Head | undefined> {
    return this.#line.head();
  }

  async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    await this.#line.commit(batch, expected, next, () => {
      assert(next.root.length === 32, 'a root is 32 bytes');
      for (const [key, value] of batch.puts) this.#put(textOf(key), value.slice());
      for (const key of batch.deletes ?? []) this.#delete(textOf(key));
      this.#image.head = { size: next.size, root: next.root.slice() };
    });
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  #put(key: string, value: Uint8Array): void {
    const { keys, rows } = this.#image;
    if (!rows.has(key)) keys.splice(positionOf(keys, key), 0, key);
    rows.set(key, value);
  }

  #delete(key: string): void {
    const { keys, rows } = this.#image;
    if (rows.delete(key)) keys.splice(positionOf(keys, key), 1);
  }
}

/** The number of keys below `key`. */
function positionOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function maxText(a: string, b: string): string {
  return a < b ? b : a;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}
