/** `isal access summary`: who accessed data, counted again from the log, and whether anything was left out. */
import type { AuthorityPromise, PeriodSummaryPredicate } from '../../attestation/types.ts';
import { defined } from '../../defined.ts';
import type { NumberRange } from '../authorising/sequences.ts';
import type { AccessCounts, ComparedSummary, Difference, SourceAccesses } from '../folds/access-summary.ts';
import type { Late, TimeRange } from '../folds/promises.ts';
import type { Marked } from './point.ts';

export type AccessPoint =
  | EventsPoint
  | GapPoint
  | SummaryPoint
  | SummaryDiffersPoint
  | SummarySkippedPoint
  | PromisedPoint
  | LatePoint
  | NoSummaryPoint
  | OpenPoint
  | NoEventsPoint;

/** Each is about one source of events. */
interface OfSource extends Marked {
  readonly source: string;
}

export interface EventsPoint extends OfSource {
  readonly about: 'events';
  readonly mark: 'proven';
  readonly events: number;
  readonly counts: AccessCounts;
}

/** Numbers below a later one that no event has. */
export interface GapPoint extends OfSource {
  readonly about: 'gap';
  readonly mark: 'not-shown';
  readonly numbers: NumberRange;
  readonly size: number;
}

interface OfSummary extends OfSource {
  readonly index: number;
  readonly period: PeriodSummaryPredicate['period'];
  readonly remarks: readonly string[];
}

/** The log gives the same numbers. */
export interface SummaryPoint extends OfSummary {
  readonly about: 'summary';
  readonly mark: 'proven';
  readonly events: number;
  /** Seconds by which it was made later than promised. */
  readonly lateBy?: number;
}

/** The log gives another number. */
export interface SummaryDiffersPoint extends OfSummary {
  readonly about: 'summary-differs';
  readonly mark: 'contradicted';
  readonly difference: Difference;
  /** Of which events were counted again: a summary may also be wrong about its numbers. */
  readonly numbers: NumberRange;
}

/** Too many others are about the same numbers. */
export interface SummarySkippedPoint extends OfSummary {
  readonly about: 'summary-skipped';
  readonly mark: 'not-shown';
}

/** The time that promises are held against, in milliseconds, and whose clock it is by. */
export interface JudgedTime {
  readonly at: number;
  readonly clock: 'witnesses' | 'own';
}

/** Nothing that is promised of the source is late. */
export interface PromisedPoint extends OfSource, JudgedTime {
  readonly about: 'promised';
  readonly mark: 'proven';
  readonly promise: AuthorityPromise;
}

export interface LatePoint extends OfSource, JudgedTime {
  readonly about: 'late';
  readonly mark: 'not-shown';
  readonly late: Late;
}

/** No summary speaks of these numbers, of the time between two others, or of any time that was asked for. */
export interface NoSummaryPoint extends OfSource {
  readonly about: 'no-summary';
  readonly mark: 'not-shown';
  readonly of: { readonly numbers: NumberRange } | { readonly time: TimeRange } | { readonly size: number };
}

/** The period that still runs. */
export interface OpenPoint extends OfSource {
  readonly about: 'open';
  readonly mark: 'not-shown';
  readonly expected: true;
  readonly events: number;
}

export interface NoEventsPoint extends Marked {
  readonly about: 'no-events';
  readonly mark: 'not-shown';
  readonly source?: string;
  readonly size: number;
}

/** As of when what is missing is held to be missing. */
export interface Judged extends JudgedTime {
  readonly size: number;
}

export function accessPoints(accesses: SourceAccesses, judged: Judged): AccessPoint[] {
  const { source, events, counts, gaps, summaries, unsummarised, silences, late, open } = accesses;
  const { size } = judged;
  const none = (of: NoSummaryPoint['of']): AccessPoint => ({
    about: 'no-summary',
    mark: 'not-shown',
    source,
    of,
  });
  return [
    { about: 'events', mark: 'proven', source, events, counts },
    ...gaps.map(({ from, to }): AccessPoint => {
      return { about: 'gap', mark: 'not-shown', source, numbers: { from, to }, size };
    }),
    ...summaries.flatMap((one) => summaryPoints(source, one)),
    ...promisePoints(accesses, judged),
    ...silences
      .map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }))
      // A period without a summary that was due is told above, with the day on which it was due.
      .filter(({ from }) => !late.some((one) => one.from === from))
      .map((time) => none({ time })),
    ...unsummarised.map((numbers) => none({ numbers })),
    ...(summaries.length === 0 ? [none({ size })] : []),
    ...(open > 0 && summaries.length > 0
      ? [{ about: 'open', mark: 'not-shown', source, events: open, expected: true } as const]
      : []),
  ];
}

function promisePoints({ source, promise, late }: SourceAccesses, { at, clock }: Judged): AccessPoint[] {
  if (promise === undefined) return [];
  if (late.length === 0) return [{ about: 'promised', mark: 'proven', source, promise, at, clock }];
  return late.map((one) => ({ about: 'late', mark: 'not-shown', source, late: one, at, clock }));
}

function summaryPoints(source: string, compared: ComparedSummary): AccessPoint[] {
  const { entry, predicate, recorded, differences, skipped, lateBy } = compared;
  const { period, remarks, summarised } = predicate;
  const of = { source, index: entry.index, period, remarks };
  if (skipped) return [{ about: 'summary-skipped', mark: 'not-shown', ...of }];
  if (differences.length === 0) {
    const seconds = lateBy === undefined ? undefined : lateBy / 1_000;
    return [{ about: 'summary', mark: 'proven', ...of, events: recorded, ...defined({ lateBy: seconds }) }];
  }
  const numbers = { from: summarised.seqFrom, to: summarised.seqTo };
  return differences.map((difference) => ({
    about: 'summary-differs',
    mark: 'contradicted',
    ...of,
    difference,
    numbers,
  }));
}
