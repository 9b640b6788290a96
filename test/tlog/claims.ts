/** Proofs as claims that a test can bend: honest ones from a small tree, and what refuses a bent one. */
import { expect } from 'chai';
import { LedgerError, type ErrorCode } from '../../src/errors.ts';
import { proveConsistency, verifyConsistency } from '../../src/tlog/consistency.ts';
import type { Hash } from '../../src/tlog/hash.ts';
import { proveInclusion, verifyInclusion } from '../../src/tlog/inclusion.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { flipBit, type Tree } from './tree.ts';

export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly leafHash: Hash;
  readonly root: Hash;
  readonly proof: readonly Hash[];
}

export interface ConsistencyClaim {
  readonly from: number;
  readonly fromRoot: Hash;
  readonly to: number;
  readonly toRoot: Hash;
  readonly proof: readonly Hash[];
}

/** The honest claim that leaf `index` of the tree is in its first `size` leaves. */
export async function inclusionClaim(tree: Tree, index: number, size: number): Promise<InclusionClaim> {
  const proof = await proveInclusion({ index, size }, tree);
  return { index, size, leafHash: tree.leaves[index] as Hash, root: await rootOf(size, tree), proof };
}

/** The honest claim that the first `to` leaves of the tree extend its first `from`. */
export async function consistencyClaim(tree: Tree, from: number, to: number): Promise<ConsistencyClaim> {
  const proof = await proveConsistency({ from, to }, tree);
  return { from, fromRoot: await rootOf(from, tree), to, toRoot: await rootOf(to, tree), proof };
}

/** Fails the test unless the claim is refused, with a code that says so. */
export function rejectInclusion(claim: InclusionClaim, mutation: string): void {
  if (refuses(() => verifyInclusion(claim), ['inclusion-failed', 'out-of-range'])) return;
  expect.fail(`index ${claim.index} of ${claim.size}, ${mutation}: accepted`);
}

/** Fails the test unless the claim is refused, with a code that says so. */
export function rejectConsistency(claim: ConsistencyClaim, mutation: string): void {
  if (refuses(() => verifyConsistency(claim), ['consistency-failed'])) return;
  expect.fail(`${claim.from} to ${claim.to}, ${mutation}: accepted`);
}

/** Flips every bit of every hash of an inclusion claim, one at a time. */
export function rejectInclusionBits(claim: InclusionClaim): void {
  const { leafHash, root, proof } = claim;
  for (let bit = 0; bit < 256; bit++) {
    rejectInclusion({ ...claim, leafHash: flipBit(leafHash, bit) }, `bit ${bit} of the leaf hash`);
    rejectInclusion({ ...claim, root: flipBit(root, bit) }, `bit ${bit} of the root`);
    proof.forEach((hash, i) => {
      rejectInclusion({ ...claim, proof: proof.with(i, flipBit(hash, bit)) }, `bit ${bit} of hash ${i}`);
    });
  }
}

/** Flips every bit of every hash of a consistency claim, one at a time. */
export function rejectConsistencyBits(claim: ConsistencyClaim): void {
  const { fromRoot, toRoot, proof } = claim;
  for (let bit = 0; bit < 256; bit++) {
    rejectConsistency({ ...claim, fromRoot: flipBit(fromRoot, bit) }, `bit ${bit} of the earlier root`);
    rejectConsistency({ ...claim, toRoot: flipBit(toRoot, bit) }, `bit ${bit} of the later root`);
    proof.forEach((hash, i) => {
      rejectConsistency({ ...claim, proof: proof.with(i, flipBit(hash, bit)) }, `bit ${bit} of hash ${i}`);
    });
  }
}

function refuses(check: () => void, codes: readonly ErrorCode[]): boolean {
  try {
    check();
  } catch (error) {
    if (error instanceof LedgerError && codes.includes(error.code)) return true;
    throw error;
  }
  return false;
}

/**
 * Runs a suite of refusals by the hundred thousand without recording a stack
 * for each: recording takes longer than refusing.
 */
export function withoutStacks(): void {
  let limit = 0;
  before(() => {
    limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = limit;
  });
}
