/**
 * A stage for a story of commands: each is shown as a person would type it, is
 * run, and is held to what it was to show. A story that does not come out as
 * told is a fault, so a demonstration of it is a test of it too.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../../errors.ts';
import type { ExitStatus } from '../../errors.ts';
import { isObject, memberLines } from '../../cli/terminal/members.ts';
import type { Finished, Where } from '../child.ts';
import type { Children } from '../children.ts';

/** How the story gets at the world; a test runs the commands in its own process. */
export interface Props {
  readonly directory: string;
  /** Whom the servers of the story are among. */
  readonly children: Children;
  /** The only thing that prints. */
  readonly say: (text: string) => void;
  readonly isal: (args: readonly string[], where: Where) => Promise<Finished>;
  /** Any other program. */
  readonly program: (file: string, args: readonly string[], where: Where) => Promise<Finished>;
}

export interface Expected {
  /** Default: 0. */
  readonly status?: ExitStatus;
  /** What the output must hold, line by line. */
  readonly shows?: readonly RegExp[];
  /** Print these lines of the output alone, with … for the others. */
  readonly only?: RegExp;
  /** Makes it a line of the table at the end: what has happened, in a few words. */
  readonly verdict?: string;
}

export interface Verdict {
  readonly what: string;
  readonly status: ExitStatus;
}

/** A JSON merge patch (RFC 7396) without its deletions. */
export interface Patch {
  readonly [member: string]: Patch | string | number | boolean | readonly (string | Patch)[];
}

/** What an exit status says of a file or a log. */
export const exitWords: Readonly<Record<ExitStatus, string>> = {
  0: 'proven',
  1: 'contradicted',
  2: 'not proven',
  3: 'policy not met',
  4: 'usage',
  5: 'unreachable',
};

/** Nothing of the output is printed. */
export const silent: Expected = { only: /^$/ };

/** Characters to a line, for a terminal that is not wide. */
const width = 100;

/**
 * A command line as its words: what stands in the template is split at white
 * space, what is put into it is not.
 *
 *     words`attest new build --file ${'a b'}`   ['attest', 'new', 'build', '--file', 'a b']
 */
export function words(literals: TemplateStringsArray, ...values: readonly (string | number)[]): string[] {
  const found: string[] = [];
  let word: string | undefined;
  const end = (): void => {
    if (word !== undefined) found.push(word);
    word = undefined;
  };
  literals.forEach((literal, i) => {
    for (const part of literal.split(/(\s+)/)) {
      if (/^\s+$/.test(part)) end();
      else if (part !== '') word = (word ?? '') + part;
    }
    const value = values[i];
    if (value !== undefined) word = (word ?? '') + String(value);
  });
  end();
  return found;
}

export class Stage {
  readonly directory: string;
  readonly children: Children;
  /** Of the parties' and customers' machines; the trust file, once it is pinned. */
  readonly env: Record<string, string> = {};
  readonly verdicts: Verdict[] = [];
  readonly #props: Props;
  #chapters = 0;
  /** Whether the last thing that was printed is a command. */
  #silent = false;

  constructor(props: Props) {
    this.#props = props;
    this.directory = props.directory;
    this.children = props.children;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  say(text: string): void {
    this.#silent = false;
    this.#props.say(text);
  }

  chapter(title: string, text: string): void {
    this.#chapters++;
    this.say(`\n\n${`── ${this.#chapters}. ${title} `.padEnd(width, '─')}`);
    this.tell(text);
  }

  /** Prose after an empty line; its own line breaks do not count, empty lines do. */
  tell(text: string): void {
    for (const paragraph of text.trim().split(/\n\n+/)) this.say(`\n${wrapped(paragraph)}`);
  }

  /** Runs `isal`; resolves to what it printed. */
  async isal(args: readonly string[], expected: Expected = {}): Promise<string> {
    this.#typed(['isal', ...args]);
    const finished = await this.#props.isal(args, this.#where());
    return this.#judge(`isal ${args.join(' ')}`, finished, expected);
  }

  /** Runs another program, with its command line shown. */
  async program(file: string, args: readonly string[], expected: Expected = {}): Promise<string> {
    this.#typed([file, ...args]);
    const finished = await this.#props.program(file, args, this.#where());
    return this.#judge(`${file} ${args.join(' ')}`, finished, expected);
  }

  /** Runs another program behind the scenes. */
  async hidden(file: string, args: readonly string[]): Promise<string> {
    const finished = await this.#props.program(file, args, this.#where());
    if (finished.status !== 0) throw untold(`${file} ${args.join(' ')}`, 'exit status 0', finished);
    return finished.output;
  }

  /** A line that a person types at the start of the day. */
  exports(name: string, value: string): void {
    this.env[name] = value;
    this.say(`\n  $ export ${name}=${value}`);
  }

  /** What a party does to a JSON file in an editor. */
  async edit(name: string, patch: Patch): Promise<void> {
    this.say(`\n  ${name}, filled in:`);
    for (const line of memberLines(patch)) this.say(`      ${fitting(line, width - 6)}`);
    const file: unknown = JSON.parse(await readFile(this.path(name), 'utf8'));
    await writeFile(this.path(name), `${JSON.stringify(merged(file, { predicate: patch }), null, 2)}\n`);
  }

  /** The three steps that every statement goes through; resolves to where it was recorded. */
  async record(
    name: string,
    keys: readonly string[],
    { aloud = false }: { aloud?: boolean } = {},
  ): Promise<RecordedLeaf> {
    const [first = '', ...others] = keys;
    const key = (party: string): string[] => ['--key', `ledger/keys/${party}.pem`];
    await this.isal(['attest', 'sign', `${name}.json`, ...key(first)], aloud ? {} : silent);
    for (const other of others) {
      await this.isal(['attest', 'cosign', `${name}.dsse.json`, ...key(other)], silent);
    }
    const submitted = await this.isal(['attest', 'submit', `${name}.dsse.json`], { shows: [/^✓ Recorded/] });
    return placeIn(submitted);
  }

  #where(): Where {
    return { cwd: this.directory, env: this.env };
  }

  /** Commands that print nothing stand close together. */
  #typed(words: readonly string[]): void {
    if (!this.#silent) this.say('');
    this.#props.say(commandLine(words));
    this.#silent = true;
  }

  #judge(command: string, finished: Finished, expected: Expected): string {
    const { status: wanted = 0, shows = [], only, verdict } = expected;
    const { output, status } = finished;
    const lines = output.trimEnd().split('\n');
    const printed =
      only === undefined
        ? lines
        : lines.filter((line, i) => only.test(line) || (i === 0 && status !== wanted));
    for (const line of printed) if (line !== '') this.say(`      ${line}`);
    if (only !== undefined && printed.length > 0 && printed.length < lines.length) this.say('      …');
    if (verdict !== undefined) this.say(`      (exit status ${status}: ${exitWords[wanted]})`);
    else if (wanted !== 0) this.say(`      (exit status ${status})`);
    if (status !== wanted) throw untold(command, `exit status ${wanted}`, finished);
    for (const pattern of shows) {
      if (!lines.some((line) => pattern.test(line)))
        throw untold(command, `a line ${String(pattern)}`, finished);
    }
    if (verdict !== undefined) this.verdicts.push({ what: verdict, status: wanted });
    return output;
  }
}

export interface RecordedLeaf {
  readonly index: number;
  readonly leafHash: string;
}

function placeIn(output: string): RecordedLeaf {
  const index = /leaf ([0-9]+) of/.exec(output)?.[1];
  const leafHash = /leaf hash +([0-9a-f]{64})/i.exec(output)?.[1];
  if (index === undefined || leafHash === undefined) {
    throw new LedgerError('internal', 'the story needs the leaf and its hash', { got: output });
  }
  return { index: Number(index), leafHash };
}

function untold(command: string, expected: string, { status, output }: Finished): LedgerError {
  return new LedgerError('internal', `the story did not come out as told at: ${command}`, {
    expected,
    got: `exit status ${status}\n${output.trimEnd()}`,
  });
}

function wrapped(paragraph: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of paragraph.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** As typed in a shell, with lines that end in a backslash where one would be too long. */
function commandLine(words: readonly string[]): string {
  const lines: string[] = [];
  let line = '  $';
  for (const part of parts(words.map(quoted))) {
    if (line.length + part.length + 3 > width && line.trim() !== '$') {
      lines.push(`${line} \\`);
      line = '     ';
    }
    line = `${line} ${part}`;
  }
  return [...lines, line].join('\n');
}

/** Options with their values, which stay on one line. */
function parts(words: readonly string[]): string[] {
  const found: string[] = [];
  for (const word of words) {
    const before = found.at(-1);
    const isValue = before !== undefined && /^--[a-z-]+$/.test(before) && !word.startsWith('--');
    if (isValue) found[found.length - 1] = `${before} ${word}`;
    else found.push(word);
  }
  return found;
}

const isPatch = (value: Patch[string]): value is Patch => isObject(value);

function merged(file: unknown, patch: Patch): unknown {
  const all: Record<string, unknown> = isObject(file) ? { ...file } : {};
  for (const [member, value] of Object.entries(patch)) {
    all[member] = isPatch(value) ? merged(all[member], value) : value;
  }
  return all;
}

const fitting = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;
