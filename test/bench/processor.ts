/** The processor time of other processes. */
import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second. */
const microsecondsPerTick = 10_000;

/** Microseconds that the process has used since it began, in all its threads; NaN where there is no /proc. */
export async function processorTime(pid: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in brackets, may hold blanks; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
  } catch {
    return Number.NaN;
  }
}
