import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { serve } from '../src/demo/child.ts';
import { inProcess } from './cli/in-process.ts';
import { isal } from './cli/isal.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** Lines of code blocks that begin with `isal `. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/^```\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('isal ')),
  );

describe('the documents', () => {
  it('link to files that are there', async () => {
    const pages = ['README.md', ...(await readdir(join(root, 'docs'))).map((name) => `docs/${name}`)];
    for (const page of pages) {
      const folder = page.includes('/') ? 'docs/' : '';
      for (const [, target = ''] of (await read(page)).matchAll(/\]\(([^):#]+)\)/g)) {
        await read(folder + target).catch(() =>
          expect.fail(`${page} links to ${target}, which is not there`),
        );
      }
    }
  });

  it('say every command that --help lists, and no other', async () => {
    const help = (await isal(['--help'])).stdout;
    const listed = [...help.matchAll(/^ {2}isal ([a-z]+)/gm)].map(([, name = '']) => name);
    expect(listed).to.have.length.greaterThan(8);
    for (const name of listed) {
      const { status, stdout } = await isal([name, '--help']);
      expect(status).to.equal(0);
      expect(stdout).to.contain(`isal ${name}`);
    }
    const pages = await Promise.all(['README.md', 'docs/operations.md'].map(read));
    for (const command of pages.flatMap(commandsIn)) {
      expect(listed, command).to.include(command.split(' ')[1]);
    }
  });

  it('lead a newcomer to a verified file, command by command', async () => {
    const readme = await read('README.md');
    const section = readme.slice(readme.indexOf('## Five minutes'), readme.indexOf('## Read on'));
    const commands = commandsIn(section);
    expect(commands).to.have.length(8);
    const directory = await mkdtemp(join(tmpdir(), 'isal-readme-'));
    await writeFile(join(directory, 'README.md'), readme);
    let server: Awaited<ReturnType<typeof serve>> | undefined;
    try {
      for (const command of commands) {
        const args = command.split(' ').slice(1);
        if (args[0] === 'serve') {
          server = await serve(join(directory, args[1] ?? ''), 0);
          // The page says a fixed port; the test takes any free one, also in the trust file.
          const trust = join(directory, 'my-ledger', 'trust.json');
          await writeFile(
            trust,
            (await readFile(trust, 'utf8')).replace('http://127.0.0.1:6962', server.url),
          );
          continue;
        }
        const here = args.map((arg) =>
          server === undefined ? arg : arg.replace('http://127.0.0.1:6962', server.url),
        );
        const { status, output } = await inProcess(here, { cwd: directory });
        expect(status, `${command}\n${output}`).to.equal(0);
      }
    } finally {
      await server?.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('promise exit statuses that hold: 4 for usage, also without a command', async () => {
    expect((await isal([])).status).to.equal(4);
    expect((await isal(['nonsense'])).status).to.equal(4);
    expect((await isal(['verify'])).status).to.equal(4);
    expect((await isal(['verify', 'README.md', '--no-such-option'])).status).to.equal(4);
  });

  it('let a command be piped into one that stops reading', async () => {
    const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
    const child = spawn('sh', ['-c', `"${process.execPath}" "${main}" explain | head -n 1`]);
    let stderr = '';
    child.stderr.on('data', (text) => (stderr += text));
    const [status] = await once(child, 'close');
    expect(status).to.equal(0);
    expect(stderr).to.equal('');
  });
});
