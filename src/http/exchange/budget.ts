/** A bound on the bytes that all requests together keep in memory. */
import type { ServerResponse } from 'node:http';
import { LedgerError } from '../../errors.ts';

export class Budget {
  /** Owned by `take` and the functions that it returns. */
  #left: number;
  /** The bound. */
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
    this.#left = bytes;
  }

  /** Reserves `count` bytes until the returned function is called (once). Throws `queue-full`. */
  take(count: number): () => void {
    // Thousands of slow clients, each within its own limit, would otherwise
    // add up to more memory than the machine has.
    if (count > this.#left) {
      throw new LedgerError('queue-full', 'too many bytes are being read and answered at the moment', {
        expected: `at most ${this.bytes} bytes over all requests`,
      });
    }
    this.#left -= count;
    let held = true;
    return () => {
      if (held) this.#left += count;
      held = false;
    };
  }

  get left(): number {
    return this.#left;
  }
}

/** Calls `release` when the answer is out of memory: taken by the client, or given up. */
export function releaseAtEnd(response: ServerResponse, release: () => void): void {
  // A client may have left while its answer was made; the event is then over.
  if (response.destroyed) release();
  else response.once('close', release);
}
