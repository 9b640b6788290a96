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
  #ended = false;
  #onAnswer: (answer: Answer) => void = () => undefined;

  /** `width`: bytes in each row. `under`: a command that runs the process, such as a tracer. */
  constructor(dir: string, { width = 10, under = [] }: { width?: number; under?: readonly string[] } = {}) {
    const [command, first, ...rest] = [...under, process.execPath, script, dir, String(width)];
    this.child = fork(first, rest, {
      execPath: command,
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child.once('close', () => {
      this.#ended = true;
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
    this.child.kill('SIGKILL');
    await this.ends();
  }

  /** Lets the process end by itself: a tracer that is killed would leave it behind. */
  async leave(): Promise<void> {
    this.child.send({ command: 'leave' });
    await this.ends();
  }

  /** Resolves when the process is no more and all it said has been heard. */
  async ends(): Promise<void> {
    if (!this.#ended) await once(this.child, 'close');
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
