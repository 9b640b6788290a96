/** `isal completion`: a script that a shell sources. */
import type { Given } from '../terminal/command.ts';
import type { Io } from '../terminal/io.ts';
import { bashScript } from './bash.ts';
import type { described } from './commands.ts';
import { fishScript } from './fish.ts';
import { placesOf } from './places.ts';
import type { Table } from './table.ts';
import { zshScript } from './zsh.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export async function completion(
  { root }: Table,
  { positionals: [shell] }: Given<typeof described.completion>,
  io: Io,
): Promise<number> {
  io.stdout(scripts[shell](placesOf(root)));
  return 0;
}
