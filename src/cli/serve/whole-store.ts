/**
 * A store held against all that is known of it: its own head, the anchor, the
 * checkpoint that it published last under the trust file, and every row against
 * its entry.
 */
import { equal, toBase64 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { StoreCheck, type CheckedStore } from '../../ledger/check.ts';
import { checkpointKey } from '../../ledger/store/keys.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import type { StorageReader } from '../../storage/storage.ts';
import type { Head } from '../../tlog/head.ts';
import { requireMinSize } from '../../verifier/judging/verify-bundle.ts';
import type { Trust } from '../../verifier/trust.ts';

export interface WholeStore {
  readonly storage: StorageReader;
  readonly anchored: Head;
  readonly trust: Trust;
}

/** All leaves of the store, each compared with its rows when it is taken. */
export interface CheckedLeaves extends Head {
  readonly leaves: AsyncIterable<{ readonly index: number; readonly leaf: Uint8Array }>;
}

export interface CheckedWhole<T> {
  readonly head: Head;
  /** Undefined in a store that has published nothing. */
  readonly signed: VerifiedCheckpoint | undefined;
  readonly rows: CheckedStore;
  /** What became of the leaves. */
  readonly result: T;
}

/**
 * Hands the leaves to `take`, which must take all of them. Throws
 * `store-behind-anchor`, `store-corrupt`, `root-mismatch`, what a checkpoint is
 * refused with, and what `take` throws.
 */
export async function checkWhole<T>(
  { storage, anchored, trust }: WholeStore,
  take: (leaves: CheckedLeaves) => Promise<T>,
): Promise<CheckedWhole<T>> {
  const head = await storage.head();
  if (head === undefined || head.size < anchored.size) {
    throw new LedgerError('store-behind-anchor', 'the database is older than its anchor', {
      expected: `at least ${anchored.size} leaves`,
      got: head === undefined ? 'none' : `${head.size}`,
    });
  }
  const note = await storage.get(checkpointKey);
  const signed = note === undefined ? undefined : verifyCheckpoint({ note, policy: trust.policy });
  if (signed !== undefined) requireMinSize(signed, trust);
  const { size: signedSize, root: signedRoot } = signed?.checkpoint ?? anchored;
  if (signedSize > head.size) {
    throw new LedgerError('store-corrupt', 'the published checkpoint is of a larger tree', {
      expected: `at most ${head.size} leaves`,
      got: `${signedSize}`,
    });
  }
  const check = new StoreCheck({ storage, head, sizes: [anchored.size, signedSize] });
  const result = await take({ size: head.size, root: head.root, leaves: check.leaves() });
  const rows = await check.finish();
  requireRoot('the anchor', check.rootAt(anchored.size), anchored);
  requireRoot('the published checkpoint', check.rootAt(signedSize), { size: signedSize, root: signedRoot });
  return { head, signed, rows, result };
}

function requireRoot(whose: string, got: Uint8Array, { size, root }: Head): void {
  if (equal(got, root)) return;
  throw new LedgerError('root-mismatch', `the database holds another tree than ${whose}, at size ${size}`, {
    expected: toBase64(root),
    got: toBase64(got),
  });
}
