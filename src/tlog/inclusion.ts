/**
 * Inclusion proofs: leaf `index` is in the tree of `size` leaves with this
 * root. RFC 6962, section 2.1.1.
 *
 * On the way from the root to the leaf, each step leaves one sibling subtree
 * aside. The proof is their hashes, from the leaf upwards:
 *
 *     size 7, index 2:   [3,4)  [0,2)  [4,7)
 *
 * A root says nothing of its size, and neither does a proof (index 0 has one
 * shape in sizes 3 and 4), so both must come from one signed checkpoint.
 */
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { hashNode, hashSize, type Hash } from './hash.ts';
import { checkSize, hashRanges, splitPoint } from './node.ts';
import type { LeafRange, NodeReader } from './node.ts';

/** Which leaf of which tree. */
export interface InclusionPlace {
  readonly index: number;
  readonly size: number;
}

/** The sibling ranges whose hashes make the proof, in its order. Throws `out-of-range`. */
export function inclusionRanges({ index, size }: InclusionPlace): LeafRange[] {
  checkSize(size, 'size');
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new LedgerError('out-of-range', 'there is no leaf with this index in a tree of this size', {
      expected: `0 ≤ index < ${size}`,
      got: String(index),
    });
  }
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  return ranges.toReversed();
}

/** The proof's hashes, from the leaf upwards. Throws `out-of-range`, and what the reader throws. */
export function proveInclusion(place: InclusionPlace, reader: NodeReader): Promise<Hash[]> {
  return hashRanges(inclusionRanges(place), reader);
}

/**
 * Returns if the proof holds. Throws `out-of-range` for an index that the
 * tree has not, `inclusion-failed` for everything else. The caller has hashed
 * the leaf itself: a `leafHash` from the prover could be an inner node.
 */
export function verifyInclusion({
  index,
  size,
  leafHash,
  root,
  proof,
}: InclusionPlace & {
  readonly leafHash: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}): void {
  const ranges = inclusionRanges({ index, size });
  // Before anything is hashed: a prover decides neither how much work is done nor on what.
  if (proof.length !== ranges.length) {
    throw new LedgerError('inclusion-failed', 'wrong number of hashes in the inclusion proof', {
      expected: `${ranges.length} hashes`,
      got: `${proof.length} hashes`,
      index,
    });
  }
  if (![leafHash, root, ...proof].every((hash) => hash.length === hashSize)) {
    throw new LedgerError('inclusion-failed', 'a hash of the inclusion proof has another length', {
      expected: `${hashSize} bytes each`,
      index,
    });
  }
  const computed = ranges.reduce((below, sibling, i) => {
    const hash = proof[i] as Hash;
    return sibling.from > index ? hashNode(below, hash) : hashNode(hash, below);
  }, leafHash);
  if (!equal(computed, root)) {
    throw new LedgerError('inclusion-failed', 'the inclusion proof leads to another root', {
      expected: toHex(root),
      got: toHex(computed),
      index,
    });
  }
}
