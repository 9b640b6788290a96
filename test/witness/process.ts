/** `isal witness run` as a process of its own, perhaps under a tracer. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface WitnessAnswer {
  readonly status: number;
  readonly body: string;
}

export class WitnessProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #traced: boolean;
  #words = '';

  private constructor(child: ChildProcess, ended: Promise<number | null>, url: string, traced: boolean) {
    this.#child = child;
    this.#traced = traced;
    this.#ended = ended;
    this.url = url;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#words += text));
  }

  /** Undefined when it ended before it served. `under`: a command that runs it, such as a tracer. */
  static async start(dir: string, under: readonly string[] = []): Promise<WitnessProcess | undefined> {
    const [command = '', ...args] = [...under, process.execPath, main, 'witness', 'run', dir, '--port', '0'];
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // One thread for the file system, so that the calls come in one order.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      // A tracer that is killed alone leaves behind what it traced: the two are one group.
      detached: under.length > 0,
    });
    const ended = once(child, 'close').then(([status]) => status as number | null);
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /^Witness \S+ at (\S+),/.exec(line)?.[1];
      if (url !== undefined) return new WitnessProcess(child, ended, url, under.length > 0);
    }
    await ended;
    return undefined;
  }

  /** What it has written to standard error. */
  get words(): string {
    return this.#words;
  }

  /** Resolves to the exit status; null for a signal. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  /** Undefined when it died before it answered. */
  async add(body: Uint8Array): Promise<WitnessAnswer | undefined> {
    return this.#ask('/add-checkpoint', { method: 'POST', body: Buffer.from(body) });
  }

  async get(path: string): Promise<WitnessAnswer | undefined> {
    return this.#ask(path);
  }

  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  /** Whether it had ended before it was told to. */
  killedItself = false;

  async kill(): Promise<void> {
    this.killedItself = this.#child.exitCode !== null || this.#child.signalCode !== null;
    try {
      process.kill(this.#traced ? -(this.#child.pid ?? 0) : (this.#child.pid ?? 0), 'SIGKILL');
    } catch {
      // There is nobody left.
    }
    await this.#ended;
  }

  async #ask(path: string, init?: RequestInit): Promise<WitnessAnswer | undefined> {
    try {
      const response = await fetch(`${this.url}${path}`, init);
      return { status: response.status, body: await response.text() };
    } catch {
      return undefined;
    }
  }
}
