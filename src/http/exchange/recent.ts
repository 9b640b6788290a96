/**
 * Answers that are the same for everybody until the next publication, made
 * once: whoever asks while one is being made waits for that one.
 */

export class Recent<T> {
  readonly #maxCost: number;
  readonly #costOf: (value: T) => number;
  /** What all that is kept was made from; owned by `get`, as all below. */
  #basis: unknown;
  /** In the order of last use. */
  readonly #kept = new Map<string, { readonly value: Promise<T>; cost: number }>();
  #cost = 0;

  constructor(maxCost: number, costOf: (value: T) => number) {
    this.#maxCost = maxCost;
    this.#costOf = costOf;
  }

  /** The value by this name; `make` is called unless it was made, or is being made, from the same `basis` (by identity). */
  get(basis: unknown, name: string, make: () => Promise<T>): Promise<T> {
    if (this.#basis !== basis) {
      this.#basis = basis;
      this.#kept.clear();
      this.#cost = 0;
    }
    const known = this.#kept.get(name);
    if (known !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, known);
      return known.value;
    }
    const value = make();
    const entry = { value, cost: 0 };
    this.#kept.set(name, entry);
    value.then(
      (made) => this.#weigh(name, entry, this.#costOf(made)),
      // The next one to ask tries again: what failed may have been a full queue.
      () => this.#forget(name, entry),
    );
    return value;
  }

  #weigh(name: string, entry: { cost: number }, cost: number): void {
    // The tree has grown meanwhile, and this one is of the past.
    if (this.#kept.get(name) !== entry) return;
    entry.cost = cost;
    this.#cost += cost;
    for (const [oldest, { cost: freed }] of this.#kept) {
      if (this.#cost <= this.#maxCost) break;
      // What is still being made weighs nothing yet, and others wait for it.
      if (freed === 0) continue;
      this.#kept.delete(oldest);
      this.#cost -= freed;
    }
  }

  #forget(name: string, entry: { cost: number }): void {
    if (this.#kept.get(name) === entry) this.#kept.delete(name);
  }
}
