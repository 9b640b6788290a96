import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { toHex } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { snapshotOfDirectory } from '../../src/rebuild/directory.ts';
import { snapshotOfCommit } from '../../src/rebuild/repository.ts';
import { sha256 } from '#sha256';

const run = promisify(execFile);

describe('the snapshot of a source tree', () => {
  let directory: string;
  const path = (name: string): string => join(directory, name);
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false'];
    return (await run('git', ['-C', directory, ...identity, ...args])).stdout.trim();
  };
  const code = (action: Promise<unknown>): Promise<string> =>
    action.then(
      () => 'done',
      (error: unknown) => (error instanceof LedgerError ? error.code : String(error)),
    );

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-snapshot-'));
    await mkdir(path('a/deep'), { recursive: true });
    await writeFile(path('a/deep/file'), 'deep\n');
    await writeFile(path('a-b'), 'sorts before a/\n');
    await writeFile(path('a.txt'), '');
    await writeFile(path('run.sh'), '#!/bin/sh\n');
    await chmod(path('run.sh'), 0o755);
    await symlink('a/deep/file', path('latest'));
    await writeFile(path('per%cent\nline'), 'x');
    await writeFile(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0x66, 0xfc, 0x72])]), 'latin');
    await writeFile(path('zürich'), 'z');
  });

  // Node's own rm does not find names that are no UTF-8.
  afterEach(() => run('rm', ['-rf', directory]));

  it('lists every file by the bytes of its path', async () => {
    const { manifest, files, bytes } = await snapshotOfDirectory(directory);
    const hash = (text: string): string => toHex(sha256(new TextEncoder().encode(text)));
    expect(new TextDecoder().decode(manifest).split('\n')).to.deep.equal([
      'isal-manifest/v1',
      `100644 16 ${hash('sorts before a/\n')} a-b`,
      `100644 0 ${hash('')} a.txt`,
      `100644 5 ${hash('deep\n')} a/deep/file`,
      `100644 5 ${hash('latin')} f%FCr`,
      `120000 11 ${hash('a/deep/file')} latest`,
      `100644 1 ${hash('x')} per%25cent%0Aline`,
      `100755 10 ${hash('#!/bin/sh\n')} run.sh`,
      `100644 1 ${hash('z')} zürich`,
      '',
    ]);
    expect([files, bytes]).to.deep.equal([8, 49]);
  });

  it('has the tree that git writes, and a commit has the same snapshot', async () => {
    await git('init', '--quiet');
    await git('add', '--all');
    const tree = await git('write-tree');
    await git('commit', '--quiet', '-m', 'first');
    const onDisk = await snapshotOfDirectory(directory);
    expect(onDisk.tree).to.equal(tree);
    const { commit, ...committed } = await snapshotOfCommit(directory, 'HEAD');
    expect(committed).to.deep.equal(onDisk);
    expect(commit).to.equal(await git('rev-parse', 'HEAD'));
  });

  it('is read from a repository of SHA-256 too', async () => {
    await git('init', '--quiet', '--object-format=sha256');
    await git('add', '--all');
    const tree = await git('write-tree');
    await git('commit', '--quiet', '-m', 'first');
    expect(await snapshotOfCommit(directory, 'HEAD')).to.include({ tree, files: 8 });
  });

  it('does not believe a repository whose object is another than its id says', async () => {
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'first');
    const objects = path('.git/objects');
    const place = async (revision: string): Promise<string> => {
      const id = await git('rev-parse', revision);
      return join(objects, id.slice(0, 2), id.slice(2));
    };
    const [victim, other] = [await place('HEAD:run.sh'), await place('HEAD:a-b')];
    await chmod(victim, 0o644);
    await writeFile(victim, await readFile(other));
    // Newer gits refuse such an object by themselves.
    expect(['digest-mismatch', 'file-unreadable']).to.include(
      await code(snapshotOfCommit(directory, 'HEAD')),
    );
  });

  it('passes over replacements that a repository makes', async () => {
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'first');
    const before = await snapshotOfCommit(directory, 'HEAD');
    await git('replace', await git('rev-parse', 'HEAD:run.sh'), await git('rev-parse', 'HEAD:a-b'));
    expect(await snapshotOfCommit(directory, 'HEAD')).to.deep.equal(before);
  });

  it('refuses what git could not hold, a repository within, and no file at all', async () => {
    expect(await code(snapshotOfCommit(directory, 'HEAD'))).to.equal('file-unreadable');
    await run('mkfifo', [path('pipe')]);
    expect(await code(snapshotOfDirectory(directory))).to.equal('file-unreadable');
    await rm(path('pipe'));
    await mkdir(path('a/.git'));
    expect(await code(snapshotOfDirectory(directory))).to.equal('file-unreadable');
    await mkdir(path('b/c'), { recursive: true });
    expect(await code(snapshotOfDirectory(path('b')))).to.equal('empty');
    expect(await code(snapshotOfDirectory(path('absent')))).to.equal('file-unreadable');
  });

  it('refuses a submodule and a revision that is none', async () => {
    await git('init', '--quiet');
    await git('add', '--all');
    await git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},module`);
    await git('commit', '--quiet', '-m', 'with a submodule');
    expect(await code(snapshotOfCommit(directory, 'HEAD'))).to.equal('file-unreadable');
    expect(await code(snapshotOfCommit(directory, '--help'))).to.equal('file-unreadable');
  });
});
