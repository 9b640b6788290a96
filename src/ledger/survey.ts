/**
 * A look at a whole store that goes on behind damage: what disagrees with what,
 * and what cannot be read. (`StoreCheck` stops at the first wrong place, and
 * hands out only leaves that are right.)
 *
 *     entry ─ tile ─ parent tile ─ … ─ root of the head ─ anchor, checkpoints
 *       └── its rows: leaf hash, number, authority, search
 *
 * Every link is compared by itself, so one wrong row is told of by the links
 * that it has and hides no other. Rows that belong to no entry are counted in
 * the end, where everything else agrees.
 */
import { concat, equal, toHex } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError } from '../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Row, StorageReader } from '../storage/storage.ts';
import { firstKey } from '../storage/storage.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import { describeHead, type Head } from '../tlog/head.ts';
import { rootOf } from '../tlog/root.ts';
import { tilePath, tileRoot, tileWidth } from '../tlog/tile.ts';
import { archivedCheckpoints, requireOfLog } from './archive.ts';
import {
  archiveKey,
  checkpointKey,
  leafKey,
  leafRange,
  publishedKey,
  readIndex,
  tileKey,
} from './store/keys.ts';
import { entryRows } from './store/rows.ts';
import { TileStore } from './store/tile-store.ts';
import { treeFromTiles, type Tree } from './store/tree.ts';

/** One thing that is not as it should be. */
export interface Doubt {
  readonly what: string;
  /** The entries that it makes doubtful: from `from` up to but without `to`. */
  readonly entries?: { readonly from: number; readonly to: number };
  /** The key of the row, lowercase hex, its beginning where it is long. */
  readonly row?: string;
}

export interface Surveyed {
  readonly leaves: number;
  readonly tiles: number;
  /** Rows beside leaves and tiles. */
  readonly others: number;
}

export interface SurveyParts {
  readonly storage: StorageReader;
  /** Undefined where it is not known what was signed. */
  readonly anchored: Head | undefined;
  /** Throws for the note of a checkpoint that is not signed as it should be. */
  readonly verify?: (note: Uint8Array) => void;
  readonly onProgress?: (leaves: number) => void;
}

const letterOf = (key: Uint8Array): string => String.fromCharCode(key[0] ?? 0);

export class Survey {
  readonly #parts: SurveyParts;
  #doubts: Doubt[] = [];
  #doubted = false;
  #origin: string | undefined;
  /** Rows that must be there, by the letter that their keys begin with. */
  readonly #expected = new Map<string, number>();

  constructor(parts: SurveyParts) {
    this.#parts = parts;
  }

  /** Throws what is no damage of the store, such as `store-failed`. */
  async *run(): AsyncGenerator<Doubt, Surveyed> {
    const head = await this.#try('the tree head', () => this.#parts.storage.head());
    yield* this.#told();
    if (head === undefined) {
      const { anchored } = this.#parts;
      if (!this.#doubted && (anchored?.size ?? 0) > 0) this.#doubt('the store is empty, and more was signed');
      yield* this.#told();
      return { leaves: 0, tiles: 0, others: 0 };
    }
    const { unfinished, roots } = yield* this.#entries(head.size);
    const above = yield* this.#tiles(roots);
    const tree = this.#edge(head, [unfinished, ...above]);
    if (tree !== undefined) await this.#heads(tree);
    yield* this.#told();
    if (!this.#doubted) await this.#surplus();
    yield* this.#told();
    const [leaves, tiles] = [this.#expected.get('l') ?? 0, this.#expected.get('t') ?? 0];
    const all = [...this.#expected.values()].reduce((sum, count) => sum + count, 0);
    return { leaves, tiles, others: all - leaves - tiles };
  }

  /** All entries with their rows and lowest tiles. Gives the hashes that are in no full tile, and the roots of the others. */
  async *#entries(size: number): AsyncGenerator<Doubt, { unfinished: MaybeHashes; roots: MaybeHashes }> {
    const roots: (Hash | undefined)[] = [];
    let unfinished: (Hash | undefined)[] = [];
    for (let from = 0; from < size; from += tileWidth) {
      const to = Math.min(from + tileWidth, size);
      const leaves = await this.#leaves(from, to);
      // A head that claims far more than there is must not make the look endless.
      if (leaves.every((leaf) => leaf === undefined) && (await this.#noneBehind(from, size))) {
        this.#doubt('all further entries are missing', { entries: { from, to: size } });
        yield* this.#told();
        return { unfinished: [undefined], roots };
      }
      const hashes = leaves.map((leaf) => (leaf === undefined ? undefined : hashLeaf(leaf)));
      await this.#rowsOf(from, leaves);
      if (to - from === tileWidth) roots.push(await this.#tile(0, roots.length, hashes));
      else unfinished = hashes;
      yield* this.#told();
      this.#parts.onProgress?.(to);
    }
    return { unfinished, roots };
  }

  async #leaves(from: number, to: number): Promise<(Uint8Array | undefined)[]> {
    const indices = Array.from({ length: to - from }, (_, i) => from + i);
    const rows = await this.#getMany(indices.map(leafKey));
    for (let i = 0; i < rows.length; i++) {
      this.#expect('l');
      if (rows[i] !== undefined || (i > 0 && rows[i - 1] === undefined)) continue;
      const there = rows.findIndex((row, next) => next > i && row !== undefined);
      const entries = { from: from + i, to: there < 0 ? to : from + there };
      const which =
        entries.to === entries.from + 1
          ? `entry ${entries.from} is`
          : `${entries.to - entries.from} entries are`;
      this.#doubt(`${which} missing or cannot be read`, { entries });
    }
    return rows;
  }

  async #noneBehind(from: number, size: number): Promise<boolean> {
    try {
      for await (const _ of this.#parts.storage.range({ ...leafRange(from, size), limit: 1 })) return false;
      return true;
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
  }

  /** The rows that the entries ask for. */
  async #rowsOf(from: number, leaves: readonly (Uint8Array | undefined)[]): Promise<void> {
    const wanted = leaves.flatMap((leaf, i) =>
      leaf === undefined ? [] : this.#rowsFor(from + i, leaf).map((row) => ({ index: from + i, row })),
    );
    const values = await this.#getMany(wanted.map(({ row: [key] }) => key));
    for (const [i, { index, row }] of wanted.entries()) {
      const [key, expected] = row;
      const got = values[i];
      this.#expect(letterOf(key));
      if (got !== undefined && equal(got, expected)) continue;
      const how = got === undefined ? 'is missing or cannot be read' : 'has another value';
      this.#doubt(`a row of entry ${index} ${how}`, { entries: only(index), key });
    }
  }

  #rowsFor(index: number, leaf: Uint8Array): Row[] {
    try {
      const attestation = decodeAttestation(decodeEnvelope(leaf));
      if (attestation.type !== 'authority') return entryRows(attestation, index).slice(1);
      const { predicate } = attestation.statement;
      if (index === 0) this.#origin = predicate.origin;
      return entryRows(attestation, index, predicate.version).slice(1);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      // Admission lets no such entry in, so its bytes have changed since.
      this.#doubt(`entry ${index} cannot be read: ${error.message}`, { entries: only(index) });
      return [];
    }
  }

  /** A full tile against the hashes below it. Gives the root that its parent should have. */
  async #tile(level: number, index: number, hashes: MaybeHashes): Promise<Hash | undefined> {
    const key = tileKey(level, index);
    this.#expect('t');
    const path = tilePath({ level, index, width: tileWidth });
    const span = tileWidth ** level;
    const below = (from: number, to: number): { from: number; to: number } => ({
      from: (index * tileWidth + from) * span,
      to: (index * tileWidth + to) * span,
    });
    const [row] = await this.#getMany([key]);
    if (row?.length !== tileWidth * 32) {
      this.#doubt(`${path} is missing, incomplete or cannot be read`, { entries: below(0, tileWidth), key });
      return hashes.every((hash) => hash !== undefined) ? tileRoot(concat(...hashes)) : undefined;
    }
    for (const [i, hash] of hashes.entries()) {
      // What is missing below was told of there.
      if (hash === undefined || equal(hash, row.subarray(i * 32, i * 32 + 32))) continue;
      const what = level === 0 ? `entry ${index * tileWidth + i}` : `the tile below it`;
      this.#doubt(`hash ${i} of ${path} is not the one of ${what}`, { entries: below(i, i + 1), key });
    }
    return tileRoot(row);
  }

  /** The tiles above the lowest level. Gives the hashes of each level that are in no full tile. */
  async *#tiles(lowest: MaybeHashes): AsyncGenerator<Doubt, MaybeHashes[]> {
    const unfinished: MaybeHashes[] = [];
    let below = lowest;
    for (let level = 1; below.length > 0; level++) {
      const roots: (Hash | undefined)[] = [];
      const full = below.length - (below.length % tileWidth);
      for (let from = 0; from < full; from += tileWidth) {
        roots.push(await this.#tile(level, roots.length, below.slice(from, from + tileWidth)));
        yield* this.#told();
      }
      unfinished.push(below.slice(full));
      below = roots;
    }
    return unfinished;
  }

  /** The right edge, if all of it is there, compared with the head. */
  #edge(head: Head, levels: readonly MaybeHashes[]): Tree | undefined {
    const known: Hash[][] = [];
    for (const level of levels) {
      if (!level.every((hash) => hash !== undefined)) return undefined;
      known.push([...level]);
    }
    const tree = treeFromTiles(head.size, known);
    if (equal(tree.root, head.root)) return tree;
    this.#doubt(`the entries and tiles have another root than the head (${describeHead(head)})`);
    return tree;
  }

  /** What was signed: the anchor, the newest checkpoint, the archive. */
  async #heads(tree: Tree): Promise<void> {
    const { anchored, storage } = this.#parts;
    const reader = new TileStore(storage).reader(tree);
    const rootAt = async (size: number): Promise<Hash | undefined> =>
      size > tree.size ? undefined : rootOf(size, reader);
    if (anchored !== undefined) {
      const root = await this.#try('the tree that was signed', () => rootAt(anchored.size));
      if (root === undefined || !equal(root, anchored.root)) {
        this.#doubt(`the store does not hold the tree that was signed (${describeHead(anchored)})`);
      }
    }
    await this.#newest(rootAt);
    await this.#try('the archive of checkpoints', async () => {
      for await (const { time, note, checkpoint } of archivedCheckpoints(storage)) {
        this.#expect('k');
        const key = archiveKey(time);
        await this.#try(
          `the checkpoint archived at ${time}`,
          async () => {
            this.#parts.verify?.(note);
            const root = await rootAt(checkpoint.size);
            requireOfLog(time, checkpoint, { origin: this.#origin ?? '', root });
          },
          key,
        );
      }
    });
  }

  async #newest(rootAt: (size: number) => Promise<Hash | undefined>): Promise<void> {
    const [note, time] = await this.#getMany([checkpointKey, publishedKey]);
    if (note === undefined && time === undefined) return;
    await this.#try(
      'the newest checkpoint',
      async () => {
        for (const key of [checkpointKey, publishedKey]) this.#expect(letterOf(key));
        readIndex(time ?? new Uint8Array());
        const checkpoint = parseCheckpoint(parseNote(note ?? new Uint8Array()).text);
        this.#parts.verify?.(note ?? new Uint8Array());
        const root = await rootAt(checkpoint.size);
        requireOfLog(0, checkpoint, { origin: this.#origin ?? '', root });
      },
      checkpointKey,
    );
  }

  /** That no row is there which nothing asks for. */
  async #surplus(): Promise<void> {
    await this.#try('the rows of the store', async () => {
      const found = new Map<string, number>();
      for await (const [key] of this.#parts.storage.range({ gte: firstKey, lt: Uint8Array.of(0xff) })) {
        found.set(letterOf(key), (found.get(letterOf(key)) ?? 0) + 1);
      }
      for (const letter of new Set([...found.keys(), ...this.#expected.keys()])) {
        const [there, belong] = [found.get(letter) ?? 0, this.#expected.get(letter) ?? 0];
        if (there === belong) continue;
        this.#doubt(`there are ${there} rows that begin with ${letter}, and ${belong} belong to the entries`);
      }
    });
  }

  /** The values in the order of the keys; undefined where there is none, or where it cannot be read. */
  async #getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    const { storage } = this.#parts;
    try {
      return await storage.getMany(keys);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
    // One of them cannot be read: the others can.
    const values: (Uint8Array | undefined)[] = [];
    for (const key of keys) {
      values.push(
        await storage.get(key).catch((error: unknown) => {
          if (!isDamage(error)) throw error;
          this.#doubted = true;
          return undefined;
        }),
      );
    }
    return values;
  }

  async #try<T>(what: string, read: () => Promise<T>, key?: Uint8Array): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof LedgerError) || (!isDamage(error) && error.code.startsWith('store-')))
        throw error;
      this.#doubt(`${what}: ${error.message}`, { key });
      return undefined;
    }
  }

  #doubt(
    what: string,
    { entries, key }: { entries?: Doubt['entries']; key?: Uint8Array | undefined } = {},
  ): void {
    this.#doubted = true;
    this.#doubts.push(
      defined({ what, entries, row: key === undefined ? undefined : toHex(key.subarray(0, 64)) }),
    );
  }

  *#told(): Generator<Doubt> {
    yield* this.#doubts;
    this.#doubts = [];
  }

  #expect(letter: string): void {
    this.#expected.set(letter, (this.#expected.get(letter) ?? 0) + 1);
  }
}

/** Undefined where what it is of is missing. */
type MaybeHashes = readonly (Hash | undefined)[];

const only = (index: number): { from: number; to: number } => ({ from: index, to: index + 1 });

function isDamage(error: unknown): boolean {
  return error instanceof LedgerError && error.code === 'store-corrupt';
}
