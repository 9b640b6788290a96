/** `isal update`: which database this is, and every update back to the first. */
import { LedgerError } from '../../errors.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import * as chain from './chain.ts';
import * as show from './show.ts';
import { wholeLogUsage } from '../online/whole-log.ts';

export const usage: string = `${show.usage}
${chain.usage}

${show.optionsUsage}
${chain.optionsUsage}
  --platform P     of this platform alone
${wholeLogUsage}`;

const verbs = { show, chain };

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  if (!Object.hasOwn(verbs, verb)) {
    throw new LedgerError('usage', 'there is no such update command', { expected: usage, got: verb });
  }
  return verbs[verb as keyof typeof verbs].run(rest, { usage, io });
}
