/**
 * What the supervisor says of its own work, by every statement in the log. For
 * each kind (inspection, periodic report, incident, independence, funding):
 *
 *   period      ├──── 2025 ────┤        ├──── 2027 ────┤ nextDue
 *                               interrupted             in force until the next one
 *
 * In force is the statement whose period ends last. Which period it is follows
 * from the statements alone, so one that is recorded late takes its own place.
 */
import type { SupervisorStatementPredicate } from '../../attestation/types.ts';
import { defined } from '../../defined.ts';
import { KeptFold, recordedAt } from './fold.ts';
import type { Recorded, Seen } from './fold.ts';
import { Coverage } from './promises.ts';
import type { TimeRange } from './promises.ts';

export type StatementKind = SupervisorStatementPredicate['kind'];

export interface SupervisorStatement {
  readonly entry: Recorded;
  readonly predicate: SupervisorStatementPredicate;
}

export interface StatementsOfKind {
  readonly kind: StatementKind;
  readonly inForce: SupervisorStatement;
  /** In the order of the log. */
  readonly history: readonly SupervisorStatement[];
  /** Time between two periods that no statement of the kind covers. At most 1,000, the first ones. */
  readonly interruptions: readonly TimeRange[];
  /** When the next statement of this kind is due, in milliseconds; absent where the one in force does not say. */
  readonly due?: number;
  /** It was due, and is not there. */
  readonly overdue: boolean;
}

const maxInterruptions = 1_000;

export class SupervisorStatements extends KeptFold<StatementsOfKind[], SupervisorStatement> {
  /** Kind → statements in the order of the log; owned by `take`. */
  readonly #kinds = new Map<StatementKind, SupervisorStatement[]>();

  keep(entry: Seen): SupervisorStatement | undefined {
    if (entry.attestation.type !== 'supervisor-statement') return undefined;
    return { entry: recordedAt(entry), predicate: entry.attestation.statement.predicate };
  }

  take(statement: SupervisorStatement): void {
    const { kind } = statement.predicate;
    const history = this.#kinds.get(kind) ?? [];
    this.#kinds.set(kind, history);
    history.push(statement);
  }

  /** One for each kind that is stated, by its name. */
  result(at: number): StatementsOfKind[] {
    return [...this.#kinds]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, history]) => {
        const inForce = lastOf(history);
        const { nextDue } = inForce.predicate;
        const due = nextDue === undefined ? undefined : Date.parse(nextDue);
        return {
          kind,
          inForce,
          history,
          interruptions: interruptionsOf(history),
          ...defined({ due }),
          overdue: due !== undefined && due < at,
        };
      });
  }
}

/** Of several whose periods end at the same time, the last in the log. */
function lastOf(history: readonly SupervisorStatement[]): SupervisorStatement {
  return history.reduce((last, one) => (periodOf(one).to >= periodOf(last).to ? one : last));
}

function interruptionsOf(history: readonly SupervisorStatement[]): TimeRange[] {
  const periods = history.map(periodOf);
  const first = periods.reduce((least, { from }) => Math.min(least, from), Infinity);
  return new Coverage(periods, { limit: Infinity })
    .holes(first)
    .flatMap(({ from, to }) => (to === undefined ? [] : [{ from, to }]))
    .slice(0, maxInterruptions);
}

function periodOf({ predicate: { period } }: SupervisorStatement): TimeRange {
  return { from: Date.parse(period.from), to: Date.parse(period.to) };
}
