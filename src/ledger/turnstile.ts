/**
 * A turnstile: work begins at once, as much of it side by side as there is, and
 * each passes in the order in which it came.
 *
 *     arrives   A   B   C   D
 *     ready       C   A       D   B refused
 *     passes          A           C   D
 *
 * One that is refused on the way gives up its place, and holds up no other.
 */
import { promiseWithResolvers } from './store/failure.ts';

/**
 * Calls `step` in turn: after every earlier arrival has passed or given up. The
 * turn is over when `step` returns; what it returns may be a promise, and
 * those behind do not wait for it.
 */
export type InTurn = <T>(step: () => Promise<T>) => Promise<T>;

export class Turnstile {
  /** Resolves when everything that has arrived so far has passed or given up; replaced by `enter`. */
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` at once. It passes by calling `inTurn`, at most once, or settles without. */
  enter<T>(work: (inTurn: InTurn) => Promise<T>): Promise<T> {
    const before = this.#last;
    const { promise, resolve } = promiseWithResolvers<void>();
    this.#last = promise;
    const inTurn: InTurn = async (step) => {
      await before;
      try {
        return step();
      } finally {
        // The next one goes on in a later microtask: `step` has been called by then.
        resolve();
      }
    };
    const done = work(inTurn);
    // Work that never passed leaves its place, but not before what came first.
    const leave = (): void => void before.then(resolve);
    done.then(leave, leave);
    return done;
  }

  /** Resolves when everything that has arrived by now has passed or given up. */
  idle(): Promise<void> {
    return this.#last;
  }
}
