/**
 * How long a submitter waits. When its time is over or its connection gone, the
 * waiting ends and nothing else: an entry on its way is recorded all the same.
 */
import { LedgerError } from '../errors.ts';

export interface PatienceOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly deadline?: number;
}

export class Patience {
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: number | undefined;
  readonly #now: () => number;

  constructor({ signal, deadline }: PatienceOptions, now: () => number) {
    this.#signal = signal;
    this.#deadline = deadline;
    this.#now = now;
  }

  /** What `work` comes to, or `timeout` when the patience ends first; the work goes on. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (signal === undefined && this.#deadline === undefined) return work;
    // When the submitter waits no more, there is no one to hear a refusal.
    work.catch(() => {});
    if (signal?.aborted === true) throw gaveUp();
    return new Promise<T>((resolve, reject) => {
      const giveUp = (): void => reject(gaveUp());
      signal?.addEventListener('abort', giveUp, { once: true });
      const timer =
        this.#deadline === undefined
          ? undefined
          : setTimeout(giveUp, Math.max(0, this.#deadline - this.#now()));
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
      };
      work.then(resolve, reject).then(done, done);
    });
  }
}

function gaveUp(): LedgerError {
  return new LedgerError(
    'timeout',
    'the request ended before its answer was ready: send the same bytes again',
  );
}
