/** English: accesses to data, counted again from the log, and the ones to a customer's own. */
import type { AccessPoint, JudgedTime } from '../../verifier/answering/accesses.ts';
import type { OwnAccessPoint, OwnAccessRemark } from '../../verifier/answering/own-accesses.ts';
import type { NumberRange } from '../../verifier/authorising/sequences.ts';
import type { AccessCounts, Difference } from '../../verifier/folds/access-summary.ts';
import type { Messages } from '../messages.ts';
import { sayIn } from '../say.ts';
import { hops } from './hops.ts';

const say = sayIn('en');

export const accesses: Messages<AccessPoint | OwnAccessPoint | OwnAccessRemark, 'about'> = {
  events: ({ source, events: count, counts }) => `${source}: ${events(count)}${countsText(counts)}`,
  gap: ({ source, numbers, size }) => `${source}: ${range(numbers)} not shown as of ${say.number(size)}`,
  summary: (summary) => {
    const { lateBy } = summary;
    const late = lateBy === undefined ? '' : `; made ${say.duration(lateBy)} after it was due`;
    return `${about(summary)}: ${events(summary.events)}, as the log and the vendor count${late}${remarks(summary)}`;
  },
  'summary-differs': (summary) =>
    `${about(summary)}: ${difference(summary.difference, summary.numbers)}${remarks(summary)}`,
  'summary-skipped': (summary) =>
    `${about(summary)}: not compared: too many other summaries cover the same numbers`,
  promised: ({ source, promise: { summaryEvery, grace, from }, ...judged }) =>
    `${source}: a summary every ${say.duration(summaryEvery)}, within ${say.duration(grace)}, since ${from}; ` +
    `none is late at ${say.time(judged.at)}, ${clocks[judged.clock]}`,
  late: ({ source, late: { from, to, due }, at, clock }) => {
    const time =
      to === undefined ? `the time from ${say.time(from)} on` : period(say.time(from), say.time(to));
    const now = `it is ${say.time(at)}, ${clocks[clock]}`;
    return `${source}: no summary shown for ${time}; due by ${say.time(due)}, and ${now} (summary-late)`;
  },
  'no-summary': ({ source, of }) => {
    if ('numbers' in of) return `${source}: none shown for ${range(of.numbers)}`;
    if ('time' in of) {
      return `${source}: none shown for ${period(say.time(of.time.from), say.time(of.time.to))}`;
    }
    return `${source}: none shown for the time asked for, as of ${say.number(of.size)}`;
  },
  open: ({ source, events: count }) => `${source}: ${events(count)} after the last summary`,
  'no-events': ({ source, size }) =>
    `no event and no summary${source === undefined ? '' : ` of ${source}`} as of ${say.number(size)}`,
  access: ({ access: { predicate } }) => {
    const { occurredAt, activity, outcome, categories, reason, actor } = predicate;
    const what = `${activity} of ${categories.join(', ')}, ${outcome}, for ${reason.type}`;
    return `${occurredAt} ${what}; ${actor.employer}, ${actor.role}, in ${actor.physicalCountry}`;
  },
  'access-corrected': ({ correction }) => hops.corrections(correction),
  'access-key': ({ index, status }) => `the recorder’s key is ${status} as of leaf ${say.number(index)}`,
  unrecorded: ({ source, numbers }) => `${source} has not recorded ${range(numbers)}`,
  'accesses-found': ({ count, all, size }) =>
    `${say.number(count)} of ${say.count(all, { one: 'access', other: 'accesses' })} ` +
    `${count === 1 ? 'carries' : 'carry'} a tag of this secret; ` +
    (size === 1 ? 'the one leaf was read' : `all ${say.number(size)} leaves were read`),
  'accesses-unlisted': ({ listed }) =>
    listed === 1 ? 'only the first is listed' : `only the first ${say.number(listed)} are listed`,
};

const clocks: Readonly<Record<JudgedTime['clock'], string>> = {
  own: 'by this machine’s clock',
  witnesses: 'by the witnesses’ clocks',
};

function difference({ field, summary: claimed, log }: Difference, numbers: NumberRange): string {
  const under =
    numbers.from === numbers.to ? ', and the summary covers no numbers' : ` under ${range(numbers)}`;
  const [claims, holds] = [say.number(claimed), say.number(log)];
  switch (field) {
    case 'period':
      return `${events(log)} with its numbers, dated outside of the period`;
    case 'unexplained':
      return `${events(claimed)} that the summary itself calls unexplained`;
    case 'summarised':
      return `it covers ${say.count(claimed, { one: 'number', other: 'numbers' })}, the log holds ${holds} of them`;
    case 'gatewayCount':
      return `the recorder counted ${claims}, the log holds ${holds}${under}`;
    case 'vendorCount':
      return `the vendor counted ${claims}, the log holds ${holds}${under}`;
    default: {
      const [way, name] = nameOf(field);
      return `${way} ${name} is ${claims} in the summary, ${holds} in the log`;
    }
  }
}

const ways = { byActivity: 'activity', byCountry: 'country', byReason: 'reason' } as const;

function nameOf(field: Extract<Difference['field'], `counts/${string}`>): readonly [string, string] {
  const [, way = '', name = ''] = field.split('/');
  return [ways[way as keyof typeof ways], name];
}

function countsText({ byActivity, byCountry, byReason, byOutcome }: AccessCounts): string {
  return [byActivity, byCountry, byReason, byOutcome]
    .map((counts) => Object.entries(counts).map(([name, count]) => `${name} ${say.number(count)}`))
    .filter((some) => some.length > 0)
    .map((some) => `; ${some.join(', ')}`)
    .join('');
}

interface OfSummary {
  readonly source: string;
  readonly index: number;
  readonly period: { readonly from: string; readonly to: string };
  readonly remarks: readonly string[];
}

function about({ source, index, period: { from, to } }: OfSummary): string {
  return `${source}: ${period(from, to)} (leaf ${say.number(index)})`;
}

function remarks({ remarks: own }: OfSummary): string {
  return own.length === 0 ? '' : `; its remarks: ${own.join(' ')}`;
}

function range({ from, to }: NumberRange): string {
  return to - from === 1
    ? `number ${say.number(from)}`
    : `numbers ${say.number(from)} to ${say.number(to - 1)}`;
}

function events(count: number): string {
  return say.count(count, { one: 'event', other: 'events' });
}

function period(from: string, to: string): string {
  return `${from} to ${to}`;
}
