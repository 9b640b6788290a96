/** `isal access`: who looked at customers' data, for those whose data it is and for those who answer for it. */
import { LedgerError } from '../errors.ts';
import { summary, usage as summaryUsage } from './access-summary.ts';
import type { ExitStatus } from './exit.ts';
import type { Io } from './io.ts';

export const usage: string = [summaryUsage].join('\n\n');

const verbs: Readonly<Record<string, (args: readonly string[], io: Io) => Promise<ExitStatus>>> = {
  summary,
};

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (found !== undefined) return found(rest, io);
  throw new LedgerError('usage', 'there is no such access command', { expected: usage, got: verb });
}
