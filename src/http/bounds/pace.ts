/**
 * Requests begin in turns. A thousand connections that were silent and ask in one
 * moment are all read in one turn of the event loop; were all of their requests
 * begun in it too, nobody else would be answered until the last one was. So of
 * each kind as many begin in a turn as there is time for, and what is brief begins
 * first: the checkpoint, and whether the server is well.
 */

/** `brief` must not wait behind anything; the others take turns. */
export type RequestKind = 'brief' | 'recording' | 'reading';

/** Milliseconds of beginning requests in one turn of the event loop. */
const turnMs = 5;

export class Pace {
  /** All three owned by `run` and `#turn`. */
  readonly #waiting: Readonly<Record<RequestKind, (() => void)[]>> = {
    brief: [],
    recording: [],
    reading: [],
  };
  #spent = 0;
  #scheduled = false;

  /** Begins the work at once where there is time left in this turn and nothing waits, else in its own. */
  run(kind: RequestKind, work: () => void): void {
    this.#schedule();
    if (this.#spent < turnMs && this.#length === 0) this.#begin(work);
    else this.#waiting[kind].push(work);
  }

  get #length(): number {
    const { brief, recording, reading } = this.#waiting;
    return brief.length + recording.length + reading.length;
  }

  #begin(work: () => void): void {
    const started = performance.now();
    work();
    this.#spent += performance.now() - started;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#scheduled = false;
    this.#spent = 0;
    const { brief, recording, reading } = this.#waiting;
    for (const work of brief.splice(0)) this.#begin(work);
    while (this.#spent < turnMs && recording.length + reading.length > 0) {
      for (const next of [recording.shift(), reading.shift()]) if (next !== undefined) this.#begin(next);
    }
    if (this.#length > 0) this.#schedule();
  }
}
