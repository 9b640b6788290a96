/**
 * An answer that only the whole log gives is a list of points, each a fact with
 * its mark. The answer is the worst of them: a point is added and never cleared,
 * so nobody's order of asking can make an answer better than what was found.
 *
 *   ✓ chain       threats for any: 3 updates, unbroken back to the first
 *   ? gap         number 2 of access is not shown as of 4
 *   ✗ corrected   leaf 2 is corrected by leaf 5
 *
 * What each says in a language stands in `words/`.
 */
import { worstMark } from '../mark.ts';
import type { Mark } from '../mark.ts';

export interface Marked {
  readonly mark: Mark;
  /** Proven, and less than it may seem. */
  readonly qualified?: true;
  /** What is open by its nature, such as a period that still runs: it leaves the answer alone. */
  readonly expected?: true;
}

/** The answer that the points give together. */
export function answerMark(points: readonly Marked[]): Mark {
  return worstMark(
    points.filter(({ mark, expected }) => mark !== 'not-shown' || expected !== true).map(({ mark }) => mark),
  );
}
