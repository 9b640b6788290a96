/**
 * Comparing two sides on a machine that others use too. An absolute figure
 * means nothing there, and nor do two figures taken minutes apart; so both
 * sides run in every round, and what counts is the median of the rounds'
 * ratios, with the least and the greatest beside it. Processor time is compared
 * too: it hardly sees the others.
 */
import { defined } from '../../src/defined.ts';
import { assert } from '../../src/errors.ts';

/** What one run of a side did. */
export interface Run {
  readonly count: number;
  readonly milliseconds: number;
  /** Half of the answers took no longer, in milliseconds; where that was measured. */
  readonly p50?: number;
}

/** One side of a comparison. */
export interface Side {
  /** Runs for a moment. */
  readonly run: () => Promise<Run>;
  /** The processor time, in microseconds, that its processes have used since they began; NaN where nobody knows. */
  readonly processor: () => Promise<number>;
}

export interface Measure {
  readonly perSecond: number;
  /** Microseconds of processor time for each operation, of the side that is measured and not of its clients. */
  readonly processor: number;
  /** Where it was measured. */
  readonly p50?: number;
}

/** By the name of the side, one for each round. */
export type Measures = ReadonlyMap<string, readonly Measure[]>;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** Runs every side once a round, in turn forwards and backwards, so that none always follows the same one. */
export async function interleave(sides: ReadonlyMap<string, Side>, rounds: number): Promise<Measures> {
  const measures = new Map<string, Measure[]>([...sides.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [...sides] : [...sides].reverse();
    for (const [name, side] of order) {
      const before = await side.processor();
      const { count, milliseconds, p50 } = await side.run();
      const processor = ((await side.processor()) - before) / count;
      measures.get(name)?.push({ perSecond: (count / milliseconds) * 1000, processor, ...defined({ p50 }) });
    }
  }
  return measures;
}

interface Ratios {
  readonly rate: Spread;
  readonly processor: Spread;
}

/** How many times as fast one side is as another, round by round: by the clock, and by the processor time of each. */
export function compare(measures: Measures, over: string, under: string): Ratios {
  const pairs = roundsOf(measures, over, under);
  return {
    rate: spread(pairs.map(([a, b]) => a.perSecond / b.perSecond)),
    processor: spread(pairs.map(([a, b]) => b.processor / a.processor)),
  };
}

/** How many times as long an answer of one side takes as one of another, round by round; processor time likewise. */
export function compareLatency(measures: Measures, over: string, under: string): Ratios {
  const pairs = roundsOf(measures, over, under);
  return {
    rate: spread(pairs.map(([a, b]) => (a.p50 ?? Number.NaN) / (b.p50 ?? Number.NaN))),
    processor: spread(pairs.map(([a, b]) => a.processor / b.processor)),
  };
}

/** What each of two sides did in each round. */
function roundsOf(measures: Measures, over: string, under: string): (readonly [Measure, Measure])[] {
  const [above, below] = [measuresOf(measures, over), measuresOf(measures, under)];
  return above.map((measure, round) => [measure, below[round] as Measure]);
}

function measuresOf(measures: Measures, name: string): readonly Measure[] {
  const found = measures.get(name);
  assert(found !== undefined, `a side called ${name} was measured`);
  return found;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [below, above] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  assert(below !== undefined && above !== undefined, 'there is a median of one value or more');
  return { median: (below + above) / 2, least: sorted[0] ?? below, greatest: sorted.at(-1) ?? above };
}
