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
import type { ResidencyPredicate } from '../../attestation/types.ts';
import { defined } from '../../defined.ts';
import type { Mark } from '../mark.ts';
import { KeptFold, recordedAt } from './fold.ts';
import type { Recorded, Seen } from './fold.ts';

/**
 * What the last statement comes to at a time:
 *
 * - `done`: complete, and in effect.
 * - `excepted`: complete but for exceptions, or copies that remain elsewhere.
 * - `overdue`: the date has passed that was promised, and the move is not complete.
 * - `copy-overdue`: complete, and the date has passed by which a copy elsewhere was to be gone.
 * - `pending`: announced, under way, or in effect only later.
 * - `against`: regressed, or it takes back an earlier statement.
 */
export type Standing = 'done' | 'excepted' | 'overdue' | 'copy-overdue' | 'pending' | 'against';

/** What a standing makes of the question where the data are. */
export const standingMarks: Readonly<Record<Standing, Mark>> = {
  done: 'proven',
  excepted: 'proven',
  overdue: 'not-shown',
  'copy-overdue': 'not-shown',
  pending: 'not-shown',
  against: 'contradicted',
};

export interface ResidencyStatement {
  readonly entry: Recorded;
  readonly predicate: ResidencyPredicate;
}

/** A claim that a later statement says was wrong. */
export interface TakenBack {
  readonly claim: ResidencyStatement;
  readonly by: ResidencyStatement;
}

export interface CategoryStatus {
  readonly category: string;
  /** The statement that holds. */
  readonly statement: ResidencyStatement;
  readonly standing: Standing;
  /** The announcements of the move that is under way, or that came last, in the order of the log. */
  readonly promises: readonly ResidencyStatement[];
  /** The statement that this move is complete, unless it was taken back. */
  readonly arrived?: ResidencyStatement;
  /** Days from the date that was promised first to the one on which it was so; below 0 if that was earlier. */
  readonly delayDays?: number;
  readonly takenBack: readonly TakenBack[];
}

export interface RegionStatus {
  readonly region: string;
  /** In ascending order. */
  readonly categories: readonly CategoryStatus[];
  /** In the order of the log. */
  readonly history: readonly ResidencyStatement[];
}

export class Residency extends KeptFold<RegionStatus[], ResidencyStatement> {
  readonly #only: string | undefined;
  /** Region → statements in the order of the log; owned by `take`. */
  readonly #regions = new Map<string, ResidencyStatement[]>();

  /** Of one region alone, if it is named. */
  constructor(only?: string) {
    super();
    this.#only = only;
  }

  keep(entry: Seen): ResidencyStatement | undefined {
    if (entry.attestation.type !== 'residency') return undefined;
    const { predicate } = entry.attestation.statement;
    if (this.#only !== undefined && predicate.region !== this.#only) return undefined;
    return { entry: recordedAt(entry), predicate };
  }

  take(statement: ResidencyStatement): void {
    const { region } = statement.predicate;
    const history = this.#regions.get(region) ?? [];
    this.#regions.set(region, history);
    history.push(statement);
  }

  result(at: number): RegionStatus[] {
    return [...this.#regions]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([region, history]) => ({ region, categories: categoriesOf(history, at), history }));
  }
}

function categoriesOf(history: readonly ResidencyStatement[], now: number): CategoryStatus[] {
  const moves = new Map<string, Move>();
  for (const statement of history) {
    for (const category of statement.predicate.categories) {
      const move = moves.get(category) ?? new Move(statement);
      moves.set(category, move);
      move.take(statement);
    }
  }
  return [...moves]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([category, move]) => ({ category, ...move.result(now) }));
}

/** What was promised and what came of it, statement by statement, for one category. */
class Move {
  /** All owned by `take`. */
  #last: ResidencyStatement;
  #promises: ResidencyStatement[] = [];
  #arrived: ResidencyStatement | undefined;
  readonly #takenBack: TakenBack[] = [];

  constructor(first: ResidencyStatement) {
    this.#last = first;
  }

  take(statement: ResidencyStatement): void {
    const { phase } = statement.predicate;
    if (phase === 'announced') {
      // What is announced when all has arrived is another move.
      if (this.#arrived !== undefined) this.#promises = [];
      this.#arrived = undefined;
      this.#promises.push(statement);
    } else if (phase === 'complete') this.#arrived ??= statement;
    else if (phase === 'corrected') {
      // Where it was wrong that they had arrived, the old promise stands, and is late by so much more.
      const claim = this.#arrived ?? this.#last;
      if (claim !== statement) this.#takenBack.push({ claim, by: statement });
      this.#arrived = undefined;
    } else if (phase === 'regressed') {
      this.#promises = [];
      this.#arrived = undefined;
    }
    this.#last = statement;
  }

  result(now: number): Omit<CategoryStatus, 'category'> {
    const promises = this.#promises;
    const arrived = this.#arrived;
    const [first] = promises;
    const delayDays =
      arrived === undefined || first === undefined
        ? undefined
        : day(arrived.predicate.effectiveAt) - day(first.predicate.effectiveAt);
    return {
      statement: this.#last,
      standing: standingOf(this.#last.predicate, promises.at(-1)?.predicate, now),
      promises,
      ...defined({ arrived, delayDays }),
      takenBack: this.#takenBack,
    };
  }
}

/** Days since the epoch: promises are about days, in UTC. */
function day(time: string): number {
  return Math.floor(Date.parse(time) / 86_400_000);
}

/** `promise` is the last announcement: a move is late by the date that it names, also while it is under way. */
function standingOf(
  { phase, effectiveAt, residualCopies, exceptions }: ResidencyPredicate,
  promise: ResidencyPredicate | undefined,
  now: number,
): Standing {
  if (phase === 'regressed' || phase === 'corrected') return 'against';
  if (phase !== 'complete' || Date.parse(effectiveAt) > now) {
    return promise !== undefined && Date.parse(promise.effectiveAt) <= now ? 'overdue' : 'pending';
  }
  if (residualCopies.some(({ until }) => until !== undefined && Date.parse(until) <= now)) {
    return 'copy-overdue';
  }
  return residualCopies.length + exceptions.length > 0 ? 'excepted' : 'done';
}
