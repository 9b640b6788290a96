import type { Io } from '../terminal/io.ts';

/** For lines of the log. */
export function now(io: Io): string {
  return new Date(io.now()).toISOString();
}
