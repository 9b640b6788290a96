/**
 * Everything about a bundle but the file, under the pinned trust file, with no
 * network. In this order, each step only on what the steps before have shown:
 *
 *   1. the checkpoint: form, signatures, origin, age, quorum, smallest size
 *   2. inclusion of every leaf of the bundle under that one checkpoint
 *   3. leaf 0 is the pinned first authority document
 *   4. each authority document is a valid successor of the one before
 *   5. each entry: schema; the document it names is the newest shown below it;
 *      roles, organisations, streams, keys in force, signatures; no number of a
 *      stream is used twice
 */
import { toBase64 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { hashLeaf } from '#sha256';
import { formatId } from '../../note/key.ts';
import { oneOfEachName, verifyCheckpoint } from '../../note/quorum.ts';
import type { Policy } from '../../note/policy.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { walkLeaves, withIndex } from '../authorising/walk.ts';
import type { Walk } from '../authorising/walk.ts';
import { requireOrder } from '../proving/bundle.ts';
import type { Bundle } from '../proving/bundle.ts';
import type { Trust } from '../trust.ts';
import type { Stage } from './hops/hop.ts';
import type { CheckpointSummary } from './verdict.ts';

/** How old an answer may be. Without both, it is judged "as of" its checkpoint. */
export interface Age {
  /** Seconds since the epoch; cosignatures from more than five minutes ahead do not count. */
  readonly now?: number | undefined;
  /** Seconds that cosignatures may be old; needs `now`. */
  readonly maxAge?: number | undefined;
}

/** How far the judgement has come, so that a refusal can say what was shown before it. */
export interface Progress {
  stage: Stage;
  checkpoint: CheckpointSummary | undefined;
}

/** The bundle's checkpoint and every leaf in it, verified. */
export interface VerifiedBundle {
  readonly summary: CheckpointSummary;
  readonly verified: VerifiedCheckpoint;
  readonly walk: Walk;
}

/**
 * Steps 1 to 5. Throws the code of the first step that fails, and
 * `malformed-policy` for a maximum age where the policy has no witnesses.
 */
export function verifyBundle(
  { bundle, trust, now, maxAge }: { readonly bundle: Bundle; readonly trust: Trust } & Age,
  progress: Progress = { stage: 'checkpoint', checkpoint: undefined },
): VerifiedBundle {
  progress.stage = 'checkpoint';
  // A bundle put together from a server's answers has not been through `parseBundle`.
  requireOrder(bundle.leaves);
  const verified = verifyCheckpoint({ note: bundle.checkpoint, policy: trust.policy, now, maxAge });
  requireMinSize(verified, trust);
  const summary = summarise(verified, trust.policy);
  progress.checkpoint = summary;
  progress.stage = 'recorded';
  const { size, root } = verified.checkpoint;
  for (const { index, leaf, proof } of bundle.leaves) {
    try {
      verifyInclusion({ index, size, leafHash: hashLeaf(leaf), root, proof: [...proof] });
    } catch (error) {
      throw error instanceof LedgerError ? withIndex(error, index) : error;
    }
  }
  progress.stage = 'authority';
  return { summary, verified, walk: walkLeaves(bundle.leaves, trust) };
}

/** Throws `checkpoint-too-small`: a hostile server shows an old tree, in which what came later is missing. */
export function requireMinSize({ checkpoint }: VerifiedCheckpoint, { minSize }: { minSize: number }): void {
  if (checkpoint.size >= minSize) return;
  throw new LedgerError('checkpoint-too-small', 'the checkpoint is smaller than the trust file asks for', {
    expected: `a size of at least ${minSize}`,
    got: `${checkpoint.size}`,
  });
}

/** What a person or a program wants to know of a verified checkpoint. */
export function summarise(
  { checkpoint, log, witnesses, asOf }: VerifiedCheckpoint,
  policy: Policy,
): CheckpointSummary {
  return defined({
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toBase64(checkpoint.root),
    logKeys: log.map(({ name, id }) => `${name}+${formatId(id)}`),
    witnesses: oneOfEachName(witnesses).map(({ name, time }) => ({ name, time })),
    asOf,
    witnessesListed: oneOfEachName(policy.witnesses).length,
  });
}
