/** `isal signer run`: the log's keys and anchor, for a server of another user. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { openDoor } from '../../signer/door.ts';
import { closeToOthers } from '../serve/close-to-others.ts';
import { openSignerDirectory } from '../serve/log-keys.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import type { described } from './commands.ts';

export async function run(
  { values, positionals: [path] }: Given<typeof described.run>,
  io: Io,
): Promise<ExitStatus> {
  const socket = values.socket ?? join(resolve(path), 'signer.sock');
  const group = values.group === undefined ? undefined : await groupNumber(values.group);
  await closeToOthers();
  const served = await openSignerDirectory(path, { readable: values['readable-keys'] });
  // Listened for before any server can ask, so that no signal cuts a signature off.
  const stopped = new Promise<void>((stop) => {
    process.once('SIGTERM', () => stop());
    process.once('SIGINT', () => stop());
  });
  const door = await openDoor(socket, served, defined({ group }));
  io.stdout(`Signer of ${served.origin} at ${socket}. Stop with Ctrl-C.\n`);
  await stopped;
  await door.close();
  return 0;
}

/** Throws `usage` for a group that this machine does not know. */
async function groupNumber(group: string): Promise<number> {
  if (/^[0-9]{1,9}$/.test(group)) return Number(group);
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  for (const line of groups.split('\n')) {
    const [name, , number] = line.split(':');
    if (name === group && number !== undefined) return Number(number);
  }
  throw new LedgerError('usage', '--group is no group of this machine', {
    expected: 'a name in /etc/group, or a number',
    got: group,
  });
}
