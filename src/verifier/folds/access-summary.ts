/**
 * Accesses counted again from the log, and each period summary held against
 * what was counted.
 *
 *   const accesses = new AccessCounter();
 *   const { authority } = await replay({ …, folds: [accesses] });
 *   accesses.result(now, authority.document.promises);      // one for each source
 *
 * Inclusion shows that nothing was altered, not that nothing was left out. The
 * numbers of a source are dense and its recorder signs for every period, so an
 * event that was withheld leaves a number without an event and a summary that
 * counts one more than the log holds.
 */
import type {
  AuthorityPromise,
  DataAccessPredicate,
  PeriodSummaryPredicate,
} from '../../attestation/types.ts';
import { defined } from '../../defined.ts';
import { KeptFold, recordedAt } from './fold.ts';
import type { Recorded, Seen } from './fold.ts';
import { Coverage, coveredBy, latenessOf, madeLateBy } from './promises.ts';
import type { Late } from './promises.ts';
import { Sequences } from '../authorising/sequences.ts';
import type { Gap, NumberRange } from '../authorising/sequences.ts';

/** Events by activity, country of the actor, type of reason and outcome; ascending, without zeros. */
export interface AccessCounts {
  readonly byActivity: Readonly<Record<string, number>>;
  readonly byCountry: Readonly<Record<string, number>>;
  readonly byReason: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<string, number>>;
}

/** A number of a summary, and the one that the log gives. */
export interface Difference {
  /** A field of the summary, for example `counts/byActivity/read`; `period` for events whose time is outside of it. */
  readonly field:
    | 'summarised'
    | 'gatewayCount'
    | 'vendorCount'
    | 'unexplained'
    | 'period'
    | `counts/${keyof PeriodSummaryPredicate['counts']}/${string}`;
  readonly summary: number;
  readonly log: number;
}

export interface ComparedSummary {
  readonly entry: Recorded;
  readonly predicate: PeriodSummaryPredicate;
  /** Events of its numbers that the log holds. */
  readonly recorded: number;
  /** Empty if the summary and the log agree. */
  readonly differences: readonly Difference[];
  /** Not compared, because so many others are about the same numbers. */
  readonly skipped: boolean;
  /** Milliseconds by which it was made later than promised, by its own time. */
  readonly lateBy?: number;
}

export interface SourceAccesses {
  readonly source: string;
  /** Events in the time that was asked for. */
  readonly events: number;
  readonly counts: AccessCounts;
  /** Numbers never used below the highest one, of all times; at most 1,000. */
  readonly gaps: readonly Gap[];
  /** Those whose period meets the time that was asked for, by the beginning of the period. */
  readonly summaries: readonly ComparedSummary[];
  /** Numbers below the last summary that none speaks of, of all times. */
  readonly unsummarised: readonly NumberRange[];
  /** Time between two summaries that none speaks of. */
  readonly silences: readonly { readonly from: string; readonly to: string }[];
  /** What is promised of the source, where anything is. */
  readonly promise?: AuthorityPromise;
  /** Time that no summary covers although one was due, of all times; at most 1,000. Empty without a promise. */
  readonly late: readonly Late[];
  /** Events with higher numbers than the last summary speaks of: the period that still runs. */
  readonly open: number;
}

/** Milliseconds since the epoch, half-open. */
export interface AskedTime {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface AccessCounterOptions {
  /** Of one source alone. */
  readonly source?: string | undefined;
  /** Events of this time are counted, and summaries that meet it are compared. */
  readonly asked?: AskedTime;
}

const maxGaps = 1_000;
/** Summaries over one and the same number that are compared; signers choose how many there are. */
const maxOverlap = 16;
/** Times of events may be rounded down to the quarter of an hour. */
const rounding = 15 * 60_000;

interface Kind {
  readonly activity: DataAccessPredicate['activity'];
  readonly country: string;
  readonly reason: DataAccessPredicate['reason']['type'];
  readonly outcome: DataAccessPredicate['outcome'];
}

/** The events of one source, in columns: a log holds millions of them. */
interface Columns {
  readonly seqs: number[];
  readonly times: number[];
  /** Positions in the table of kinds. */
  readonly kinds: number[];
}

interface Summary {
  readonly entry: Recorded;
  readonly predicate: PeriodSummaryPredicate;
}

/** Of an event no more than is counted; of a summary all of it. */
export type KeptAccess =
  { readonly source: string; readonly seq: number; readonly time: number; readonly kind: Kind } | Summary;

export class AccessCounter extends KeptFold<SourceAccesses[], KeptAccess> {
  readonly #only: string | undefined;
  readonly #asked: AskedTime;
  /** Owned by `take`, as is all else here. */
  readonly #sources = new Map<string, Columns>();
  readonly #summaries = new Map<string, Summary[]>();
  readonly #kinds: Kind[] = [];
  readonly #kindOf = new Map<string, number>();

  constructor({ source, asked = {} }: AccessCounterOptions = {}) {
    super();
    this.#only = source;
    this.#asked = asked;
  }

  keep(entry: Seen): KeptAccess | undefined {
    const { attestation } = entry;
    if (attestation.type === 'data-access') {
      const { source, occurredAt, activity, actor, reason, outcome } = attestation.statement.predicate;
      if (!this.#isAsked(source.id)) return undefined;
      const kind = { activity, country: actor.physicalCountry, reason: reason.type, outcome };
      return { source: source.id, seq: source.seq, time: Date.parse(occurredAt), kind };
    }
    if (attestation.type !== 'period-summary') return undefined;
    const { predicate } = attestation.statement;
    return this.#isAsked(predicate.summarised.source) ? { entry: recordedAt(entry), predicate } : undefined;
  }

  take(kept: KeptAccess): void {
    if ('predicate' in kept) {
      const { source } = kept.predicate.summarised;
      const summaries = this.#summaries.get(source) ?? [];
      this.#summaries.set(source, summaries);
      summaries.push(kept);
      return;
    }
    const columns = this.#sources.get(kept.source) ?? { seqs: [], times: [], kinds: [] };
    this.#sources.set(kept.source, columns);
    columns.seqs.push(kept.seq);
    columns.times.push(kept.time);
    columns.kinds.push(this.#intern(kept.kind));
  }

  /**
   * One for each source that has an event or a summary, or of which a summary is promised.
   * What is promised is held against the time in milliseconds.
   */
  result(at: number, promises: readonly AuthorityPromise[] = []): SourceAccesses[] {
    const promised = new Map(
      promises.filter(({ source }) => this.#isAsked(source)).map((promise) => [promise.source, promise]),
    );
    const names = new Set([...this.#sources.keys(), ...this.#summaries.keys(), ...promised.keys()]);
    return [...names].toSorted().map((source) => this.#resultOf(source, at, promised.get(source)));
  }

  #isAsked(source: string): boolean {
    return this.#only === undefined || source === this.#only;
  }

  #intern(kind: Kind): number {
    const name = Object.values(kind).join(' ');
    const known = this.#kindOf.get(name);
    if (known !== undefined) return known;
    const position = this.#kinds.push(kind) - 1;
    this.#kindOf.set(name, position);
    return position;
  }

  #resultOf(source: string, at: number, promise: AuthorityPromise | undefined): SourceAccesses {
    const all = (this.#summaries.get(source) ?? []).map((summary) => new Comparison(summary));
    const bySeq = all.toSorted((a, b) => a.from - b.from);
    const byTime = all.toSorted((a, b) => a.begins - b.begins || a.ends - b.ends);
    const { total, used } = this.#count(source, bySeq);
    const { uncovered, end } = numbersUncovered(bySeq);
    const { from = -Infinity, to = Infinity } = this.#asked;
    return {
      source,
      events: total.count,
      counts: total.result(),
      gaps: used.gaps(maxGaps),
      summaries: byTime
        .filter(({ begins, ends }) => ends > from && begins < to)
        .map((one) => one.result(promise)),
      unsummarised: uncovered.slice(0, maxGaps),
      silences: silences(byTime).slice(0, maxGaps),
      ...defined({ promise }),
      late: promise === undefined ? [] : late(promise, byTime, at).slice(0, maxGaps),
      open: (this.#sources.get(source)?.seqs ?? []).filter((seq) => seq >= end).length,
    };
  }

  /** One walk over the events by their numbers, which feeds every summary that speaks of them. */
  #count(source: string, bySeq: readonly Comparison[]): { total: Counter; used: Sequences } {
    const { seqs, times, kinds } = this.#sources.get(source) ?? { seqs: [], times: [], kinds: [] };
    const order = seqs.map((_, at) => at).toSorted((a, b) => (seqs[a] ?? 0) - (seqs[b] ?? 0));
    const { from = -Infinity, to = Infinity } = this.#asked;
    const total = new Counter();
    const used = new Sequences();
    let running: Comparison[] = [];
    let next = 0;
    for (const at of order) {
      const seq = seqs[at] ?? 0;
      const time = times[at] ?? 0;
      const kind = this.#kinds[kinds[at] ?? 0] as Kind;
      running = running.filter((one) => seq < one.to);
      for (; next < bySeq.length && (bySeq[next] as Comparison).from <= seq; next++) {
        const one = bySeq[next] as Comparison;
        if (seq >= one.to) continue;
        // Two signers could otherwise make whoever counts count everything again for each of their summaries.
        if (running.length === maxOverlap) one.skip();
        else running.push(one);
      }
      for (const one of running) one.add(kind, time);
      used.add(source, seq);
      if (time >= from && time < to) total.add(kind);
    }
    return { total, used };
  }
}

class Counter {
  count = 0;
  readonly #by = { activity: new Map(), country: new Map(), reason: new Map(), outcome: new Map() } as Record<
    keyof Kind,
    Map<string, number>
  >;

  add(kind: Kind): void {
    this.count++;
    for (const way of ['activity', 'country', 'reason', 'outcome'] as const) {
      this.#by[way].set(kind[way], (this.#by[way].get(kind[way]) ?? 0) + 1);
    }
  }

  result(): AccessCounts {
    const sorted = (way: keyof Kind): Record<string, number> =>
      Object.fromEntries([...this.#by[way]].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    return {
      byActivity: sorted('activity'),
      byCountry: sorted('country'),
      byReason: sorted('reason'),
      byOutcome: sorted('outcome'),
    };
  }
}

/** One summary, and the events of its numbers as the walk over the events meets them. */
class Comparison {
  readonly entry: Recorded;
  readonly predicate: PeriodSummaryPredicate;
  readonly from: number;
  readonly to: number;
  readonly begins: number;
  readonly ends: number;
  readonly #counter = new Counter();
  #outside = 0;
  #skipped = false;

  constructor({ entry, predicate }: Summary) {
    this.entry = entry;
    this.predicate = predicate;
    this.from = predicate.summarised.seqFrom;
    this.to = predicate.summarised.seqTo;
    this.begins = Date.parse(predicate.period.from);
    this.ends = Date.parse(predicate.period.to);
  }

  add(kind: Kind, time: number): void {
    this.#counter.add(kind);
    if (time < this.begins - rounding || time >= this.ends) this.#outside++;
  }

  skip(): void {
    this.#skipped = true;
  }

  result(promise: AuthorityPromise | undefined): ComparedSummary {
    const { entry, predicate } = this;
    const recorded = this.#counter.count;
    const differences = this.#skipped ? [] : this.#differences();
    const lateBy = promise === undefined ? undefined : madeLateBy(predicate, promise);
    return { entry, predicate, recorded, differences, skipped: this.#skipped, ...defined({ lateBy }) };
  }

  #differences(): Difference[] {
    const { counts, gatewayCount, vendorCount, unexplained } = this.predicate;
    const recorded = this.#counter.count;
    const again = this.#counter.result();
    const countries = counts.byCountry.map(({ country, count }) => [country, count] as const);
    const found: Difference[] = [
      { field: 'summarised', summary: this.to - this.from, log: recorded },
      { field: 'gatewayCount', summary: gatewayCount, log: recorded },
      { field: 'vendorCount', summary: vendorCount, log: recorded },
      { field: 'unexplained', summary: unexplained, log: 0 },
      { field: 'period', summary: 0, log: this.#outside },
      ...compared('counts/byActivity', { ...counts.byActivity }, again.byActivity),
      ...compared('counts/byCountry', Object.fromEntries(countries), again.byCountry),
      ...compared('counts/byReason', { ...counts.byReason }, again.byReason),
    ];
    return found.filter(({ summary, log }) => summary !== log);
  }
}

function compared(
  way: `counts/${keyof PeriodSummaryPredicate['counts']}`,
  claimed: Readonly<Record<string, number>>,
  counted: Readonly<Record<string, number>>,
): Difference[] {
  const names = [...new Set([...Object.keys(claimed), ...Object.keys(counted)])].toSorted();
  return names.map((name) => ({
    field: `${way}/${name}`,
    summary: claimed[name] ?? 0,
    log: counted[name] ?? 0,
  }));
}

/** Numbers below the highest one summarised that no summary speaks of; `bySeq` is in ascending order. */
function numbersUncovered(bySeq: readonly Comparison[]): { uncovered: NumberRange[]; end: number } {
  const found: NumberRange[] = [];
  let end = 1;
  for (const { from, to } of bySeq) {
    if (from > end) found.push({ from: end, to: from });
    end = Math.max(end, to);
  }
  return { uncovered: found, end };
}

function silences(byTime: readonly Comparison[]): { from: string; to: string }[] {
  const found: { from: string; to: string }[] = [];
  let last: Comparison | undefined;
  for (const one of byTime) {
    if (last !== undefined && one.begins > last.ends) {
      found.push({ from: last.predicate.period.to, to: one.predicate.period.from });
    }
    if (last === undefined || one.ends > last.ends) last = one;
  }
  return found;
}

function late(promise: AuthorityPromise, byTime: readonly Comparison[], at: number): Late[] {
  const coverage = new Coverage([], { limit: Infinity });
  for (const { predicate } of byTime) {
    const period = coveredBy(predicate, at);
    if (period !== undefined) coverage.add(period);
  }
  return latenessOf(promise, coverage, at);
}
