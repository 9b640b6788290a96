/** What a page of help says, before it is laid out: for a terminal, as a manual page, for docs/commands.md. */
import { choicesOf, isFamily, optionsOf } from '../terminal/command.ts';
import type { Command, Description, Family, Node, Option } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { nameOf, synopses } from '../terminal/synopsis.ts';

export interface Row {
  readonly term: string;
  readonly text: string;
}

/** How a section is laid out: terms and texts in two columns, exit statuses in a sentence, texts above command lines. */
type Layout = 'columns' | 'statuses' | 'examples';

export interface Section {
  readonly title: string;
  readonly layout: Layout;
  readonly rows: readonly Row[];
}

export interface Page {
  /** The command's name in full. */
  readonly words: readonly string[];
  readonly line: string;
  readonly synopses: readonly string[];
  /** What a newcomer should read first. */
  readonly opening?: string;
  readonly sections: readonly Section[];
  /** Paragraphs. */
  readonly notes: readonly string[];
}

/** Some commands of a family, under what they are for. */
export interface Entry {
  readonly node: Node;
  /** Those that are meant; all of them where that is left out. */
  readonly names?: readonly string[];
  /** What they do, where that is not what the family does. */
  readonly line?: string;
}

/** Commands by whom they are for, on the first page. */
export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** In a few words, then what these stand for. */
const meanings: Readonly<Record<ExitStatus, string>> = {
  0: 'proven, or done',
  1: 'contradicted: what was shown is malformed, was changed, or disagrees',
  2: 'not proven: nothing that was shown speaks of what was asked for',
  3: 'stale, or policy not met: a signature, a quorum, an age or a requirement is missing',
  4: 'usage: the command line, or a file or key that was named in it',
  5: 'unreachable: no answer, or an answer that is the server’s own failure',
};

const marks =
  'Marks: ✓ proven; ✗ contradicted; ? not shown as of the size named; ! proven, and less than it may seem: read the line.';

/** What stands for a value, where its name does not say enough. */
const placeholders: Readonly<Record<string, string>> = {
  TIME: 'TIME is 2026-11-03T12:00:00Z, or seconds since 1970.',
  LEAFHASH: 'A LEAFHASH is the SHA-256 of a leaf, 64 hexadecimal digits, as isal log entry --json shows it.',
  KEYID: 'A KEYID is the SHA-256 of a public key, 64 hexadecimal digits, as isal authority show prints it.',
};

/** The page of a command or a family. */
export function pageOf(words: readonly string[], node: Node): Page {
  return isFamily(node) ? familyPage(words, node) : commandPage(words, node);
}

function familyPage(words: readonly string[], node: Family): Page {
  const { line, commands, notes = [] } = node;
  const rows = commands.map((one) => ({ term: [one.name, ...argumentsOf(one)].join(' '), text: one.line }));
  return {
    words,
    line,
    synopses: synopses(words, node),
    sections: [{ title: 'commands', layout: 'columns', rows }],
    notes: [...notes, `${words.join(' ')} COMMAND --help says how each is used.`],
  };
}

function commandPage(words: readonly string[], node: Command): Page {
  const { description } = node;
  const { positionals = [], statuses, examples, meanings: own = {} } = description;
  const sections: Section[] = [
    {
      title: 'arguments',
      layout: 'columns',
      rows: positionals.map(({ name, text, ...value }) => ({ term: name, text: text + choicesText(value) })),
    },
    { title: 'options', layout: 'columns', rows: optionRows(description) },
    {
      title: 'exit status',
      layout: 'statuses',
      rows: statuses.map((status) => ({ term: String(status), text: own[status] ?? meanings[status] })),
    },
    {
      title: 'examples',
      layout: 'examples',
      rows: examples.map(({ run, shows }) => ({ term: run, text: shows })),
    },
  ];
  return {
    words,
    line: node.line,
    synopses: synopses(words, node),
    sections: sections.filter(({ rows }) => rows.length > 0),
    notes: notesOf(description),
  };
}

/** `WHAT`, `[VERSION]` */
function argumentsOf(node: Node): string[] {
  if (isFamily(node)) return [node.commands.map(({ name }) => name).join('|')];
  const { positionals = [] } = node.description;
  return positionals.map(({ name, optional }) => (optional === true ? `[${name}]` : name));
}

function notesOf(description: Description): readonly string[] {
  const values = [...optionsOf(description).values()].map(({ value }) => value ?? '');
  const used = Object.entries(placeholders).filter(([name]) => values.includes(name));
  return [
    ...(description.notes ?? []),
    ...(description.marked === true ? [marks] : []),
    ...used.map(([, text]) => text),
  ];
}

function optionRows(description: Description): Row[] {
  return [
    ...[...optionsOf(description)].map(([name, option]) => ({
      term: nameOf(name, option.value),
      text: option.text + remarks(option),
    })),
    { term: '-h, --help', text: 'this page' },
  ];
}

function remarks(option: Option): string {
  if (option.value === undefined) return '';
  const several = {
    repeated: '; may be repeated',
    commas: '; with commas between, or repeated',
  };
  const list = option.list === undefined ? '' : several[option.list];
  const required = option.required === true ? ' (required)' : '';
  const unset = option.unset ?? option.default;
  return choicesText(option) + list + required + (unset === undefined ? '' : ` (default: ${unset})`);
}

function choicesText(value: Parameters<typeof choicesOf>[0]): string {
  const choices = choicesOf(value);
  return choices === undefined ? '' : `: one of ${choices.join(', ')}`;
}

/** The first page: what there is, and for whom. */
export function firstPage(root: Family, groups: readonly Group[]): Page {
  const statuses = Object.entries(meanings).map(([status, text]) => ({ term: status, text }));
  return {
    words: [root.name],
    line: root.line,
    synopses: [`${root.name} COMMAND [arguments] [options]`],
    opening: 'New here? isal demo shows all of it in a minute, on this machine alone.',
    sections: [
      ...groups.map(({ title, entries }): Section => ({
        title,
        layout: 'columns',
        rows: entries.map((entry) => entryRow(root.name, entry)),
      })),
      { title: 'exit status', layout: 'statuses', rows: statuses },
    ],
    notes: root.notes ?? [],
  };
}

function entryRow(name: string, { node, names, line = node.line }: Entry): Row {
  const what = names === undefined ? argumentsOf(node) : [names.join('|')];
  return { term: [name, node.name, ...what].join(' '), text: line };
}
