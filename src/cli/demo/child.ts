/** The `isal` command as a process of its own, as a person at a terminal runs it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LedgerError } from '../../errors.ts';

const main = fileURLToPath(new URL('../main.js', import.meta.url));

export interface Finished {
  readonly status: number;
  readonly output: string;
}

/** Runs one command to its end; `output` is what it wrote to both streams, as a terminal shows it. */
export async function isal(args: readonly string[], options: { cwd: string }): Promise<Finished> {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status: status ?? -1, output };
}

export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Stops it as an operator would; resolves to its peak memory in KiB. */
  stop(): Promise<number>;
  /** Resolves when it ends. */
  readonly ended: Promise<void>;
}

/** Starts `isal serve` on a free port and waits until it says where. Throws `not-ready` with its last words. */
export async function serve(directory: string, port: number): Promise<Server> {
  const child = spawn(process.execPath, [main, 'serve', directory, '--port', String(port), '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4096)));
  const ended = once(child, 'close').then(() => undefined);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^Serving \S+ at (\S+),/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      pid: child.pid ?? 0,
      ended,
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
        return Number(/"peakMemoryKiB":([0-9]+)/.exec(words)?.[1] ?? Number.NaN);
      },
    };
  }
  throw new LedgerError('not-ready', `the ledger did not start: ${words.trim()}`);
}
