/**
 * The operator's log: one JSON object an event. It holds no address, no query,
 * no header and no body, since the operator need not know who asked for what.
 */
import { LedgerError } from '../../errors.ts';

export type LogEntry = Readonly<Record<string, string | number | boolean>>;

/** Where entries go; the command line writes them to standard error, a line each. */
export type Log = (entry: LogEntry) => void;

/** What went wrong inside us, with the stack that callers do not get. */
export function logError(log: Log, error: unknown): void {
  const cause = error instanceof Error && error.cause instanceof Error ? { cause: textOf(error.cause) } : {};
  log({
    event: 'error',
    time: new Date().toISOString(),
    code: error instanceof LedgerError ? error.code : 'internal',
    error: error instanceof Error ? textOf(error) : String(error),
    ...cause,
  });
}

function textOf(error: Error): string {
  return error.stack ?? error.message;
}
