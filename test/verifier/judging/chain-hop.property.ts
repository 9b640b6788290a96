/**
 * The chain behind an update against a naive walk, over updates that follow
 * each other in any way, also in circles and twice; a bundle shows some.
 */
import fc from 'fast-check';
import { expect } from 'chai';
import type { Extent } from '../../extent.ts';
import { databaseUpdate, digest, genesis } from '../../fixtures/attestations.ts';
import { SampleLog } from '../sample-log.ts';
import { onlyHop, replayedVerdict, verdictOf } from '../supervised-log.ts';

/** Every update has a state of its own; versions may be given twice. */
interface Step {
  readonly version: number;
  /** The state that it follows, by the number of the update that has it; one beyond the last is never recorded. */
  readonly after: number | null;
  /** Whether it names that state by the version that has it. */
  readonly named: boolean;
}

const count = 6;
const steps = fc.array(
  fc.record({
    version: fc.oneof({ weight: 4, arbitrary: fc.constant(-1) }, fc.nat(count - 1)),
    after: fc.oneof({ weight: 5, arbitrary: fc.constant(-1) }, fc.nat(count), fc.constant(null)),
    named: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, fc.constant(false)),
  }),
  { minLength: 1, maxLength: count },
);

/** -1 stands for what is usual: a version of its own, and the state before. */
function plain(drawn: readonly Step[]): Step[] {
  return drawn.map(({ version, after, named }, at) => ({
    version: version === -1 ? at : version,
    after: after === -1 ? (at === 0 ? null : at - 1) : after,
    named,
  }));
}

const state = (at: number) => ({ sha256: digest(`state ${at}`) });

function update(plan: readonly Step[], at: number): Uint8Array {
  const { version, after, named } = plan[at] as Step;
  return databaseUpdate({
    seq: at + 1,
    version: `v${version}`,
    change: (statement) => {
      const before = after === null ? undefined : (plan[after]?.version ?? 99);
      statement.predicate.previous =
        after === null ? null : { version: named ? `v${before}` : 'vx', result: state(after) };
      statement.predicate.result = state(at);
      statement.subject = [{ digest: state(at) }];
    },
  });
}

/** What a walk from `own` says, knowing these updates; all of the log if `whole`. */
function naive(plan: readonly Step[], own: number, known: ReadonlySet<number>, whole: boolean): string {
  const followers = (of: number): number[] =>
    [...known]
      .filter((at) => at !== of && plan[at]?.after === of && plan[at]?.named)
      .toSorted((a, b) => a - b);
  const open = whole ? 'contradicted' : 'not-shown';
  const before: number[] = [];
  let end = '';
  for (let at = own; end === '';) {
    const { after, named } = plan[at] as Step;
    if (after === null) {
      const earlier = [...known].some((other) => other < at && plan[other]?.after === null);
      end = earlier ? 'contradicted' : 'proven';
    } else if (!known.has(after) || after === at || !named) end = open;
    else if (followers(after)[0] !== at) end = open;
    else if (before.includes(after) || after === own) return open;
    else {
      before.push(after);
      at = after;
    }
  }
  const forked = before.some((at) => followers(at).length > 1);
  return forked && end !== 'contradicted' ? open : end;
}

/** Registers it as a suite. */
export function sweepChains({ name, upTo }: Extent): void {
  describe(`the chain behind any update, ${name}`, () => {
    it('is what a naive walk says, by any bundle and by a replay', async () => {
      const seen = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.nat(count - 1),
          fc.array(fc.boolean(), { minLength: count, maxLength: count }),
          async (drawn, chosen, shown) => {
            const plan = plain(drawn);
            const own = chosen % plan.length;
            const log = new SampleLog([genesis(), ...plan.map((_, at) => update(plan, at))]);
            const known = plan.flatMap((_, at) => (at === own || shown[at] === true ? [at] : []));
            const indices = known.map((at) => at + 1);
            const bundle = await verdictOf(log, indices, state(own));
            expect(onlyHop(bundle, 'chain').mark, 'bundle').to.equal(naive(plan, own, new Set(known), false));
            const expected = naive(plan, own, new Set(plan.keys()), true);
            const whole = await replayedVerdict(log, indices, state(own));
            expect(onlyHop(whole, 'chain').mark, 'replay').to.equal(expected);
            seen.set(expected, (seen.get(expected) ?? 0) + 1);
          },
        ),
        { numRuns: upTo(800, 30) },
      );
      expect([...seen.keys()]).to.have.members(['proven', 'contradicted']);
    });
  });
}
