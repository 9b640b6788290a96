/**
 * A copy of the fixture that is opened, served and written to, while the
 * fixture stays as it was made.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixture, restingUrl } from './place.ts';
import type { Places } from './run.ts';

/** Written by hand or by `record.ts`; no command looks at it. */
const besides: ReadonlySet<string> = new Set(
  ['README.md', 'deviations.json', 'words.json', 'expected'].map((name) => join(fixture, name)),
);

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

/** Git knows no mode but one, and secrets that others can read are refused. */
const secrets: readonly string[] = ['ledger/keys', 'witness-1/keys', 'witness-2/keys'];

/** `isal serve` or `isal witness run` on its own, until it is told to stop. */
export class Process {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(argv: readonly string[]): Promise<Process> {
    const child = spawn(process.execPath, [main, ...argv, '--port', '0', '--quiet'], { stdio: 'pipe' });
    let said = '';
    const url = await new Promise<string>((resolve, reject) => {
      const hear = (part: Buffer): void => {
        said += part.toString();
        const [found] = /http:\/\/127\.0\.0\.1:[0-9]+(?=[\s,])/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', (part: Buffer) => void (said += part.toString()));
      child.once('close', () => reject(new Error(`isal ${argv.join(' ')} has ended: ${said}`)));
    });
    return new Process(child, url);
  }

  /** Resolves to its exit status. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    const [status] = (await once(this.#child, 'close')) as [number | null];
    return status;
  }
}

export class Site {
  readonly directory: string;
  /** Where the ledger of the copy is served; set by `serve`. */
  url = '';
  readonly #closing: (() => Promise<unknown>)[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<Site> {
    const site = new Site(await mkdtemp(join(tmpdir(), 'isal-compat-')));
    await cp(fixture, site.path('fixture'), { recursive: true, filter: (path) => !besides.has(path) });
    await mkdir(site.path('out'));
    // Git keeps no empty directory.
    for (const witness of ['witness-1', 'witness-2']) {
      await mkdir(site.path('fixture', witness, 'forks'), { recursive: true });
    }
    for (const keys of secrets) {
      const directory = site.path('fixture', keys);
      for (const name of await readdir(directory)) await chmod(join(directory, name), 0o600);
    }
    await chmod(site.path('fixture/vault/vault.key'), 0o600);
    return site;
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** What stands in for the braces of commands before anything is served. */
  get resting(): Places {
    return { '{dir}': this.path('fixture'), '{out}': this.path('out') };
  }

  /** Serves the ledger of the copy and its static trees, and gives all that stands in for braces. */
  async serve(): Promise<Places> {
    const ledger = await Process.start(['serve', this.path('fixture/ledger')]);
    this.url = ledger.url;
    this.#closing.push(() => ledger.stop());
    await this.replace('monitor/watch.json', restingUrl, ledger.url);
    return {
      ...this.resting,
      '{url}': ledger.url,
      '{export}': await this.#serveFiles('export'),
      '{broken}': await this.#serveFiles('broken'),
    };
  }

  async replace(name: string, old: string, by: string): Promise<void> {
    const file = this.path('fixture', name);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(old, by));
  }

  /** Ends what is served. Resolves to the exit status of the ledger. */
  async rest(): Promise<unknown> {
    const [ledger] = await Promise.all(this.#closing.splice(0).map((close) => close()));
    return ledger;
  }

  async close(): Promise<void> {
    await this.rest();
    await rm(this.directory, { recursive: true });
  }

  async #serveFiles(name: string): Promise<string> {
    const server = createServer((request, response) => {
      const path = normalize(decodeURI(request.url ?? '/'));
      readFile(this.path('fixture', name, path)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    this.#closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
