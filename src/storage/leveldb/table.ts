/**
 * A table file: data blocks, a filter, an index of the data blocks, and a
 * footer that leads to both. Each block has a byte for its compression and a
 * checksum behind it, and no block is looked at whose checksum fails: LevelDB,
 * which does not check them when it reads, was seen to end the process on such
 * a block.
 */
import { compare } from '../../bytes.ts';
import { crc32c, maskCrc } from './crc32c.ts';
import { Cursor, readUint32 } from './cursor.ts';
import { Damage } from './damage.ts';
import { readBlock, type BlockRow } from './block.ts';
import { entryOf, userKeyOf, type Entry } from './internal-key.ts';
import { uncompress } from './snappy.ts';

/** A file that is read at places. */
export interface ByteSource {
  readonly size: number;
  /** Throws `Damage` where the file has fewer bytes. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** A data block, as the index names it. */
export interface IndexedBlock extends BlockHandle {
  /** No user key of the block is larger, and none of the next block is smaller. */
  readonly upTo: Uint8Array;
}

export const blockTrailer = 5;
export const footerSize = 48;
const magicLow = 0x8b80fb57;
const magicHigh = 0xdb477524;

/** A block is closed at 4 KiB, so it is longer than that by one row at most; a longer one somebody made up. */
const maxBlock = 2 ** 22;

export class Table {
  readonly #source: ByteSource;
  readonly blocks: readonly IndexedBlock[];
  readonly metaIndex: BlockHandle;
  readonly index: BlockHandle;
  /** Whether the bytes of the footer that lead nowhere are zero, as LevelDB writes them. */
  readonly cleanFooter: boolean;

  private constructor(source: ByteSource, footer: Footer, blocks: readonly IndexedBlock[]) {
    this.#source = source;
    this.blocks = blocks;
    this.metaIndex = footer.metaIndex;
    this.index = footer.index;
    this.cleanFooter = footer.clean;
  }

  /** Reads footer and index. Throws `Damage`. */
  static async open(source: ByteSource): Promise<Table> {
    const footer = await readFooter(source);
    const rows = readBlock(await contentsAt(source, footer.index), footer.index.offset);
    const blocks = rows.map(({ key, value }) => {
      const at = footer.index.offset;
      return { ...handleAt(new Cursor(value, at)), upTo: userKeyOf(key, at) };
    });
    for (const [i, { upTo }] of blocks.entries()) {
      const before = blocks[i - 1];
      if (before !== undefined && compare(before.upTo, upTo) > 0) {
        throw new Damage(footer.index.offset, 'the blocks of the index are out of order');
      }
    }
    return new Table(source, footer, blocks);
  }

  /** The rows of data block `i`, in order. Throws `Damage`. */
  async entries(i: number): Promise<readonly Entry[]> {
    const handle = this.blocks[i] as IndexedBlock;
    const rows = readBlock(await contentsAt(this.#source, handle), handle.offset);
    const entries = rows.map(({ key, value }) => entryOf(key, value, handle.offset));
    for (const [at, entry] of entries.entries()) {
      const before = entries[at - 1];
      if (before !== undefined && !inOrder(before, entry)) {
        throw new Damage(handle.offset, 'the keys of a block are out of order');
      }
    }
    return entries;
  }

  /** The blocks beside data and index, each with its name. Throws `Damage`. */
  async metaBlocks(): Promise<readonly BlockHandle[]> {
    const rows: readonly BlockRow[] = readBlock(
      await contentsAt(this.#source, this.metaIndex),
      this.metaIndex.offset,
    );
    return rows.map(({ value }) => handleAt(new Cursor(value, this.metaIndex.offset)));
  }

  /** The index of the first block that may hold `key` or a larger one; `blocks.length` if none does. */
  blockFor(key: Uint8Array): number {
    let [low, high] = [0, this.blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare((this.blocks[middle] as IndexedBlock).upTo, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether `b` may come after `a`: a larger key, or an older write of the same. */
export function inOrder(a: Entry, b: Entry): boolean {
  const order = compare(a.key, b.key);
  return order < 0 || (order === 0 && a.sequence > b.sequence);
}

/** The bytes of a block, once its checksum was compared. Throws `Damage`. */
export async function contentsAt(source: ByteSource, handle: BlockHandle): Promise<Uint8Array> {
  const { offset, size } = handle;
  requireWithin(source, handle);
  const stored = await source.read(offset, size + blockTrailer);
  if (readUint32(stored, size + 1) !== maskCrc(crc32c(stored, 0, size + 1))) {
    throw new Damage(offset, 'the checksum of a block fails');
  }
  const compression = stored[size] as number;
  if (compression === 0) return stored.subarray(0, size);
  if (compression === 1) return uncompress(stored.subarray(0, size), { at: offset, limit: maxBlock });
  throw new Damage(offset, `a block has the unknown compression ${compression}`);
}

function requireWithin(source: ByteSource, { offset, size }: BlockHandle): void {
  if (size <= maxBlock && offset + size + blockTrailer <= source.size - footerSize) return;
  throw new Damage(0, `a block is said to lie at byte ${offset}, beyond its file`);
}

interface Footer {
  readonly metaIndex: BlockHandle;
  readonly index: BlockHandle;
  readonly clean: boolean;
}

async function readFooter(source: ByteSource): Promise<Footer> {
  const at = source.size - footerSize;
  if (at < 0) throw new Damage(0, 'a table is shorter than its footer');
  const bytes = await source.read(at, footerSize);
  if (readUint32(bytes, 40) !== magicLow || readUint32(bytes, 44) !== magicHigh) {
    throw new Damage(at + 40, 'a table does not end as tables do');
  }
  const cursor = new Cursor(bytes.subarray(0, 40), at);
  const metaIndex = handleAt(cursor);
  const index = handleAt(cursor);
  const clean = cursor.take(cursor.left).every((byte) => byte === 0);
  return { metaIndex, index, clean };
}

function handleAt(cursor: Cursor): BlockHandle {
  return { offset: cursor.varint(), size: cursor.varint() };
}
