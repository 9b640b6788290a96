/**
 * The rows of a LevelDB database read from its files: without LevelDB, without
 * its lock, and without a byte written. LevelDB itself cannot be asked of a
 * store that may be damaged, since it ends the process on some of it, nor of
 * one on a medium that cannot be written, since it writes when it opens.
 *
 * What is read are the rows of one moment. Every block is compared with its
 * checksum before it is used; a row in a damaged one is answered with
 * `store-corrupt`, and all others are still there.
 */
import { compare, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import type { Head } from '../../tlog/head.ts';
import { assertKey, firstKey, headKey, parseHead } from '../storage.ts';
import type { Range, Row, StorageReader } from '../storage.ts';
import { isGrave, refusalOf } from './damage.ts';
import type { Entry } from './internal-key.ts';
import { ReadBlocks, Run, lowerBound, type Bounds } from './run.ts';
import { takeSnapshot, type Snapshot } from './snapshot.ts';

export class LevelFiles implements StorageReader {
  readonly #snapshot: Snapshot;
  /** Of each key the newest write that is in no table yet, sorted. */
  readonly #newest: readonly Entry[];
  /** From the newest to the oldest: each table of the first level, then the other levels. */
  readonly #runs: readonly Run[];

  private constructor(snapshot: Snapshot) {
    const read = new ReadBlocks();
    const [first = [], ...sorted] = snapshot.levels;
    this.#snapshot = snapshot;
    this.#newest = newestOf(snapshot.writes);
    this.#runs = [...first.map((table) => [table]), ...sorted].map((tables) => new Run(tables, read));
  }

  /**
   * Throws `store-missing`, `store-unreadable`, and `store-corrupt` where any row
   * may be missing without a trace: damage to the manifest or to a log. Damage to a table
   * is met by whoever asks for a row in it.
   */
  static async open(dir: string): Promise<LevelFiles> {
    const snapshot = await takeSnapshot(dir);
    const damage = snapshot.findings.find((finding) => isGrave(finding) && finding.rows === undefined);
    if (damage === undefined) return new LevelFiles(snapshot);
    await snapshot.close();
    throw refusalOf(damage);
  }

  /** Of a snapshot whose findings the caller has looked at, and which is closed with the view. */
  static of(snapshot: Snapshot): LevelFiles {
    return new LevelFiles(snapshot);
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    assertKey(key);
    return this.#find(key);
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    keys.forEach(assertKey);
    const values: (Uint8Array | undefined)[] = [];
    for (const key of keys) values.push(await this.#find(key));
    return values;
  }

  async *range({ gte, lt, limit = Infinity, reverse = false }: Range): AsyncGenerator<Row, void, undefined> {
    const from = compare(gte, firstKey) < 0 ? firstKey : gte;
    if (compare(from, lt) >= 0) return;
    let left = limit;
    for await (const row of this.#merged({ gte: from, lt, reverse })) {
      if (left-- <= 0) return;
      yield row;
    }
  }

  /** Throws `store-corrupt`. */
  async head(): Promise<Head | undefined> {
    const row = await this.#find(headKey);
    if (row !== undefined) return parseHead(row);
    for await (const _ of this.range({ gte: firstKey, lt: Uint8Array.of(0xff), limit: 1 })) {
      throw new LedgerError('store-corrupt', 'the store has rows but no head row', {
        expected: 'a head row',
        got: 'none',
      });
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.#snapshot.close();
  }

  async #find(key: Uint8Array): Promise<Uint8Array | undefined> {
    const written = this.#newest[lowerBound(this.#newest, key)];
    if (written !== undefined && compare(written.key, key) === 0) return written.value?.slice();
    for (const run of this.#runs) {
      const entry = await run.find(key);
      if (entry !== undefined) return entry.value?.slice();
    }
    return undefined;
  }

  async *#merged(bounds: Bounds): AsyncGenerator<Row> {
    const sources = [new Source(written(this.#newest, bounds))];
    for (const run of this.#runs) sources.push(new Source(run.chunks(bounds)));
    const sign = bounds.reverse ? -1 : 1;
    for (;;) {
      let next: Uint8Array | undefined;
      for (const source of sources) {
        const key = (await source.entry())?.key;
        if (key !== undefined && (next === undefined || sign * compare(key, next) < 0)) next = key;
      }
      if (next === undefined) return;
      const newest = await newestWrite(sources, next);
      if (newest?.value !== undefined) yield [newest.key.slice(), newest.value.slice()];
    }
  }
}

/** Chunks of entries, taken one entry at a time. */
class Source {
  readonly #chunks: AsyncIterator<readonly Entry[]>;
  #chunk: readonly Entry[] = [];
  #at = 0;
  #ended = false;

  constructor(chunks: AsyncIterator<readonly Entry[]>) {
    this.#chunks = chunks;
  }

  /** The one that is next, which stays so; undefined at the end. */
  async entry(): Promise<Entry | undefined> {
    while (this.#at === this.#chunk.length && !this.#ended) {
      const { done, value } = await this.#chunks.next();
      this.#ended = done === true;
      this.#chunk = done === true ? [] : value;
      this.#at = 0;
    }
    return this.#chunk[this.#at];
  }

  take(): void {
    this.#at += 1;
  }
}

/** Takes all writes of `key`, which are next in their sources, and returns the newest. */
async function newestWrite(sources: readonly Source[], key: Uint8Array): Promise<Entry | undefined> {
  let newest: Entry | undefined;
  for (const source of sources) {
    for (;;) {
      const entry = await source.entry();
      if (entry === undefined || compare(entry.key, key) !== 0) break;
      source.take();
      if (newest === undefined || entry.sequence > newest.sequence) newest = entry;
    }
  }
  return newest;
}

async function* written(
  newest: readonly Entry[],
  { gte, lt, reverse }: Bounds,
): AsyncGenerator<readonly Entry[]> {
  const part = newest.slice(lowerBound(newest, gte), lowerBound(newest, lt));
  yield reverse ? part.reverse() : part;
}

function newestOf(writes: readonly Entry[]): readonly Entry[] {
  const byKey = new Map<string, Entry>();
  for (const write of writes) {
    const name = toHex(write.key);
    const before = byKey.get(name);
    if (before === undefined || before.sequence < write.sequence) byKey.set(name, write);
  }
  return [...byKey.values()].sort((a, b) => compare(a.key, b.key));
}
