/** `isal access summary`: who accessed data, counted again from the log, and whether anything was left out. */
import { AccessCounter } from '../verifier/access-summary.ts';
import type {
  AccessCounts,
  ComparedSummary,
  Difference,
  SourceAccesses,
} from '../verifier/access-summary.ts';
import { counted, grouped } from '../verifier/hops.ts';
import type { NumberRange } from '../verifier/sequences.ts';
import { parseCommand } from './args.ts';
import { LedgerError } from '../errors.ts';
import type { ExitStatus } from './exit.ts';
import type { Io } from './io.ts';
import { answer, leafJson, readWholeLog, timeOption, wholeLogOptions, wholeLogUsage } from './whole-log.ts';
import type { Line } from './whole-log.ts';

export const usage: string = `isal access summary [options]    accesses to data, counted again from the log, and
                                 every period summary compared with that

  --source ID      events of this recorder alone
  --from TIME      count events, and compare summaries, from this time on; TIME as
  --to TIME        2026-11-03T12:00:00Z or in seconds since 1970; up to, not including, this
                   time. Gaps in the numbers are those of all times
${wholeLogUsage}`;

const options = {
  ...wholeLogOptions,
  source: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
} as const;

export async function summary(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  if (positionals.length > 0) {
    throw new LedgerError('usage', 'this takes options only', {
      expected: usage,
      got: positionals.join(' '),
    });
  }
  const asked = { from: timeOption('from', values.from), to: timeOption('to', values.to) };
  const accesses = new AccessCounter(values.source);
  const log = await readWholeLog(values, (entry) => accesses.add(entry), io);
  const sources = accesses.result(asked);
  const size = grouped(log.replay.size);
  const own = sources.flatMap((source) => sourceLines(source, size));
  if (sources.length === 0) {
    const whose = values.source === undefined ? '' : ` of ${values.source}`;
    own.push({ mark: 'not-shown', label: 'Events', text: `no event and no summary${whose} as of ${size}` });
  }
  return answer(log, { own, facts: { sources: sources.map(sourceJson) }, json: values.json }, io);
}

function sourceLines(accesses: SourceAccesses, size: string): Line[] {
  const { source, events, counts, gaps, summaries, unsummarised, silences, open } = accesses;
  const line = (mark: Line['mark'], label: string, text: string, expected = false): Line => ({
    mark,
    label,
    text,
    expected,
  });
  return [
    line('proven', 'Events', `${source}: ${counted(events, 'event')}${countsText(counts)}`),
    ...gaps.map(({ from, to }) =>
      line('not-shown', 'Gap', `${source}: ${numbers({ from, to })} not shown as of ${size}`),
    ),
    ...summaries.flatMap((one) => summaryLines(source, one)),
    ...silences.map(({ from, to }) =>
      line('not-shown', 'No summary', `${source}: none shown for ${period(from, to)}`),
    ),
    ...unsummarised.map((range) =>
      line('not-shown', 'No summary', `${source}: none shown for ${numbers(range)}`),
    ),
    ...(summaries.length === 0
      ? [line('not-shown', 'No summary', `${source}: none shown for the time asked for, as of ${size}`)]
      : []),
    ...(open > 0 && summaries.length > 0
      ? [line('not-shown', 'Open', `${source}: ${counted(open, 'event')} after the last summary`, true)]
      : []),
  ];
}

function summaryLines(source: string, compared: ComparedSummary): Line[] {
  const { entry, predicate, recorded, differences, skipped } = compared;
  const what = `${source}: ${period(predicate.period.from, predicate.period.to)} (leaf ${grouped(entry.index)})`;
  const remarks = predicate.remarks.length === 0 ? '' : `; its remarks: ${predicate.remarks.join(' ')}`;
  if (skipped) {
    const text = `${what}: not compared, too many others are about the same numbers`;
    return [{ mark: 'not-shown', label: 'Summary', text }];
  }
  if (differences.length === 0) {
    const text = `${what}: ${counted(recorded, 'event')}, as the log and the vendor count${remarks}`;
    return [{ mark: 'proven', label: 'Summary', text }];
  }
  return differences.map((difference) => ({
    mark: 'contradicted',
    label: 'Summary',
    text: `${what}: ${differenceText(difference)}${remarks}`,
  }));
}

function differenceText({ field, summary: claimed, log }: Difference): string {
  if (field === 'period') return `${counted(log, 'event')} with its numbers, at times outside of the period`;
  if (field === 'unexplained') return `${counted(claimed, 'event')} unexplained, by its own word`;
  if (field === 'summarised') return `its numbers are ${grouped(claimed)}, the log holds ${grouped(log)}`;
  if (field === 'gatewayCount')
    return `the recorder counted ${grouped(claimed)}, the log holds ${grouped(log)}`;
  if (field === 'vendorCount') return `the vendor counted ${grouped(claimed)}, the log holds ${grouped(log)}`;
  const [, way = '', name = ''] = field.split('/');
  const words = { byActivity: 'activity', byCountry: 'country', byReason: 'reason' } as const;
  const named = words[way as keyof typeof words];
  return `${named} ${name} is ${grouped(claimed)} in the summary, ${grouped(log)} in the log`;
}

function countsText({ byActivity, byCountry, byReason, byOutcome }: AccessCounts): string {
  const some = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${grouped(count)}`)
      .join(', ');
  return [byActivity, byCountry, byReason, byOutcome]
    .map(some)
    .filter((text) => text !== '')
    .map((text) => `; ${text}`)
    .join('');
}

function numbers({ from, to }: NumberRange): string {
  return to - from === 1 ? `number ${grouped(from)}` : `numbers ${grouped(from)} to ${grouped(to - 1)}`;
}

function period(from: string, to: string): string {
  return `${from} to ${to}`;
}

function sourceJson({ summaries, ...rest }: SourceAccesses): object {
  return {
    ...rest,
    summaries: summaries.map(({ entry, predicate, recorded, differences, skipped }) => ({
      ...leafJson(entry),
      period: predicate.period,
      summarised: predicate.summarised,
      gatewayCount: predicate.gatewayCount,
      vendorCount: predicate.vendorCount,
      unexplained: predicate.unexplained,
      recorded,
      differences,
      skipped,
    })),
  };
}
