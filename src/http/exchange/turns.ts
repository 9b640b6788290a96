/** Work that would keep the process from everything else: a few at a time, and a bounded line before it. */
import { LedgerError } from '../../errors.ts';

export interface TurnsOptions {
  /** Pieces of work under way at once. */
  readonly running: number;
  /** Pieces that may wait for their turn. */
  readonly waiting: number;
}

export class Turns {
  readonly #options: TurnsOptions;
  /** Both owned by `take` and `#next`. */
  #running = 0;
  readonly #line: (() => void)[] = [];

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Does the work when its turn comes, in the order of the calls. Throws `queue-full` when the line is full. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const { running, waiting } = this.#options;
    if (this.#running >= running) {
      if (this.#line.length >= waiting) {
        throw new LedgerError('queue-full', 'too many requests of this kind are being worked on', {
          expected: `at most ${waiting} requests of this kind in line`,
        });
      }
      // Work that ends hands over its turn, so that none that comes just then slips in before.
      await new Promise<void>((resolve) => this.#line.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #next(): void {
    const first = this.#line.shift();
    if (first === undefined) this.#running -= 1;
    else first();
  }
}
