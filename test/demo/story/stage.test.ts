import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Children } from '../../../src/demo/children.ts';
import { Stage, words } from '../../../src/demo/story/stage.ts';
import type { Expected } from '../../../src/demo/story/stage.ts';

describe('a stage for a story of commands', () => {
  let directory: string;
  let printed: string;
  let stage: Stage;
  let answer = { status: 0, output: '' };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-stage-'));
    printed = '';
    const run = (): Promise<typeof answer> => Promise.resolve(answer);
    const say = (text: string): void => void (printed += `${text}\n`);
    stage = new Stage({ directory, children: new Children(), say, isal: run, program: run });
  });

  afterEach(() => rm(directory, { recursive: true }));

  async function refusal(status: number, output: string, expected: Expected): Promise<string> {
    answer = { status, output };
    return stage.isal(['verify', 'F'], expected).then(
      () => '',
      (error: Error) => error.message,
    );
  }

  it('shows commands that a shell would take as they stand, options beside their values', async () => {
    const args = ['attest', 'new', 'build', '--site', "Zurich's escrow", '--key', 'a;b'];
    answer = { status: 0, output: 'Done\n' };
    await stage.isal([...args, '--file', 'x'.repeat(60), '--out', 'y']);
    expect(printed).to.equal(
      [
        '',
        `  $ isal attest new build --site 'Zurich'\\''s escrow' --key 'a;b' \\`,
        `      --file ${'x'.repeat(60)} --out y`,
        '      Done',
        '',
      ].join('\n'),
    );
  });

  it('takes a command as it is typed, with what is put into it as one word', () => {
    const line = words`  verify ${'my file'}.zip
      --max-age ${60} --out=${'a'}${'b'} `;
    expect(line).to.deep.equal(['verify', 'my file.zip', '--max-age', '60', '--out=ab']);
    expect(words`a ${''} b`).to.deep.equal(['a', '', 'b']);
  });

  it('prints the lines that were asked for, and says that there are more', async () => {
    answer = { status: 0, output: '✓ Built\n✓ Keys\nSaved\n' };
    await stage.isal(['verify', 'F'], { only: /^✓ B/ });
    expect(printed).to.equal('\n  $ isal verify F\n      ✓ Built\n      …\n');
  });

  it('does not go on after another exit status, or without a line that was promised', async () => {
    expect(await refusal(2, '', { status: 1 })).to.contain('did not come out as told at: isal verify F');
    expect(await refusal(0, '✗ Built\n', { shows: [/^✓ Built/] })).to.contain('did not come out as told');
    expect(await refusal(1, '✗ Built\n', { status: 1, shows: [/^✗ Built/] })).to.equal('');
  });

  it('keeps a verdict that came out as told, and only such', async () => {
    await refusal(1, '', { status: 1, verdict: 'a swapped file' });
    await refusal(0, '', { status: 1, verdict: 'another' });
    expect(stage.verdicts).to.deep.equal([{ what: 'a swapped file', status: 1 }]);
    expect(printed).to.contain('(exit status 1: contradicted)');
  });

  it('shows what somebody fills in, and leaves the rest of the file alone', async () => {
    const file = {
      subject: [1],
      predicate: { depth: 'overview', coverage: { of: 9, covered: 0 }, list: ['A'] },
    };
    await writeFile(join(directory, 'review.json'), JSON.stringify(file));
    await stage.edit('review.json', { depth: 'targeted', coverage: { covered: 4 }, list: ['B', 'C'] });
    expect(JSON.parse(await readFile(join(directory, 'review.json'), 'utf8'))).to.deep.equal({
      subject: [1],
      predicate: { depth: 'targeted', coverage: { of: 9, covered: 4 }, list: ['B', 'C'] },
    });
    expect(printed).to.equal(
      '\n  review.json, filled in:\n      depth: "targeted"\n      coverage.covered: 4\n      list: ["B","C"]\n',
    );
  });

  it('breaks prose into lines that a terminal has room for, and keeps its paragraphs', () => {
    stage.chapter('A title', `${'word '.repeat(61)}\n     more\n\n  and then`);
    const lines = printed.trimEnd().split('\n');
    expect(Math.max(...lines.map((line) => line.length))).to.equal(100);
    expect(lines.at(-3)).to.match(/ more$/);
    expect(lines.slice(-2)).to.deep.equal(['', 'and then']);
  });
});
