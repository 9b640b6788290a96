/**
 * `isal store backup DIR`: a copy of a ledger that may be running, made beside its
 * place, verified, and then given its name. Nothing is written to the ledger.
 *
 * The database is copied before the anchor: the anchor of its moment, or a later
 * one that the copied tree reaches too, is then among the generations that are kept.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { copyDatabase } from '../../storage/leveldb/copy.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import { makeDirectory, openPublicDirectory, type LedgerDirectory } from '../serve/directory.ts';
import { readable } from '../serve/looking.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { leadingOn } from '../terminal/ways-out.ts';
import type { described } from './commands.ts';
import { copyFolder, copySynced, plainFiles, reportCopy, verifyCopy, type CopiedLedger } from './copied.ts';

export async function backup(
  { values: { to, 'with-keys': withKeys, json }, positionals: [path] }: Given<typeof described.backup>,
  io: Io,
): Promise<ExitStatus> {
  const directory = await openPublicDirectory(path);
  return leadingOn(path, async (): Promise<ExitStatus> => {
    let copied: CopiedLedger | undefined;
    await makeDirectory(to, async (temporary) => {
      await copyLedger(directory, temporary, { withKeys });
      copied = await verifyCopy(temporary, directory, io);
    });
    if (copied === undefined) throw new Error('broken invariant: a directory is made when it is filled');
    const next = [
      ...(withKeys
        ? []
        : [`The log’s keys are not in it: keep a copy of ${join(path, 'keys')} somewhere else.`]),
      `To use it: isal store restore ${to} DIR`,
    ];
    reportCopy(copied, { label: 'Backed up', path: to, next, json }, io);
    return 0;
  });
}

async function copyLedger(
  { path, database, anchor, evidence }: LedgerDirectory,
  temporary: string,
  { withKeys }: { withKeys: boolean },
): Promise<void> {
  for (const name of plainFiles) await copySynced(join(path, name), join(temporary, name));
  const copy = join(temporary, 'db');
  await mkdir(copy, { mode: 0o700 });
  await mkdir(join(temporary, 'anchor'), { mode: 0o700 });
  const size = await readable(async () => {
    await copyDatabase(database, copy);
    return sizeOf(copy);
  });
  await Anchor.copy(anchor, join(temporary, 'anchor'), { size });
  await copyFolder(evidence, join(temporary, 'evidence'));
  if (withKeys) await copyFolder(join(path, 'keys'), join(temporary, 'keys'), { secret: true });
}

async function sizeOf(database: string): Promise<number> {
  const storage = await LevelFiles.open(database);
  try {
    const head = await storage.head();
    if (head !== undefined) return head.size;
  } finally {
    await storage.close();
  }
  throw new LedgerError('not-ready', 'the ledger has recorded nothing yet, so there is nothing to keep', {
    expected: 'a ledger that was served once',
  });
}
