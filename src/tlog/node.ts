/**
 * Nodes: the complete subtrees of a tree. Node (level, index) covers the
 * leaves [index · 2^level, (index + 1) · 2^level); its hash never changes
 * once they are all there.
 *
 *     level 2          (2,0)
 *     level 1     (1,0)     (1,1)
 *     level 0   (0,0)(0,1)(0,2)(0,3)(0,4)      a tree of size 5
 *
 * Any range of leaves that a proof speaks of starts where a subtree of its
 * size may start, and falls into complete subtrees, big ones first, by the
 * binary digits of its length. Folding their hashes from the right gives the
 * range's MTH.
 *
 * Sizes and indices are safe integers. There is no bitwise operator here:
 * those would cut a size to 32 bits.
 */
import { assert, LedgerError } from '../errors.ts';
import { hashNode, type Hash } from './hash.ts';

/** A complete subtree of 2^level leaves. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** Where tree maths gets its hashes from: rows, tiles, a file, a server. */
export interface NodeReader {
  /** The hashes of the nodes, in the order asked for. The source need not be trusted: the verifier of a proof checks it against a signed root. */
  readNodes(ids: readonly NodeId[]): Promise<readonly Hash[]>;
}

/** The leaves from `from` up to, but not including, `to`. */
export interface LeafRange {
  readonly from: number;
  readonly to: number;
}

/** The largest power of two that is smaller than `count`; `count` is at least 2. */
export function splitPoint(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

/** The complete subtrees of a range, from left to right, big to small. */
export function nodesOfRange({ from, to }: LeafRange): NodeId[] {
  const nodes: NodeId[] = [];
  let start = from;
  while (start < to) {
    let level = 0;
    let width = 1;
    while (width * 2 <= to - start) {
      level += 1;
      width *= 2;
    }
    assert(start % width === 0, 'a range of leaves starts where a subtree of its size may start');
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
}

/** MTH of the range whose complete subtrees, from left to right, have these hashes (at least one). */
export function foldNodes(hashes: readonly Hash[]): Hash {
  let folded = hashes.at(-1);
  assert(folded !== undefined, 'a range of leaves is not empty');
  for (const left of hashes.slice(0, -1).toReversed()) folded = hashNode(left, folded);
  return folded;
}

/** MTH of each range, all their nodes read at once. */
export async function hashRanges(ranges: readonly LeafRange[], reader: NodeReader): Promise<Hash[]> {
  const nodes = ranges.map(nodesOfRange);
  const asked = nodes.flat();
  const hashes = await reader.readNodes(asked);
  assert(hashes.length === asked.length, 'a reader gives one hash for each node asked for');
  let at = 0;
  return nodes.map(({ length }) => {
    at += length;
    return foldNodes(hashes.slice(at - length, at));
  });
}

/** Throws `out-of-range` unless `value` is a size that a tree may have: 0 to 2^53 - 1. */
export function checkSize(value: number, what: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new LedgerError('out-of-range', `${what} is not a tree size`, {
    expected: 'an integer from 0 to 2^53 - 1',
    got: String(value),
  });
}
