/**
 * RFC 6962 section 2.1 as it is written: plain recursion over all leaves, no
 * sharing, no caching. Slow on purpose; the fast code is compared with it.
 */
import { hashLeaf, hashNode, sha256 } from '#sha256';

type Hash = Uint8Array;

function largestPowerOfTwoBelow(n: number): number {
  return n <= 2 ? 1 : 2 * largestPowerOfTwoBelow(Math.ceil(n / 2));
}

/** MTH(D[n]) over entries. */
export function mth(entries: readonly Uint8Array[]): Hash {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  return mthOfLeafHashes(entries.map((entry) => hashLeaf(entry)));
}

/** MTH over leaf hashes (at least one). */
export function mthOfLeafHashes(leaves: readonly Hash[]): Hash {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return only;
  const k = largestPowerOfTwoBelow(leaves.length);
  return hashNode(mthOfLeafHashes(leaves.slice(0, k)), mthOfLeafHashes(leaves.slice(k)));
}

/** PATH(m, D[n]) over leaf hashes. */
export function path(m: number, leaves: readonly Hash[]): Hash[] {
  if (leaves.length === 1) return [];
  const k = largestPowerOfTwoBelow(leaves.length);
  if (m < k) return [...path(m, leaves.slice(0, k)), mthOfLeafHashes(leaves.slice(k))];
  return [...path(m - k, leaves.slice(k)), mthOfLeafHashes(leaves.slice(0, k))];
}

/** PROOF(m, D[n]) over leaf hashes, 0 < m ≤ n. */
export function proof(m: number, leaves: readonly Hash[]): Hash[] {
  return subproof(m, leaves, true);
}

function subproof(m: number, leaves: readonly Hash[], known: boolean): Hash[] {
  if (m === leaves.length) return known ? [] : [mthOfLeafHashes(leaves)];
  const k = largestPowerOfTwoBelow(leaves.length);
  if (m <= k) return [...subproof(m, leaves.slice(0, k), known), mthOfLeafHashes(leaves.slice(k))];
  return [...subproof(m - k, leaves.slice(k), false), mthOfLeafHashes(leaves.slice(0, k))];
}
