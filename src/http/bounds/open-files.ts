/**
 * How many connections the process may hold. Each takes a file descriptor, and
 * so do the store's and the anchor's files: where clients can use up all of
 * them, the next write fails, and a ledger stops at a failed write.
 */
import { readFileSync } from 'node:fs';

/** For the log, the anchor, threads and the process itself. */
const reserved = 64;
/** LevelDB takes up to a fifth of all descriptors for its tables. */
const share = 0.7;

/** `wanted`, or as many as leave enough of `openFiles` descriptors for everything else. */
export function connectionsWithin(openFiles: number, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(openFiles * share) - reserved));
}

/** The number of descriptors that this process may have; infinite where the system does not tell (it is Linux that does). */
export function openFilesLimit(): number {
  try {
    const soft = /^Max open files +(\d+) /m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
