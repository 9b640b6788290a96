/**
 * Requests begin in turns. A thousand connections that were silent and ask in one
 * moment are all read in one turn of the event loop; were all of their requests
 * begun in it too, nobody else would be answered until the last one was. So of
 * each kind as many begin in a turn as there is time for, and what is brief begins
 * first: the checkpoint, and whether the server is well.
 *
 * The loop accepts one connection each time it goes round, and the system turns
 * newcomers away for a second once some hundred wait. So while there are
 * newcomers most turns are kept short.
 */

/** `brief` must not wait behind anything; the others take turns. */
export type RequestKind = 'brief' | 'recording' | 'reading';

/** Milliseconds of beginning requests in one turn of the event loop: so many for what is brief, and as many for the rest. */
const turnMs = 5;
/** Turns in a row that are short for newcomers; whoever connects without end would else keep all others waiting. */
const shortTurns = 64;

export class Pace {
  /** All five owned by `run`, `accepted` and `#turn`. */
  readonly #waiting: Readonly<Record<RequestKind, (() => void)[]>> = {
    brief: [],
    recording: [],
    reading: [],
  };
  #spent = 0;
  #scheduled = false;
  #newcomers = false;
  #short = 0;

  /** A connection was accepted: others may be waiting behind it. */
  accepted(): void {
    this.#newcomers = true;
    this.#schedule();
  }

  /** Begins the work at once where there is time left in this turn and nothing waits, else in its own. */
  run(kind: RequestKind, work: () => void): void {
    this.#schedule();
    const first = this.#length === 0 && (kind === 'brief' || !this.#newcomers);
    if (first && this.#spent < turnMs) this.#begin(work);
    else this.#waiting[kind].push(work);
  }

  get #length(): number {
    const { brief, recording, reading } = this.#waiting;
    return brief.length + recording.length + reading.length;
  }

  #begin(work: (() => void) | undefined): void {
    if (work === undefined) return;
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
    this.#short = this.#newcomers && this.#short < shortTurns ? this.#short + 1 : 0;
    this.#newcomers = false;
    const { brief, recording, reading } = this.#waiting;
    while (this.#spent < turnMs && brief.length > 0) this.#begin(brief.shift());
    // As long again for the others: a flood of what is brief is not to keep them from beginning.
    const until = this.#spent + turnMs;
    while (this.#short === 0 && this.#spent < until && recording.length + reading.length > 0) {
      this.#begin(recording.shift());
      this.#begin(reading.shift());
    }
    if (this.#length > 0) this.#schedule();
  }
}
