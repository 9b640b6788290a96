/** What several types ask of the fields of a predicate. */
import { LedgerError } from '../../../errors.ts';
import type { Period } from '../../types.ts';

/** `schema-violation`; `at` points into the predicate. */
export function contradiction(
  at: string,
  message: string,
  expected: string,
  got?: string | number,
): LedgerError {
  return new LedgerError('schema-violation', message, {
    expected,
    got: got?.toString(),
    at: `/predicate${at}`,
  });
}

/** Order could tell apart a decoy from a commitment, or one customer from another; so it is fixed. */
export function requireAscending(list: readonly string[] = [], at: string): void {
  const i = list.findIndex((item, index) => index > 0 && item <= (list[index - 1] ?? ''));
  if (i >= 0) throw contradiction(`${at}/${i}`, 'a list is not in ascending order', 'ascending order');
}

export function requirePeriod({ from, to }: Period): void {
  if (Date.parse(from) < Date.parse(to)) return;
  throw contradiction('/period/to', 'a period ends after it begins', `later than ${from}`, to);
}
