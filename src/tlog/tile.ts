/**
 * Tiles: the tree as static files. C2SP tlog-tiles, "Merkle Tree".
 *
 *     tile/0/000            the first 256 leaf hashes, 8,192 bytes
 *     tile/1/000            the roots of the first 256 full tiles of level 0
 *     tile/0/273.p/112      the last leaf hashes of a tree of 70,000
 *     tile/0/x001/x234/067  tile 1,234,067 of level 0
 *     tile/entries/000      the entries of the first 256 leaves (bundle.ts)
 *
 * Hash i of tile (level, index) is the node of level 8 · level with index
 * 256 · index + i. A partial tile is a prefix of the full one and is never
 * hashed upwards; an empty tile does not exist.
 *
 * Hashes that come out of a tile are only as good as the server it came from:
 * verify what is made of them against a signed root.
 */
import { assert, lengthOf, LedgerError } from '../errors.ts';
import { hashNode, hashSize, type Hash } from './hash.ts';
import { checkSize, type NodeId, type NodeReader } from './node.ts';

/** Levels of the tree that one tile spans. */
export const tileHeight = 8;
/** Hashes in a full tile, entries in a full bundle: 2^tileHeight. */
export const tileWidth = 256;
/** Levels that a path may name. */
const maxTileLevel = 63;

export interface Tile {
  /** 0 for leaf hashes. */
  readonly level: number;
  readonly index: number;
  /** Hashes in it, 1 to 256; below 256 it is a partial tile. */
  readonly width: number;
}

/** A bundle of entries: what a tile of level 0 is for their hashes. */
export interface BundleId {
  readonly index: number;
  readonly width: number;
}

/** The tile's path, without a leading slash. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${widthPath(width)}`;
}

/** The tile that a path (without a leading slash) names in its one spelling. Throws `not-found`. */
export function parseTilePath(path: string): Tile {
  const match = path.length <= maxPathLength ? tilePattern.exec(path) : null;
  if (match === null) throw notFound(path);
  const tile = { level: Number(match[1]), ...parseRest(match[2] ?? '', match[3], path) };
  // A second spelling (x000/001 for 001) would be a second cache entry for the same bytes.
  if (tile.level > maxTileLevel || tilePath(tile) !== path) throw notFound(path);
  return tile;
}

/** The bundle's path, without a leading slash. */
export function bundlePath({ index, width }: BundleId): string {
  return `tile/entries/${indexPath(index)}${widthPath(width)}`;
}

/** The bundle that a path (without a leading slash) names in its one spelling. Throws `not-found`. */
export function parseBundlePath(path: string): BundleId {
  const match = path.length <= maxPathLength ? bundlePattern.exec(path) : null;
  if (match === null) throw notFound(path);
  const bundle = parseRest(match[1] ?? '', match[2], path);
  if (bundlePath(bundle) !== path) throw notFound(path);
  return bundle;
}

const tilePattern = /^tile\/(0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
const bundlePattern = /^tile\/entries\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;
/** The longest path of an index below 2^53, with room; what is longer is refused unread. */
const maxPathLength = 64;

function parseRest(indexText: string, widthText: string | undefined, path: string): BundleId {
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? tileWidth : Number(widthText);
  const partial = widthText !== undefined;
  if (!Number.isSafeInteger(index) || (partial && width >= tileWidth)) throw notFound(path);
  return { index, width };
}

function indexPath(index: number): string {
  assert(Number.isSafeInteger(index) && index >= 0, 'a tile index is a safe integer');
  let path = threeDigits(index % 1000);
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${threeDigits(rest % 1000)}/${path}`;
  }
  return path;
}

function threeDigits(value: number): string {
  return String(value).padStart(3, '0');
}

function widthPath(width: number): string {
  assert(Number.isInteger(width) && width >= 1 && width <= tileWidth, 'a tile holds 1 to 256 hashes');
  return width === tileWidth ? '' : `.p/${width}`;
}

function notFound(path: string): LedgerError {
  return new LedgerError('not-found', 'there is no tile with this path', {
    expected: 'tile/<level>/<index> or tile/entries/<index>, with .p/<1 to 255> if partial',
    got: lengthOf(path),
  });
}

/** How many hashes tile (level, index) has in a tree of `size` leaves: 0 (no such tile) to 256. */
export function tileWidthAt(level: number, index: number, size: number): number {
  // Division by a power of two is exact for safe integers.
  const hashes = Math.floor(size / tileWidth ** level) - index * tileWidth;
  return Math.min(Math.max(hashes, 0), tileWidth);
}

/** All tiles of a tree of `size` leaves, level by level, from left to right. Throws `out-of-range`. */
export function tilesForSize(size: number): Tile[] {
  checkSize(size, 'size');
  const tiles: Tile[] = [];
  for (let level = 0; tileWidthAt(level, 0, size) > 0; level++) {
    for (let index = 0; ; index++) {
      const width = tileWidthAt(level, index, size);
      if (width === 0) break;
      tiles.push({ level, index, width });
    }
  }
  return tiles;
}

/** Where a node is: the root of the `count` hashes (a power of two) from hash `start` on in the tile. */
export interface TilePlace {
  readonly tile: Tile;
  readonly start: number;
  readonly count: number;
}

/** The tile, as wide as it is at `size`, that holds a node. Throws `out-of-range` if the tree has not that node. */
export function tileOfNode({ level, index }: NodeId, size: number): TilePlace {
  checkSize(size, 'size');
  const count = 2 ** (level % tileHeight);
  const perTile = tileWidth / count;
  const tileLevel = Math.floor(level / tileHeight);
  const tileIndex = Math.floor(index / perTile);
  const start = (index % perTile) * count;
  const width = tileWidthAt(tileLevel, tileIndex, size);
  if (start + count > width) {
    throw new LedgerError('out-of-range', 'a tree of this size has no such node', {
      expected: `a complete subtree of ${size} leaves`,
      got: `level ${level}, index ${index}`,
    });
  }
  return { tile: { level: tileLevel, index: tileIndex, width }, start, count };
}

/** The hash of a node, computed from the bytes of the tile that `tileOfNode` names. */
export function nodeFromTile(hashes: Uint8Array, { start, count }: Pick<TilePlace, 'start' | 'count'>): Hash {
  assert((start + count) * hashSize <= hashes.length, 'the tile holds the node');
  let row: Hash[] = [];
  for (let i = start; i < start + count; i++) row.push(hashes.slice(i * hashSize, (i + 1) * hashSize));
  while (row.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(hashNode(row[i] as Hash, row[i + 1] as Hash));
    row = above;
  }
  return row[0] as Hash;
}

/** The root of a full tile (8,192 bytes): its hash in the tile above. */
export function tileRoot(hashes: Uint8Array): Hash {
  assert(hashes.length === tileWidth * hashSize, 'only a full tile is hashed upwards');
  return nodeFromTile(hashes, { start: 0, count: tileWidth });
}

/** Reads the nodes of a tree of one size from its tiles; each tile once per call. */
export class TileNodeReader implements NodeReader {
  readonly #size: number;
  readonly #readTile: (tile: Tile) => Promise<Uint8Array>;

  constructor(size: number, readTile: (tile: Tile) => Promise<Uint8Array>) {
    checkSize(size, 'size');
    this.#size = size;
    this.#readTile = readTile;
  }

  /** Throws `out-of-range`, `malformed-tile` for a tile of another length, and what `readTile` throws. */
  async readNodes(ids: readonly NodeId[]): Promise<Hash[]> {
    const places = ids.map((id) => tileOfNode(id, this.#size));
    const tiles = new Map<string, Promise<Uint8Array>>();
    const reads = places.map(({ tile }) => {
      const path = tilePath(tile);
      const read = tiles.get(path) ?? this.#readWhole(tile);
      tiles.set(path, read);
      return read;
    });
    const bytes = await Promise.all(reads);
    return places.map((place, i) => nodeFromTile(bytes[i] as Uint8Array, place));
  }

  async #readWhole(tile: Tile): Promise<Uint8Array> {
    const bytes = await this.#readTile(tile);
    if (bytes.length !== tile.width * hashSize) {
      throw new LedgerError('malformed-tile', `${tilePath(tile)} has another length`, {
        expected: `${tile.width * hashSize} bytes`,
        got: `${bytes.length} bytes`,
      });
    }
    return bytes;
  }
}
