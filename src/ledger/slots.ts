/** Slots handed over in one turn of the event loop. */
const inOneTurn = 8;

/** So many pieces of work at once, the others in the order of their calls. */
export class Slots {
  #free: number;
  #handedOver = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Does the work when a slot is free; what it throws is its caller's. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    // Work that ends hands over its slot, so that none that comes just then slips in before.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else this.#handOver(next);
    }
  }

  #handOver(next: () => void): void {
    if (this.#handedOver === 0) setImmediate(() => (this.#handedOver = 0));
    this.#handedOver += 1;
    // Work that is refused at once would else be followed by all that waits, before anything else had its turn.
    if (this.#handedOver <= inOneTurn) next();
    else setImmediate(next);
  }
}
