/**
 * The processes that a demonstration has started and that have not ended, so
 * that whatever ends the demonstration can end them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { LedgerError } from '../errors.ts';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

export class Children {
  readonly #patienceMs: number;
  readonly #living = new Set<Child>();
  /** Those that were told to stop. A second SIGTERM would cut off a server that is closing its database. */
  readonly #told = new WeakSet<Child>();
  #ending = false;

  /** A server that has not stopped by then will not: it has its database to close, and a round with witnesses to end. */
  constructor(patienceMs = 10_000) {
    this.#patienceMs = patienceMs;
  }

  /** Starts a program. Throws `not-ready` once `end` was called: nothing may start behind its back. */
  spawn(file: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): Child {
    if (this.#ending) {
      throw new LedgerError('not-ready', `${file} is not started: the demonstration is ending`);
    }
    const child = spawn(file, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#living.add(child);
    const gone = (): void => void this.#living.delete(child);
    child.once('close', gone);
    // A program that this machine does not have; the caller that awaits its end hears of it.
    child.once('error', gone);
    return child;
  }

  /** Stops one as an operator would; resolves when it and what it has started have closed their output. */
  async stop(child: Child): Promise<void> {
    if (!this.#living.has(child)) return;
    const closed = once(child, 'close');
    if (!this.#told.has(child)) child.kill('SIGTERM');
    this.#told.add(child);
    const impatience = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      child.stderr.destroy();
    }, this.#patienceMs);
    await closed;
    clearTimeout(impatience);
  }

  /** Stops them all, and lets none start any more. */
  async end(): Promise<void> {
    this.#ending = true;
    await Promise.all([...this.#living].map((child) => this.stop(child)));
  }

  /** For a process that is about to exit and cannot wait. */
  kill(): void {
    this.#ending = true;
    for (const child of this.#living) child.kill('SIGKILL');
  }
}
