/**
 * A verdict, hop by hop, with three marks:
 *
 *   ✓ proven        follows from the pinned trust file and what was shown
 *   ✗ contradicted  what was shown speaks against it
 *   ? not shown     as of the checkpoint's size; a bundle cannot show it
 *
 * What is proven may still be less than its name: a review that is not full, a
 * rebuild by the vendor itself. Such a hop is `qualified`, and its text says why.
 *
 * Inclusion proves that something is there. That something is *not* there (no
 * correction, no later authority document that revokes a key, no review) is
 * never proven by a bundle, so it is never more than `not-shown`, unless a
 * replay of the whole log has looked at every leaf.
 */
import type { Failure } from '../proving/failure.ts';
import type { Mark } from '../mark.ts';
import type { Answer } from './answer.ts';

export type HopName =
  | 'checkpoint'
  | 'recorded'
  | 'authority'
  | 'file'
  | 'built'
  | 'updated'
  | 'chain'
  | 'source'
  | 'reviewed'
  | 'rebuilt'
  | 'sealed'
  | 'keys'
  | 'revocations'
  | 'corrections'
  | 'replayed'
  | 'more';

export interface Hop {
  readonly hop: HopName;
  readonly mark: Mark;
  /** Proven, and less than its name may seem to say. */
  readonly qualified?: true;
  /** One line in plain English; holds text from signed statements, so escape it before it meets a terminal. */
  readonly text: string;
  /** The leaf that the hop rests on. */
  readonly index?: number;
  /** The entry about the file to which the hop belongs; absent where it belongs to the whole answer. */
  readonly entry?: number;
  /** The same for machines. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
}

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

export interface Verdict {
  readonly answer: Answer;
  readonly hops: readonly Hop[];
  readonly failure?: Failure;
  readonly checkpoint?: CheckpointSummary;
  /** The entries about the file, by index. */
  readonly entries: readonly number[];
}
