/**
 * Consistency proofs: the tree of `to` leaves with `toRoot` starts with the
 * very leaves of the tree of `from` leaves with `fromRoot`: nothing was
 * changed, removed or put in between. RFC 6962, section 2.1.2.
 *
 * On the way from the later root down to the right edge of the earlier tree,
 * each step leaves one subtree aside: to the left, a part of both trees; to
 * the right, of the later one only. Where the way ends, a subtree of both
 * remains. The proof is their hashes, from the bottom upwards; the last one is
 * left out when it is the whole earlier tree, whose root the verifier knows.
 *
 *     from 3, to 7:   [2,3)  [3,4)  [0,2)  [4,7)
 *     from 4, to 7:   [4,7)
 *
 * From size 0, and from a size to itself, the proof is empty.
 */
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { emptyRoot, hashNode, hashSize, type Hash } from './hash.ts';
import { checkSize, hashRanges, splitPoint } from './node.ts';
import type { LeafRange, NodeReader } from './node.ts';

/** From which size to which. */
export interface ConsistencySpan {
  readonly from: number;
  readonly to: number;
}

/** The ranges whose hashes make the proof, in its order. Throws `out-of-range`. */
export function consistencyRanges({ from: earlier, to: later }: ConsistencySpan): LeafRange[] {
  checkSize(earlier, 'the earlier size');
  checkSize(later, 'the later size');
  if (earlier > later) {
    throw new LedgerError('out-of-range', 'the earlier size is larger than the later one', {
      expected: `at most ${later}`,
      got: String(earlier),
    });
  }
  if (earlier === 0 || earlier === later) return [];
  const ranges: LeafRange[] = [];
  let from = 0;
  let to = later;
  while (to !== earlier) {
    const middle = from + splitPoint(to - from);
    if (earlier <= middle) {
      ranges.push({ from: middle, to });
      to = middle;
    } else {
      ranges.push({ from, to: middle });
      from = middle;
    }
  }
  if (from > 0) ranges.push({ from, to });
  return ranges.toReversed();
}

/** The proof's hashes, from the bottom upwards. Throws `out-of-range`, and what the reader throws. */
export async function proveConsistency(span: ConsistencySpan, reader: NodeReader): Promise<Hash[]> {
  const ranges = consistencyRanges(span);
  return ranges.length === 0 ? [] : hashRanges(ranges, reader);
}

/**
 * Returns if the proof holds; otherwise throws `consistency-failed` (or
 * `out-of-range` for what cannot be a size at all). From size 0 it says
 * nothing about `toRoot`: everything extends the empty tree.
 */
export function verifyConsistency({
  from,
  fromRoot,
  to,
  toRoot,
  proof,
}: ConsistencySpan & {
  readonly fromRoot: Hash;
  readonly toRoot: Hash;
  readonly proof: readonly Hash[];
}): void {
  if (from > to) {
    throw new LedgerError('consistency-failed', 'the later tree is smaller than the earlier one', {
      expected: `at least ${from} leaves`,
      got: `${to} leaves`,
    });
  }
  const ranges = consistencyRanges({ from, to });
  // Before anything is hashed: a prover decides neither how much work is done nor on what.
  if (proof.length !== ranges.length) {
    throw new LedgerError('consistency-failed', 'wrong number of hashes in the consistency proof', {
      expected: `${ranges.length} hashes`,
      got: `${proof.length} hashes`,
    });
  }
  if (![fromRoot, toRoot, ...proof].every((hash) => hash.length === hashSize)) {
    throw new LedgerError('consistency-failed', 'a hash of the consistency proof has another length', {
      expected: `${hashSize} bytes each`,
    });
  }
  if (from === 0) checkRoot(emptyRoot, fromRoot, 'the root of size 0 is not that of the empty tree');
  if (from === to) checkRoot(fromRoot, toRoot, 'two roots for one size');
  if (ranges.length === 0) return;

  const { before, after } = rootsOf({ from, ranges, proof, fromRoot });
  checkRoot(fromRoot, before, 'the consistency proof leads to another earlier root');
  checkRoot(toRoot, after, 'the consistency proof leads to another later root');
}

/**
 * The root at the earlier size of the tree that a proof belongs to, whatever
 * the one who asks remembers for that size. Undefined where the proof does not
 * lead to `toRoot`, and so says nothing; and from a size that is a whole subtree
 * (a power of two), whose root no proof holds.
 */
export function earlierRoot({
  from,
  to,
  toRoot,
  proof,
}: ConsistencySpan & { readonly toRoot: Hash; readonly proof: readonly Hash[] }): Hash | undefined {
  if (from < 1 || from >= to) return undefined;
  const ranges = consistencyRanges({ from, to });
  if (ranges[0]?.from === from || proof.length !== ranges.length) return undefined;
  if (!proof.every((hash) => hash.length === hashSize)) return undefined;
  const { before, after } = rootsOf({ from, ranges, proof, fromRoot: emptyRoot });
  return equal(after, toRoot) ? before : undefined;
}

/** The two roots that a proof of the right length leads to; `fromRoot` counts where the proof leaves it out. */
function rootsOf({
  from,
  ranges,
  proof,
  fromRoot,
}: {
  readonly from: number;
  readonly ranges: readonly LeafRange[];
  readonly proof: readonly Hash[];
  readonly fromRoot: Hash;
}): { readonly before: Hash; readonly after: Hash } {
  // Without a first hash for it, the subtree at the bottom is the whole earlier tree.
  const whole = ranges[0]?.from === from;
  let before = whole ? fromRoot : (proof[0] as Hash);
  let after = before;
  for (let i = whole ? 0 : 1; i < ranges.length; i++) {
    const hash = proof[i] as Hash;
    if ((ranges[i] as LeafRange).from >= from) {
      after = hashNode(after, hash);
    } else {
      before = hashNode(hash, before);
      after = hashNode(hash, after);
    }
  }
  return { before, after };
}

function checkRoot(expected: Hash, got: Hash, message: string): void {
  if (equal(expected, got)) return;
  throw new LedgerError('consistency-failed', message, { expected: toHex(expected), got: toHex(got) });
}
