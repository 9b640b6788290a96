/**
 * Reads the tiles and entry bundles of a log whose checkpoint has been
 * verified, and believes none of them before it is tied to that checkpoint.
 *
 *   checkpoint root = the partial tiles of all levels, folded together
 *   full tile       = hashes to its one entry in the tile above it
 *   entry bundle    = each entry hashes to its place in the level-0 tile
 *
 * A tree of 70,000 leaves has partial tiles of width 112, 17 and 1 on the
 * levels 0, 1 and 2. Their hashes are all that its root is made of, so once
 * they give the root, every byte of them is authentic, and every full tile
 * hangs below one of them. c2sp.org/tlog-tiles.
 */
import { hashLeaf } from '#sha256';
import { equal, toBase64, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { maxEntryBytes, parseEntryBundle } from '../../tlog/bundle.ts';
import type { Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';
import { emptyRoot, hashSize } from '../../tlog/hash.ts';
import type { NodeReader } from '../../tlog/node.ts';
import { RightEdge } from '../../tlog/right-edge.ts';
import {
  TileNodeReader,
  bundlePath,
  nodeFromTile,
  tilePath,
  tileRoot,
  tileWidth,
  tileWidthAt,
} from '../../tlog/tile.ts';
import type { Tile } from '../../tlog/tile.ts';

/**
 * The bytes served under the log's prefix at `path` ("checkpoint",
 * "tile/0/000.p/5", …). Throws `not-found` for what is not there, and reads no
 * more than `maxBytes`.
 */
export type FetchPath = (path: string, maxBytes: number) => Promise<Uint8Array>;

const maxFramedEntryBytes = 2 + maxEntryBytes;

/** For the tree of a checkpoint that the caller has verified. */
export interface TileReaderOptions extends Head {
  readonly fetchPath: FetchPath;
  /** Full tiles kept, 8 KiB each; at least one. */
  readonly maxCachedTiles?: number;
}

/** Authenticated tiles and entry bundles of one tree. */
export class TileReader implements Head {
  readonly size: number;
  readonly root: Hash;
  /** Reads nodes from authenticated tiles, for `proveInclusion` and `proveConsistency`. */
  readonly nodes: NodeReader;
  readonly #fetchPath: FetchPath;
  readonly #maxCachedTiles: number;
  /** Partial tiles by level, once they have given the root; owned by `#edge`. */
  #edgePromise: Promise<ReadonlyMap<number, Uint8Array>> | undefined;
  /** Full tiles by path, oldest use first; owned by `#full`. */
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  constructor({ size, root, fetchPath, maxCachedTiles = 512 }: TileReaderOptions) {
    this.size = size;
    this.root = root;
    this.#fetchPath = fetchPath;
    this.#maxCachedTiles = Math.max(1, maxCachedTiles);
    this.nodes = new TileNodeReader(size, (tile) => this.tile(tile));
  }

  /** The hashes of a tile of this tree. Throws `out-of-range`, `malformed-tile`, `root-mismatch`. */
  async tile({ level, index, width }: Tile): Promise<Uint8Array> {
    const whole = tileWidthAt(level, index, this.size);
    if (width < 1 || width > whole) {
      throw new LedgerError('out-of-range', 'the tree has no such tile', {
        expected: `a width of 1 to ${whole} at level ${level}, index ${index}`,
        got: `${width}`,
      });
    }
    const hashes = await this.#whole(level, index);
    return hashes.subarray(0, width * hashSize);
  }

  /** The hash of the leaf at `index`, from its authenticated tile. */
  async leafHash(index: number): Promise<Hash> {
    this.#requireIndex(index);
    const at = index % tileWidth;
    const hashes = await this.#whole(0, Math.floor(index / tileWidth));
    return hashes.slice(at * hashSize, (at + 1) * hashSize);
  }

  /** The entry at `index`. Throws `leaf-mismatch` when the bundle holds other bytes than the tree. */
  async entry(index: number): Promise<Uint8Array> {
    this.#requireIndex(index);
    const entries = await this.entryBundle(Math.floor(index / tileWidth));
    return entries[index % tileWidth] as Uint8Array;
  }

  /** Every entry of the bundle at `index`, each checked against its leaf hash. */
  async entryBundle(index: number): Promise<readonly Uint8Array[]> {
    const width = tileWidthAt(0, index, this.size);
    if (width === 0) {
      throw new LedgerError('out-of-range', 'the tree has no such entry bundle', { got: `${index}` });
    }
    const [entries, hashes] = await Promise.all([this.#fetchBundle(index, width), this.#whole(0, index)]);
    for (const [at, entry] of entries.entries()) {
      // The server hands out bundles and tiles apart; only this ties an entry to the signed root.
      if (!equal(hashLeaf(entry), hashes.subarray(at * hashSize, (at + 1) * hashSize))) {
        throw new LedgerError('leaf-mismatch', 'an entry is not the one that the tree holds', {
          expected: toHex(hashes.subarray(at * hashSize, (at + 1) * hashSize)),
          got: toHex(hashLeaf(entry)),
          index: index * tileWidth + at,
          facts: { path: bundlePath({ index, width }) },
        });
      }
    }
    return entries;
  }

  #requireIndex(index: number): void {
    if (Number.isSafeInteger(index) && index >= 0 && index < this.size) return;
    throw new LedgerError('out-of-range', 'no leaf of this tree has that index', {
      expected: `0 to ${this.size - 1}`,
      got: `${index}`,
    });
  }

  async #whole(level: number, index: number): Promise<Uint8Array> {
    if (tileWidthAt(level, index, this.size) === tileWidth) return this.#full(level, index);
    const hashes = (await this.#edge()).get(level);
    if (hashes === undefined) throw new Error(`broken invariant: no partial tile at level ${level}`);
    return hashes;
  }

  #full(level: number, index: number): Promise<Uint8Array> {
    const key = `${level}/${index}`;
    const cached = this.#tiles.get(key);
    const tile = cached ?? this.#fetchFull(level, index);
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    if (cached === undefined) {
      // A failure is not kept: the next caller asks again.
      tile.catch(() => this.#tiles.delete(key));
      for (const oldest of this.#tiles.keys()) {
        if (this.#tiles.size <= this.#maxCachedTiles) break;
        this.#tiles.delete(oldest);
      }
    }
    return tile;
  }

  async #fetchFull(level: number, index: number): Promise<Uint8Array> {
    const path = tilePath({ level, index, width: tileWidth });
    const parentIndex = Math.floor(index / tileWidth);
    const [hashes, parent] = await Promise.all([
      this.#fetchHashes(path, tileWidth),
      this.#whole(level + 1, parentIndex),
    ]);
    const at = index % tileWidth;
    requireTileRoot({ hashes, expected: parent.subarray(at * hashSize, (at + 1) * hashSize), path });
    return hashes;
  }

  #edge(): Promise<ReadonlyMap<number, Uint8Array>> {
    if (this.#edgePromise === undefined) {
      const edge = this.#fetchEdge();
      edge.catch(() => (this.#edgePromise = undefined));
      this.#edgePromise = edge;
    }
    return this.#edgePromise;
  }

  async #fetchEdge(): Promise<ReadonlyMap<number, Uint8Array>> {
    const partial = partialTiles(this.size);
    const fetched = await Promise.all(partial.map((tile) => this.#fetchPartial(tile)));
    const root = rootOfPartialTiles(this.size, fetched);
    if (!equal(root, this.root)) {
      throw new LedgerError('root-mismatch', 'the partial tiles do not give the root of the checkpoint', {
        expected: toBase64(this.root),
        got: toBase64(root),
        facts: { paths: partial.map(tilePath).join(' ') },
      });
    }
    return new Map(partial.map((tile, at) => [tile.level, fetched[at] as Uint8Array]));
  }

  /** A log may drop a partial tile once the full one exists; the full one begins with the same hashes. */
  async #fetchPartial(tile: Tile): Promise<Uint8Array> {
    try {
      return await this.#fetchHashes(tilePath(tile), tile.width);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      const hashes = await this.#fetchHashes(tilePath({ ...tile, width: tileWidth }), tileWidth);
      return hashes.subarray(0, tile.width * hashSize);
    }
  }

  async #fetchHashes(path: string, width: number): Promise<Uint8Array> {
    const hashes = await this.#fetchPath(path, width * hashSize);
    if (hashes.length !== width * hashSize) {
      throw new LedgerError('malformed-tile', 'a tile has the wrong length', {
        expected: `${width * hashSize} bytes`,
        got: `${hashes.length} bytes`,
        facts: { path },
      });
    }
    return hashes;
  }

  async #fetchBundle(index: number, width: number): Promise<Uint8Array[]> {
    const fetchWidth = async (asked: number): Promise<Uint8Array[]> => {
      const bytes = await this.#fetchPath(bundlePath({ index, width: asked }), asked * maxFramedEntryBytes);
      return parseEntryBundle(bytes, asked);
    };
    try {
      return await fetchWidth(width);
    } catch (error) {
      if (!isNotFound(error) || width === tileWidth) throw error;
      return (await fetchWidth(tileWidth)).slice(0, width);
    }
  }
}

/** The partial tiles of a tree, lowest level first: one for each non-zero digit of `size` in base 256. */
function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / tileWidth)) {
    const width = rest % tileWidth;
    if (width > 0) tiles.push({ level, index: Math.floor(rest / tileWidth), width });
  }
  return tiles;
}

/** The root of a tree from its partial tiles, lowest level first. */
function rootOfPartialTiles(size: number, tiles: readonly Uint8Array[]): Hash {
  if (size === 0) return emptyRoot;
  const peaks: Hash[] = [];
  for (const hashes of tiles.toReversed()) {
    let from = 0;
    for (let count = tileWidth / 2; count >= 1; count /= 2) {
      if (hashes.length / hashSize - from < count) continue;
      peaks.push(nodeFromTile(hashes, { start: from, count }));
      from += count;
    }
  }
  return new RightEdge(size, peaks).root();
}

function requireTileRoot({
  hashes,
  expected,
  path,
}: {
  hashes: Uint8Array;
  expected: Uint8Array;
  path: string;
}): void {
  // Checked for every full tile that is fetched, by any caller: if the parent
  // were skipped, a hostile server could slip forged hashes into a proof.
  const root = tileRoot(hashes);
  if (equal(root, expected)) return;
  throw new LedgerError('root-mismatch', 'the tile’s hash differs from the one in its parent tile', {
    expected: toHex(expected),
    got: toHex(root),
    facts: { path },
  });
}

function isNotFound(error: unknown): boolean {
  return error instanceof LedgerError && error.code === 'not-found';
}
