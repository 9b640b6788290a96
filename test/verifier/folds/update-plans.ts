/** Chains of updates, drawn: most follow the one before, some go astray in every way there is. */
import fc from 'fast-check';
import type { DatabaseUpdatePredicate } from '../../../src/attestation/types.ts';
import type { ChainFields } from '../../../src/verifier/folds/update-chain.ts';
import { databaseUpdateStatement, digest } from '../../fixtures/attestations.ts';

/** `state` and `after` are numbers of states; a state beyond the last may never be recorded. */
export interface Step {
  readonly version: number;
  readonly state: number;
  /** The state that it follows; null for a beginning. */
  readonly after: number | null;
  /** The version by which it names that state. */
  readonly named: number;
  readonly rollback: boolean;
  /** By which algorithms it gives states; the second is a digest of the same state. */
  readonly by: 'sha256' | 'sha512' | 'both';
}

const count = 7;

const usual = <T>(weight: number, other: fc.Arbitrary<T>): fc.Arbitrary<T | 'usual'> =>
  fc.oneof({ weight, arbitrary: fc.constant('usual' as const) }, { weight: 1, arbitrary: other });

const drawn = fc.array(
  fc.record({
    version: usual(6, fc.nat(count)),
    state: usual(4, fc.nat(count)),
    after: usual(5, fc.oneof(fc.nat(count), fc.constant(null))),
    named: usual(8, fc.nat(count)),
    rollback: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true)),
    by: fc.oneof(
      { weight: 8, arbitrary: fc.constant('sha256' as const) },
      fc.constant('sha512' as const),
      fc.constant('both' as const),
    ),
  }),
  { minLength: 1, maxLength: count },
);

/** What is usual: a version and a state of its own, after the state before. */
export const plans: fc.Arbitrary<Step[]> = drawn.map((steps) =>
  steps.map(({ version, state, after, named, rollback, by }, at) => {
    const own = state === 'usual' ? at : state;
    const before = after === 'usual' ? (at === 0 ? null : at - 1) : after;
    return {
      version: version === 'usual' ? own : version,
      state: own,
      after: before,
      named: named === 'usual' ? (before ?? 0) : named,
      rollback: rollback && before !== null,
      by,
    };
  }),
);

function resultOf(state: number, by: Step['by']): ChainFields['result'] {
  const sha256 = digest(`state ${state}`);
  const sha512 = digest(`state ${state}, first half`) + digest(`state ${state}, second half`);
  return by === 'both' ? { sha256, sha512 } : by === 'sha256' ? { sha256 } : { sha512 };
}

/** Makes the fixture's statement say what the step says. */
export function applied({ version, state, after, named, rollback, by }: Step) {
  return (statement: {
    predicate: DatabaseUpdatePredicate;
    subject: { name?: string; digest: DatabaseUpdatePredicate['result'] }[];
  }): void => {
    const { predicate } = statement;
    predicate.version = `v${version}`;
    predicate.result = resultOf(state, by);
    predicate.previous = after === null ? null : { version: `v${named}`, result: resultOf(after, by) };
    predicate.kind = rollback ? 'rollback' : 'full';
    statement.subject = [{ digest: predicate.result }];
  };
}

export function statementOf(step: Step, at: number): ReturnType<typeof databaseUpdateStatement> {
  const statement = databaseUpdateStatement({ seq: at + 1 });
  applied(step)(statement);
  return statement;
}
