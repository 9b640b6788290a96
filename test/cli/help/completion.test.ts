/** Completion in a real bash: what a TAB makes of a command line. */
import { expect } from 'chai';
import { ShellPlace, completed } from './shells.ts';

/** Prints its arguments, each in brackets that no test types. */
const show = `isal() { printf 'GOT'; printf '⟨%s⟩' "$@"; echo; }`;

const argumentsIn = (output: string): string[][] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('GOT'))
    .map((line) => [...line.matchAll(/⟨([^⟩]*)⟩/g)].map(([, text = '']) => text));

describe('completion in bash', () => {
  let place: ShellPlace;
  let script: string;

  before(async () => {
    place = await ShellPlace.open();
    script = await place.script('bash');
  });

  after(() => place.close());

  /** Runs these lines, keys included, as if they were typed. */
  async function typed(lines: readonly string[]): Promise<string[][]> {
    const input = [`source '${script}'`, show, ...lines, 'exit', ''].join('\n');
    return argumentsIn(await place.run('bash', ['--norc', '--noprofile', '-i'], input));
  }

  it('completes commands, options, values and files, and no files where none belong', async () => {
    const ran = await typed(completed.map(([line]) => `${line}\t`));
    expect(ran).to.deep.equal(completed.map(([, run]) => run));
  });

  it('offers every command of a family, and every option of a command', async () => {
    // Esc-* puts in all that could follow.
    const ran = await typed(['isal \u001b*', 'isal bundle \u001b*', 'isal bundle inspect --\u001b*']);
    expect(ran[0]).to.include.members(['verify', 'bundle', 'access', 'serve', 'help', 'completion']);
    expect(ran.slice(1)).to.deep.equal([
      ['bundle', 'get', 'inspect'],
      ['bundle', 'inspect', '--help', '--json', '--trust'],
    ]);
  });

  it('goes on behind a value that ends in "=", and completes directories', async () => {
    const ran = await typed(['isal verify --require source,coun\tCH', 'isal serve led\tke\t']);
    expect(ran).to.deep.equal([
      ['verify', '--require', 'source,country=CH'],
      ['serve', 'ledger/keys/'],
    ]);
  });

  it('says nothing of itself when it is sourced', async () => {
    expect(await place.run('bash', ['-u', '-c', `source '${script}'; type -t _isal`])).to.equal('function\n');
  });
});
