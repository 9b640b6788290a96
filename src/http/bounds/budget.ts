/** A bound on the bytes that all requests together keep in memory. */
import type { ServerResponse } from 'node:http';
import { LedgerError } from '../../errors.ts';

export class Budget {
  /** Both owned by `take` and the functions that it returns. */
  #left: number;
  readonly #held = new Map<string, number>();
  /** The bound. */
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.#left = bytes;
  }

  /**
   * Reserves `count` bytes until the returned function is called (once); for an
   * `asker`, only while that one would then hold no more than all others can
   * still have. Throws `queue-full`.
   */
  take(count: number, asker?: string): () => void {
    const held = asker === undefined ? 0 : (this.#held.get(asker) ?? 0);
    // Thousands of slow clients, each within its own limit, would otherwise
    // add up to more memory than the machine has; and one that takes nothing of
    // what it asked for would leave nothing for others.
    if (count > this.#left - held) {
      throw new LedgerError('queue-full', 'too many bytes are being read and answered at the moment', {
        expected: `at most ${this.bytes} bytes over all requests, half of them for one who asks`,
      });
    }
    this.#left -= count;
    if (asker !== undefined) this.#held.set(asker, held + count);
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#left += count;
      if (asker !== undefined) this.#letGo(asker, count);
    };
  }

  get left(): number {
    return this.#left;
  }

  #letGo(asker: string, count: number): void {
    const left = (this.#held.get(asker) ?? 0) - count;
    if (left > 0) this.#held.set(asker, left);
    else this.#held.delete(asker);
  }
}

/** Calls `release` when the answer is out of memory: taken by the client, or given up. */
export function releaseAtEnd(response: ServerResponse, release: () => void): void {
  // A client may have left while its answer was made; the event is then over.
  if (response.destroyed) release();
  else response.once('close', release);
}
