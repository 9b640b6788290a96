/** A command line by its description: `parseArgs` of Node, with refusals in the project's own form. */
import { parseArgs } from 'node:util';
import { LedgerError } from '../../errors.ts';
import { misused } from './args.ts';
import { choicesOf, optionsOf } from './command.ts';
import type { AnyGiven, Command, Description, Option, Positional } from './command.ts';
import { didYouMean } from './suggest.ts';
import { nameOf } from './synopsis.ts';

type Options = ReadonlyMap<string, Option>;

/** `name` is the command's in full. Throws `usage` for whatever the description does not admit. */
export function parse({ description }: Command, args: readonly string[], name: string): AnyGiven {
  const options = optionsOf(description);
  const { tokens } = parseArgs({
    args: [...args],
    // Refusals are ours, so that they name what is known, and the nearest of it.
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      [...options].map(([option, { value }]) => [
        option,
        { type: value === undefined ? 'boolean' : 'string' },
      ]),
    ),
  });
  const words: string[] = [];
  const given = new Map<string, (string | true)[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const value = valueOf(token, options, name);
    given.set(token.name, [...(given.get(token.name) ?? []), value]);
  }
  const values = Object.fromEntries(
    [...options].map(([option, described]) => [option, read(option, described, given.get(option) ?? [])]),
  );
  const positionals = readPositionals(description, words, given);
  requireGiven(name, description, { options, given });
  return { values, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function valueOf(
  { name, rawName, value, inlineValue }: OptionToken,
  options: Options,
  command: string,
): string | true {
  const option = options.get(name);
  if (option === undefined || rawName !== `--${name}`) {
    const known = [...options.keys(), 'help'].map((one) => `--${one}`);
    throw misused(`${command} has no option ${rawName}${didYouMean(rawName, known)}`);
  }
  if (option.value === undefined) {
    if (value !== undefined) throw misused(`--${name} takes no value`);
    return true;
  }
  // An option where a value belongs is a value that was forgotten; one that begins with a dash is joined by "=".
  if (value === undefined || (inlineValue !== true && /^-./.test(value))) {
    throw misused(`--${name} needs a value: ${option.value}`);
  }
  return value;
}

/** The value of one option out of all that was given for it. */
function read(
  name: string,
  option: Option,
  given: readonly (string | true)[],
): string | boolean | readonly string[] | undefined {
  if (option.value === undefined) return given.length > 0;
  const texts = given.map(String);
  if (option.list === undefined) {
    // Of two values, one would be left out without a word, and it may be the one that was to refuse a file.
    if (texts.length > 1) throw misused(`--${name} was given more than once, and takes one value`);
    for (const text of texts) requireChoice(`--${name}`, text, option);
    return texts[0] ?? option.default;
  }
  const all =
    option.list === 'commas' ? texts.flatMap((text) => text.split(',').map((one) => one.trim())) : texts;
  for (const text of all) requireChoice(`--${name}`, text, option);
  return all;
}

function requireChoice(what: string, text: string, of: Parameters<typeof choicesOf>[0]): void {
  const choices = choicesOf(of);
  if (choices === undefined || choices.includes(text)) return;
  throw new LedgerError('usage', `unknown ${what}${didYouMean(text, choices)}`, {
    expected: `one of ${choices.join(', ')}`,
  });
}

function readPositionals(
  { positionals = [] }: Description,
  words: readonly string[],
  given: ReadonlyMap<string, unknown>,
): AnyGiven['positionals'] {
  const instead = positionals.find(({ unless }) => unless !== undefined && given.has(unless))?.unless;
  const taken = positionals.filter(({ unless }) => unless === undefined || unless !== instead);
  if (words.length > taken.length && taken.at(-1)?.several !== true) throw tooMany(taken, instead);
  return positionals.map((positional) => {
    const at = taken.indexOf(positional);
    if (positional.several === true) return words.slice(at);
    const text = words[at];
    if (text !== undefined) requireChoice(positional.name, text, positional);
    else if (at >= 0 && positional.optional !== true) {
      throw misused(`${positional.name} is missing: ${positional.text}`);
    }
    return text;
  });
}

/** What was typed is not repeated: a word in a wrong place could be anything, a name too. */
function tooMany(taken: readonly Positional[], instead: string | undefined): LedgerError {
  if (instead !== undefined) return misused(`too many arguments: --${instead} stands alone`);
  const names = taken.map(({ name }) => name).join(' and ');
  return misused(`too many arguments: ${names === '' ? 'options' : names} only`);
}

/** Options that are always needed, and those of which one is. */
function requireGiven(
  name: string,
  { oneOf = [] }: Description,
  { options, given }: { readonly options: Options; readonly given: ReadonlyMap<string, unknown> },
): void {
  const missing = [...options].filter(([option, { required }]) => required === true && !given.has(option));
  if (missing.length > 0) {
    throw misused(`${name} needs ${missing.map(([option, { value }]) => nameOf(option, value)).join(', ')}`);
  }
  const among = oneOf.filter((option) => given.has(option)).length;
  if (oneOf.length > 0 && among !== 1) {
    const names = oneOf.map((option) => nameOf(option, options.get(option)?.value));
    throw misused(`${name} needs ${among === 0 ? 'one' : 'only one'} of ${names.join(', ')}`);
  }
}
