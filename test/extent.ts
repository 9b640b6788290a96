/**
 * How far a suite goes that could go through every case of a kind: `npm run
 * test:deep` through all of them, `npm test` through as many as it has time
 * for, chosen by a seed. Such a suite is a function of its extent, called from
 * two files: `x.test.ts` gives it `sample`, `x.deep.ts` beside it `every`.
 *
 * The seed stands in the title of the suite: ISAL_TEST_SEED set to it chooses
 * the same cases again, set to another one it chooses others.
 */
import { crc32 } from 'node:zlib';
import { Random } from './random.ts';

export interface Extent {
  /** For the title of a suite. */
  readonly name: string;
  /**
   * The cases to check, in their own order: all of them, or so many. `list`
   * tells several lists apart, so that not the same places are chosen in each.
   */
  readonly cases: <T>(all: Iterable<T>, sample: number, list?: string) => Iterable<T>;
  /** How far to go where there is no end: how many random cases, up to which size. */
  readonly upTo: (all: number, sample: number) => number;
  /** For what a suite draws by itself. */
  readonly random: () => Random;
}

/** For whatever draws: a test that must have met every kind meets them each time, and others under another seed. */
export const seed: number = seedOf(process.env['ISAL_TEST_SEED'] ?? '6962');

export const every: Extent = {
  name: 'every case',
  cases: (all) => all,
  upTo: (all) => all,
  random: () => new Random(seed),
};

export const sample: Extent = {
  name: `a sample, ISAL_TEST_SEED=${seed}`,
  cases: (all, size, list = '') => sampleOf(all, size, new Random(crc32(list) ^ seed)),
  upTo: (_, size) => size,
  random: () => new Random(seed),
};

/** So many of what is given, each as likely as any other, however many there turn out to be. */
export function sampleOf<T>(all: Iterable<T>, size: number, random: Random): T[] {
  const chosen: { readonly at: number; readonly one: T }[] = [];
  let at = 0;
  for (const one of all) {
    // Reservoir sampling: the case at `at` gets in with the likelihood size / (at + 1).
    const place = at < size ? at : random.below(at + 1);
    if (place < size) chosen[place] = { at, one };
    at++;
  }
  return chosen.toSorted((a, b) => a.at - b.at).map(({ one }) => one);
}

/** The whole numbers from `from` up to and including `to`. */
export function* range(from: number, to: number): Generator<number> {
  for (let at = from; at <= to; at++) yield at;
}

/** Throws for what is no seed of 32 bits: another spelling must not silently choose other cases. */
export function seedOf(text: string): number {
  if (!/^[0-9]{1,10}$/.test(text) || Number(text) >= 2 ** 32) {
    throw new Error(`ISAL_TEST_SEED is a whole number below 2^32, not ${text}`);
  }
  return Number(text);
}
