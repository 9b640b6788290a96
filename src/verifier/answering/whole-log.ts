/** What stands at the head of every answer from the whole log: the checkpoint, the replay, what bears on it. */
import { defined } from '../../defined.ts';
import type { Replay } from '../folds/replay.ts';
import type { CheckpointSummary } from '../judging/verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Marked } from './point.ts';
import type { CorrectionShown, KeyPoint, Relied } from './relied.ts';

export type LogPoint =
  CheckpointPoint | ReplayedPoint | FindingPoint | KeyPoint | CorrectedPoint | CorrectionsUnreadPoint;

export interface CheckpointPoint extends Marked {
  readonly about: 'checkpoint';
  readonly mark: 'proven';
  readonly origin: string;
  readonly size: number;
  readonly witnesses: number;
  readonly witnessesListed: number;
  /** Seconds since a quorum of witnesses last vouched for it; absent without witnesses. */
  readonly age?: number;
}

export interface ReplayedPoint extends Marked {
  readonly about: 'replayed';
  readonly size: number;
  /** Leaves that were not entitled to their places. */
  readonly findingCount: number;
}

/** One of those leaves. */
export interface FindingPoint extends Marked {
  readonly about: 'finding';
  readonly mark: 'contradicted';
  readonly finding: Failure;
}

export interface CorrectedPoint extends Marked {
  readonly about: 'corrected';
  readonly mark: 'contradicted';
  readonly correction: CorrectionShown;
}

/** The log holds more corrections than a replay looks at. */
export interface CorrectionsUnreadPoint extends Marked {
  readonly about: 'corrections-unread';
  readonly mark: 'not-shown';
  readonly count: number;
}

export interface WholeLog {
  readonly checkpoint: CheckpointSummary;
  readonly replay: Replay;
  /** Of what the answer rests on. */
  readonly corrections: readonly CorrectionShown[];
  /** What the log itself comes to, before the question is looked at. */
  readonly points: readonly LogPoint[];
}

/** Names at most so many findings and corrections; the rest is counted. */
const maxNamed = 100;

/** `now` in milliseconds since the epoch, by whose clock the checkpoint's age is told. */
export function wholeLogOf(
  { checkpoint, replay, relied }: Pick<WholeLog, 'checkpoint' | 'replay'> & { readonly relied: Relied },
  now: number,
): WholeLog {
  const corrections = relied.corrections(replay);
  const unread = replay.counts.correction - replay.corrections.length;
  const points: LogPoint[] = [
    checkpointPoint(checkpoint, now),
    replayedPoint(replay),
    ...findingPoints(replay, maxNamed),
    ...relied.keys(replay),
    ...corrections
      .slice(0, maxNamed)
      .map((correction) => ({ about: 'corrected', mark: 'contradicted', correction }) as const),
    ...(unread > 0 ? [{ about: 'corrections-unread', mark: 'not-shown', count: unread } as const] : []),
  ];
  return { checkpoint, replay, corrections, points };
}

function checkpointPoint(
  { origin, size, witnesses, witnessesListed, asOf }: CheckpointSummary,
  now: number,
): CheckpointPoint {
  const age = asOf === undefined ? undefined : Math.max(0, Math.round(now / 1_000 - asOf));
  return {
    about: 'checkpoint',
    mark: 'proven',
    origin,
    size,
    witnesses: witnesses.length,
    witnessesListed,
    ...defined({ age }),
  };
}

function replayedPoint({ size, findingCount }: Replay): ReplayedPoint {
  return { about: 'replayed', mark: findingCount === 0 ? 'proven' : 'contradicted', size, findingCount };
}

export function findingPoints({ findings }: Pick<Replay, 'findings'>, most: number): FindingPoint[] {
  return findings.slice(0, most).map((finding) => ({ about: 'finding', mark: 'contradicted', finding }));
}
