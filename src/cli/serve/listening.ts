/** Why a server cannot listen where it was told to. */
import { LedgerError } from '../../errors.ts';

/** The code of the system (EADDRINUSE, EACCES, …) says why; the host is not repeated, like anything that was typed. */
export function cannotListen(port: number, cause: unknown): LedgerError {
  // What was wrong in the configuration has its own words.
  if (cause instanceof LedgerError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'no reason given';
  return new LedgerError('usage', `the address, with port ${port}, cannot be listened on: ${code}`, {
    expected: 'a free port on an address of this machine',
    cause,
  });
}
