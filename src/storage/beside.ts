/**
 * A database that is made beside the one whose place it takes.
 *
 *     db.refill-XXXXXX/   while it is made; what a crash left is removed by the next one
 *     db/                 the one in use
 *     db.damaged-TIME/    the one that was in use, kept for the operator, who will want to know what happened
 *
 * What a crash leaves, step by step:
 *
 * 1. while it is made: `db/` as it was, and a directory that is not whole;
 * 2. after `db/` was put away: no `db/`, so nothing opens. Making it once more
 *    puts a whole one there;
 * 3. after the new one took the name: all is done, and the name lasts with the sync.
 */
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { lockHolder } from './fence.ts';
import { LedgerError } from '../errors.ts';
import { syncDirectory } from './sync-directory.ts';

/** A new, empty directory beside `database`. What an earlier call left unfinished goes away. */
export async function makeBeside(database: string): Promise<string> {
  const parent = dirname(database);
  const prefix = `${basename(database)}.refill-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true });
  }
  return mkdtemp(join(parent, prefix));
}

/**
 * Puts the closed database `made` into the place of `database`, and resolves to
 * where the old one is kept, if there was one. Throws `store-locked` while a
 * process has that open; where the system does not tell, that process finds its
 * lock file gone before it writes again.
 */
export async function takePlaceOf(
  database: string,
  made: string,
  { now }: { readonly now: number },
): Promise<string | undefined> {
  requireUnused(database);
  const stamp = new Date(now).toISOString().replaceAll(':', '-');
  const kept = `${database}.damaged-${stamp}`;
  const moved = await rename(database, kept).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  await rename(made, database);
  await syncDirectory(dirname(database));
  return moved ? kept : undefined;
}

/** Throws `store-locked` while a process has the database open, where the system tells (Linux). */
export function requireUnused(database: string): void {
  const holder = lockHolder(database);
  if (holder === undefined) return;
  throw new LedgerError(
    'store-locked',
    `another process (${holder}) has the database in ${database} open; stop it first`,
    {
      expected: 'a ledger that does not run',
    },
  );
}
