/**
 * `isal store restore BACKUP DIR`: a ledger's directory made of a backup, verified
 * where it stands and before it has its name. That it may be older than what the
 * ledger has signed since, the newest anchor or the witnesses tell when it is served.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { copyDatabase } from '../../storage/leveldb/copy.ts';
import { makeDirectory, openPublicDirectory } from '../serve/directory.ts';
import { readable } from '../serve/looking.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { leadingOn } from '../terminal/ways-out.ts';
import type { described } from './commands.ts';
import { copyFolder, copySynced, plainFiles, reportCopy, verifyCopy, type CopiedLedger } from './copied.ts';

export async function restore(
  { values: { json }, positionals: [from, path] }: Given<typeof described.restore>,
  io: Io,
): Promise<ExitStatus> {
  const backup = await openPublicDirectory(from);
  return leadingOn(from, async (): Promise<ExitStatus> => {
    let copied: CopiedLedger | undefined;
    await makeDirectory(path, async (temporary) => {
      for (const name of plainFiles) await copySynced(join(backup.path, name), join(temporary, name));
      await mkdir(join(temporary, 'db'), { mode: 0o700 });
      await readable(() => copyDatabase(backup.database, join(temporary, 'db')));
      await copyFolder(backup.anchor, join(temporary, 'anchor'));
      await copyFolder(backup.evidence, join(temporary, 'evidence'));
      await copyFolder(join(backup.path, 'keys'), join(temporary, 'keys'), { secret: true });
      copied = await verifyCopy(temporary, backup, io);
    });
    if (copied === undefined) throw new Error('broken invariant: a directory is made when it is filled');
    const next = [
      `If the newest anchor of the ledger is left, put it into ${join(path, 'anchor')} before anything else: it alone knows what was signed since.`,
      `Put the log’s keys into ${join(path, 'keys')} if they are not there, then: isal serve ${path}`,
      `If that says the store is behind: isal log refill ${path} --from URL|FILE|DIR`,
    ];
    reportCopy(copied, { label: 'Restored', path, next, json }, io);
    return 0;
  });
}
