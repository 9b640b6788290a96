/** What the shells and `man` of this machine make of the completion and the manual pages: Debian's zsh, fish and man-db. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ShellPlace, completed } from '../cli/help/shells.ts';
import { isal } from '../cli/isal.ts';

/** Runs in zsh: types into another zsh, on a terminal of its own, and prints what `isal` there was given. */
const typeInZsh = String.raw`
zmodload zsh/zpty
zpty z zsh -f -i
typed() {
  local out
  zpty -w z "$1"
  zpty -r -m z out '*DONE*'
  print -r -- "GOT${'${'}out##*GOT}" | head -n 1
}
zpty -w z "PS1= RPS1=; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source $1; isal() { print -rn -- G''OT; printf '⟨%s⟩' \"\$@\"; print D''ONE }; print D''ONE"
zpty -r -m z out '*DONE*'
shift
for line; do typed "$line"$'\t'; done
`;

const argumentsIn = (line: string): string[] => [...line.matchAll(/⟨([^⟩]*)⟩/g)].map(([, text = '']) => text);

describe('interop: shells and man', () => {
  let place: ShellPlace;

  before(async () => {
    place = await ShellPlace.open();
  });

  after(() => place.close());

  it('zsh completes commands, options, values and files, and no files where none belong', async () => {
    const script = await place.script('zsh');
    const lines = completed.map(([typed]) => typed);
    const output = await place.run('zsh', ['-f', '-c', typeInZsh, 'zsh', script, ...lines]);
    const ran = output.split('\n').filter((line) => line.startsWith('GOT'));
    expect(ran.map(argumentsIn)).to.deep.equal(completed.map(([, run]) => run));
  });

  it('fish completes commands, options, values and files, and no files where none belong', async () => {
    const script = await place.script('fish');
    for (const [typed, run] of completed) {
      const program = `source '${script}'; complete --do-complete '${typed}'`;
      const offered = (await place.run('fish', ['--no-config', '-c', program])).split('\n');
      const words = typed.split(' ').length - 1;
      const last = run.slice(words - 1).join(' ');
      const candidates = offered.map((line) => line.split('\t')[0]).filter((word) => word !== '');
      // What fish has nothing to offer for stays as it is typed.
      const left = typed.endsWith(` ${last}`);
      expect(candidates, typed).to.deep.equal(left ? [] : [last]);
    }
  });

  it('fish says what each command does', async () => {
    const script = await place.script('fish');
    const program = `source '${script}'; complete --do-complete 'isal bundle '`;
    expect(await place.run('fish', ['--no-config', '-c', program])).to.equal(
      'get\tfetch all that an answer rests on, verify it, save it\n' +
        'inspect\tverify a proof bundle, list what is in it, judge it hop by hop\n',
    );
  });

  it('man renders every page without a warning, with its name, its usage and its examples', async () => {
    const directory = join(place.directory, 'man1');
    expect((await isal(['help', '--man', '--out', directory])).status).to.equal(0);
    const pages = await readdir(directory);
    expect(pages.length).to.be.greaterThan(50);
    for (const page of pages) {
      // Warnings come on standard error; a shell puts both on one stream.
      const render = `man --warnings --encoding=UTF-8 --local-file '${join(directory, page)}' 2>&1`;
      const text = await place.run('sh', ['-c', `MANWIDTH=80 ${render}`]);
      expect(text, page).to.not.match(/warning|error:|<standard input>/i);
      const words = page.replace(/\.1$/, '').split('-').join(' ');
      expect(text)
        .to.match(/^NAME$/m)
        .and.to.match(/^SYNOPSIS$/m);
      expect(text.replaceAll(/\s+/g, ' ')).to.contain(words);
    }
    const verify = await place.run('sh', ['-c', `MANWIDTH=80 man -l '${join(directory, 'isal-verify.1')}'`]);
    expect(verify).to.contain('isal verify setup.bin --trust trust.json --offline');
  });
});
