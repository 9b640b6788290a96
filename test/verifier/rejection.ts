/** What a promise refuses with; one that is kept fails the test. */
import { LedgerError } from '../../src/errors.ts';

export async function rejection(call: () => Promise<unknown>): Promise<LedgerError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('accepted what had to be refused');
}
