/** What a call refuses with; a call that accepts fails the test. */
import { LedgerError } from '../../src/errors.ts';

export function refusal(call: () => unknown): LedgerError {
  try {
    call();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('accepted what had to be refused');
}
