/**
 * What a refused checkpoint says beside the cosigned one. The log has signed
 * both; whether they are two histories shows from the pieces themselves where
 *
 *   - they are of one size and two roots, or
 *   - the proof that came with the larger one leads to its root from another
 *     root at the smaller size than the one that was cosigned.
 *
 * Such a fork convicts the log before anybody who pins its key. Everything else
 * is kept and convicts nobody by itself: anybody may send a log's checkpoint
 * with a proof that is none, or one of last year. With the tree that the log
 * serves it can be told.
 */
import { equal } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import type { AddCheckpoint } from '../note/add-checkpoint.ts';
import { earlierRoot } from '../tlog/consistency.ts';
import { sameHead, type Head } from '../tlog/head.ts';
import { emptyRoot, type Hash } from '../tlog/hash.ts';

/** A checkpoint of a log, signed by it, that was refused. */
export interface RefusedCheckpoint {
  readonly origin: string;
  readonly head: Head;
  /** What was asked, the checkpoint with the signatures of the log's known keys alone. */
  readonly request: AddCheckpoint;
  /** What was cosigned last; undefined if a crash came before its note was kept, or for size 0. */
  readonly cosigned: Uint8Array | undefined;
  /** `fork`: the notes convict the log. The others do not: of the cosigned size or a larger one, and of a smaller. */
  readonly shows: 'fork' | 'unproven' | 'smaller';
  /** Of a fork: what the newer of the two histories says of the older size. */
  readonly consistency?: { readonly fromRoot: Hash; readonly hashes: readonly Hash[] };
}

/** What a witness has cosigned last: the head that it remembers, and its note where that was kept. */
export interface CosignedLast {
  readonly head: Head;
  readonly note: Uint8Array | undefined;
}

/** What is to be kept of a refusal; undefined where it is none that could be a fork. */
export function refusedCheckpoint(
  { code }: LedgerError,
  refused: Pick<RefusedCheckpoint, 'origin' | 'head' | 'request'>,
  last: CosignedLast,
): RefusedCheckpoint | undefined {
  const { head, request } = refused;
  // The empty tree is the beginning of every history.
  if (sameHead(head, last.head) || sameHead(head, { size: 0, root: emptyRoot })) return undefined;
  const kept = { ...refused, cosigned: last.note };
  if (head.size < last.head.size) return { ...kept, shows: 'smaller' };
  if (head.size === last.head.size) {
    if (last.note === undefined) return { ...kept, shows: 'unproven' };
    return { ...kept, shows: 'fork', consistency: { fromRoot: head.root, hashes: [] } };
  }
  // With another old size a log asks which one is remembered: that is its daily life.
  if (code !== 'consistency-failed' || request.oldSize !== last.head.size) return undefined;
  const { oldSize: from, proof } = request;
  const fromRoot = earlierRoot({ from, to: head.size, toRoot: head.root, proof });
  if (last.note === undefined || fromRoot === undefined || equal(fromRoot, last.head.root)) {
    return { ...kept, shows: 'unproven' };
  }
  return { ...kept, shows: 'fork', consistency: { fromRoot, hashes: proof } };
}
