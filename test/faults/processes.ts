/** Servers and the outside checker as processes of their own, each bounded in time. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report } from './checker.ts';
import { HttpClient } from './client.ts';

const isal = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const brokenServer = fileURLToPath(new URL('broken-server.js', import.meta.url));
const checker = fileURLToPath(new URL('checker.js', import.meta.url));

/** I6: as long as a restart may take. */
export const readyWithinMs = 10_000;

export interface Ended {
  /** Exit status, or the name of the signal. */
  readonly status: number | string;
  /** Standard error, its last 64 KiB. */
  readonly words: string;
  /** Standard output, its last 64 KiB. */
  readonly output: string;
}

/** How a server is known to be up. */
interface Start {
  /** What it says when it listens, with its URL in the first group. */
  readonly says: RegExp;
  /** What then answers 200, if that is asked for. */
  readonly probe?: string;
}

interface Grouped {
  /** In a group of its own, as a shell starts what is typed, so that Ctrl-C can be sent to all of it. */
  readonly group?: boolean;
}

const ledgerStart: Start = { says: /^Serving \S+ at (\S+),/m, probe: 'readyz' };

/** Rejects when `work` takes longer; a run of faults must end whatever happens. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const running = new Set<ServerProcess>();

/** Ends every server that a test has left running. */
export async function killAll(): Promise<void> {
  await Promise.all([...running].map((server) => server.kill()));
}

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #started: number = performance.now();
  readonly ended: Promise<Ended>;
  /** Where it listens, once it says so and the probe agrees; rejects with its last words if it ends before. */
  readonly ready: Promise<string>;
  /** Resolves when it says that it waits to be told. */
  readonly waiting: Promise<void>;
  /** From its start to `ready`. */
  readyMs: number = Number.NaN;

  /** `program` is a script and its arguments. */
  constructor(program: readonly string[], start: Start = ledgerStart, { group = false }: Grouped = {}) {
    const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'pipe'], detached: group });
    this.#child = child;
    running.add(this);
    let words = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-65536)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-65536)));
    child.stdin.on('error', () => undefined);
    this.ended = once(child, 'close').then(([status, signal]: unknown[]) => {
      running.delete(this);
      return { status: (status ?? signal) as number | string, words, output };
    });
    const saying = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve) => {
        child.stdout.on('data', () => {
          const match = pattern.exec(output);
          if (match !== null) resolve(match);
        });
      });
    this.waiting = saying(/^Waiting$/m).then(() => undefined);
    this.ready = this.#whenReady(saying(start.says), start.probe);
    this.ready.catch(() => undefined);
  }

  /** `node`: what node itself is to be told, before the program; `options`: what the program is, beside the usual. */
  static serve(
    directory: string,
    {
      node = [],
      options = [],
    }: { readonly node?: readonly string[]; readonly options?: readonly string[] } = {},
  ): ServerProcess {
    return new ServerProcess([...node, ...serving(directory), ...options]);
  }

  /** `isal signer run`, for servers that are told its socket. */
  static signer(directory: string, socket: string): ServerProcess {
    const program = [isal, 'signer', 'run', directory, '--socket', socket];
    return new ServerProcess(program, { says: /^Signer of \S+ at (\S+)\./m });
  }

  static serveInGroup(directory: string): ServerProcess {
    return new ServerProcess(serving(directory), ledgerStart, { group: true });
  }

  /** A ledger that is up and need not be ready: witnesses are out of its reach. */
  static serveAlone(directory: string): ServerProcess {
    return new ServerProcess(serving(directory), { says: ledgerStart.says });
  }

  /** What is left of a store, served by the arguments of `isal` that say so. */
  static readOnly(args: readonly string[]): ServerProcess {
    return new ServerProcess([isal, ...args, '--port', '0', '--quiet'], { says: ledgerStart.says });
  }

  /** A command of `isal` that may be killed on its way. */
  static run(args: readonly string[]): ServerProcess {
    return new ServerProcess([isal, ...args]);
  }

  static witness(directory: string, port: number): ServerProcess {
    const program = [isal, 'witness', 'run', directory, '--port', String(port), '--quiet'];
    return new ServerProcess(program, { says: /^Witness \S+ at (\S+),/m, probe: 'healthz' });
  }

  /** What `work` comes to, or an error as soon as this server ends: a test must fail, not wait for it. */
  async during<T>(work: Promise<T>): Promise<T> {
    const gone = this.ended.then(({ status, words }) => {
      throw new Error(`the server ended with ${status}: ${words}`);
    });
    return within(60_000, 'the work of a server', Promise.race([work, gone]));
  }

  /** A line on its standard input. */
  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Resolves at once with how it ended if it has. */
  async kill(): Promise<Ended> {
    this.#child.kill('SIGKILL');
    return within(10_000, 'a killed server', this.ended);
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }

  /** What Ctrl-C, or a service manager that ends, sends: the server and all that it has started get it. It is in a group of its own. */
  tellGroup(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server did not start');
    return this.#child.pid;
  }

  async #whenReady(listening: Promise<RegExpExecArray>, probe: string | undefined): Promise<string> {
    const url = listening.then((match) => match[1] ?? '');
    const failed = this.ended.then(({ status, words }) => {
      throw new Error(`the server ended with ${status}: ${words}`);
    });
    const base = await within(readyWithinMs, 'the start of a server', Promise.race([url, failed]));
    if (probe !== undefined) {
      const client = new HttpClient(base);
      const { status } = await client.get(probe).finally(() => client.close());
      if (status !== 200) throw new Error(`${probe} answers ${status}`);
    }
    this.readyMs = performance.now() - this.#started;
    return base;
  }
}

/** The server of broken-server.ts, with the faults that it is told. */
export function startBroken(directory: string, faults: readonly string[]): ServerProcess {
  return new ServerProcess([brokenServer, directory, ...faults]);
}

function serving(directory: string): string[] {
  return [isal, 'serve', directory, '--port', '0', '--quiet'];
}

/** Runs a command of `isal` to its end. */
export async function runIsal(args: readonly string[], ms = 30_000): Promise<Ended> {
  const server = new ServerProcess([isal, ...args]);
  return within(ms, `isal ${args[0] ?? ''}`, server.ended);
}

/** Runs the outside checker to its end. */
export async function runChecker(parts: { journal: string; policy: string; url: string }): Promise<Report> {
  const child = spawn(process.execPath, [checker, parts.journal, parts.policy, parts.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let report = '';
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (report += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const closed = once(child, 'close');
  try {
    const [status] = (await within(60_000, 'the outside checker', closed)) as [number | null];
    if (status !== 0) throw new Error(`the outside checker failed: ${words}`);
  } finally {
    child.kill('SIGKILL');
  }
  return JSON.parse(report) as Report;
}
