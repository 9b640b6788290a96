import { writeFile } from 'node:fs/promises';

/**
 * For a process that holds the log's keys: its memory is left out of a core
 * dump, and what it makes is for its owner alone. `LimitCORE=0` says the former
 * too, and better; this holds where nobody thought of it. Where there is no
 * /proc there is no such filter.
 */
export async function closeToOthers(): Promise<void> {
  process.umask(0o077);
  await writeFile('/proc/self/coredump_filter', '0').catch(() => undefined);
}
