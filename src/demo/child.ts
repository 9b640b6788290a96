/** The `isal` command as a process of its own, as a person at a terminal runs it. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LedgerError } from '../errors.ts';
import { Children } from './children.ts';

const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));

export interface Finished {
  readonly status: number;
  readonly output: string;
}

export interface Where {
  readonly cwd: string;
  /** Environment variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Those whom it is one of; default: none. */
  readonly children?: Children;
}

/** Runs one command to its end; `output` is what it wrote to both streams, as a terminal shows it. */
export function isal(args: readonly string[], where: Where): Promise<Finished> {
  return program(process.execPath, [main, ...args], where);
}

/** The same for any program. Throws `internal` for one that this machine has not. */
export async function program(file: string, args: readonly string[], where: Where): Promise<Finished> {
  const { cwd, env, children = new Children() } = where;
  const child = children.spawn(file, args, { cwd, env: { ...process.env, ...env } });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status: status ?? -1, output };
  } catch (cause) {
    throw new LedgerError('internal', `the program ${file} cannot be run`, { got: String(cause), cause });
  }
}

export interface Server {
  readonly url: string;
  readonly pid: number;
  /** Stops it as an operator would; resolves to its peak memory in KiB. */
  stop(): Promise<number>;
  /** Resolves when it ends. */
  readonly ended: Promise<void>;
}

/** Starts `isal serve` (port 0: any free one) and waits until it says where. Throws `not-ready` with its last words. */
export function serve(directory: string, port: number, children?: Children): Promise<Server> {
  return start(['serve', directory, '--port', String(port), '--quiet'], /^Serving \S+ at (\S+),/, children);
}

/** The same for `isal witness run`. */
export function serveWitness(directory: string, port: number, children?: Children): Promise<Server> {
  const args = ['witness', 'run', directory, '--port', String(port), '--quiet'];
  return start(args, /^Witness \S+ at (\S+),/, children);
}

/** `says` is the line that says where it listens, with the URL in the first group. */
async function start(args: readonly string[], says: RegExp, children = new Children()): Promise<Server> {
  const child = children.spawn(process.execPath, [main, ...args], {});
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4096)));
  const ended = once(child, 'close').then(() => undefined);
  for await (const line of createInterface({ input: child.stdout })) {
    const url = says.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      pid: child.pid ?? 0,
      ended,
      stop: async () => {
        await children.stop(child);
        return Number(/"peakMemoryKiB":([0-9]+)/.exec(words)?.[1] ?? Number.NaN);
      },
    };
  }
  throw new LedgerError('not-ready', `isal ${args.join(' ')} did not start: ${words.trim()}`);
}
