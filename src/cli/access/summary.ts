/** `isal access summary`: who accessed data, counted again from the log, and whether anything was left out. */
import { defined } from '../../defined.ts';
import { accessPoints } from '../../verifier/answering/accesses.ts';
import type { AccessPoint, Judged } from '../../verifier/answering/accesses.ts';
import type { WholeLog } from '../../verifier/answering/whole-log.ts';
import { AccessCounter } from '../../verifier/folds/access-summary.ts';
import type { SourceAccesses } from '../../verifier/folds/access-summary.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { isoTime } from '../terminal/marks.ts';
import { timeOption, wholeLog } from '../online/whole-log.ts';
import type { Question } from '../online/whole-log.ts';

export async function summary({ values }: Given<typeof described.summary>, io: Io): Promise<ExitStatus> {
  const { source } = values;
  const asked = { from: timeOption('from', values.from), to: timeOption('to', values.to) };
  const fold = new AccessCounter({ source, asked });
  const answer = (log: WholeLog): ReturnType<Question['answer']> => {
    const judged = judgedBy(log, io);
    const { promises } = log.replay.authority.document;
    const sources = fold.result(judged.at, promises);
    const { size } = judged;
    const none: AccessPoint = { about: 'no-events', mark: 'not-shown', ...defined({ source }), size };
    return {
      points: sources.length === 0 ? [none] : sources.flatMap((one) => accessPoints(one, judged)),
      facts: { judgedAt: jsonTime(judged.at), sources: sources.map(sourceJson) },
    };
  };
  return wholeLog(values, { fold, answer }, io);
}

/** Where no witness vouches for a time, the reader's own clock is the only one that the ledger does not set. */
function judgedBy({ checkpoint: { asOf }, replay: { size } }: WholeLog, io: Io): Judged {
  return asOf === undefined
    ? { size, at: io.now(), clock: 'own' }
    : { size, at: asOf * 1_000, clock: 'witnesses' };
}

function sourceJson({ summaries, late, ...rest }: SourceAccesses): object {
  return {
    ...rest,
    late: late.map(({ from, to, due }) => ({
      code: 'summary-late',
      from: jsonTime(from),
      ...(to === undefined ? {} : { to: jsonTime(to) }),
      due: jsonTime(due),
    })),
    summaries: summaries.map(({ entry, predicate, recorded, differences, skipped, lateBy }) => ({
      index: entry.index,
      leafHash: entry.leafHash,
      period: predicate.period,
      summarised: predicate.summarised,
      gatewayCount: predicate.gatewayCount,
      vendorCount: predicate.vendorCount,
      unexplained: predicate.unexplained,
      recorded,
      differences,
      skipped,
      ...(lateBy === undefined ? {} : { lateBySeconds: Math.floor(lateBy / 1_000) }),
    })),
  };
}

function jsonTime(ms: number): string {
  return isoTime(ms / 1_000);
}
