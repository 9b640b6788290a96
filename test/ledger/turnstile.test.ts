import { expect } from 'chai';
import fc from 'fast-check';
import { promiseWithResolvers, type Resolvers } from '../../src/ledger/store/failure.ts';
import { Turnstile } from '../../src/ledger/turnstile.ts';

/** Work that the test lets become ready, or fail, when it likes. */
class Arrival {
  readonly ready: Resolvers<void> = promiseWithResolvers<void>();
  readonly outcome: Promise<unknown>;
  begun = false;

  constructor(turnstile: Turnstile, name: string, passed: string[], step: () => Promise<unknown>) {
    const done = turnstile.enter(async (inTurn) => {
      this.begun = true;
      await this.ready.promise;
      return inTurn(() => {
        passed.push(name);
        return step();
      });
    });
    this.outcome = done.catch((error: unknown) => error);
  }
}

/** Lets everything happen that waits for nothing but its turn. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('turnstile', () => {
  let turnstile: Turnstile;
  let passed: string[];
  const arrive = (name: string, step: () => Promise<unknown> = async () => name): Arrival =>
    new Arrival(turnstile, name, passed, step);

  beforeEach(() => {
    turnstile = new Turnstile();
    passed = [];
  });

  it('begins all work at once, and lets it pass in the order in which it came', async () => {
    const [first, second, third] = [arrive('first'), arrive('second'), arrive('third')];
    expect([first, second, third].map(({ begun }) => begun)).to.deep.equal([true, true, true]);
    third.ready.resolve();
    second.ready.resolve();
    await settle();
    expect(passed).to.deep.equal([]);
    first.ready.resolve();
    await settle();
    expect(passed).to.deep.equal(['first', 'second', 'third']);
    expect(await third.outcome).to.equal('third');
  });

  it('does not wait for what a step began', async () => {
    const slow = promiseWithResolvers<string>();
    const [first, second] = [arrive('first', () => slow.promise), arrive('second')];
    first.ready.resolve();
    second.ready.resolve();
    expect(await second.outcome).to.equal('second');
    expect(passed).to.deep.equal(['first', 'second']);
    slow.resolve('done');
    expect(await first.outcome).to.equal('done');
  });

  it('is not held up by work that is refused, nor by a step that fails', async () => {
    const refused = new Error('refused');
    const [first, second, third] = [
      arrive('first'),
      arrive('second', () => Promise.reject(refused)),
      arrive('third'),
    ];
    third.ready.resolve();
    second.ready.resolve();
    first.ready.reject(refused);
    expect(await third.outcome).to.equal('third');
    expect(await first.outcome).to.equal(refused);
    expect(await second.outcome).to.equal(refused);
    expect(passed).to.deep.equal(['second', 'third']);
  });

  it('keeps the order of the others when one gives up its place in the middle', async () => {
    const [first, second, third] = [arrive('first'), arrive('second'), arrive('third')];
    second.ready.reject(new Error('refused'));
    third.ready.resolve();
    await settle();
    expect(passed).to.deep.equal([]);
    first.ready.resolve();
    await third.outcome;
    expect(passed).to.deep.equal(['first', 'third']);
  });

  it('answers at once for work that needs no turn', async () => {
    const first = arrive('first');
    expect(await turnstile.enter(async () => 'known')).to.equal('known');
    first.ready.resolve();
    expect(await first.outcome).to.equal('first');
  });

  it('is idle when everything that came has passed or given up, whoever still waits for an answer', async () => {
    const [first, second] = [arrive('first', () => new Promise(() => {})), arrive('second')];
    let idle = false;
    const waiting = turnstile.idle().then(() => (idle = true));
    second.ready.resolve();
    await settle();
    expect(idle).to.equal(false);
    first.ready.resolve();
    await waiting;
    expect(passed).to.deep.equal(['first', 'second']);
  });

  it('passes, in any order of readiness and refusal, exactly those not refused, as they came', async () => {
    const arrivals = fc.array(fc.record({ readiness: fc.nat(), refused: fc.boolean() }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(arrivals, async (given) => {
        turnstile = new Turnstile();
        passed = [];
        const all = given.map((_, i) => arrive(String(i)));
        const order = [...given.entries()].toSorted(([, a], [, b]) => a.readiness - b.readiness);
        for (const [i, { refused }] of order) {
          const { ready } = all[i] as Arrival;
          if (refused) ready.reject(new Error('refused'));
          else ready.resolve();
          if (i % 3 === 0) await settle();
        }
        await Promise.all(all.map(({ outcome }) => outcome));
        await turnstile.idle();
        const expected = [...given.entries()].filter(([, { refused }]) => !refused).map(([i]) => String(i));
        expect(passed).to.deep.equal(expected);
      }),
      { numRuns: 100 },
    );
  });
});
