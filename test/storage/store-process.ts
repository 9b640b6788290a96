/** The parent's side of test/fixtures/store-process.ts. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../fixtures/store-process.js', import.meta.url));

interface Answer {
  readonly row?: string;
  readonly done?: string;
  readonly code?: string;
  readonly message?: string;
}

export class StoreProcess {
  readonly child: ChildProcess;
  /** The rows whose commit the process has reported as done. */
  readonly acknowledged: string[] = [];
  #onAnswer: (answer: Answer) => void = () => undefined;

  /** `fileLimit` is the largest file the process may write, in units of 512 bytes. */
  constructor(dir: string, { width = 10, fileLimit }: { width?: number; fileLimit?: number } = {}) {
    const args = [dir, String(width)];
    this.child =
      fileLimit === undefined
        ? fork(script, args)
        : fork('-c', [`ulimit -f ${fileLimit}; exec "$0" "$@"`, process.execPath, script, ...args], {
            execPath: '/bin/sh',
            execArgv: [],
          });
    this.child.on('message', (answer: Answer) => {
      if (answer.row !== undefined) this.acknowledged.push(answer.row);
      this.#onAnswer(answer);
    });
  }

  /** Sends a command; resolves with the answer that ends it: `done`, or the code that refused it. */
  async tell(command: string, name: string = ''): Promise<Answer> {
    const answer = this.#next(({ done, code }) => done !== undefined || code !== undefined);
    this.child.send({ command, name });
    return answer;
  }

  /** Resolves when `count` rows have been acknowledged in all. */
  async reaches(count: number): Promise<void> {
    if (this.acknowledged.length < count) await this.#next(() => this.acknowledged.length >= count);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  /** Everyone who waits sees every answer. */
  async #next(wanted: (answer: Answer) => boolean): Promise<Answer> {
    return new Promise((resolve) => {
      const before = this.#onAnswer;
      this.#onAnswer = (answer) => {
        before(answer);
        if (wanted(answer)) resolve(answer);
      };
    });
  }
}
