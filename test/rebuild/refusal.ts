import { Unreadable } from '../../src/rebuild/budget.ts';
import { LedgerError } from '../../src/errors.ts';

/** The code of a coded error, the sentence of a reader's refusal; undefined when nothing was refused. */
export function refusal(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
  return undefined;
}
