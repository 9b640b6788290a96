/**
 * The three marks of everything that is said of a log:
 *
 *   ✓ proven        follows from the pinned trust file and what was shown
 *   ✗ contradicted  what was shown speaks against it
 *   ? not shown     as of the checkpoint's size; a bundle cannot show it
 *
 * What is proven may still be less than its name: a review that is not full, a
 * rebuild by the vendor itself. Such a thing is `qualified`.
 */
export type Mark = 'proven' | 'contradicted' | 'not-shown';

const severity: Readonly<Record<Mark, number>> = { proven: 0, 'not-shown': 1, contradicted: 2 };

/** The worst of several marks; of none, `proven`. */
export function worstMark(marks: readonly Mark[]): Mark {
  return marks.reduce<Mark>((worst, mark) => (severity[mark] > severity[worst] ? mark : worst), 'proven');
}
