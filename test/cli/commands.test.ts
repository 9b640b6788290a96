/** The table of commands: complete, consistent, and what the parser holds to. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { table } from '../../src/cli/commands.ts';
import { choicesOf, isFamily, optionsOf } from '../../src/cli/terminal/command.ts';
import type { Command, Node, Option } from '../../src/cli/terminal/command.ts';
import { parse } from '../../src/cli/terminal/parse.ts';
import { resolve } from '../../src/cli/terminal/resolve.ts';
import { sharedOptions } from '../../src/cli/terminal/shared-options.ts';
import { isal } from './isal.ts';
import { commandsBelow } from './table.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const sources = join(top, 'src/cli');
const all = commandsBelow([], { ...table.root }).map(({ words, ...rest }) => ({
  name: ['isal', ...words].join(' '),
  ...rest,
}));

/** A command line that the description admits, with nothing that need not be there. */
function least({ description }: Command): string[] {
  const { positionals = [], oneOf = [] } = description;
  const options = optionsOf(description);
  const value = (name: string): string[] => {
    const option = options.get(name);
    return option?.value === undefined ? [`--${name}`] : [`--${name}`, sample(option)];
  };
  const required = [...options].filter(([, { required: is }]) => is === true).map(([name]) => name);
  return [
    ...positionals.filter(({ optional }) => optional !== true).map((one) => choicesOf(one)?.[0] ?? 'x'),
    ...[...required, ...oneOf.slice(0, 1)].flatMap(value),
  ];
}

const sample = (option: Option): string => choicesOf(option)?.[0] ?? 'x';

function refusal(command: Command, args: readonly string[]): string | undefined {
  try {
    parse(command, args, 'it');
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'usage') return error.message;
    throw error;
  }
}

const families = (node: Node): Node[] => (isFamily(node) ? [node, ...node.commands.flatMap(families)] : []);

async function sourceFiles(): Promise<string[]> {
  const names = await readdir(sources, { recursive: true });
  return names.filter((name) => name.endsWith('.ts'));
}

describe('the table of commands', () => {
  it('holds what every folder of commands describes', async () => {
    const whole = await readFile(join(sources, 'commands.ts'), 'utf8');
    const described = (await sourceFiles()).filter((name) => name.endsWith('/commands.ts'));
    expect(described.length).to.be.greaterThan(9);
    for (const name of described) expect(whole, name).to.contain(`from './${name}'`);
    const folders = (await readdir(sources, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && !['online', 'terminal'].includes(entry.name))
      .map((entry) => `${entry.name}/commands.ts`);
    expect(described.toSorted()).to.deep.equal(folders.toSorted());
  });

  it('is the only place where usage is written, and its parser the only one', async () => {
    for (const name of await sourceFiles()) {
      const code = await readFile(join(sources, name), 'utf8');
      expect(code, name).to.not.match(/\bconst \w*usages?\b/i);
      expect(code.includes('parseArgs('), name).to.equal(name === 'terminal/parse.ts');
    }
  });

  it('names each command once, and shows each in one place of the first page', () => {
    for (const family of families(table.root)) {
      const names = isFamily(family) ? family.commands.map(({ name }) => name) : [];
      expect(new Set(names).size).to.equal(names.length);
    }
    const shown = table.groups.flatMap(({ entries }) =>
      entries.flatMap(({ node, names }) =>
        isFamily(node)
          ? node.commands
              .filter(({ name }) => names?.includes(name) ?? true)
              .map(({ name }) => `${node.name} ${name}`)
          : [node.name],
      ),
    );
    const there = table.root.commands.flatMap((node) =>
      isFamily(node) ? node.commands.map(({ name }) => `${node.name} ${name}`) : [node.name],
    );
    expect(shown.toSorted()).to.deep.equal(there.toSorted());
  });

  it('says only what fits together', () => {
    for (const { name, description } of all) {
      const options = optionsOf(description);
      const { positionals = [], oneOf = [], statuses, examples, meanings = {} } = description;
      for (const option of oneOf) expect(options.has(option), `${name} --${option}`).to.equal(true);
      for (const { unless } of positionals)
        if (unless !== undefined) expect([...options.keys()]).to.include(unless);
      for (const option of description.shared ?? []) expect(Object.keys(sharedOptions)).to.include(option);
      expect(new Set(options.keys()).size).to.equal(
        Object.keys(description.options ?? {}).length + (description.shared ?? []).length,
        `${name} has an option of its own and shares one of that name`,
      );
      expect(statuses, name).to.include.members([0, 4]);
      expect(statuses, name).to.include.members(Object.keys(meanings).map(Number));
      expect(examples, name).to.not.have.length(0);
      for (const { run, status = 0 } of examples) {
        expect(`${run} `, name).to.match(new RegExp(`^${name} `));
        expect(statuses, run).to.include(status);
      }
      for (const [option, { default: value, ...described }] of options) {
        const choices = choicesOf(described);
        if (value !== undefined && choices !== undefined) expect(choices, option).to.include(value);
      }
      // Optional arguments come last, or it would not be known which one is left out.
      const firstOptional = positionals.findIndex(({ optional }) => optional === true);
      if (firstOptional >= 0) {
        expect(positionals.slice(firstOptional).every(({ optional }) => optional === true)).to.equal(true);
      }
    }
  });

  it('is written in short sentences without an end, and without who nobody is', () => {
    for (const { name, description } of all) {
      const { line, positionals = [], notes = [], examples } = description;
      const texts = [
        line,
        ...positionals.map(({ text }) => text),
        ...[...optionsOf(description).values()].map(({ text }) => text),
        ...examples.map(({ shows }) => shows),
      ];
      for (const text of texts) expect(text, name).to.not.match(/\.$|^[A-Z][a-z]+ [a-z]|\s\s/);
      for (const text of [...texts, ...notes]) {
        expect(text, name).to.not.match(/\b(?:whoever|somebody|nobody)\b/i);
        expect(text, name).to.not.match(/(?<!tlog-)\bwitnesses’ signatures\b/);
      }
    }
  });
});

describe('the parser of command lines', () => {
  it('admits the least that each command needs', () => {
    for (const { name, command } of all) expect(refusal(command, least(command)), name).to.equal(undefined);
  });

  it('admits every command line that stands in the documents', async () => {
    // Those in the pages of help are run.
    const docs = (await readdir(join(top, 'docs'))).filter((name) => name !== 'commands.md');
    const pages = ['README.md', ...docs.map((name) => `docs/${name}`)];
    let tried = 0;
    for (const page of pages) {
      const text = (await readFile(join(top, page), 'utf8')).replaceAll(/ *\\\n */g, ' ');
      for (const [line] of text.matchAll(/^ *isal .*$/gm)) {
        // What is set apart by two blanks, and what a shell takes for itself, is no part of the command.
        const typed = (line.trim().split(/ {2,}| [&|>#]/)[0] ?? '').replaceAll('…', 'x');
        const args = [...typed.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(([word, a, b]) => a ?? b ?? word);
        const { node, rest, words } = resolve(table.root, args.slice(1));
        if (isFamily(node) || /[|[]|COMMAND/.test(typed)) continue;
        tried++;
        expect(() => parse(node, rest, words.join(' ')), `${page}: ${line}`).to.not.throw();
      }
    }
    expect(tried).to.be.greaterThan(50);
  });

  it('refuses each single-valued option of every command that is given twice, and names it', () => {
    let tried = 0;
    for (const { name, command, description } of all) {
      for (const [option, described] of optionsOf(description)) {
        if (described.value === undefined || described.list !== undefined) continue;
        const rest = without(least(command), option);
        for (const twice of [
          [`--${option}`, sample(described), `--${option}`, sample(described)],
          [`--${option}=${sample(described)}`, `--${option}=other`],
        ]) {
          tried++;
          expect(refusal(command, [...rest, ...twice]), `${name} ${twice.join(' ')}`).to.equal(
            `--${option} was given more than once, and takes one value`,
          );
        }
      }
    }
    expect(tried).to.be.greaterThan(300);
  });

  it('refuses them before anything else happens, from the command line itself', async () => {
    const { status, stderr } = await isal('verify F --trust /nowhere --trust /nowhere'.split(' '));
    expect(status).to.equal(4);
    expect(stderr).to.contain('--trust was given more than once').and.to.not.contain('/nowhere');
  });

  it('adds up each list of every command, and with commas between where they divide it', () => {
    let tried = 0;
    for (const { name, command, description } of all) {
      for (const [option, { list, value }] of optionsOf(description)) {
        if (value === undefined || list === undefined) continue;
        const given = (...texts: readonly string[]): unknown =>
          parse(command, [...least(command), ...texts.flatMap((text) => [`--${option}`, text])], name).values[
            option
          ];
        tried++;
        expect(given(), name).to.deep.equal([]);
        expect(given('a', 'b'), name).to.deep.equal(['a', 'b']);
        expect(given('a,b', 'c'), name).to.deep.equal(list === 'commas' ? ['a', 'b', 'c'] : ['a,b', 'c']);
      }
    }
    expect(tried).to.be.greaterThan(12);
  });

  it('refuses what is none of the choices, before the command runs', () => {
    for (const { name, command, description } of all) {
      for (const [option, described] of optionsOf(description)) {
        if (choicesOf(described) === undefined) continue;
        const args = [...without(least(command), option), `--${option}`, 'none of them'];
        expect(refusal(command, args), name).to.equal(`unknown --${option}`);
      }
    }
  });

  it('takes a value that begins with a dash behind "=" alone, and "-" as it is', () => {
    const { command } = all.find(({ name }) => name === 'isal attest sign') ?? all[0] ?? expect.fail();
    const values = (...args: readonly string[]): unknown =>
      parse(command, ['F', ...args], 'it').values['out'];
    expect(values('--key', 'k', '--out', '-')).to.equal('-');
    expect(values('--key', 'k', '--out=-x')).to.equal('-x');
    expect(values('--key', 'k', '--out=')).to.equal('');
    expect(refusal(command, ['F', '--key', 'k', '--out', '-x'])).to.equal('--out needs a value: FILE');
  });

  it('takes what stands behind "--" as it is, also where it looks like an option', async () => {
    const { command } = all.find(({ name }) => name === 'isal verify') ?? all[0] ?? expect.fail();
    expect(parse(command, ['--', '--help'], 'it').positionals).to.deep.equal(['--help']);
    const { status, stderr } = await isal(['verify', '--trust', '/nowhere', '--', '--help']);
    expect([status, stderr.split('\n')[0]]).to.deep.equal([4, 'isal: the file cannot be read']);
  });
});

/** A command line without an option and its value. */
function without(args: readonly string[], option: string): string[] {
  const at = args.indexOf(`--${option}`);
  return at < 0 ? [...args] : args.filter((_, i) => i !== at && i !== at + 1);
}
