/**
 * The read side. Tiles and bundles reach to the largest size that may have been
 * signed: a witness may already hold that checkpoint, and its tiles must be
 * there. Entries and proofs reach to the published size.
 *
 * Everything that leaves is checked on the way: tiles against the tiles above
 * them, leaves against their tile, proofs against the root of their checkpoint.
 * Damage that is met is never served, and ends all writing, since what came next
 * would be signed on top of it; everything else that verifies is served on.
 */
import { equal, toHex } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError } from '../errors.ts';
import { formatProofHead } from '../note/proof.ts';
import type { StorageReader } from '../storage/storage.ts';
import { formatEntryBundle } from '../tlog/bundle.ts';
import { proveConsistency, verifyConsistency } from '../tlog/consistency.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import type { Head } from '../tlog/head.ts';
import { proveInclusion, verifyInclusion } from '../tlog/inclusion.ts';
import { rootOf } from '../tlog/root.ts';
import { tileWidth, tileWidthAt, type BundleId, type Tile } from '../tlog/tile.ts';
import type { Guard } from './store/failure.ts';
import { leafKey, leafRange, leafHashKey, readIndex } from './store/keys.ts';
import type { PublishedTree } from './store/log-states.ts';
import type { TileStore } from './store/tile-store.ts';
import type { Tree } from './store/tree.ts';

/** A leaf, and that it is in the tree of `size` leaves. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Hash;
  readonly root: Hash;
  readonly hashes: readonly Hash[];
  readonly leaf: Uint8Array;
  /** The published checkpoint, if it is of this size. */
  readonly checkpoint?: Uint8Array;
}

export interface Consistency {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Hash;
  readonly toRoot: Hash;
  readonly hashes: readonly Hash[];
}

export interface ReaderParts {
  readonly storage: StorageReader;
  readonly tiles: TileStore;
  readonly failure: Guard;
  /** The committed tree has every node of the smaller ones. */
  readonly states: {
    readonly committed: { readonly tree: Tree };
    readonly published: PublishedTree | undefined;
  };
  /** The anchor moves before a signature is made, so it bounds what others may hold a checkpoint of. */
  readonly signer: { readonly anchored: Head };
}

export class Reader {
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** What is published. Throws `not-ready` before the first checkpoint is. */
  get published(): PublishedTree {
    const { newest } = this;
    if (newest !== undefined) return newest;
    throw notYetPublished();
  }

  /** What is published, if anything is. */
  get newest(): PublishedTree | undefined {
    return this.#parts.states.published;
  }

  /** Throws `not-found` where the signed tree has not this tile of level 0 or above, or not so wide; reads nothing. */
  requireTile({ level, index, width }: Tile): void {
    this.#requireWidth(level, index, width);
  }

  /** Throws `out-of-range` where the tree of this size is not published, or has no such entry; reads nothing. */
  requireInclusion({ index, size }: { readonly index: number; readonly size: number }): void {
    this.#requireSize(size, this.published.state.tree);
    requireIndex(index, size);
  }

  /** The bytes of a tile. Throws `not-found` where the signed tree has it not, or not so wide. */
  tile({ level, index, width }: Tile): Promise<Uint8Array> {
    return this.#parts.failure.guard(async () => {
      this.#requireWidth(level, index, width);
      return this.#parts.tiles.tileHashes(this.#parts.states.committed.tree, level, index, width);
    });
  }

  /** An entry bundle. Throws `not-found` as `tile` does. */
  entryBundle({ index, width }: BundleId): Promise<Uint8Array> {
    return this.#parts.failure.guard(async () => {
      this.#requireWidth(0, index, width);
      const { tree } = this.#parts.states.committed;
      const hashes = await this.#parts.tiles.tileHashes(tree, 0, index, width);
      const entries: Uint8Array[] = [];
      const from = index * tileWidth;
      for await (const [, leaf] of this.#parts.storage.range(leafRange(from, from + width))) {
        const at = entries.length * 32;
        requireLeaf(leaf, hashes.subarray(at, at + 32), from + entries.length);
        entries.push(leaf);
      }
      if (entries.length !== width) throw missingLeaf(from + entries.length);
      return formatEntryBundle(entries);
    });
  }

  /** The bytes of a published entry. Throws `not-found` beyond the published size. */
  entry(index: number): Promise<Uint8Array> {
    return this.#parts.failure.guard(async () => {
      const { tree } = this.published.state;
      if (!Number.isSafeInteger(index) || index < 0 || index >= tree.size) {
        throw new LedgerError('not-found', 'there is no entry with this index', {
          expected: `an index below ${tree.size}`,
          got: String(index),
        });
      }
      const [leaf] = await this.leaves([index], tree);
      return leaf as Uint8Array;
    });
  }

  /** The entries of `tree` at `indices`, each checked against its place in the tree. */
  async leaves(indices: readonly number[], tree: Tree): Promise<Uint8Array[]> {
    const { storage, tiles } = this.#parts;
    const [rows, hashes] = await Promise.all([
      storage.getMany(indices.map(leafKey)),
      tiles.reader(tree).readNodes(indices.map((index) => ({ level: 0, index }))),
    ]);
    return indices.map((index, position) => {
      const leaf = rows[position];
      if (leaf === undefined) throw missingLeaf(index);
      requireLeaf(leaf, hashes[position] as Hash, index);
      return leaf;
    });
  }

  /** The index of the published entry with this leaf hash. */
  indexOf(leafHash: Hash): Promise<number | undefined> {
    return this.#parts.failure.guard(async () => {
      const { size } = this.published.state.tree;
      const row = await this.#parts.storage.get(leafHashKey(leafHash));
      const index = row === undefined ? undefined : readIndex(row);
      return index === undefined || index >= size ? undefined : index;
    });
  }

  /**
   * That entry `index` is in the tree of `size`, the published one unless given.
   * Throws `out-of-range`.
   */
  inclusion({ index, size }: { readonly index: number; readonly size?: number }): Promise<Inclusion> {
    return this.#parts.failure.guard(async () => {
      // One state for everything: under growth, a proof and its checkpoint must not differ in size.
      const { state, note } = this.published;
      const at = size ?? state.tree.size;
      this.#requireSize(at, state.tree);
      requireIndex(index, at);
      const [leaf] = await this.leaves([index], state.tree);
      const leafHash = hashLeaf(leaf as Uint8Array);
      const { hashes, root } = await this.#prove(index, at, leafHash, state.tree);
      const isPublished = at === state.tree.size;
      return defined({
        index,
        size: at,
        leafHash,
        root,
        hashes,
        leaf: leaf as Uint8Array,
        checkpoint: isPublished ? note : undefined,
      });
    });
  }

  /** That the tree of size `to` extends the one of size `from`. Throws `out-of-range`. */
  consistency({ from, to }: { readonly from: number; readonly to: number }): Promise<Consistency> {
    return this.#parts.failure.guard(async () => {
      const { tree } = this.published.state;
      this.#requireSize(to, tree);
      const reader = this.#parts.tiles.reader(tree);
      const hashes = await proveConsistency({ from, to }, reader);
      const fromRoot = await rootOf(from, reader);
      const toRoot = to === tree.size ? tree.root : await rootOf(to, reader);
      try {
        verifyConsistency({ from, fromRoot, to, toRoot, proof: hashes });
      } catch (cause) {
        throw new LedgerError('store-corrupt', 'a consistency proof from the store does not hold', { cause });
      }
      return { from, to, fromRoot, toRoot, hashes };
    });
  }

  /** The `.tlog-proof` of an entry whose bytes are known, under `published`. */
  proof({
    index,
    leaf,
    leafHash,
    published,
  }: {
    readonly index: number;
    readonly leaf: Uint8Array;
    readonly leafHash: Hash;
    readonly published: PublishedTree;
  }): Promise<string> {
    return this.#parts.failure.guard(async () => {
      const { tree } = published.state;
      const { hashes } = await this.#prove(index, tree.size, leafHash, tree);
      return formatProofHead({ extra: leaf, index, hashes }) + published.text;
    });
  }

  async #prove(
    index: number,
    size: number,
    leafHash: Hash,
    tree: Tree,
  ): Promise<{ hashes: Hash[]; root: Hash }> {
    const reader = this.#parts.tiles.reader(tree);
    const hashes = await proveInclusion({ index, size }, reader);
    const root = size === tree.size ? tree.root : await rootOf(size, reader);
    try {
      verifyInclusion({ index, size, leafHash, root, proof: hashes });
    } catch (cause) {
      throw new LedgerError('store-corrupt', 'an inclusion proof from the store does not hold', {
        index,
        cause,
      });
    }
    return { hashes, root };
  }

  /**
   * A partial tile is the beginning of the wider one, so any width up to the
   * signed one can be served; a tile is full for readers only when the signed
   * tree has all of it, also where the store already holds more.
   */
  #requireWidth(level: number, index: number, width: number): void {
    const signed = tileWidthAt(level, index, this.#parts.signer.anchored.size);
    if (width >= 1 && width <= signed) return;
    throw new LedgerError('not-found', 'the signed tree has no such tile, or a narrower one', {
      expected: signed === 0 ? 'a tile within the signed tree' : `a width of 1 to ${signed}`,
      got: `level ${level}, index ${index}, width ${width}`,
    });
  }

  #requireSize(size: number, tree: Tree): void {
    if (Number.isSafeInteger(size) && size >= 1 && size <= tree.size) return;
    throw new LedgerError('out-of-range', 'no tree of this size is published', {
      expected: `a size of 1 to ${tree.size}`,
      got: String(size),
    });
  }
}

export function notYetPublished(): LedgerError {
  return new LedgerError('not-ready', 'the log has no published checkpoint yet', {
    expected: 'leaf 0 published',
    got: 'nothing published',
  });
}

function requireIndex(index: number, size: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < size) return;
  throw new LedgerError('out-of-range', 'the tree of this size has no such entry', {
    expected: `an index below ${size}`,
    got: String(index),
  });
}

function requireLeaf(leaf: Uint8Array, expected: Hash, index: number): void {
  const got = hashLeaf(leaf);
  if (equal(got, expected)) return;
  throw new LedgerError('store-corrupt', `entry ${index} in the store is damaged`, {
    expected: toHex(expected),
    got: toHex(got),
    index,
  });
}

function missingLeaf(index: number): LedgerError {
  return new LedgerError('store-corrupt', 'an entry is missing in the store', {
    expected: `entry ${index}`,
    got: 'no such row',
    index,
  });
}
