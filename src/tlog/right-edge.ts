/**
 * The right edge of a growing tree (a compact range from 0): its size and the
 * hashes of its complete subtrees, one for each binary digit 1 of the size.
 * That is all it takes to append and to know the root.
 *
 *     size 6 = 110 in binary: peaks (2,0) and (1,2)
 *     append one: size 7 = 111: peaks (2,0), (1,2), (0,6)
 *     append one: size 8 = 1000: all merge into the one peak (3,0)
 */
import { assert } from '../errors.ts';
import { emptyRoot, hashNode, hashSize, type Hash } from './hash.ts';
import { foldNodes, nodesOfRange } from './node.ts';

export class RightEdge {
  /** Owned by `append`, as is the count of leaves; the hashes themselves are never written to. */
  readonly #peaks: Hash[];
  #size: number;

  /** @param peaks from left to right, big to small; as many as `nodesOfRange({from: 0, to: size})` names. */
  constructor(size: number, peaks: readonly Hash[]) {
    assert(Number.isSafeInteger(size) && size >= 0, 'the size of a tree is a safe integer');
    assert(
      peaks.length === nodesOfRange({ from: 0, to: size }).length,
      'a peak for each binary digit 1 of the size',
    );
    assert(
      peaks.every((peak) => peak.length === hashSize),
      'a peak is a 32-byte hash',
    );
    this.#size = size;
    this.#peaks = [...peaks];
  }

  static empty(): RightEdge {
    return new RightEdge(0, []);
  }

  get size(): number {
    return this.#size;
  }

  /** A snapshot: later appends do not change it. */
  get peaks(): readonly Hash[] {
    return [...this.#peaks];
  }

  /**
   * Adds the next leaf. `onNode` is called for it and then, upwards, for every
   * inner node that it completes.
   */
  append(leafHash: Hash, onNode?: (level: number, index: number, hash: Hash) => void): void {
    assert(leafHash.length === hashSize, 'a leaf hash is 32 bytes');
    assert(this.#size < Number.MAX_SAFE_INTEGER, 'the size of a tree is a safe integer');
    let hash = leafHash;
    let level = 0;
    let index = this.#size;
    onNode?.(level, index, hash);
    // An odd index closes the pair with the peak to its left.
    while (index % 2 === 1) {
      const left = this.#peaks.pop();
      assert(left !== undefined, 'a left sibling is on the edge');
      hash = hashNode(left, hash);
      level += 1;
      index = (index - 1) / 2;
      onNode?.(level, index, hash);
    }
    this.#peaks.push(hash);
    this.#size += 1;
  }

  root(): Hash {
    return this.#peaks.length === 0 ? emptyRoot : foldNodes(this.#peaks);
  }

  /** An independent copy, for work that may be given up. */
  clone(): RightEdge {
    return new RightEdge(this.#size, this.#peaks);
  }
}
