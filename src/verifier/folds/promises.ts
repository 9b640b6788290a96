/**
 * Whether the summaries of a source come when they were promised. The promise
 * stands in the authority document:
 *
 *   { "source": "access", "from": "2026-11-01T00:00:00Z",
 *     "summaryEvery": 86400, "grace": 21600 }
 *
 * From then on the periods of the summaries follow each other without a gap.
 * What no summary covers from a moment on is late once a whole period and the
 * grace have passed since:
 *
 *       from            promised end        due
 *   ─────┤ not covered … ┤ summaryEvery ─────┤ grace ───── late
 *
 * The time against which that is held is the caller's: the one that witnesses
 * vouch for, where there is one. By an own clock, a log that shows an old tree
 * would make its sources look late.
 */
import type { AuthorityPromise, PeriodSummaryPredicate } from '../../attestation/types.ts';

/** Milliseconds since the epoch, half-open. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Time that no summary covers, past the moment at which one was due. Milliseconds since the epoch. */
export interface Late {
  readonly from: number;
  /** Where the next summary takes up again; absent behind the last one. */
  readonly to?: number;
  readonly due: number;
}

/** Clocks of recorders and witnesses may differ by so much. */
const skew = 5 * 60_000;

/**
 * The periods that the summaries of one source cover, joined where they meet.
 * Signers choose them, so there are at most `limit` that do not meet; one more
 * is not taken, and what is not taken counts as missing.
 */
export class Coverage {
  /** Ascending and apart; owned by `add`. */
  readonly #ranges: { from: number; to: number }[] = [];
  readonly #limit: number;

  constructor(ranges: readonly TimeRange[] = [], { limit = 1_024 }: { readonly limit?: number } = {}) {
    this.#limit = limit;
    for (const range of ranges) this.add(range);
  }

  get ranges(): readonly TimeRange[] {
    return this.#ranges;
  }

  /** Takes a period, `from` before `to`. */
  add({ from, to }: TimeRange): void {
    const ranges = this.#ranges;
    const first = firstWhere(ranges.length, (at) => (ranges[at]?.to ?? 0) >= from);
    let next = first;
    let joined = { from, to };
    for (; next < ranges.length; next++) {
      const range = ranges[next];
      if (range === undefined || range.from > joined.to) break;
      joined = { from: Math.min(joined.from, range.from), to: Math.max(joined.to, range.to) };
    }
    if (next === first && ranges.length >= this.#limit) return;
    ranges.splice(first, next - first, joined);
  }

  /** What is not covered from `from` on; the last one has no end. */
  holes(from: number): { from: number; to?: number }[] {
    const holes: { from: number; to?: number }[] = [];
    let end = from;
    for (const range of this.#ranges) {
      if (range.from > end) holes.push({ from: end, to: range.from });
      end = Math.max(end, range.to);
    }
    return [...holes, { from: end }];
  }
}

/** What is late at a time. A hole behind which summaries go on is late in the same way as one at the end. */
export function latenessOf(promise: AuthorityPromise, coverage: Coverage, at: number): Late[] {
  return coverage
    .holes(Date.parse(promise.from))
    .map((hole) => ({ ...hole, due: dueAfter(promise, hole.from) }))
    .filter(({ due }) => at > due);
}

/** When a summary of the period that begins at `from` is due. */
export function dueAfter({ summaryEvery, grace }: AuthorityPromise, from: number): number {
  return from + (summaryEvery + grace) * 1_000;
}

/**
 * The period that a summary covers, for who reads it at a time. One that is
 * dated ahead covers nothing: it would be a promise to have counted.
 */
export function coveredBy(
  { occurredAt, period }: Pick<PeriodSummaryPredicate, 'occurredAt' | 'period'>,
  at: number,
): TimeRange | undefined {
  if (Math.max(Date.parse(occurredAt), Date.parse(period.to)) > at + skew) return undefined;
  return { from: Date.parse(period.from), to: Date.parse(period.to) };
}

/** Milliseconds by which a summary was made too late, by its own time; undefined if it was not. */
export function madeLateBy(
  { occurredAt, period }: Pick<PeriodSummaryPredicate, 'occurredAt' | 'period'>,
  promise: AuthorityPromise,
): number | undefined {
  const begins = Date.parse(period.from);
  if (begins < Date.parse(promise.from)) return undefined;
  const late = Date.parse(occurredAt) - dueAfter(promise, begins);
  return late > 0 ? late : undefined;
}

/** Halving, because a signer chooses the order and so how long a walk would be. */
function firstWhere(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
