/** How a command is used, in a line or two, from its description. */
import { isFamily, optionsOf } from './command.ts';
import type { Command, Description, Family, Node } from './command.ts';

/** `--out FILE`, or `--json` for a flag. */
export function nameOf(option: string, value: string | undefined): string {
  return value === undefined ? `--${option}` : `--${option} ${value}`;
}

/**
 *     isal verify FILE [options]
 *     isal verify --evidence FILE [options]
 */
export function synopses(words: readonly string[], node: Node): readonly string[] {
  if (isFamily(node)) return [familySynopsis(words, node)];
  const { positionals = [] } = node.description;
  const instead = [...new Set(positionals.flatMap(({ unless }) => (unless === undefined ? [] : [unless])))];
  return [undefined, ...instead].map((option) => commandSynopsis(words, node, option));
}

function familySynopsis(words: readonly string[], { commands }: Family): string {
  return [...words, commands.map(({ name }) => name).join('|'), '…'].join(' ');
}

function commandSynopsis(
  words: readonly string[],
  { description }: Command,
  instead: string | undefined,
): string {
  const { positionals = [], oneOf = [] } = description;
  const options = optionsOf(description);
  const shown = (option: string): string => nameOf(option, options.get(option)?.value);
  const named = positionals
    .filter(({ unless }) => instead === undefined || unless !== instead)
    .map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  const required = requiredIn(description);
  const alternatives = oneOf.length === 0 ? [] : [`(${oneOf.map(shown).join('|')})`];
  const rest = options.size > required.length + oneOf.length + (instead === undefined ? 0 : 1);
  return [
    ...words,
    ...named,
    ...(instead === undefined ? [] : [shown(instead)]),
    ...required.map(shown),
    ...alternatives,
    ...(rest ? ['[options]'] : []),
  ].join(' ');
}

function requiredIn(description: Description): string[] {
  return [...optionsOf(description)].filter(([, { required }]) => required === true).map(([name]) => name);
}
