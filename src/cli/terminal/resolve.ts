/** From the words of a command line to the command that they name. */
import { isMainThread } from 'node:worker_threads';
import { misused } from './args.ts';
import { isFamily } from './command.ts';
import type { Family, Node } from './command.ts';
import type { Io } from './io.ts';
import { parse } from './parse.ts';
import { didYouMean } from './suggest.ts';

export interface Found {
  /** Its name in full: `['isal', 'bundle', 'get']`. */
  readonly words: readonly string[];
  readonly node: Node;
  /** What follows the name. */
  readonly rest: readonly string[];
}

/** As far down as the words name a command; where they name a family alone, that. */
export function resolve(root: Node, args: readonly string[]): Found {
  let found: Found = { words: [root.name], node: root, rest: args };
  for (;;) {
    const { words, node, rest } = found;
    const next = isFamily(node) ? node.commands.find(({ name }) => name === rest[0]) : undefined;
    if (next === undefined) return found;
    found = { words: [...words, next.name], node: next, rest: rest.slice(1) };
  }
}

/** Throws `usage` where a family is found and a word follows that is none of its commands. */
export function requireKnown({ words, node, rest }: Found): void {
  const [word] = rest;
  if (!isFamily(node) || word === undefined || word.startsWith('-')) return;
  const names = node.commands.map(({ name }) => name);
  // The very word elsewhere is meant rather than one that is spelt like it.
  const elsewhere = pathsTo(word, node, words);
  const meant =
    elsewhere.length === 0 ? didYouMean(word, names) : `; did you mean ${elsewhere.join(' or ')}?`;
  throw misused(`${words.join(' ')} has no such command${meant}`);
}

/** Commands below a family that go by that name: somebody types `isal sign` for `isal attest sign`. */
function pathsTo(name: string, { commands }: Family, words: readonly string[]): string[] {
  return commands.flatMap((node) => [
    ...(node.name === name ? [[...words, name].join(' ')] : []),
    ...(isFamily(node) ? pathsTo(name, node, [...words, node.name]) : []),
  ]);
}

/** Parses what follows the name, loads the command and runs it. Throws `usage`, and what the command throws. */
export async function execute(found: Found, io: Io): Promise<number> {
  const { words, node, rest } = found;
  requireKnown(found);
  if (isFamily(node)) {
    const name = words.join(' ');
    throw misused(rest.length === 0 ? `${name} needs the name of a command` : `${name}: options come last`);
  }
  const given = parse(node, rest, words.join(' '));
  const run = await node.load();
  // A thread has no umask of its own, and cannot set that of its process.
  if (node.description.closed !== true || !isMainThread) return run(given, io);
  // LevelDB makes its files as the umask has it, at any time while it is open.
  const before = process.umask(0o077);
  try {
    return await run(given, io);
  } finally {
    process.umask(before);
  }
}
