/** Pages of help: on a terminal, as manual pages, and docs/commands.md. */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { table } from '../../../src/cli/commands.ts';
import { isFamily, optionsOf } from '../../../src/cli/terminal/command.ts';
import type { Node } from '../../../src/cli/terminal/command.ts';
import { isal } from '../isal.ts';

const top = fileURLToPath(new URL('../../../..', import.meta.url));

interface Named {
  readonly words: readonly string[];
  readonly node: Node;
}

const below = (words: readonly string[], node: Node): Named[] => [
  { words, node },
  ...(isFamily(node) ? node.commands.flatMap((one) => below([...words, one.name], one)) : []),
];
const nodes = below([], table.root);

async function shown(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await isal(args);
  expect([status, stderr], args.join(' ')).to.deep.equal([0, '']);
  return stdout;
}

/** White space as one blank, as lines may break anywhere. */
const flat = (text: string): string => text.replaceAll(/ \\\n|\s+/g, ' ').replaceAll(/ +/g, ' ');

describe('the help of a command', () => {
  it('is the same by -h, by --help, and by isal help', async () => {
    for (const { words } of nodes) {
      const page = await shown('help', ...words);
      expect(await shown(...words, '--help')).to.equal(page);
      expect(await shown(...words, '-h')).to.equal(page);
    }
    expect(await shown('verify', 'F', '--json', '--help')).to.equal(await shown('help', 'verify'));
  });

  it('fits on a terminal of 80 columns, and names every argument, option and example', async () => {
    for (const { words, node } of nodes) {
      const page = await shown('help', ...words);
      for (const line of page.split('\n')) expect(line.length, line).to.be.at.most(80);
      expect(page)
        .to.match(/^isal\b.*: \S/)
        .and.to.match(/^usage: isal /m);
      if (isFamily(node)) {
        for (const { name } of node.commands) expect(page).to.match(new RegExp(`\\b${name}\\b`));
        continue;
      }
      const { positionals = [], examples, line } = node.description;
      for (const { name, text } of positionals) expect(flat(page)).to.contain(name).and.to.contain(text);
      for (const [name, { text }] of optionsOf(node.description)) {
        expect(page).to.contain(`--${name}`);
        expect(flat(page)).to.contain(text);
      }
      for (const { run, shows } of examples) expect(flat(page)).to.contain(run).and.to.contain(shows);
      expect(flat(page)).to.contain(line);
    }
  });

  it('says what must be given, what holds otherwise, and what may be repeated', async () => {
    const page = flat(await shown('help', 'authority', 'propose'));
    expect(page)
      .to.contain('how the key is revoked: one of superseded, revoked, compromised (default: revoked)')
      .and.to.contain('a root key; may be repeated')
      .and.to.contain('the pinned trust file (default: $ISAL_TRUST)')
      .and.to.contain('A KEYID is the SHA-256 of a public key');
    expect(flat(await shown('help', 'proof', 'consistency'))).to.contain(
      'usage: isal proof consistency --from N [options]',
    );
  });

  it('alone shows what there is and for whom, with the status of a command line that says nothing', async () => {
    const { status, stdout, stderr } = await isal([]);
    expect([status, stderr]).to.deep.equal([4, '']);
    expect(stdout).to.equal(await shown('help'));
    expect(stdout.split('\n').length).to.be.below(55);
    for (const title of table.groups) expect(stdout).to.contain(`\n${title.title}\n`);
    expect(stdout.indexOf('isal demo')).to.be.below(stdout.indexOf('isal verify'));
  });

  it('is as docs/commands.md has it, which links to each of its parts', async () => {
    const page = await readFile(join(top, 'docs/commands.md'), 'utf8');
    expect(
      page === (await shown('help', '--markdown')),
      'docs/commands.md is stale: run npm run generate',
    ).to.equal(true);
    const headings = [...page.matchAll(/^#+ (isal .*)$/gm)].map(([, name = '']) => name.replaceAll(' ', '-'));
    expect(headings).to.have.length(nodes.length - 1);
    for (const [, link = ''] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(headings).to.include(link);
  });

  it('is kept apart from a name that is no command', async () => {
    for (const args of [
      ['help', 'nonsense'],
      ['nonsense', '--help'],
      ['bundle', 'nonsense', '--help'],
      ['help', '--markdown', 'verify'],
      ['help', '--out', 'man1'],
      ['help', '--man', '--out', 'man1', 'verify'],
    ]) {
      expect((await isal(args)).status, args.join(' ')).to.equal(4);
    }
  });
});

describe('isal --version', () => {
  it('is the version of the package', async () => {
    const { version } = JSON.parse(await readFile(join(top, 'package.json'), 'utf8')) as { version: string };
    expect(await shown('--version')).to.equal(`${version}\n`);
  });
});

describe('manual pages', () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'isal-man-'));
    await shown('help', '--man', '--out', join(directory, 'man1'));
  });

  after(() => rm(directory, { recursive: true }));

  it('are one for each command, named as man looks for them', async () => {
    const names = nodes.map(({ words }) => `${['isal', ...words].join('-')}.1`);
    expect((await readdir(join(directory, 'man1'))).toSorted()).to.deep.equal(names.toSorted());
    const one = await readFile(join(directory, 'man1', 'isal-access-vault-put.1'), 'utf8');
    expect(await shown('help', '--man', 'access', 'vault', 'put')).to.equal(one);
  });

  it('hold only the requests that they mean, hyphens that can be copied, and each example in one piece', async () => {
    for (const { words, node } of nodes) {
      const page = await shown('help', '--man', ...words);
      for (const line of page.split('\n')) {
        expect(line).to.match(/^(?:\.(?:\\"|TH|SH|PP|TP|br|nf|fi|RS|RE)\b.*|\.\\".*|[^.'].*|)$/);
      }
      // Whatever is not a request's own has its hyphens escaped.
      const texts = page.split('\n').filter((line) => !/^\.(?:\\"|TH)/.test(line));
      expect(texts.filter((line) => /(?<!\\)-/.test(line))).to.deep.equal([]);
      if (isFamily(node)) continue;
      const plain = flat(page.replaceAll('\\(rs', '\\').replaceAll('\\-', '-').replaceAll('\\&', ''));
      for (const { run } of node.description.examples) expect(plain).to.contain(run);
    }
  });
});
