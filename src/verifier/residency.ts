/**
 * Where the data of each region are said to be, by every statement in the log:
 * the last one about a region and a category of data holds, the ones before it
 * are its history.
 *
 *   announced   promised for a date
 *   migrating   under way
 *   complete    done, but for what it excepts
 *   regressed   data are again where they must not be
 *   corrected   an earlier statement was wrong
 *
 * A statement is a claim that its signers can be held to, not a proof of where
 * data are.
 */
import type { ResidencyPredicate } from '../attestation/types.ts';
import type { Entry } from './walk.ts';

/**
 * What the last statement comes to at a time:
 *
 * - `done`: complete, and in effect.
 * - `excepted`: complete but for exceptions, or copies that remain elsewhere.
 * - `overdue`: the date has passed that was promised, or by which a copy was to be gone.
 * - `pending`: announced, under way, or in effect only later.
 * - `against`: regressed, or it takes back an earlier statement.
 */
export type Standing = 'done' | 'excepted' | 'overdue' | 'pending' | 'against';

export interface ResidencyStatement {
  readonly entry: Entry;
  readonly predicate: ResidencyPredicate;
}

export interface CategoryStatus {
  readonly category: string;
  /** The statement that holds. */
  readonly statement: ResidencyStatement;
  readonly standing: Standing;
}

export interface RegionStatus {
  readonly region: string;
  /** In ascending order. */
  readonly categories: readonly CategoryStatus[];
  /** In the order of the log. */
  readonly history: readonly ResidencyStatement[];
}

export class Residency {
  readonly #only: string | undefined;
  /** Region → statements in the order of the log; owned by `add`. */
  readonly #regions = new Map<string, ResidencyStatement[]>();

  /** Of one region alone, if it is named. */
  constructor(only?: string) {
    this.#only = only;
  }

  /** An authorised entry, in the order of the log; others are left aside. True if it was taken. */
  add(entry: Entry): boolean {
    if (entry.attestation.type !== 'residency') return false;
    const { predicate } = entry.attestation.statement;
    const { region } = predicate;
    if (this.#only !== undefined && region !== this.#only) return false;
    const history = this.#regions.get(region) ?? [];
    this.#regions.set(region, history);
    history.push({ entry, predicate });
    return true;
  }

  /** At a time in milliseconds since the epoch. */
  result(now: number): RegionStatus[] {
    return [...this.#regions]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([region, history]) => ({ region, categories: categoriesOf(history, now), history }));
  }
}

function categoriesOf(history: readonly ResidencyStatement[], now: number): CategoryStatus[] {
  const last = new Map<string, ResidencyStatement>();
  for (const statement of history) {
    for (const category of statement.predicate.categories) last.set(category, statement);
  }
  return [...last]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, statement]) => ({
      category,
      statement,
      standing: standingOf(statement.predicate, now),
    }));
}

function standingOf(predicate: ResidencyPredicate, now: number): Standing {
  const { phase, effectiveAt, residualCopies, exceptions } = predicate;
  if (phase === 'regressed' || phase === 'corrected') return 'against';
  const begun = Date.parse(effectiveAt) <= now;
  if (phase !== 'complete') return begun && phase === 'announced' ? 'overdue' : 'pending';
  if (!begun) return 'pending';
  if (residualCopies.some(({ until }) => until !== undefined && Date.parse(until) <= now)) return 'overdue';
  return residualCopies.length + exceptions.length > 0 ? 'excepted' : 'done';
}
