/**
 * The numbers of events in their streams, as a replay meets them. Density
 * is what shows that nothing was left out: a number that is missing is a gap,
 * a number that comes twice is two contents under one name.
 *
 * Kept as half-open ranges, so that memory grows with the gaps and not with
 * the events.
 */

/** Numbers `from` up to, but not including, `to` that a stream lacks below its highest. */
export interface Gap {
  readonly source: string;
  readonly from: number;
  readonly to: number;
}

/** Numbers seen without a gap: `from` up to, but not including, `to`. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

export class Sequences {
  /** Source → ranges seen, ascending and apart; owned by `add` and `restore`. */
  readonly #ranges = new Map<string, { from: number; to: number }[]>();

  /** What is known of one stream, for a later `restore`. */
  rangesOf(source: string): readonly NumberRange[] {
    return (this.#ranges.get(source) ?? []).map(({ from, to }) => ({ from, to }));
  }

  /** Takes up a stream where `rangesOf` left it. */
  restore(source: string, ranges: readonly NumberRange[]): void {
    this.#ranges.set(
      source,
      ranges.map(({ from, to }) => ({ from, to })),
    );
  }

  /** Takes a number; false if the stream has it already. */
  add(source: string, seq: number): boolean {
    const ranges = this.#ranges.get(source) ?? [];
    this.#ranges.set(source, ranges);
    const at = firstAbove(ranges, seq);
    const before = ranges[at - 1];
    const after = ranges[at];
    if (before !== undefined && seq < before.to) return false;
    const joinsBefore = before?.to === seq;
    const joinsAfter = after?.from === seq + 1;
    if (joinsBefore && joinsAfter) {
      before.to = after.to;
      ranges.splice(at, 1);
    } else if (joinsBefore) before.to = seq + 1;
    else if (joinsAfter) after.from = seq;
    else ranges.splice(at, 0, { from: seq, to: seq + 1 });
    return true;
  }

  /** At most `limit` gaps, by stream; numbers begin at 1. */
  gaps(limit: number): Gap[] {
    const gaps: Gap[] = [];
    for (const [source, ranges] of this.#ranges) {
      let expected = 1;
      for (const { from, to } of ranges) {
        if (gaps.length === limit) return gaps;
        if (from > expected) gaps.push({ source, from: expected, to: from });
        expected = to;
      }
    }
    return gaps;
  }
}

/** Halving, because a signer chooses the order of its numbers, and by it how long a walk would be. */
function firstAbove(ranges: readonly { readonly from: number }[], seq: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ranges[middle]?.from ?? 0) > seq) high = middle;
    else low = middle + 1;
  }
  return low;
}
