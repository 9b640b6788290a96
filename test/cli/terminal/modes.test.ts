/** Files that are relied on: made for their owner alone, and refused where others may write or read them. */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LedgerError } from '../../../src/errors.ts';
import { main } from '../../../src/cli/isal.ts';
import { kept, modeOf, requireKept, requireModeOf } from '../../../src/cli/terminal/modes.ts';
import { readSecret, writeSecret } from '../../../src/cli/terminal/secret-file.ts';
import { isal } from '../isal.ts';

async function modesBelow(directory: string): Promise<Map<string, number>> {
  const modes = new Map<string, number>();
  for (const name of ['.', ...(await readdir(directory, { recursive: true }))]) {
    modes.set(name, (await stat(join(directory, name))).mode & 0o7777);
  }
  return modes;
}

async function refusal(work: Promise<unknown>): Promise<LedgerError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}

/** Runs a server until it says how it is stopped, and stops it. */
async function untilUp(args: readonly string[]): Promise<void> {
  let said = '';
  let stop = (): void => undefined;
  const up = new Promise<void>((resolve) => (stop = resolve));
  const hear = (text: string): void => {
    said += text;
    if (said.includes('Ctrl-C')) stop();
  };
  const ended = main(args, { stdout: hear, stderr: hear, env: {}, isTTY: false, now: () => Date.now() });
  await Promise.race([up, ended]);
  process.emit('SIGTERM');
  expect(await ended, said).to.equal(0);
}

/** A kind of directory with all that it may hold, with the modes that they are made with. */
async function laidOut(kind: keyof typeof kept, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, keeping] of Object.entries(kept[kind])) {
    const path = join(directory, name);
    if (keeping === 'directory') await mkdir(path, { recursive: true });
    else await writeFile(path, '');
    await chmod(path, modeOf[keeping]);
  }
}

describe('files that are relied on', () => {
  let parent: string;
  const at = (name: string): string => join(parent, name);

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'isal-modes-'));
  });

  afterEach(() => rm(parent, { recursive: true, force: true }));

  for (const umask of [0, 0o022, 0o777]) {
    it(`are made for their owner alone under umask ${umask.toString(8)}, but for what is public`, async () => {
      const before = process.umask(umask);
      try {
        expect((await isal(['init', at('ledger'), '--origin', 'modes.example/log'])).status).to.equal(0);
        await untilUp(['serve', at('ledger'), '--port', '0']);
        const trust = at('ledger/trust.json');
        const init = ['witness', 'init', at('witness'), '--name', 'w.example', '--policy', trust];
        expect((await isal(init)).status).to.equal(0);
        await untilUp(['witness', 'run', at('witness'), '--port', '0']);
        const nowhere = ['--trust', trust, '--url', 'http://127.0.0.1:1'];
        expect((await isal(['monitor', 'init', at('monitor'), ...nowhere])).status).to.equal(0);
        expect((await isal(['monitor', 'once', at('monitor')])).status).to.equal(5);
        expect((await isal(['access', 'vault', 'init', at('vault'), '--key', at('key')])).status).to.equal(0);
        expect(process.umask()).to.equal(umask);
      } finally {
        process.umask(before);
      }
      expect((await stat(at('key'))).mode & 0o777).to.equal(0o600);
      for (const kind of ['ledger', 'witness', 'monitor', 'vault'] as const) {
        const table = kind === 'ledger' ? { ...kept.ledger, ...kept.signer } : kept[kind];
        const modes = await modesBelow(at(kind));
        for (const [name, mode] of modes) {
          const isDirectory = (await stat(join(at(kind), name))).isDirectory();
          const isPublic = table[name] === 'public' && kind !== 'monitor';
          const closed = isDirectory ? 0o700 : 0o600;
          // The witness's own lines, which are handed on.
          const expected = isPublic || name === 'for-policies.txt' ? 0o644 : closed;
          expect(mode.toString(8), `${kind}/${name}`).to.equal(expected.toString(8));
        }
        const missing = Object.keys(table).filter((name) => !modes.has(name) && name !== 'evidence');
        expect(missing, kind).to.deep.equal([]);
      }
    });
  }

  for (const kind of ['ledger', 'signer', 'witness', 'monitor', 'vault'] as const) {
    it(`of a ${kind} are refused one by one where others may write them, until the named command is run`, async () => {
      await laidOut(kind, at(kind));
      await requireKept(kind, at(kind));
      for (const [name, keeping] of Object.entries(kept[kind])) {
        const path = join(at(kind), name);
        for (const write of [0o020, 0o002]) {
          await chmod(path, modeOf[keeping] | write);
          const error = await refusal(requireKept(kind, at(kind), { readable: true }));
          expect(error?.code, path).to.equal('file-writable-by-others');
          expect(error?.message).to.contain(path);
          const [, command = ''] = /: (chmod .*)$/.exec(error?.expected ?? '') ?? [];
          await promisify(execFile)('/bin/sh', ['-c', command]);
          await requireKept(kind, at(kind));
        }
        await chmod(path, modeOf[keeping] | 0o044);
        const read = await refusal(requireKept(kind, at(kind)));
        expect(read?.code, path).to.equal(keeping === 'secret' ? 'key-readable-by-others' : undefined);
        await requireKept(kind, at(kind), { readable: true });
        await chmod(path, modeOf[keeping]);
      }
    });
  }

  it('stop every command that relies on them, with the same code and status', async () => {
    await isal(['init', at('ledger'), '--origin', 'modes.example/log']);
    const trust = at('ledger/trust.json');
    await isal(['witness', 'init', at('witness'), '--name', 'w.example', '--policy', trust]);
    await isal(['monitor', 'init', at('monitor'), '--trust', trust, '--url', 'http://127.0.0.1:1']);
    await isal(['access', 'vault', 'init', at('vault'), '--key', at('key')]);
    const record = ['--record', 'ab'.repeat(32)];
    const cases: [path: string, args: string[]][] = [
      ['ledger/trust.json', ['serve', at('ledger'), '--port', '0']],
      ['ledger/config.json', ['serve', at('ledger'), '--port', '0']],
      ['ledger/keys', ['serve', at('ledger'), '--port', '0']],
      ['ledger', ['serve', at('ledger'), '--port', '0']],
      ['ledger/anchor', ['signer', 'run', at('ledger')]],
      ['ledger/keys/log-ed25519.key', ['signer', 'run', at('ledger'), '--readable-keys']],
      ['witness/policy.txt', ['witness', 'run', at('witness'), '--port', '0']],
      ['witness/keys', ['witness', 'show', at('witness')]],
      ['monitor/watch.json', ['monitor', 'once', at('monitor')]],
      ['monitor/trust.json', ['monitor', 'run', at('monitor')]],
      ['vault', ['access', 'vault', 'get', at('vault'), '--key', at('key'), ...record]],
      ['key', ['access', 'vault', 'get', at('vault'), '--key', at('key'), ...record, '--readable-keys']],
    ];
    for (const [path, args] of cases) {
      const { mode } = await stat(at(path));
      await chmod(at(path), mode | 0o002);
      const { status, stderr } = await isal(args);
      expect(stderr, args.join(' ')).to.contain('file-writable-by-others');
      expect(stderr).to.contain(`chmod go-w ${at(path)}`);
      expect(status).to.equal(4);
      await chmod(at(path), mode);
    }
  });

  it('are those that the operator is told of', async () => {
    const operations = await readFile(new URL('../../../../docs/operations.md', import.meta.url), 'utf8');
    const rows = operations.split('\n').filter((line) => line.startsWith('| '));
    const row = (start: string): string => rows.find((line) => line.startsWith(`| ${start} `)) ?? '';
    const told = { ledger: 'a ledger', signer: 'its signer', witness: 'a witness', monitor: 'a monitor' };
    for (const [kind, start] of Object.entries(told)) {
      const [, , secret = '', writable = ''] = row(start).split('|');
      for (const [name, keeping] of Object.entries(kept[kind as keyof typeof told])) {
        expect(keeping === 'secret' ? secret : writable, `${kind}/${name}`).to.contain(`\`${name}\``);
      }
    }
  });

  it('may lie in a directory that all may write, if it is sticky, and be reached by a link', async () => {
    await writeFile(at('trust.json'), '', { mode: 0o644 });
    await chmod(parent, 0o1777);
    await requireModeOf(at('trust.json'), 'public');
    await mkdir(at('open'));
    await chmod(at('open'), 0o777);
    await writeFile(at('open/target.json'), '', { mode: 0o644 });
    await mkdir(at('mine'));
    await symlink(at('open/target.json'), at('mine/trust.json'));
    const error = await refusal(requireModeOf(at('mine/trust.json'), 'public'));
    expect([error?.code, error?.message.includes(at('open'))]).to.deep.equal([
      'file-writable-by-others',
      true,
    ]);
    await chmod(at('open'), 0o755);
    await requireModeOf(at('mine/trust.json'), 'public');
    await chmod(at('open/target.json'), 0o666);
    expect((await refusal(requireModeOf(at('mine/trust.json'), 'public')))?.code).to.equal(
      'file-writable-by-others',
    );
  });

  it('are keys that others may read only where that is asked for, and never where they may write them', async () => {
    const path = at('secret.key');
    await writeSecret(path, 'text');
    for (const mode of [0o640, 0o604, 0o444]) {
      await chmod(path, mode);
      expect((await refusal(readSecret(path)))?.code).to.equal('key-readable-by-others');
      expect(await readSecret(path, { readable: true })).to.equal('text');
    }
    for (const mode of [0o620, 0o602, 0o666]) {
      await chmod(path, mode);
      expect((await refusal(readSecret(path, { readable: true })))?.code).to.equal('file-writable-by-others');
    }
  });

  it('are secrets of mode 0600 under any umask', async () => {
    for (const umask of [0, 0o777]) {
      const before = process.umask(umask);
      try {
        await writeSecret(at(`secret-${umask}`), 'text');
      } finally {
        process.umask(before);
      }
      expect((await stat(at(`secret-${umask}`))).mode & 0o7777).to.equal(0o600);
    }
  });
});
