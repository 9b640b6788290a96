/** The processor time of other processes. */
import { readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second. */
const microsecondsPerTick = 10_000;

/**
 * Microseconds that the process and those that it has started have used since
 * they began, in all their threads; NaN where there is no /proc.
 */
export async function processorTime(pid: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name in brackets, may hold blanks; user and system time are fields 14 and 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    let time = (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    for (const child of children.split(' ').filter(Boolean)) time += await processorTime(Number(child));
    return time;
  } catch {
    return Number.NaN;
  }
}
