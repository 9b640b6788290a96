/** A process that is told things and says things, each bounded in time. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { within } from '../processes.ts';

export class Crew<Told extends object | string, Says> {
  readonly #child: ChildProcess;
  readonly #what: string;

  /** `file`: beside this one, as it is compiled. */
  constructor(file: string, what: string) {
    this.#child = fork(new URL(file, import.meta.url), { execArgv: [] });
    this.#child.on('error', () => undefined);
    this.#what = what;
  }

  tell(order: Told): void {
    this.#child.send(order);
  }

  /** The next thing that it says; rejects when it ends, or is silent for too long. */
  async says(ms: number): Promise<Says> {
    const gone = once(this.#child, 'exit').then(([status, signal]: unknown[]) => {
      throw new Error(`${this.#what} ended with ${String(status ?? signal)}`);
    });
    const said = once(this.#child, 'message').then(([message]) => message as Says);
    gone.catch(() => undefined);
    return within(ms, this.#what, Promise.race([said, gone]));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
