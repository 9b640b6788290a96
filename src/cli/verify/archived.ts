/** A checkpoint of the past, fetched from the ledger's archive and tied to the newest one. */
import { LedgerError } from '../../errors.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import type { Policy } from '../../note/policy.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import { verifyConsistency } from '../../tlog/consistency.ts';
import { isoTime } from '../terminal/marks.ts';
import type { Online } from '../online/online.ts';

export interface ArchivedCheckpoint {
  /** When it was published, in seconds, as the server says. */
  readonly time: number;
  readonly note: Uint8Array;
  readonly verified: VerifiedCheckpoint;
}

/** As far as a witness's clock may be ahead. */
const toleranceSeconds = 300;

/**
 * The checkpoint that the ledger calls its newest at the time `at` (seconds):
 * signatures and quorum by the policy, whatever their age, and consistency with
 * the newest checkpoint. Throws what those throw; `server-error` for an answer
 * that by its own words or the witnesses' is from a later time.
 */
export async function archivedCheckpoint(
  { client, signed: newest }: Online,
  { at, policy }: { readonly at: number; readonly policy: Policy },
): Promise<ArchivedCheckpoint> {
  const { time, note } = await client.checkpointAt(at);
  const verified = verifyCheckpoint({ note, policy });
  requireOrigin(verified, newest);
  const believed = verified.asOf === undefined ? time : Math.max(time, verified.asOf - toleranceSeconds);
  if (believed > at) {
    throw new LedgerError('server-error', 'the checkpoint is from a later time than was asked for', {
      expected: `${isoTime(at)} or earlier`,
      got: isoTime(Math.max(time, verified.asOf ?? 0)),
    });
  }
  // The newest was fetched first, and the log may have grown since: either may be the smaller one.
  const [older, newer] = [verified.checkpoint, newest.checkpoint].toSorted((a, b) => a.size - b.size);
  if (older === undefined || newer === undefined) throw new Error('broken invariant: two checkpoints');
  const [from, to] = [older.size, newer.size];
  const { hashes } = from === to ? { hashes: [] } : await client.consistency({ from, to });
  verifyConsistency({ from, fromRoot: older.root, to, toRoot: newer.root, proof: [...hashes] });
  return { time, note, verified };
}

/** A policy may list several logs; the history of one says nothing about another's. */
function requireOrigin({ checkpoint }: VerifiedCheckpoint, newest: VerifiedCheckpoint): void {
  if (checkpoint.origin === newest.checkpoint.origin) return;
  throw new LedgerError('origin-mismatch', 'the checkpoint in the archive is of another log', {
    expected: newest.checkpoint.origin,
    got: checkpoint.origin,
  });
}
