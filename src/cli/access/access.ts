/** `isal access`: who looked at customers' data, for those whose data they are and for those who answer for it. */
import { LedgerError } from '../../errors.ts';
import { open, usage as openUsage } from './open.ts';
import { mine, usage as mineUsage } from './mine.ts';
import { disclose, usage as discloseUsage } from './disclose.ts';
import { tag, usage as tagUsage } from './tag.ts';
import { vault, usage as vaultUsage } from './vault.ts';
import { summary, usage as summaryUsage } from './summary.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';

/** What each takes, for the `--help` of one. */
export const usages: Readonly<Record<string, string>> = {
  open: openUsage,
  mine: mineUsage,
  summary: summaryUsage,
  tag: tagUsage,
  disclose: discloseUsage,
  vault: vaultUsage,
};

export const usage: string = Object.values(usages).join('\n\n');

const verbs: Readonly<Record<string, (args: readonly string[], io: Io) => Promise<ExitStatus>>> = {
  open,
  mine,
  summary,
  tag,
  disclose,
  vault,
};

export async function run(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (found !== undefined) return found(rest, io);
  throw new LedgerError('usage', 'there is no such access command', { expected: usage, got: verb });
}
