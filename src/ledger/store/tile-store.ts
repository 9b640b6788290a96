/**
 * The nodes of the tree: full tiles from storage, the rest from the unfinished
 * tiles that a `Tree` keeps in memory.
 *
 * A tile from storage is believed only when its root is the hash that the tile
 * above holds for it, and so on upwards to the right edge in memory, which was
 * compared with the head and the anchor when the ledger was opened. So a bit
 * that flipped on the disk is found by the first reader that comes near it,
 * and never becomes part of a proof.
 */
import { LRUCache } from 'lru-cache';
import { equal, toHex } from '../../bytes.ts';
import { LedgerError, assert } from '../../errors.ts';
import type { StorageReader } from '../../storage/storage.ts';
import type { Hash } from '../../tlog/hash.ts';
import type { NodeId, NodeReader } from '../../tlog/node.ts';
import { tileHeight, tileWidth } from '../../tlog/tile.ts';
import { ExpandedTile } from './expanded-tile.ts';
import { tileKey } from './keys.ts';
import type { FullTile, Tree } from './tree.ts';

/** 512 expanded tiles are 8 MiB, and hold the whole of level 1 and up for 30 million entries. */
const defaultCachedTiles = 512;

/** Where a node lies: in which tile, how high above the tile's own hashes, how far from the left. */
interface NodeInTile {
  readonly tileLevel: number;
  readonly tileIndex: number;
  readonly height: number;
  readonly position: number;
}

export class TileStore {
  readonly #storage: Pick<StorageReader, 'get'>;
  /** Checked tiles only. */
  readonly #cache: LRUCache<string, ExpandedTile>;
  /** One load of a tile at a time, however many ask for it. */
  readonly #loading = new Map<string, Promise<ExpandedTile>>();

  constructor(storage: Pick<StorageReader, 'get'>, limit: number = defaultCachedTiles) {
    this.#storage = storage;
    this.#cache = new LRUCache({ max: limit });
  }

  /** Keeps a tile that has just become full, so that it need not be read back. */
  keep({ level, index, tile }: FullTile): void {
    this.#cache.set(nameOf(level, index), tile);
  }

  /** Reads nodes of `tree`, all of which it must have. Throws `store-corrupt` for a damaged tile. */
  reader(tree: Tree): NodeReader {
    return { readNodes: (ids) => this.#readNodes(tree, ids) };
  }

  /** The full tile `index` of `level`, checked against the tiles above it. Throws `store-corrupt`. */
  async fullTile(tree: Tree, level: number, index: number): Promise<ExpandedTile> {
    assert(index < fullTiles(tree.size, level), 'a tile is read from storage only when it is full');
    return this.#cache.get(nameOf(level, index)) ?? (await this.#load(tree, level, index));
  }

  /** The hashes of one tile of `tree`, from the left, at most as many as it has there. */
  async tileHashes(tree: Tree, level: number, index: number, width: number): Promise<Uint8Array> {
    if (index < fullTiles(tree.size, level)) {
      return (await this.fullTile(tree, level, index)).bytes(width);
    }
    const hashes = tree.tiles[level]?.[0]?.slice(0, width) ?? [];
    assert(hashes.length === width, 'the tree has as many hashes in this tile as are asked for');
    const bytes = new Uint8Array(width * 32);
    for (const [position, hash] of hashes.entries()) bytes.set(hash, position * 32);
    return bytes;
  }

  async #readNodes(tree: Tree, ids: readonly NodeId[]): Promise<Hash[]> {
    const hashes: Hash[] = [];
    for (const id of ids) {
      const place = nodeInTile(id);
      // Awaiting only what is not at hand keeps a proof from cached tiles to one turn of the loop.
      const node = this.#nodeAtHand(tree, place) ?? (await this.#nodeFromStorage(tree, place));
      hashes.push(node);
    }
    return hashes;
  }

  #nodeAtHand(tree: Tree, { tileLevel, tileIndex, height, position }: NodeInTile): Hash | undefined {
    const full = fullTiles(tree.size, tileLevel);
    if (tileIndex < full) return this.#cache.get(nameOf(tileLevel, tileIndex))?.node(height, position);
    const node = tileIndex === full ? tree.tiles[tileLevel]?.[height]?.[position] : undefined;
    assert(node !== undefined, 'a node that is read is a complete subtree of the tree');
    return node;
  }

  async #nodeFromStorage(tree: Tree, { tileLevel, tileIndex, height, position }: NodeInTile): Promise<Hash> {
    return (await this.#load(tree, tileLevel, tileIndex)).node(height, position);
  }

  async #load(tree: Tree, level: number, index: number): Promise<ExpandedTile> {
    const name = nameOf(level, index);
    let loading = this.#loading.get(name);
    if (loading === undefined) {
      loading = this.#readAndCheck(tree, level, index).finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  async #readAndCheck(tree: Tree, level: number, index: number): Promise<ExpandedTile> {
    const [bytes, [expected]] = await Promise.all([
      this.#storage.get(tileKey(level, index)),
      this.#readNodes(tree, [{ level: (level + 1) * tileHeight, index }]),
    ]);
    if (bytes === undefined) {
      throw new LedgerError('store-corrupt', 'a full tile is missing in the store', {
        expected: `tile ${index} of level ${level}`,
        got: 'no such row',
        facts: { level, tile: index },
      });
    }
    const tile = ExpandedTile.fromBytes(bytes);
    assert(expected !== undefined, 'a reader answers every node that it is asked for');
    if (!equal(tile.root, expected)) {
      throw new LedgerError(
        'store-corrupt',
        `the hash of tile ${index} of level ${level} differs from the one in its parent tile`,
        {
          expected: toHex(expected),
          got: toHex(tile.root),
          facts: { level, tile: index },
        },
      );
    }
    this.#cache.set(nameOf(level, index), tile);
    return tile;
  }
}

/** How many tiles of a level are full in a tree of `size` leaves. */
function fullTiles(size: number, level: number): number {
  return Math.floor(size / tileWidth ** (level + 1));
}

function nodeInTile({ level, index }: NodeId): NodeInTile {
  const tileLevel = Math.floor(level / tileHeight);
  const height = level % tileHeight;
  const nodesInTile = 2 ** (tileHeight - height);
  const tileIndex = Math.floor(index / nodesInTile);
  return { tileLevel, tileIndex, height, position: index - tileIndex * nodesInTile };
}

function nameOf(level: number, index: number): string {
  return `${level}/${index}`;
}
