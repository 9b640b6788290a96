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
  static readonly #started = new Set<WitnessProcess>();
  url = '';
  /** Whether it had ended before it was told to. */
  diedAlone = false;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #traced: boolean;
  #words = '';

  private constructor(dir: string, under: readonly string[]) {
    const args = [...under, process.execPath, main, 'witness', 'run', dir, '--port', '0'];
    this.#traced = under.length > 0;
    this.#child = spawn(args[0] ?? '', args.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe'],
      // One thread for the file system, so that the calls come in one order.
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      // A tracer that is killed alone leaves behind what it traced: the two are one group.
      detached: this.#traced,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#words += text));
    this.#ended = once(this.#child, 'close').then(([status]) => status as number | null);
    WitnessProcess.#started.add(this);
    void this.#ended.then(() => WitnessProcess.#started.delete(this));
  }

  /** Undefined when it ended before it served. `under`: a command that runs it, such as a tracer. */
  static async start(dir: string, under: readonly string[] = []): Promise<WitnessProcess | undefined> {
    const witness = new WitnessProcess(dir, under);
    return (await witness.#serves()) ? witness : undefined;
  }

  /** As `start`, where ending is a fault: its last words are the error. */
  static async startForSure(dir: string): Promise<WitnessProcess> {
    const witness = new WitnessProcess(dir, []);
    if (await witness.#serves()) return witness;
    throw new Error(`the witness did not start: ${witness.words}`);
  }

  /** For the end of a test, whatever came of it: a process that is left keeps the tests from ending. */
  static async killAll(): Promise<void> {
    await Promise.all([...WitnessProcess.#started].map(async (witness) => witness.kill()));
  }

  async #serves(): Promise<boolean> {
    const { stdout } = this.#child;
    if (stdout === null) return false;
    for await (const line of createInterface({ input: stdout })) {
      const url = /^Witness \S+ at (\S+),/.exec(line)?.[1];
      if (url === undefined) continue;
      this.url = url;
      return true;
    }
    await this.#ended;
    return false;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get dead(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
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

  async kill(): Promise<void> {
    this.diedAlone = this.dead;
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
