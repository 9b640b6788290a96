/** What help costs: descriptions, and nothing of what they describe. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const main = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

describe('help, version and completion', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-loaded-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  /** Every module that a process has loaded, by what V8 saw. */
  async function loaded(...args: readonly string[]): Promise<string[]> {
    const env = { ...process.env, NODE_V8_COVERAGE: directory };
    const child = spawn(process.execPath, [main, ...args], { env, stdio: 'ignore' });
    await once(child, 'close');
    const urls = new Set<string>();
    for (const name of await readdir(directory)) {
      const { result } = JSON.parse(await readFile(join(directory, name), 'utf8')) as Coverage;
      for (const { url } of result) if (url.startsWith('file:')) urls.add(url);
    }
    return [...urls];
  }

  for (const args of [['--version'], ['--help'], ['serve', '--help'], ['completion', 'bash'], ['verfy']]) {
    it(`load no database, server, verifier or package: isal ${args.join(' ')}`, async () => {
      const urls = await loaded(...args);
      expect(urls.some((url) => url.endsWith('/src/cli/serve/commands.js'))).to.equal(true);
      const more = /\/node_modules\/|\/src\/(?:storage|ledger|http|verifier|client|monitor|platform|tlog)\//;
      expect(urls.filter((url) => more.test(url))).to.deep.equal([]);
      const commands = /\/src\/cli\/(?!terminal\/|help\/|isal\.js|main\.js|(?:\w+\/)?commands\.js)/;
      expect(urls.filter((url) => commands.test(url))).to.deep.equal([]);
      expect(urls.length).to.be.below(45);
    });
  }
});
