/** How a demonstration ends, as real processes: with nothing left, whatever ends it. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { described } from '../../../src/cli/demo/commands.ts';
import { Children } from '../../../src/demo/children.ts';
import { shippedRows } from '../../../src/demo/rows.ts';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves to all that was printed so far, once it has this in it. */
  readonly heard: (text: string) => Promise<string>;
  readonly status: Promise<number | null>;
}

function reachable(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}

/** Those on which something listened. */
const urlsIn = (text: string): string[] => [...new Set(text.match(/http:\/\/127\.0\.0\.1:[0-9]+/g))];

describe('a demonstration', function () {
  this.timeout(60_000);
  /** In place of the machine's directory for temporary files. */
  let directory: string;
  /** Where it is started, with rows of its own. */
  let start: string;
  const rows = ['--builds', 'builds.jsonl', '--updates', 'updates.jsonl'];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-ends-'));
    start = await mkdtemp(join(tmpdir(), 'isal-starts-'));
    for (const name of ['builds.jsonl', 'updates.jsonl'] as const) {
      const lines = (await readFile(shippedRows(name), 'utf8')).split('\n').slice(0, 3);
      await writeFile(join(start, name), `${lines.join('\n')}\n`);
    }
  });

  afterEach(async () => {
    await Promise.all([directory, start].map((path) => rm(path, { recursive: true })));
  });

  function demo(...args: readonly string[]): Running {
    const child = spawn(process.execPath, [main, 'demo', ...args], {
      cwd: start,
      env: { ...process.env, TMPDIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let all = '';
    const told: (() => void)[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part: Buffer) => {
        all += part.toString();
        for (const tell of told) tell();
      });
    }
    return {
      child,
      heard: (text) =>
        new Promise((resolve) => {
          const tell = (): void => {
            if (all.includes(text)) resolve(all);
          };
          told.push(tell);
          tell();
        }),
      status: once(child, 'close').then(([status]) => status as number | null),
    };
  }

  async function expectNothingLeft(text: string, servers: number): Promise<void> {
    const urls = urlsIn(text);
    expect(urls.length, text).to.equal(servers);
    expect(await Promise.all(urls.map(reachable))).to.deep.equal(urls.map(() => false));
    expect(await readdir(directory)).to.deep.equal([]);
  }

  it('that Ctrl-C ends, more than once, leaves no process and no file', async () => {
    const { child, heard, status } = demo(...rows);
    const text = await heard('$ isal verify setup-demo.bin');
    expect((await readdir(directory)).length).to.equal(1);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await status).to.equal(128 + constants.signals.SIGINT);
    await expectNothingLeft(text, 1);
  });

  it('that is a story and is told to end leaves neither ledger nor witnesses', async () => {
    const { child, heard, status } = demo('--story');
    const text = await heard('$ export ISAL_TRUST');
    child.kill('SIGTERM');
    expect(await status).to.equal(128 + constants.signals.SIGTERM);
    await expectNothingLeft(text, 4);
  });

  it('that is to stay up, as the help has it, ends well by Ctrl-C, and its directory stays', async () => {
    const [{ run }] = described.demo.examples;
    expect(run).to.equal(`isal demo ${rows.join(' ')} --keep`);
    const { child, heard, status } = demo('--keep', ...rows);
    const text = await heard('Stop with Ctrl-C.');
    const [url = ''] = urlsIn(text);
    expect(await reachable(url)).to.equal(true);
    child.kill('SIGINT');
    expect(await heard('Done: ')).to.contain('The ledger stays in ');
    expect(await status).to.equal(0);
    expect(await reachable(url)).to.equal(false);
    const [left = ''] = await readdir(directory);
    expect(await readdir(join(directory, left, 'ledger'))).to.include('trust.json');
  });

  it('in a directory of the user leaves that as it is, and nothing else', async () => {
    const own = join(directory, 'own');
    const { child, heard, status } = demo('--dir', own, ...rows);
    const text = await heard('$ isal verify setup-demo.bin');
    child.kill('SIGTERM');
    expect(await status).to.equal(128 + constants.signals.SIGTERM);
    expect(await reachable(urlsIn(text)[0] ?? '')).to.equal(false);
    expect(await readdir(own)).to.include('ledger');
    expect(await readdir(directory)).to.deep.equal(['own']);
  });

  it('that nobody reads any more, or that fails, leaves nothing', async () => {
    const unread = demo(...rows);
    const text = await unread.heard('record over HTTP (http://127.0.0.1:');
    unread.child.stdout.destroy();
    expect(await unread.status).to.equal(128 + constants.signals.SIGPIPE);
    await expectNothingLeft(text, 1);

    await writeFile(join(start, 'builds.jsonl'), '{"package":"no more"}\n');
    const failing = demo(...rows);
    const words = await failing.heard('schema-violation');
    expect(await failing.status).to.equal(1);
    await expectNothingLeft(words, 1);
  });
});

describe('children of a demonstration', () => {
  const program = (script: string): readonly string[] => ['-e', script];
  const stays = 'setInterval(() => {}, 1000); console.log("up");';

  it('end together, also those that will not, and none starts after that', async () => {
    const children = new Children(1);
    const started = [stays, `process.on('SIGTERM', () => {}); ${stays}`].map((script) =>
      children.spawn(process.execPath, program(script), {}),
    );
    await Promise.all(started.map((child) => once(child.stdout, 'data')));
    await children.end();
    expect(started.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).to.include('SIGKILL');
    expect(started.every((child) => child.exitCode !== null || child.signalCode !== null)).to.equal(true);
    expect(() => children.spawn(process.execPath, program(stays), {})).to.throw('is not started');
  });

  it('are told to stop once, so that a second word does not cut off what they are closing', async () => {
    const children = new Children();
    const closing = "process.once('SIGTERM', () => setImmediate(() => process.exit(7)));";
    const child = children.spawn(process.execPath, program(`${closing} ${stays}`), {});
    await once(child.stdout, 'data');
    await Promise.all([children.stop(child), children.stop(child), children.end()]);
    expect(child.exitCode).to.equal(7);
  });
});
