/** A tree in memory for tests: every complete node by level, built once for its largest size. */
import { hashLeaf, hashNode, hashSize, type Hash } from '../../src/tlog/hash.ts';
import type { NodeId, NodeReader } from '../../src/tlog/node.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { tileWidth, type Tile } from '../../src/tlog/tile.ts';
import { concat, uint64 } from '../../src/bytes.ts';

export interface Tree extends NodeReader {
  readonly leaves: readonly Hash[];
  readonly levels: readonly (readonly Hash[])[];
  /** Bytes of a tile, at the width asked for. */
  tile(tile: Tile): Promise<Uint8Array>;
}

/** The tree whose entry i is i in eight bytes, grown leaf by leaf through the right edge. */
export function growTree(size: number): Tree {
  const levels: Hash[][] = [];
  const edge = RightEdge.empty();
  for (let i = 0; i < size; i++) {
    edge.append(hashLeaf(uint64(i)), (level, index, hash) => {
      const row = (levels[level] ??= []);
      if (row.length !== index) throw new Error(`node ${level}, ${index} out of order`);
      row.push(hash);
    });
  }
  const node = ({ level, index }: NodeId): Hash => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw new Error(`no node ${level}, ${index} in ${size}`);
    return hash;
  };
  return {
    leaves: levels[0] ?? [],
    levels,
    readNodes: (ids) => Promise.resolve(ids.map(node)),
    tile: ({ level, index, width }) =>
      Promise.resolve(
        concat(
          ...Array.from({ length: width }, (_, i) =>
            node({ level: level * 8, index: index * tileWidth + i }),
          ),
        ),
      ),
  };
}

/**
 * The nodes of a complete tree of 2^height leaves, whose leaf hash i is i in
 * its last eight bytes. A level is one run of bytes, built from the one below:
 * a million leaves in a second and 64 MiB.
 */
export function fullTree(height: number): NodeReader & { readonly leaf: (index: number) => Hash } {
  let below = new Uint8Array(2 ** height * hashSize);
  const view = new DataView(below.buffer);
  for (let i = 0; i < 2 ** height; i++) view.setUint32(i * hashSize + 28, i);
  const levels = [below];
  while (below.length > hashSize) {
    const above = new Uint8Array(below.length / 2);
    for (let at = 0; at < above.length; at += hashSize) {
      const left = below.subarray(at * 2, at * 2 + hashSize);
      above.set(hashNode(left, below.subarray(at * 2 + hashSize, at * 2 + 2 * hashSize)), at);
    }
    levels.push(above);
    below = above;
  }
  const node = ({ level, index }: NodeId): Hash => {
    const hash = levels[level]?.slice(index * hashSize, (index + 1) * hashSize);
    if (hash?.length !== hashSize) throw new Error(`no node ${level}, ${index} in 2^${height}`);
    return hash;
  };
  return {
    leaf: (index) => node({ level: 0, index }),
    readNodes: (ids) => Promise.resolve(ids.map(node)),
  };
}

/** The same hash with one bit turned over. */
export function flipBit(hash: Hash, bit: number): Hash {
  const flipped = Uint8Array.from(hash);
  const at = Math.floor(bit / 8);
  flipped[at] = (flipped[at] ?? 0) ^ (1 << (bit % 8));
  return flipped;
}

/** A hash that stands in no tree here. */
export const strangerHash: Hash = hashNode(hashLeaf(uint64(1)), hashLeaf(uint64(1)));

/** Sizes and indices around `value` that differ from it: neighbours, and one binary digit added or taken away. */
export function near(value: number, limit: number): number[] {
  const others = new Set([0, 1, limit]);
  for (let step = 1; step <= limit; step *= 2)
    others
      .add(value - step)
      .add(value + step)
      .add(value * 2 - step);
  others.delete(value);
  return [...others].filter((other) => other >= 0 && other <= limit);
}
