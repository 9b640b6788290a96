/**
 * Comparing two sides on a machine that others use too. An absolute figure
 * means nothing there, and nor do two figures taken minutes apart; so both
 * sides run in every round, and what counts is the median of the rounds'
 * ratios, with the least and the greatest beside it.
 */
import { assert } from '../../src/errors.ts';

/** One side of a comparison: runs for a moment and gives its rate, in what it counts per second. */
export type Side = () => Promise<number>;

/** Rates by the name of the side, one for each round. */
export type Rates = ReadonlyMap<string, readonly number[]>;

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

/** Runs every side once a round, in turn forwards and backwards, so that none always follows the same one. */
export async function interleave(sides: ReadonlyMap<string, Side>, rounds: number): Promise<Rates> {
  const rates = new Map<string, number[]>([...sides.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [...sides] : [...sides].reverse();
    for (const [name, side] of order) rates.get(name)?.push(await side());
  }
  return rates;
}

/** The spread of the ratios of one side to another, round by round. */
export function ratio(rates: Rates, over: string, under: string): Spread {
  const [above, below] = [ratesOf(rates, over), ratesOf(rates, under)];
  return spread(above.map((rate, round) => rate / (below[round] ?? Number.NaN)));
}

export function ratesOf(rates: Rates, name: string): readonly number[] {
  const found = rates.get(name);
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
