/**
 * Somebody who reads checkpoints, asks after health and records an entry now and
 * then, at a server under attack and, by turns, at one that nobody troubles: what
 * the machine itself makes slow is slow at both. A process of its own, so that
 * nothing but its own requests keeps it from reading its clock.
 *
 * Told an `OnlookerJob`, it looks until it is told `end`, and then says what it saw.
 */
import { Agent, request } from 'node:http';

export interface OnlookerJob {
  /** URLs: the one that is attacked, and the one beside it. */
  readonly target: string;
  readonly control: string;
  /** Entries to record, in base64. */
  readonly leaves: readonly string[];
}

/** Milliseconds until each answer; where none had come at the end, how long it had been waited for. */
export interface Seen {
  readonly checkpoint: readonly number[];
  readonly health: readonly number[];
  readonly append: readonly number[];
  /** Answers that were none: refused connections, statuses that were not to be expected. */
  readonly failures: readonly string[];
}

export interface OnlookerReport {
  readonly target: Seen;
  readonly control: Seen;
}

const checkpointEveryMs = 20;
const healthEveryMs = 200;
const appendEveryMs = 400;

class Watched {
  readonly #url: string;
  readonly #leaves: readonly Buffer[];
  readonly #agent: Agent = new Agent({ keepAlive: true });
  readonly #begun = new Map<object, { readonly at: number; readonly took: number[] }>();
  readonly #seen = {
    checkpoint: [] as number[],
    health: [] as number[],
    append: [] as number[],
    failures: [] as string[],
  };
  #appended = 0;
  #appending = false;

  constructor(url: string, leaves: readonly Buffer[]) {
    this.#url = url;
    this.#leaves = leaves;
  }

  checkpoint(): void {
    this.#ask('GET', '/checkpoint', this.#seen.checkpoint);
  }

  health(): void {
    this.#ask('GET', '/healthz', this.#seen.health);
  }

  /** One entry after the other: the next when the one before is recorded. */
  append(): void {
    const leaf = this.#leaves[this.#appended];
    if (this.#appending || leaf === undefined) return;
    this.#appended += 1;
    this.#appending = true;
    this.#ask('POST', '/api/v1/attestations', this.#seen.append, leaf, () => (this.#appending = false));
  }

  end(): Seen {
    const now = performance.now();
    for (const { at, took } of this.#begun.values()) took.push(now - at);
    this.#begun.clear();
    this.#agent.destroy();
    return this.#seen;
  }

  #ask(method: string, path: string, took: number[], body?: Buffer, done: () => void = () => {}): void {
    const at = performance.now();
    const asked = request(`${this.#url}${path}`, {
      method,
      agent: this.#agent,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json', 'content-length': body.length } }),
    });
    this.#begun.set(asked, { at, took });
    const over = (failure?: string): void => {
      // After the end there is nobody to tell.
      if (!this.#begun.delete(asked)) return;
      if (failure === undefined) took.push(performance.now() - at);
      else this.#seen.failures.push(`${method} ${path}: ${failure}`);
      done();
    };
    asked.on('response', (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume();
      answer.on('end', () => over(statusCode < 300 ? undefined : `status ${statusCode}`));
      answer.on('error', () => over('broken off'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => over(error.code ?? 'no answer'));
    asked.end(body);
  }
}

process.once('message', ({ target, control, leaves }: OnlookerJob) => {
  const bytes = leaves.map((leaf) => Buffer.from(leaf, 'base64'));
  const watched = [new Watched(target, bytes), new Watched(control, bytes)] as const;
  const each =
    (look: (one: Watched) => void): (() => void) =>
    () => {
      for (const one of watched) look(one);
    };
  const looking = [
    setInterval(
      each((one) => one.checkpoint()),
      checkpointEveryMs,
    ),
    setInterval(
      each((one) => one.health()),
      healthEveryMs,
    ),
    setInterval(
      each((one) => one.append()),
      appendEveryMs,
    ),
  ];
  process.once('message', () => {
    for (const timer of looking) clearInterval(timer);
    const report: OnlookerReport = { target: watched[0].end(), control: watched[1].end() };
    process.send?.(report);
    process.disconnect();
  });
});
