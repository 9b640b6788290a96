/** The known word that somebody who mistyped one may have meant. */

/**
 * How many letters must be put in, left out, changed, or swapped with their
 * neighbour to make one word of the other (optimal string alignment).
 *
 *     editDistance('verfy', 'verify')   1
 */
export function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (same ? 0 : 1),
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(from.length, to.length);
}

/** Longer words are not compared: a command line may hold anything, and each comparison takes its square. */
const longest = 64;

/** The nearest of the known words, if it is near enough to have been meant: a third of its letters, at most three. */
export function nearest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length === 0 || typed.length > longest) return undefined;
  const begun = known.filter((word) => typed.length > 2 && word.startsWith(typed));
  if (begun.length === 1) return begun[0];
  const ranked = known
    .map((word) => ({ word, distance: editDistance(typed, word) }))
    .filter(({ word, distance }) => distance <= Math.min(3, Math.max(1, Math.floor(word.length / 3))))
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.word;
}

/** `; did you mean verify?`, to end a sentence with, or nothing. */
export function didYouMean(typed: string, known: readonly string[]): string {
  const meant = nearest(typed, known);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
