/**
 * Answers that are the same for every client until the next publication, made
 * once: a request that comes while one is being made waits for that one.
 */
import { LRUCache } from 'lru-cache';

export class Recent<T extends string | object> {
  /** What all that is kept was made from; owned by `get`. */
  #basis: unknown;
  readonly #made: LRUCache<string, T>;
  /** What weighs nothing yet and others wait for; another map for another basis. */
  #making = new Map<string, Promise<T>>();

  constructor(maxCost: number, costOf: (value: T) => number) {
    this.#made = new LRUCache({ maxSize: maxCost, sizeCalculation: costOf });
  }

  /** Whether the value is made, or being made, from `basis`: then `get` does no work of its own. */
  has(basis: unknown, name: string): boolean {
    return this.#basis === basis && (this.#made.has(name) || this.#making.has(name));
  }

  /** The value by this name; `make` is called unless it was made, or is being made, from the same `basis` (by identity). */
  get(basis: unknown, name: string, make: () => Promise<T>): Promise<T> {
    if (this.#basis !== basis) {
      this.#basis = basis;
      this.#made.clear();
      this.#making = new Map();
    }
    const made = this.#made.get(name);
    if (made !== undefined) return Promise.resolve(made);
    return this.#making.get(name) ?? this.#make(name, make);
  }

  #make(name: string, make: () => Promise<T>): Promise<T> {
    const making = this.#making;
    const value = make()
      .then((made) => {
        // Where the tree has grown meanwhile, this one is of the past.
        if (making === this.#making) this.#made.set(name, made);
        return made;
      })
      // After a failure the next one to ask tries again: it may have been a full queue.
      .finally(() => making.delete(name));
    making.set(name, value);
    return value;
  }
}
