/** `isal access summary`: who accessed data, counted again from the log, and whether anything was left out. */
import { AccessCounter } from '../../verifier/folds/access-summary.ts';
import type {
  AccessCounts,
  ComparedSummary,
  Difference,
  SourceAccesses,
} from '../../verifier/folds/access-summary.ts';
import { counted, grouped } from '../../verifier/judging/hops.ts';
import type { NumberRange } from '../../verifier/authorising/sequences.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { durationText } from '../terminal/duration.ts';
import { defined } from '../../defined.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { isoTime } from '../terminal/marks.ts';
import { answer, leafJson, readWholeLog, timeOption } from '../online/whole-log.ts';
import type { Line } from '../online/whole-log.ts';

export async function summary({ values }: Given<typeof described.summary>, io: Io): Promise<ExitStatus> {
  const asked = { from: timeOption('from', values.from), to: timeOption('to', values.to) };
  const accesses = new AccessCounter(values.source);
  const log = await readWholeLog(values, (entry) => accesses.add(entry), io);
  const { asOf } = log.checkpoint;
  // Where no witness vouches for a time, the reader's own clock is the only one that the ledger does not set.
  const at = asOf === undefined ? io.now() : asOf * 1_000;
  const clock = asOf === undefined ? 'by this machine’s clock' : 'by the witnesses’ clocks';
  const judged: Judged = { size: grouped(log.replay.size), time: isoTime(at / 1_000), clock };
  const { promises = [] } = log.replay.authority.document;
  const sources = accesses.result(asked, { promises, at });
  const own = sources.flatMap((source) => sourceLines(source, judged));
  if (sources.length === 0) {
    const whose = values.source === undefined ? '' : ` of ${values.source}`;
    own.push({
      mark: 'not-shown',
      label: 'Events',
      text: `no event and no summary${whose} as of ${judged.size}`,
    });
  }
  const facts = { judgedAt: judged.time, sources: sources.map(sourceJson) };
  return answer(log, { own, facts, json: values.json }, io);
}

/** As of when what is missing is held to be missing. */
interface Judged {
  readonly size: string;
  readonly time: string;
  readonly clock: string;
}

function sourceLines(accesses: SourceAccesses, judged: Judged): Line[] {
  const { source, events, counts, gaps, summaries, unsummarised, silences, open } = accesses;
  const { size } = judged;
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
    ...promiseLines(accesses, judged),
    ...silences
      .filter(({ from }) => !accesses.late.some((late) => late.from === Date.parse(from)))
      .map(({ from, to }) =>
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

/** A period without a summary that was due is told here, with the day on which it was due. */
function promiseLines({ source, promise, late }: SourceAccesses, { time, clock }: Judged): Line[] {
  if (promise === undefined) return [];
  const { summaryEvery, grace, from } = promise;
  const every = `a summary every ${durationText(summaryEvery)}, within ${durationText(grace)}, since ${from}`;
  if (late.length === 0) {
    return [
      { mark: 'proven', label: 'Promised', text: `${source}: ${every}; none is late at ${time}, ${clock}` },
    ];
  }
  return late.map((one) => {
    const begins = isoTime(one.from / 1_000);
    const what =
      one.to === undefined ? `the time from ${begins} on` : period(begins, isoTime(one.to / 1_000));
    const due = `due by ${isoTime(one.due / 1_000)}`;
    const text = `${source}: no summary shown for ${what}; ${due}, and it is ${time}, ${clock} (summary-late)`;
    return { mark: 'not-shown', label: 'Late', text };
  });
}

function summaryLines(source: string, compared: ComparedSummary): Line[] {
  const { entry, predicate, recorded, differences, skipped, lateBy } = compared;
  const what = `${source}: ${period(predicate.period.from, predicate.period.to)} (leaf ${grouped(entry.index)})`;
  const remarks = predicate.remarks.length === 0 ? '' : `; its remarks: ${predicate.remarks.join(' ')}`;
  if (skipped) {
    const text = `${what}: not compared, too many others are about the same numbers`;
    return [{ mark: 'not-shown', label: 'Summary', text }];
  }
  if (differences.length === 0) {
    const made = lateBy === undefined ? '' : `; made ${durationText(lateBy / 1_000)} after it was due`;
    const text = `${what}: ${counted(recorded, 'event')}, as the log and the vendor count${made}${remarks}`;
    return [{ mark: 'proven', label: 'Summary', text }];
  }
  return differences.map((difference) => ({
    mark: 'contradicted',
    label: 'Summary',
    text: `${what}: ${differenceText(difference, predicate.summarised)}${remarks}`,
  }));
}

function differenceText(
  { field, summary: claimed, log }: Difference,
  { seqFrom: from, seqTo: to }: { readonly seqFrom: number; readonly seqTo: number },
): string {
  // Which events were counted again: a summary may also be wrong about its numbers.
  const under = from === to ? 'and it covers no numbers' : `under ${numbers({ from, to })}`;
  if (field === 'period') return `${counted(log, 'event')} with its numbers, at times outside of the period`;
  if (field === 'unexplained') return `${counted(claimed, 'event')} unexplained, by its own word`;
  if (field === 'summarised')
    return `it covers ${counted(claimed, 'number')}, the log holds ${grouped(log)} of them`;
  if (field === 'gatewayCount')
    return `the recorder counted ${grouped(claimed)}, the log holds ${grouped(log)} ${under}`;
  if (field === 'vendorCount')
    return `the vendor counted ${grouped(claimed)}, the log holds ${grouped(log)} ${under}`;
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

function sourceJson({ summaries, late, ...rest }: SourceAccesses): object {
  const time = (ms: number): string => isoTime(ms / 1_000);
  return {
    ...rest,
    late: late.map(({ from, to, due }) => ({
      code: 'summary-late',
      from: time(from),
      ...defined({ to: to === undefined ? undefined : time(to) }),
      due: time(due),
    })),
    summaries: summaries.map(({ entry, predicate, recorded, differences, skipped, lateBy }) => ({
      ...leafJson(entry),
      period: predicate.period,
      summarised: predicate.summarised,
      gatewayCount: predicate.gatewayCount,
      vendorCount: predicate.vendorCount,
      unexplained: predicate.unexplained,
      recorded,
      differences,
      skipped,
      ...defined({ lateBySeconds: lateBy === undefined ? undefined : Math.floor(lateBy / 1_000) }),
    })),
  };
}
