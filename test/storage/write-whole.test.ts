import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/bytes.ts';
import { writeWhole } from '../../src/storage/write-whole.ts';

describe('a file that is written whole or not at all', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'isal-whole-'));
  });

  afterEach(async () => rm(dir, { recursive: true }));

  const failure = async (path: string): Promise<string | undefined> =>
    writeWhole(path, utf8('new')).then(
      () => undefined,
      (error: unknown) => (error as NodeJS.ErrnoException).code,
    );

  it('takes the place of the old one, and of what a crash left unfinished', async () => {
    const path = join(dir, 'file');
    await writeFile(path, 'old');
    await writeFile(`${path}.tmp`, 'what a crash left, and longer than the new');
    await writeWhole(path, utf8('new'));
    expect(await readFile(path, 'utf8')).to.equal('new');
    expect(await readdir(dir)).to.deep.equal(['file']);
  });

  it('says that it could not be written, and leaves nothing unfinished', async () => {
    // A directory that is not empty cannot be replaced by a file.
    const path = join(dir, 'taken');
    await mkdir(path);
    await writeFile(join(path, 'kept'), 'kept');
    expect(await failure(path)).to.be.a('string');
    expect(await readdir(dir)).to.deep.equal(['taken']);
    expect(await readFile(join(path, 'kept'), 'utf8')).to.equal('kept');
    expect(await failure(join(dir, 'no such directory', 'file'))).to.equal('ENOENT');
  });
});
