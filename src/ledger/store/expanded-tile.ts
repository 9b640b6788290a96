/**
 * A full tile with its inner nodes, so that a proof costs look-ups and no
 * hashing: 510 nodes of 32 bytes, in one buffer of 16 KiB.
 *
 *   height 0: 256 nodes (the tile itself), height 1: 128, … height 7: 2
 *
 * The node of height 8 is the tile's root; it is position n mod 256 of the tile
 * above and is kept beside the buffer for the check against that tile.
 */
import { hashNode } from '#sha256';
import { LedgerError, assert } from '../../errors.ts';
import type { Hash } from '../../tlog/hash.ts';
import { tileHeight, tileWidth } from '../../tlog/tile.ts';

const hashLength = 32;
/** Bytes of a full tile as it is stored and served. */
const fullTileBytes: number = tileWidth * hashLength;
const nodeCount = 2 * tileWidth - 2;

/** Byte offset of the first node of a height. */
const offsets: readonly number[] = Array.from(
  { length: tileHeight },
  (_, height) => (2 * tileWidth - (2 * tileWidth) / 2 ** height) * hashLength,
);

export class ExpandedTile {
  readonly root: Hash;
  readonly #nodes: Uint8Array;

  private constructor(nodes: Uint8Array, root: Hash) {
    this.#nodes = nodes;
    this.root = root;
  }

  /** From the 8,192 bytes of a stored tile. Throws `store-corrupt` for another length. */
  static fromBytes(bytes: Uint8Array): ExpandedTile {
    if (bytes.length !== fullTileBytes) {
      throw new LedgerError('store-corrupt', 'a stored tile has the wrong length', {
        expected: `${fullTileBytes} bytes`,
        got: `${bytes.length} bytes`,
      });
    }
    const nodes = new Uint8Array(nodeCount * hashLength);
    nodes.set(bytes);
    let from = 0;
    for (let to = fullTileBytes; to < nodes.length; to += hashLength) {
      nodes.set(hashPair(nodes, from), to);
      from += 2 * hashLength;
    }
    return new ExpandedTile(nodes, hashPair(nodes, from));
  }

  /** From the nodes by height that an unfinished tile had gathered when it became full. */
  static fromNodes(heights: readonly (readonly Hash[])[]): ExpandedTile {
    const nodes = new Uint8Array(nodeCount * hashLength);
    let at = 0;
    for (const list of heights) {
      for (const hash of list) {
        nodes.set(hash, at);
        at += hashLength;
      }
    }
    assert(at === nodes.length, 'a full tile has 510 nodes below its root');
    return new ExpandedTile(nodes, hashPair(nodes, nodes.length - 2 * hashLength));
  }

  /** The node of `height` (0 to 7 above the tile's own hashes) at `position` from the left. */
  node(height: number, position: number): Hash {
    const at = (offsets[height] ?? 0) + position * hashLength;
    return this.#nodes.subarray(at, at + hashLength);
  }

  /** The tile as it is stored and served: its first `width` hashes. */
  bytes(width: number = tileWidth): Uint8Array {
    return this.#nodes.subarray(0, width * hashLength);
  }
}

function hashPair(nodes: Uint8Array, at: number): Hash {
  return hashNode(nodes.subarray(at, at + hashLength), nodes.subarray(at + hashLength, at + 2 * hashLength));
}
