/**
 * The tree as it stands at one size: the right edge, and for every tile level
 * the one tile that is not yet full. Everything to the left of these is in full
 * tiles, which never change.
 *
 * A `Tree` is immutable. The sequencer grows a new one for each batch and puts
 * it in place when the batch is committed, so a reader that holds a tree keeps
 * reading one size while the log grows, and a commit that fails leaves nothing
 * behind.
 */
import { assert } from '../../errors.ts';
import { hashNode, type Hash } from '../../tlog/hash.ts';
import { RightEdge } from '../../tlog/right-edge.ts';
import { tileHeight, tileWidth } from '../../tlog/tile.ts';
import { ExpandedTile } from './expanded-tile.ts';

/** Nodes of an unfinished tile by height: up to 256 of height 0, half as many of height 1, and so on to 7. */
export type EdgeTile = readonly (readonly Hash[])[];

export interface Tree {
  /** Number of leaves. */
  readonly size: number;
  readonly root: Hash;
  readonly edge: RightEdge;
  /** By tile level; the last may be empty. */
  readonly tiles: readonly EdgeTile[];
}

export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly tile: ExpandedTile;
}

const emptyTile: EdgeTile = Array.from({ length: tileHeight }, () => []);

/**
 * The tree after `leafHashes` are appended, and the tiles that became full on
 * the way, lowest level first within one append.
 */
export function grow(tree: Tree, leafHashes: readonly Hash[]): { tree: Tree; full: FullTile[] } {
  const edge = tree.edge.clone();
  const tiles = new EdgeTiles(tree.tiles);
  for (const leafHash of leafHashes) {
    edge.append(leafHash, (level, index, hash) => tiles.add(level, index, hash));
  }
  return {
    tree: { size: edge.size, root: edge.root(), edge, tiles: tiles.tiles },
    full: tiles.full,
  };
}

/**
 * The tree of `size` leaves whose unfinished tile at each level, leaves first,
 * begins with these hashes. What was grown and what is rebuilt are the same.
 */
export function treeFromTiles(size: number, hashes: readonly (readonly Hash[])[]): Tree {
  const tiles = hashes.map(edgeTileOf);
  // An odd number of nodes at a height leaves the last one without a sibling: a peak of the right edge.
  const peaks = tiles.flatMap((tile) =>
    tile.map((nodes) => (nodes.length % 2 === 1 ? nodes.at(-1) : undefined)),
  );
  const edge = new RightEdge(
    size,
    peaks.toReversed().filter((peak) => peak !== undefined),
  );
  return { size, root: edge.root(), edge, tiles };
}

export const emptyTree: Tree = treeFromTiles(0, []);

function edgeTileOf(hashes: readonly Hash[]): EdgeTile {
  const heights: Hash[][] = [[...hashes]];
  while (heights.length < tileHeight) {
    const below = heights.at(-1) ?? [];
    const nodes: Hash[] = [];
    for (let i = 0; i + 1 < below.length; i += 2)
      nodes.push(hashNode(below[i] as Hash, below[i + 1] as Hash));
    heights.push(nodes);
  }
  return heights;
}

/** The unfinished tiles while a batch is appended; copies a level's lists when it first changes them. */
class EdgeTiles {
  readonly tiles: EdgeTile[];
  readonly full: FullTile[] = [];
  readonly #own = new Map<number, Hash[][]>();

  constructor(tiles: readonly EdgeTile[]) {
    this.tiles = [...tiles];
  }

  /** A node that was completed: `level` counts from the leaves, `index` from the left. */
  add(level: number, index: number, hash: Hash): void {
    // The top node of a tile is a leaf of the tile above: the tile below is now full.
    if (level > 0 && level % tileHeight === 0) this.#complete(level / tileHeight - 1, index);
    const nodes = this.#writable(Math.floor(level / tileHeight))[level % tileHeight];
    assert(nodes !== undefined, 'a tile has a list for every height');
    nodes.push(hash);
  }

  #writable(level: number): Hash[][] {
    const own = this.#own.get(level);
    if (own !== undefined) return own;
    const copy = (this.tiles[level] ?? emptyTile).map((nodes) => [...nodes]);
    this.#own.set(level, copy);
    this.tiles[level] = copy;
    return copy;
  }

  #complete(level: number, index: number): void {
    const heights = this.#writable(level);
    assert(heights[0]?.length === tileWidth, 'a tile is full when its top node is known');
    this.full.push({ level, index, tile: ExpandedTile.fromNodes(heights) });
    for (const nodes of heights) nodes.length = 0;
  }
}
