/** `isal init` and what `isal serve` makes of a directory that is not as `init` left it. */
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { exitStatus } from '../../../src/cli/terminal/exit.ts';
import { isal } from '../isal.ts';

const origin = 'init.example/log';

describe('a ledger’s directory', () => {
  let parent: string;
  let ledger: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-init-'));
    ledger = join(parent, 'ledger');
  });

  afterEach(() => rm(parent, { recursive: true, force: true }));

  const init = (...args: string[]): ReturnType<typeof isal> =>
    isal(['init', ledger, '--origin', origin, ...args]);

  it('is closed to others, and its keys too, under any umask', async () => {
    const before = process.umask(0);
    try {
      expect((await init()).status).to.equal(0);
    } finally {
      process.umask(before);
    }
    const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    expect([await mode(ledger), await mode(join(ledger, 'keys'))]).to.deep.equal([0o700, 0o700]);
    const keys = await readdir(join(ledger, 'keys'));
    expect(keys).to.have.length(13);
    for (const name of keys) expect(await mode(join(ledger, 'keys', name)), name).to.equal(0o600);
  });

  it('is not made over another, nor for what could not be handed out, and nothing is left of the attempt', async () => {
    const refused: [string[], string][] = [
      [['init', ledger, '--origin', `https://${origin}`], 'usage'],
      [['init', ledger, '--origin', 'with space'], 'schema-violation'],
      [['init', ledger, '--origin', origin, '--url', 'my ledger'], 'usage'],
      [['init', ledger, '--origin', origin, '--url', 'http://a.example\nquorum none'], 'usage'],
      [['init', ledger], 'usage'],
      [['init', ledger, '--origin', origin, '--vendor', 'ACME', '--supervisor', 'Acme'], 'authority-invalid'],
      [['init', ledger, '--origin', origin, '--vendor', 'ACME\ufe0f'], 'schema-violation'],
      [['init', join(parent, 'file', 'below'), '--origin', origin], 'file-unreadable'],
    ];
    await writeFile(join(parent, 'file'), '');
    for (const [args, code] of refused) {
      const { status, stderr } = await isal(args);
      expect(stderr, args.join(' ')).to.contain(`code      ${code} `);
      expect(status).to.equal(exitStatus[code as keyof typeof exitStatus]);
    }
    await mkdir(ledger);
    await writeFile(join(ledger, 'something'), '');
    expect((await init()).stderr).to.contain('store-exists');
    expect(await readdir(parent)).to.have.members(['file', 'ledger']);
  });

  it('that is damaged, or put together from two, is refused with the part that is wrong', async () => {
    await init();
    const other = join(parent, 'other');
    await isal(['init', other, '--origin', 'other.example/log']);
    const foreign = async (part: string): Promise<Buffer> => readFile(join(other, part));
    const cases: [part: string, bytes: string | Buffer | undefined, code: string][] = [
      ['config.json', '{', 'not-json'],
      ['config.json', '{}', 'schema-violation'],
      ['config.json', await foreign('config.json'), 'origin-mismatch'],
      ['config.json', undefined, 'store-missing'],
      ['keys/log-ed25519.key', 'rubbish', 'bad-key'],
      ['keys/log-mldsa44.key', await foreign('keys/log-mldsa44.key'), 'origin-mismatch'],
      ['keys/log-ed25519.key', undefined, 'file-unreadable'],
      ['genesis.json', 'rubbish', 'not-json'],
      ['genesis.json', undefined, 'store-missing'],
    ];
    for (const [part, bytes, code] of cases) {
      const path = join(ledger, part);
      const whole = await readFile(path);
      if (bytes === undefined) await rm(path);
      else await writeFile(path, bytes);
      const { status, stderr } = await isal(['serve', ledger, '--port', '0']);
      expect(stderr, part).to.contain(`code      ${code} `);
      // Of two parts that do not belong together, the key is named.
      expect(stderr, part).to.contain(code === 'origin-mismatch' ? join(ledger, 'keys') : path);
      expect(status, part).to.equal(exitStatus[code as keyof typeof exitStatus]);
      if (part.startsWith('keys/')) expect(stderr).to.not.contain('rubbish');
      await writeFile(path, whole, { mode: 0o600 });
    }
    await writeFile(join(ledger, 'genesis.json'), await foreign('genesis.json'));
    expect((await isal(['serve', ledger, '--port', '0'])).stderr).to.contain('origin-mismatch');
  });

  it('is not touched by a command line that is wrong', async () => {
    await init();
    const before = await readdir(ledger);
    expect((await isal(['serve', ledger, '--port', '99999'])).status).to.equal(exitStatus.usage);
    expect(await readdir(ledger)).to.deep.equal(before);
  });

  it('holds keys in plain files only', async () => {
    await init();
    const folder = join(ledger, 'keys', 'log-ed25519.key');
    await rm(folder);
    await mkdir(folder);
    await chmod(folder, 0o700);
    const { status, stderr } = await isal(['serve', ledger, '--port', '0']);
    expect(stderr).to.contain('file-unreadable');
    expect(status).to.equal(exitStatus['file-unreadable']);
  });
});
