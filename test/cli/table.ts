/** Every command of a part of the table, with its name in full. */
import { isFamily } from '../../src/cli/terminal/command.ts';
import type { Command, Description, Node } from '../../src/cli/terminal/command.ts';

export interface NamedCommand {
  readonly words: readonly string[];
  readonly command: Command;
  readonly description: Description;
}

export function commandsBelow(words: readonly string[], node: Node): NamedCommand[] {
  if (!isFamily(node)) return [{ words, command: node, description: node.description }];
  return node.commands.flatMap((one) => commandsBelow([...words, one.name], one));
}
