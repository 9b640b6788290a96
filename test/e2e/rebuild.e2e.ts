/**
 * A real rebuild: the Debian source package `hello` is built here and compared
 * with the `.deb` that Debian publishes. It changes the machine (build
 * dependencies are installed, as root), so it runs in a container of Debian.
 *
 * What came out when this was written, on Debian 12: different, 93 bytes
 * unexplained. One byte of code differs, the year of the copyright notice, which
 * `configure` takes from the clock. The others are the build id (a hash that the
 * linker takes over the debug information too), the section that names the debug
 * file by it, and the line of `md5sums`. Built again with a clock that shows the
 * day of the changelog, only these are left.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Comparison } from '../../src/rebuild/compare.ts';
import { isal } from '../../src/demo/child.ts';

const run = promisify(execFile);
const room = { maxBuffer: 1 << 26 };

describe('the package hello, rebuilt from source', () => {
  let directory: string;
  let published: string;
  let rebuilt: string;
  let rebuiltThen: string;

  const apt = (args: readonly string[], cwd: string): Promise<unknown> => {
    const own = [
      '-o',
      `Dir::Etc::sourcelist=${join(directory, 'sources.list')}`,
      '-o',
      'Dir::Etc::sourceparts=-',
      '-o',
      `Dir::State::lists=${join(directory, 'lists')}`,
      '-o',
      'APT::Sandbox::User=root',
    ];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return run('apt-get', [...own, ...args], { ...room, cwd, env });
  };
  const debIn = async (folder: string): Promise<string> => {
    const name = (await readdir(folder)).find((entry) => /^hello_.*\.deb$/.test(entry));
    expect(name, folder).to.not.equal(undefined);
    return join(folder, name ?? '');
  };
  /** Unpacks the source and builds it; resolves to the package. */
  const build = async (name: string, env: NodeJS.ProcessEnv): Promise<string> => {
    const source = join(directory, 'source');
    const description = (await readdir(source)).find((entry) => entry.endsWith('.dsc')) ?? '';
    const work = join(directory, name);
    await mkdir(work);
    await run('dpkg-source', ['-x', join(source, description), join(work, 'tree')], room);
    await run('dpkg-buildpackage', ['-b', '-us', '-uc'], { ...room, cwd: join(work, 'tree'), env });
    return debIn(work);
  };
  const compare = async (a: string, b: string): Promise<{ status: number; comparison: Comparison }> => {
    const { status, output } = await isal(['attest', 'rebuild', a, b, '--json'], { cwd: directory });
    return { status, comparison: JSON.parse(output) as Comparison };
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-rebuild-e2e-'));
    const codename = /VERSION_CODENAME=(\w+)/.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
    const from = `[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian ${codename} main\n`;
    await writeFile(join(directory, 'sources.list'), `deb ${from}deb-src ${from}`);
    for (const folder of ['lists/partial', 'published', 'source']) {
      await mkdir(join(directory, folder), { recursive: true });
    }
    await apt(['update'], directory);
    await apt(['download', 'hello'], join(directory, 'published'));
    await apt(['--only-source', '--download-only', 'source', 'hello'], join(directory, 'source'));
    await apt(['-y', '--no-install-recommends', 'build-dep', 'hello'], directory);
    published = await debIn(join(directory, 'published'));
    rebuilt = await build('now', process.env);
    // `configure` asks for the year; this answers with the one of the changelog, as a clock of that day would.
    const clock = join(directory, 'clock');
    await mkdir(clock);
    await writeFile(
      join(clock, 'date'),
      '#!/bin/sh\n[ "$*" = +%Y ] && exec /bin/date -u -d "@$SOURCE_DATE_EPOCH" +%Y\nexec /bin/date "$@"\n',
      { mode: 0o755 },
    );
    rebuiltThen = await build('then', { ...process.env, PATH: `${clock}:${process.env['PATH']}` });
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('gets a verdict whose bytes are all counted, and nothing is left closed', async () => {
    const { status, comparison } = await compare(published, rebuilt);
    const { verdict, unexplainedBytes, differences, normalisations } = comparison;
    console.log(
      `      ${verdict}, ${unexplainedBytes} bytes unexplained; evened out: ${normalisations.map(({ name }) => name).join(', ') || 'nothing'}`,
    );
    for (const { path, change, bytes } of differences)
      console.log(`      ${path}: ${change}, ${bytes} bytes`);
    expect(status).to.equal(verdict === 'different' ? 1 : 0);
    expect(differences.reduce((sum, { bytes }) => sum + bytes, 0)).to.equal(unexplainedBytes);
    expect(differences.filter(({ closed }) => closed !== undefined)).to.deep.equal([]);
    // What the year, the compiler and the build id touch, and nothing else.
    for (const { path } of differences) expect(path).to.match(/!\.\/(?:usr\/bin\/hello|md5sums)$/);
  });

  it('differs in nothing but the build id when the clock shows the day of the changelog', async () => {
    const { comparison } = await compare(published, rebuiltThen);
    for (const { path } of comparison.differences) expect(path).to.match(/!\.\/(?:usr\/bin\/hello|md5sums)$/);
    const program = async (deb: string, name: string): Promise<Buffer> => {
      const work = join(directory, name);
      await run('dpkg-deb', ['-x', deb, work], room);
      const file = join(work, 'usr/bin/hello');
      const without = ['.note.gnu.build-id', '.gnu_debuglink'].flatMap((section) => ['-R', section]);
      await run('objcopy', [...without, file], room);
      return readFile(file);
    };
    const [theirs, ours] = [await program(published, 'theirs'), await program(rebuiltThen, 'ours')];
    expect(theirs.equals(ours)).to.equal(true);
    expect(theirs.equals(await program(rebuilt, 'of-now'))).to.equal(false);
  });

  it('is equivalent to itself, packed again by another program at another time', async () => {
    const work = join(directory, 'again');
    await mkdir(work);
    await run('dpkg-deb', ['-R', published, join(work, 'tree')], room);
    const again = join(work, 'again.deb');
    const env = { ...process.env, SOURCE_DATE_EPOCH: '1800000000' };
    await run('dpkg-deb', ['--root-owner-group', '-Zgzip', '-b', join(work, 'tree'), again], {
      ...room,
      env,
    });
    const { status, comparison } = await compare(published, again);
    expect(comparison.differences).to.deep.equal([]);
    expect([status, comparison.verdict]).to.deep.equal([0, 'equivalent']);
    const names = comparison.normalisations.map(({ name }) => name);
    expect(names).to.include.members(['ar-times', 'compression']);
  });

  it('is different with one byte of its program changed', async () => {
    const work = join(directory, 'changed');
    await run('dpkg-deb', ['-R', published, work], room);
    const program = join(work, 'usr/bin/hello');
    const bytes = await readFile(program);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(program, bytes);
    const changed = join(directory, 'changed.deb');
    await run('dpkg-deb', ['--root-owner-group', '-b', work, changed], room);
    const { status, comparison } = await compare(published, changed);
    expect(status).to.equal(1);
    expect(comparison.differences).to.deep.equal([
      { path: 'data.tar.xz!./usr/bin/hello', change: 'content', bytes: 1 },
    ]);
  });

  it('has the same snapshot unpacked and as a commit', async () => {
    const tree = join(directory, 'snapshot');
    await mkdir(tree);
    await cp(join(directory, 'now', 'tree', 'src'), tree, { recursive: true });
    const git = (...args: string[]): Promise<unknown> =>
      run('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { ...room, cwd: tree });
    await git('init', '--quiet');
    await git('add', '--all', '--force');
    await git('commit', '--quiet', '-m', 'source');
    const manifest = async (...args: string[]): Promise<unknown> => {
      const { output } = await isal(['attest', 'snapshot', tree, ...args, '--json'], { cwd: directory });
      return (JSON.parse(output) as { manifest: unknown }).manifest;
    };
    expect(await manifest('--commit', 'HEAD')).to.deep.equal(await manifest());
  });
});
