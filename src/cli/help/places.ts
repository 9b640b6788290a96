/** Where on a command line what may stand: what a completion script knows, whatever its shell. */
import { isFamily, optionsOf, wordsOf } from '../terminal/command.ts';
import type { Command, Completable, Family, Node } from '../terminal/command.ts';

/** A command or an option, and what it does. */
export interface Named {
  readonly name: string;
  readonly text: string;
}

/** What a shell offers where a value belongs: these words, and files or directories. */
export interface Value {
  readonly placeholder: string;
  readonly words: readonly string[];
  readonly files: 'file' | 'directory' | 'none';
}

export interface PlacedOption extends Named {
  /** Undefined for a flag. */
  readonly value?: Value;
  readonly list?: 'repeated' | 'commas' | undefined;
}

export interface Place {
  /** The words before it: `['bundle', 'get']`, or none. */
  readonly words: readonly string[];
  /** The commands that may follow. */
  readonly commands: readonly Named[];
  readonly options: readonly PlacedOption[];
  readonly positionals: readonly Value[];
}

const helpOption: PlacedOption = { name: 'help', text: 'how it is used' };
const versionOption: PlacedOption = { name: 'version', text: 'which isal this is' };

/** Every place, the outermost first. */
export function placesOf(root: Family): Place[] {
  return [
    { words: [], commands: named(root), options: [helpOption, versionOption], positionals: [] },
    ...root.commands.flatMap((node) => placesBelow([node.name], node, root)),
  ];
}

function placesBelow(words: readonly string[], node: Node, root: Family): Place[] {
  if (isFamily(node)) {
    return [
      { words, commands: named(node), options: [helpOption], positionals: [] },
      ...node.commands.flatMap((one) => placesBelow([...words, one.name], one, root)),
    ];
  }
  const { positionals = [] } = node.description;
  const options = optionsAt(node);
  // Words as many as there are: only `isal help` has them, and they are names of commands.
  if (positionals.some(({ several }) => several === true)) {
    return [{ words, commands: named(root), options, positionals: [] }, ...namesBelow(words, root)];
  }
  return [
    {
      words,
      commands: [],
      options,
      positionals: positionals.map((positional) => valueOf(positional.name, positional)),
    },
  ];
}

/** Places behind `isal help`, where the names of commands stand without their options. */
function namesBelow(words: readonly string[], { commands }: Family): Place[] {
  return commands.filter(isFamily).flatMap((family) => {
    const inner = [...words, family.name];
    return [
      { words: inner, commands: named(family), options: [], positionals: [] },
      ...namesBelow(inner, family),
    ];
  });
}

function named({ commands }: Family): Named[] {
  return commands.map(({ name, line }) => ({ name, text: line }));
}

function valueOf(placeholder: string, described: Completable): Value {
  return { placeholder, words: wordsOf(described), files: described.complete ?? 'none' };
}

/** As much of a text as stands beside a word in a list: up to what only explains it. */
function short(text: string): string {
  return text.split(/[;:(]/)[0]?.trim() ?? text;
}

function optionsAt({ description }: Command): PlacedOption[] {
  const options = [...optionsOf(description)].map(([name, option]): PlacedOption => {
    const { text, value, list } = option;
    return value === undefined
      ? { name, text: short(text) }
      : { name, text: short(text), value: valueOf(value, option), list };
  });
  return [...options, helpOption];
}
