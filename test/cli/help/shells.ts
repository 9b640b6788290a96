/**
 * Command lines typed into real shells that have sourced the completion. There,
 * `isal` is a function that prints its arguments, so that what a key has
 * completed is read off what the shell then runs.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isal } from '../isal.ts';

/** What the completion finds where the shells run. */
const files = ['a file.bin', 'trust.json', 'setup.bin', 'setup.bin.isal-bundle'];
const directories = ['ledger', 'ledger/keys'];

export type Shell = 'bash' | 'zsh' | 'fish';

export class ShellPlace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(): Promise<ShellPlace> {
    const directory = await mkdtemp(join(tmpdir(), 'isal-shell-'));
    for (const name of files) await writeFile(join(directory, name), '');
    for (const name of directories) await mkdir(join(directory, name));
    return new ShellPlace(directory);
  }

  close(): Promise<void> {
    return rm(this.directory, { recursive: true });
  }

  /** Writes the completion of a shell, kept apart from what the shell completes. */
  async script(shell: Shell): Promise<string> {
    const { status, stdout } = await isal(['completion', shell]);
    expect(status).to.equal(0);
    const place = await mkdtemp(join(this.directory, '.completion-'));
    const path = join(place, `isal.${shell}`);
    await writeFile(path, stdout);
    return path;
  }

  /** What a program prints that reads this, in this directory and with nothing of the user's own. */
  async run(program: string, args: readonly string[], input = ''): Promise<string> {
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.directory,
      INPUTRC: '/dev/null',
      LC_ALL: 'C.UTF-8',
      TERM: 'dumb',
    };
    const child = spawn(program, [...args], { cwd: this.directory, env, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A shell that ends before it has read what is typed closes the pipe; its status says what became of it.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    expect(status, `${program}: ${stdout}${stderr}`).to.equal(0);
    return stdout;
  }
}

/** A command line that is typed up to a TAB, and as it is then run. */
export const completed: readonly (readonly [typed: string, run: readonly string[]])[] = [
  ['isal verif', ['verify']],
  ['isal bundle ins', ['bundle', 'inspect']],
  ['isal access vault er', ['access', 'vault', 'erase']],
  ['isal help access vault er', ['help', 'access', 'vault', 'erase']],
  ['isal verify --ev', ['verify', '--evidence']],
  ['isal verify setup.bin --off', ['verify', 'setup.bin', '--offline']],
  ['isal access vault put ledger --k', ['access', 'vault', 'put', 'ledger', '--key']],
  ['isal log search --type bui', ['log', 'search', '--type', 'build']],
  ['isal log search --type=bui', ['log', 'search', '--type=build']],
  ['isal attest new corr', ['attest', 'new', 'correction']],
  [
    'isal attest rebuild a b --independence vendor-t',
    ['attest', 'rebuild', 'a', 'b', '--independence', 'vendor-toolchain'],
  ],
  ['isal completion f', ['completion', 'fish']],
  ['isal explain not-rec', ['explain', 'not-recorded']],
  ['isal explain trus', ['explain', 'trust.json']],
  ['isal verify trus', ['verify', 'trust.json']],
  ['isal verify a', ['verify', 'a file.bin']],
  ['isal verify setup.bin --trust trus', ['verify', 'setup.bin', '--trust', 'trust.json']],
  ['isal verify --trust=trus', ['verify', '--trust=trust.json']],
  ['isal verify setup.bin --require cha', ['verify', 'setup.bin', '--require', 'chain']],
  ['isal verify setup.bin --require source,cha', ['verify', 'setup.bin', '--require', 'source,chain']],
  // No file where a directory, a number or nothing belongs.
  ['isal serve trus', ['serve', 'trus']],
  ['isal proof inclusion --index trus', ['proof', 'inclusion', '--index', 'trus']],
  ['isal log checkpoint trus', ['log', 'checkpoint', 'trus']],
];
