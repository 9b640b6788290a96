/**
 * Processes of the benchmark's own. What is measured and what measures it must
 * not share an event loop, so each of these answers jobs over the channel that
 * node gives to a forked process, one at a time.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export type Answer<Result> = { readonly result: Result } | { readonly error: string };

/** The near side. `file` is a module beside this one. */
export class Worker<Job, Result> {
  readonly #child: ChildProcess;
  /** The job that is being answered; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: string) {
    this.#child = fork(new URL(file, import.meta.url), { serialization: 'advanced' });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Rejects with what the job threw there, and when the process has ended. */
  async ask(job: Job): Promise<Result> {
    const turn = this.#last.then(() => this.#ask(job));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }

  #ask(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        this.#child.off('message', answered).off('exit', ended);
        done();
      };
      const ended = (): void => settle(() => reject(new Error('a process of the benchmark has ended')));
      const answered = (message: unknown): void => {
        const answer = message as Answer<Result>;
        settle(() => ('error' in answer ? reject(new Error(answer.error)) : resolve(answer.result)));
      };
      this.#child.once('message', answered).once('exit', ended);
      this.#child.send(job as object);
    });
  }
}

/** The far side: answers every job with what `work` gives. */
export function answerJobs(work: (job: never) => unknown): void {
  process.on('message', (job) => {
    const answer = async (): Promise<Answer<unknown>> => ({ result: await work(job as never) });
    void answer()
      .catch((error: unknown): Answer<unknown> => ({
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }))
      .then((message) => process.send?.(message));
  });
}
