/**
 * Judges a file by a bundle and the pinned trust file, with no network. In
 * this order, each step only on what the steps before have shown:
 *
 *   1. the checkpoint: form, signatures, origin, age, quorum, smallest size
 *   2. inclusion of every leaf of the bundle under that one checkpoint
 *   3. leaf 0 is the pinned first authority document
 *   4. each authority document is a valid successor of the one before
 *   5. each entry: schema; the document it names is the newest shown below it;
 *      roles, organisations, sources, keys in force, signatures; no number of a
 *      source is used twice
 *   6. the subject: a digest of the file is among the subjects of an entry,
 *      and no other digest of that subject differs
 *   7. what supervises it (judgement.ts): source, reviews, rebuilds, the chain
 *      of updates, keys and corrections of every leaf that the answer rests on;
 *      that there is none anywhere, only a replay shows
 *
 * Whatever is malformed or does not check is `contradicted`; a missing
 * signature, quorum or age is `policy`; a bundle that is right and speaks of
 * another file is `not-proven`.
 */
import { fromHex, toBase64 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { hashLeaf } from '#sha256';
import { formatId } from '../../note/key.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import type { Policy } from '../../note/policy.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { answerOf } from './answer.ts';
import { parseBundle, requireOrder } from '../proving/bundle.ts';
import type { Bundle } from '../proving/bundle.ts';
import { counted } from './hops.ts';
import { judge } from './judgement.ts';
import { matchSubjects } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { supportingAmong } from '../folds/supporting.ts';
import type { Trust } from '../trust.ts';
import { failureOf } from '../proving/failure.ts';
import type { CheckpointSummary, HopName, Verdict } from './verdict.ts';
import { walkLeaves, withIndex } from '../authorising/walk.ts';
import type { Walk } from '../authorising/walk.ts';

export interface VerifyOptions {
  /** Digests of the file, lowercase hex; give both for a file that is at hand. */
  readonly digests: Digests;
  /** A parsed bundle, or the bytes of one. */
  readonly bundle: Bundle | Uint8Array;
  readonly trust: Trust;
  /** Seconds since the epoch; cosignatures from more than five minutes ahead do not count. */
  readonly now?: number;
  /** Seconds that cosignatures may be old; needs `now`. Without it, a saved bundle is judged "as of" its checkpoint. */
  readonly maxAge?: number;
}

/**
 * The verdict on a file. Does not throw for anything in the bundle; throws
 * `bad-hex` for digests that are none and `malformed-policy` for a maximum age
 * where the policy has no witnesses, both the caller's own input.
 */
export function verifyArtifact({ digests, bundle, trust, now, maxAge }: VerifyOptions): Verdict {
  if (digests.sha256 !== undefined) fromHex(digests.sha256, 32);
  if (digests.sha512 !== undefined) fromHex(digests.sha512, 64);
  const progress: Progress = { stage: 'checkpoint', checkpoint: undefined };
  try {
    const parsed = bundle instanceof Uint8Array ? parseBundle(bundle) : bundle;
    const { summary, walk } = verifyBundle({ bundle: parsed, trust, now, maxAge }, progress);
    progress.stage = 'file';
    const matches = matchSubjects(walk.entries, digests);
    if (matches.length === 0) {
      throw new LedgerError('not-recorded', 'the bundle holds no build or database update of this file', {
        expected: digests.sha256 === undefined ? `sha512 ${digests.sha512}` : `sha256 ${digests.sha256}`,
        got: `${counted(walk.entries.length, 'entry', 'entries')} about something else`,
      });
    }
    const supporting = supportingAmong(walk.entries, digests);
    const { hops, failure } = judge({
      matches,
      digests,
      supporting,
      newest: walk.newest,
      checkpoint: summary,
    });
    return {
      answer: failure === undefined ? 'proven' : 'contradicted',
      hops,
      ...(failure === undefined ? {} : { failure }),
      checkpoint: summary,
      entries: matches.map(({ index }) => index),
    };
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'malformed-policy') throw error;
    return refused(error, progress);
  }
}

/** How far the judgement has come, so that a refusal can say what was shown before it. */
interface Progress {
  stage: HopName;
  checkpoint: CheckpointSummary | undefined;
}

/** The bundle's checkpoint and every leaf in it, verified. */
export interface VerifiedBundle {
  readonly summary: CheckpointSummary;
  readonly verified: VerifiedCheckpoint;
  readonly walk: Walk;
}

/**
 * Steps 1 to 5: everything about a bundle but the file. Throws the code of the
 * first step that fails.
 */
export function verifyBundle(
  {
    bundle,
    trust,
    now,
    maxAge,
  }: { bundle: Bundle; trust: Trust; now?: number | undefined; maxAge?: number | undefined },
  progress: { stage: HopName; checkpoint: CheckpointSummary | undefined } = {
    stage: 'checkpoint',
    checkpoint: undefined,
  },
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

/** Throws `checkpoint-too-small`: somebody shows an old tree, in which what came later is missing. */
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
  return {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: toBase64(checkpoint.root),
    logKeys: log.map(({ name, id }) => `${name}+${formatId(id)}`),
    witnesses: witnesses.map(({ name, time }) => ({ name, time })),
    ...(asOf === undefined ? {} : { asOf }),
    witnessesListed: policy.witnesses.length,
  };
}

function refused(error: LedgerError, { stage, checkpoint }: Progress): Verdict {
  const answer = answerOf(error.code);
  return {
    answer,
    hops: [
      {
        hop: stage,
        mark: answer === 'contradicted' ? 'contradicted' : 'not-shown',
        text: error.message,
        ...(error.index === undefined ? {} : { index: error.index }),
        facts: { code: error.code },
      },
    ],
    failure: failureOf(error),
    ...(checkpoint === undefined ? {} : { checkpoint }),
    entries: [],
  };
}
