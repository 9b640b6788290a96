/**
 * A tree head: how many leaves, and the root over them. Two trees are one
 * history up to a size exactly if their heads at that size are the same.
 */
import { equal, toHex } from '../bytes.ts';
import type { Hash } from './hash.ts';

export interface Head {
  /** Number of leaves. */
  readonly size: number;
  readonly root: Hash;
}

/** The head of what has one among other things: a tree, a checkpoint. */
export function headOf({ size, root }: Head): Head {
  return { size, root };
}

/** Whether both are one head, or both are none. */
export function sameHead(a: Head | undefined, b: Head | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && equal(a.root, b.root);
}

/** A head in a few words, for an error's `expected` and `got`. */
export function describeHead(head: Head | undefined): string {
  return head === undefined ? 'no head' : `size ${head.size}, root ${toHex(head.root)}`;
}
