/**
 * Work that takes memory and time: a few pieces at once, and a bounded line
 * before them. Those who ask take turns: who has a hundred requests in line
 * waits for the second until everybody else has had a first.
 *
 *     A A A A          running: A1 B1
 *     B B          ►   next:    A2 C1 B2 A3 …
 *     C
 */
import { LedgerError } from '../../errors.ts';

export interface LineOptions {
  /** Pieces of work under way at once. */
  readonly running: number;
  /** Of one who asks, where work lasts as long as a client likes; all of them unless given. */
  readonly each?: number;
  /** Pieces that may wait for their turn, of all who ask together. */
  readonly waiting: number;
}

interface Waiting {
  readonly go: () => void;
  readonly refuse: (error: LedgerError) => void;
}

export class Line {
  readonly #options: LineOptions;
  /** All four owned by `take`, `#next` and `close`. */
  #running = 0;
  #length = 0;
  readonly #runningOf = new Map<string, number>();
  /** By who asks, in the order of their turns; none is empty. */
  readonly #queues = new Map<string, Waiting[]>();
  #closed: LedgerError | undefined;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Pieces that wait. */
  get length(): number {
    return this.#length;
  }

  get running(): number {
    return this.#running;
  }

  /**
   * Does the work when the turn of `asker` comes. Throws `queue-full` when the
   * line is full and `asker` has the longest part of it; where another has, the
   * last of that one's is refused instead.
   */
  async take<T>(asker: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#running < this.#options.running && this.#mayRun(asker)) this.#begin(asker);
    // Work that ends begins what is next, so that none that comes just then slips in before.
    else await this.#wait(asker);
    try {
      return await work();
    } finally {
      this.#end(asker);
      this.#next();
    }
  }

  #mayRun(asker: string): boolean {
    return (this.#runningOf.get(asker) ?? 0) < (this.#options.each ?? Infinity);
  }

  #begin(asker: string): void {
    this.#running += 1;
    this.#runningOf.set(asker, (this.#runningOf.get(asker) ?? 0) + 1);
  }

  #end(asker: string): void {
    this.#running -= 1;
    const left = (this.#runningOf.get(asker) ?? 0) - 1;
    if (left > 0) this.#runningOf.set(asker, left);
    else this.#runningOf.delete(asker);
  }

  /** Refuses all that wait, and all that come, with `error`; what is under way goes on. */
  close(error: LedgerError): void {
    this.#closed = error;
    for (const queue of this.#queues.values()) for (const { refuse } of queue) refuse(error);
    this.#queues.clear();
    this.#length = 0;
  }

  #wait(asker: string): Promise<void> {
    if (this.#length >= this.#options.waiting) this.#makeRoom(asker);
    return new Promise((go, refuse) => {
      const queue = this.#queues.get(asker) ?? [];
      queue.push({ go, refuse });
      this.#queues.set(asker, queue);
      this.#length += 1;
    });
  }

  #makeRoom(asker: string): void {
    let most = (this.#queues.get(asker)?.length ?? 0) + 1;
    let longest: Waiting[] | undefined;
    for (const queue of this.#queues.values()) {
      if (queue.length <= most) continue;
      most = queue.length;
      longest = queue;
    }
    const error = new LedgerError('queue-full', 'too many requests of this kind are being worked on', {
      expected: `at most ${this.#options.waiting} requests of this kind in line`,
    });
    const last = longest?.pop();
    if (last === undefined) throw error;
    this.#length -= 1;
    last.refuse(error);
  }

  #next(): void {
    for (const [asker, queue] of this.#queues) {
      if (!this.#mayRun(asker)) continue;
      const first = queue.shift();
      this.#queues.delete(asker);
      // Behind everybody else.
      if (queue.length > 0) this.#queues.set(asker, queue);
      if (first === undefined) continue;
      this.#length -= 1;
      this.#begin(asker);
      first.go();
      return;
    }
  }
}
