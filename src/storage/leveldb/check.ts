/**
 * Every file of a database read and compared with its checksums.
 *
 *     for await (const finding of checkLevelFiles(dir)) …
 *
 * A checksum knows what was written. That what was written is right, the tree
 * knows: LevelDB rewrites its tables without looking at the checksums of the
 * old ones, so a flipped bit may stand under a checksum of its own in a new one.
 */
import { compare } from '../../bytes.ts';
import { Damage, findingOf, type Finding, type KeySpan } from './damage.ts';
import { entryOf, type Entry } from './internal-key.ts';
import { wasRemoved } from './files.ts';
import { takeSnapshot, type Snapshot, type SnapshotTable } from './snapshot.ts';
import {
  Table,
  blockTrailer,
  contentsAt,
  footerSize,
  inOrder,
  type BlockHandle,
  type ByteSource,
} from './table.ts';
import { spanOf } from './version.ts';

export interface CheckOptions {
  /** Bytes of data blocks after which no further table is begun: all unless given. */
  readonly blockBytes?: number;
  /** Whether the rows in the blocks are looked at, too, and not their checksums alone. They are unless given. */
  readonly rows?: boolean;
  /** For a look that takes long beside a server that writes: a table that it removes meanwhile is passed over, not kept open. */
  readonly moving?: boolean;
  /** Awaited after every block, so that whoever has other work can make it wait. */
  readonly pace?: (bytes: number) => Promise<void>;
}

export interface CheckedFiles {
  readonly files: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Tables of which only footer and index were read. */
  readonly tablesLeft: number;
}

/** Throws `store-missing`, `store-unreadable`. */
export async function* checkLevelFiles(
  dir: string,
  options: CheckOptions = {},
): AsyncGenerator<Finding, CheckedFiles> {
  const snapshot = await takeSnapshot(dir, { hold: options.moving !== true });
  try {
    return yield* checkSnapshot(snapshot, options);
  } finally {
    await snapshot.close();
  }
}

export async function* checkSnapshot(
  snapshot: Snapshot,
  { blockBytes = Infinity, rows = true, moving = false, pace = async () => {} }: CheckOptions = {},
): AsyncGenerator<Finding, CheckedFiles> {
  yield* snapshot.findings;
  let { files, bytes } = snapshot.read;
  let [blocks, tablesLeft] = [0, 0];
  const tables = snapshot.levels.flat().filter(({ file }) => file !== undefined);
  // The newest first: what is at the right edge of the tree is read at opening.
  for (const table of tables.sort((a, b) => b.meta.number - a.meta.number)) {
    const check = new TableCheck(table, { whole: bytes < blockBytes, rows, pace });
    try {
      yield* check.run();
    } catch (error) {
      if (!moving || !wasRemoved(error)) throw error;
    }
    files += 1;
    blocks += check.blocks;
    bytes += check.bytes;
    if (!check.whole) tablesLeft += 1;
  }
  return { files, blocks, bytes, tablesLeft };
}

interface Depth {
  /** All data blocks; else only what leads to them. */
  readonly whole: boolean;
  readonly rows: boolean;
  readonly pace: (bytes: number) => Promise<void>;
}

class TableCheck {
  blocks = 0;
  bytes = 0;
  readonly #table: SnapshotTable;
  readonly #depth: Depth;
  readonly #name: string;
  readonly #rows: KeySpan;

  constructor(table: SnapshotTable, depth: Depth) {
    this.#table = table;
    this.#depth = depth;
    this.#name = table.file?.name ?? '';
    this.#rows = spanOf(table.meta);
  }

  get whole(): boolean {
    return this.#depth.whole;
  }

  async *run(): AsyncGenerator<Finding> {
    const { file } = this.#table;
    if (file === undefined) return;
    const source = this.whole ? await inMemory(file) : file;
    let table: Table;
    try {
      table = await Table.open(source);
      await this.#count(table.index.size);
    } catch (error) {
      yield findingOf(error, this.#name, this.#rows);
      return;
    }
    if (!table.cleanFooter)
      yield this.#harmless(source.size - footerSize, 'the filler of the footer is not zero');
    const meta = yield* this.#metaBlocks(source, table);
    const overlap = yield* this.#layout(table, meta);
    // Blocks on top of each other could make the walk as long as somebody likes.
    if (this.whole && !overlap) yield* this.#dataBlocks(table);
  }

  /** Filters: LevelDB believes them without a look at their checksum, and misses rows. */
  async *#metaBlocks(source: ByteSource, table: Table): AsyncGenerator<Finding, readonly BlockHandle[]> {
    try {
      const handles = await table.metaBlocks();
      await this.#count(table.metaIndex.size);
      for (const handle of handles) {
        await contentsAt(source, handle);
        await this.#count(handle.size);
      }
      return handles;
    } catch (error) {
      yield findingOf(error, this.#name, this.#rows);
      return [];
    }
  }

  /** Whether blocks overlap. */
  *#layout(table: Table, meta: readonly BlockHandle[]): Generator<Finding, boolean> {
    const all = [...table.blocks, ...meta, table.metaIndex, table.index].sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const { offset, size } of all) {
      if (offset < end) {
        const what = 'the blocks of a table overlap';
        yield { kind: 'damage', file: this.#name, offset, what, rows: this.#rows };
        return true;
      }
      end = offset + size + blockTrailer;
    }
    return false;
  }

  async *#dataBlocks(table: Table): AsyncGenerator<Finding> {
    // The last row of the block before, and of the table; undefined where it was not looked at.
    let before: Entry | undefined;
    for (const [i, block] of table.blocks.entries()) {
      const rows = { gte: table.blocks[i - 1]?.upTo ?? this.#rows.gte, lte: block.upTo };
      try {
        if (this.#depth.rows) before = await this.#rowsOf(table, i, before);
        else await table.checksum(i);
      } catch (error) {
        yield findingOf(error, this.#name, rows);
        before = undefined;
      }
      await this.#count(block.size);
    }
    if (before === undefined) return;
    try {
      this.#requireKey(before, this.#table.meta.largest, 'last');
    } catch (error) {
      yield findingOf(error, this.#name, this.#rows);
    }
  }

  /** Compares the rows of a block with what is before them, and gives the last one. */
  async #rowsOf(table: Table, i: number, before: Entry | undefined): Promise<Entry | undefined> {
    const entries = await table.entries(i);
    if (i === 0) this.#requireKey(entries[0], this.#table.meta.smallest, 'first');
    requireAfter(before, entries[0], table.blocks[i] as BlockHandle);
    return entries.at(-1);
  }

  #requireKey(entry: Entry | undefined, internal: Uint8Array, which: string): void {
    const expected = entryOf(internal, new Uint8Array(), 0);
    if (entry !== undefined && compare(entry.key, expected.key) === 0 && entry.sequence === expected.sequence)
      return;
    throw new Damage(0, `the ${which} key of the table is not the one in the manifest`);
  }

  #harmless(offset: number, what: string): Finding {
    return { kind: 'harmless', file: this.#name, offset, what };
  }

  async #count(size: number): Promise<void> {
    this.blocks += 1;
    this.bytes += size + blockTrailer;
    await this.#depth.pace(size + blockTrailer);
  }
}

function requireAfter(before: Entry | undefined, first: Entry | undefined, { offset }: BlockHandle): void {
  if (before === undefined || first === undefined || inOrder(before, first)) return;
  throw new Damage(offset, 'the keys of two blocks are out of order');
}

/** A table is read in one go where it is of the size that LevelDB makes them: block by block costs ten times as much. */
const maxInMemory = 2 ** 24;

async function inMemory(file: ByteSource): Promise<ByteSource> {
  if (file.size > maxInMemory) return file;
  let bytes: Uint8Array;
  try {
    bytes = await file.read(0, file.size);
  } catch (error) {
    // One sector that cannot be read hides no other block.
    if (error instanceof Damage) return file;
    throw error;
  }
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    if (offset + length > bytes.length) throw new Damage(offset, 'the file ends too early');
    return bytes.subarray(offset, offset + length);
  };
  return { size: bytes.length, read };
}
