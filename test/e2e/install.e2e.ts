/**
 * From a checkout and from a package, without any script of a dependency: what
 * git knows is copied elsewhere, installed by the lock file, built, packed, and
 * the package installed and run beside nothing else. Asks the npm registry for
 * what npm's cache does not have.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const quietly = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];

describe('npm ci --ignore-scripts', function () {
  this.timeout(600_000);
  let parent: string;
  let checkout: string;
  const inside = (cwd: string, command: string, ...args: string[]): ReturnType<typeof run> =>
    run(command, args, { cwd, maxBuffer: 1 << 26 });

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-install-'));
    checkout = join(parent, 'checkout');
    const { stdout } = await inside(root, 'git', 'ls-files', '-z');
    // The fixture ledger and the tests' inputs are of no use here.
    const files = String(stdout)
      .split('\0')
      .filter((file) => file !== '' && !file.startsWith('test/fixtures/ledger/'));
    for (const file of files) {
      await mkdir(dirname(join(checkout, file)), { recursive: true });
      await cp(join(root, file), join(checkout, file));
    }
    await inside(checkout, 'npm', 'ci', ...quietly);
  });

  after(() => rm(parent, { recursive: true, force: true }));

  it('is enough to build and to see it work', async () => {
    await inside(checkout, 'npm', 'run', '-s', 'build');
    const { stdout } = await inside(checkout, process.execPath, 'dist/src/cli/main.js', 'demo');
    expect(stdout).to.match(/✓ Recorded/);
  });

  it('is enough for a package that carries its bill of materials and runs alone', async () => {
    // As `npm pack` does by itself; told to pass scripts over, it would leave out our own too.
    await inside(checkout, 'npm', 'pack', '--pack-destination', parent);
    const [packed = ''] = (await readdir(parent)).filter((name) => name.endsWith('.tgz'));
    const user = join(parent, 'user');
    await mkdir(user);
    await writeFile(join(user, 'package.json'), '{"private":true}');
    await inside(user, 'npm', 'install', join(parent, packed), ...quietly);
    const installed = join(user, 'node_modules', 'isal');
    const { stdout } = await inside(checkout, process.execPath, '.ci/release/sbom.mjs', '--print');
    expect(await readFile(join(installed, 'dist', 'sbom.cdx.json'), 'utf8')).to.equal(stdout);
    expect(await readFile(join(installed, 'SECURITY.md'), 'utf8')).to.contain('Report');
    await inside(user, 'npx', 'isal', 'init', 'ledger', '--origin', 'installed.example/log');
    const { stdout: explained } = await inside(user, 'npx', 'isal', 'explain', 'ledger/trust.json');
    expect(explained).to.match(/^trust file/);
  });
});
