/**
 * A copy of a database that may be written to meanwhile, of one moment.
 *
 * Tables are written once and never changed. A log only grows, so whatever
 * length of it was read is an earlier state of the database. Which tables and
 * logs belong together, the manifest says, and it is the same only if nothing
 * was put away between:
 *
 *   manifest ─► tables, then logs from the oldest on ─► manifest again: the same? done
 *                      ▲                                              └─ no: what is new
 *                      └───────────────────────────────────────────────┘
 *
 * A log that is not the newest was finished before its successor began; as they
 * are listed first and copied in their order, no copy has the second one with a
 * gap before it.
 */
import { constants } from 'node:fs';
import { copyFile, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equal } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { syncDirectory } from '../sync-directory.ts';
import { Damage, findingOf, refusalOf } from './damage.ts';
import { namesIn, readWhole } from './files.ts';
import { parseName } from './names.ts';

const tries = 50;

/** Copies the database in `from` into the empty directory `to`, synced. Throws `store-missing`, `store-failed`. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  for (let left = tries; left > 0; left--) {
    const before = await manifestOf(from);
    await copyTables(from, to);
    await copyLogs(from, to);
    const after = await manifestOf(from);
    if (before.name !== after.name || !equal(before.bytes, after.bytes)) continue;
    await writeFile(join(to, before.name), before.bytes, { flush: true });
    // Last: a directory without it is no database, so a copy that was cut short is not taken for one.
    await writeFile(join(to, 'CURRENT'), `${before.name}\n`, { flush: true });
    await syncDirectory(to);
    return;
  }
  throw new LedgerError('store-failed', 'the database changes faster than it can be copied', {
    expected: `a manifest that stands still while files are copied, in one of ${tries} tries`,
  });
}

async function manifestOf(dir: string): Promise<{ name: string; bytes: Uint8Array }> {
  const current = await whole(dir, 'CURRENT');
  if (current === undefined) {
    throw new LedgerError('store-missing', `there is no database in ${dir}`, { expected: 'a database' });
  }
  const name = Buffer.from(current).toString('latin1').trimEnd();
  const bytes = parseName(name)?.kind === 'manifest' ? await whole(dir, name) : undefined;
  if (bytes !== undefined) return { name, bytes };
  throw new LedgerError('store-corrupt', 'CURRENT names no manifest that is there', {
    expected: 'MANIFEST- and a number',
    got: `${current.length} bytes`,
  });
}

async function whole(dir: string, name: string): Promise<Uint8Array | undefined> {
  try {
    return await readWhole(dir, name);
  } catch (error) {
    throw error instanceof Damage ? refusalOf(findingOf(error, name)) : error;
  }
}

/** Those that are not there yet, or were not whole yet when they were copied. */
async function copyTables(from: string, to: string): Promise<void> {
  for (const name of await namesIn(from)) {
    if (parseName(name)?.kind !== 'table') continue;
    const [there, here] = [await sizeOf(join(from, name)), await sizeOf(join(to, name))];
    if (there !== undefined && there !== here) await copyOne(name, from, to);
  }
}

async function copyLogs(from: string, to: string): Promise<void> {
  const logs = (await namesIn(from)).flatMap((name) => {
    const parsed = parseName(name);
    return parsed?.kind === 'log' ? [{ name, number: parsed.number }] : [];
  });
  for (const { name } of logs.sort((a, b) => a.number - b.number)) await copyOne(name, from, to);
}

async function copyOne(name: string, from: string, to: string): Promise<void> {
  try {
    await copyFile(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
  } catch (error) {
    // LevelDB has put it away; whether it belonged to what is copied, the manifest tells.
    if (isAbsent(error)) return;
    throw new LedgerError('store-failed', `${name} could not be copied`, {
      got: error instanceof Error ? error.message : 'an error',
      cause: error,
    });
  }
  const file = await open(join(to, name), 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
