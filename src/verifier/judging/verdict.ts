/** A verdict on a file, and the checkpoint that it rests on. */
import type { Bundle } from '../proving/bundle.ts';
import type { Failure } from '../proving/failure.ts';
import type { Answer } from './answer.ts';
import type { Hop } from './hops/hop.ts';

/** The checkpoint that an answer rests on, once its signatures have been verified. */
export interface CheckpointSummary {
  readonly origin: string;
  readonly size: number;
  /** Base64, as in the checkpoint. */
  readonly root: string;
  /** Keys of the log that signed, as `name+id`. */
  readonly logKeys: readonly string[];
  readonly witnesses: readonly { readonly name: string; readonly time: number }[];
  /** The newest time that a quorum of them vouches for; this, not the newest of all, is the checkpoint's age. */
  readonly asOf?: number;
  /** Witnesses that the policy lists. */
  readonly witnessesListed: number;
}

/** What one entry lacks of what is required, and what is there in its place. */
export interface Lacking {
  readonly requirement: string;
  readonly instead?: Hop;
}

/** Why an answer is not `proven`. */
export interface VerdictFailure extends Failure {
  /** For `requirement-not-met`. */
  readonly lacking?: readonly Lacking[];
}

export interface Verdict {
  readonly answer: Answer;
  readonly hops: readonly Hop[];
  /** Why the answer is not `proven`; always there when it is not. */
  readonly failure?: VerdictFailure;
  readonly checkpoint?: CheckpointSummary;
  /** The entries about the file, by index. */
  readonly entries: readonly number[];
  /** What a ledger showed, put together so that it can be saved and judged again offline. */
  readonly bundle?: Bundle;
}
