/** The root of a tree: the fold of the complete subtrees along its right edge. */
import { emptyRoot, type Hash } from './hash.ts';
import { checkSize, hashRanges, type NodeReader } from './node.ts';

/** The root of the tree of `size` leaves. Throws `out-of-range`, and what the reader throws. */
export async function rootOf(size: number, reader: NodeReader): Promise<Hash> {
  checkSize(size, 'size');
  const [root] = size === 0 ? [] : await hashRanges([{ from: 0, to: size }], reader);
  return root ?? emptyRoot;
}
