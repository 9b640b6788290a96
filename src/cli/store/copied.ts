/** What a copy of a ledger consists of, and what is looked at before it is called one. */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import { syncDirectory } from '../../storage/sync-directory.ts';
import type { Head } from '../../tlog/head.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import type { CheckpointSummary } from '../../verifier/judging/verdict.ts';
import { counted } from '../../words/en/numbers.ts';
import type { LedgerDirectory } from '../serve/directory.ts';
import { readable } from '../serve/looking.ts';
import { checkWhole } from '../serve/whole-store.ts';
import { checkpointText } from '../verify/checkpoint-text.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, markLine } from '../terminal/marks.ts';
import { progress } from '../terminal/progress.ts';

/** The files of a ledger that say what it is, beside its database and anchor. */
export const plainFiles = ['config.json', 'genesis.json', 'trust.json'] as const;

export interface CopiedLedger {
  readonly head: Head;
  /** Undefined where nothing was published yet. */
  readonly checkpoint: CheckpointSummary | undefined;
  /** Of the database. */
  readonly bytes: number;
}

/** Copies the plain files of `from` that are there into the new directory `to`, synced; readable by the owner alone where `secret`. */
export async function copyFolder(
  from: string,
  to: string,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  const names = await readdir(from, { withFileTypes: true }).catch(() => []);
  if (names.length === 0) return;
  await mkdir(to, { mode: 0o700 });
  for (const entry of names) {
    if (entry.isFile()) await copySynced(join(from, entry.name), join(to, entry.name), { secret });
  }
  await syncDirectory(to);
}

export async function copySynced(
  from: string,
  to: string,
  { secret = false }: { readonly secret?: boolean } = {},
): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL);
  if (secret) await chmod(to, 0o600);
  const file = await open(to, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Verifies all of the ledger in `path`, which no process writes to. Throws what `checkWhole` throws. */
export async function verifyCopy(
  path: string,
  { trust }: Pick<LedgerDirectory, 'trust'>,
  io: Io,
): Promise<CopiedLedger> {
  const database = join(path, 'db');
  return readable(async () => {
    const anchored = await Anchor.look(join(path, 'anchor'));
    const storage = await LevelFiles.open(database);
    try {
      const { head, signed } = await checkWhole({ storage, anchored, trust }, async ({ leaves, size }) => {
        const bar = progress(io, 'verifying the copy', size);
        for await (const { index } of leaves) bar.update(index + 1);
        bar.end();
      });
      const checkpoint = signed === undefined ? undefined : summarise(signed, trust.policy);
      return { head, checkpoint, bytes: await bytesIn(database) };
    } finally {
      await storage.close();
    }
  });
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) bytes += (await stat(join(directory, name))).size;
  return bytes;
}

/** What is proven of a copy, and what to do with it next. */
export function reportCopy(
  { head, checkpoint, bytes }: CopiedLedger,
  { label, path, next, json }: { label: string; path: string; next: readonly string[]; json: boolean },
  io: Io,
): void {
  if (json) {
    const answer = { exit: 0, path, size: head.size, bytes, checkpoint: checkpoint ?? null };
    io.stdout(`${JSON.stringify(answer)}\n`);
    return;
  }
  const what = `${counted(head.size, 'entry', 'entries')}, ${byteCount(bytes)}, in ${path}`;
  io.stdout(markLine('proven', label, what, io));
  if (checkpoint !== undefined) io.stdout(checkpointText(checkpoint, io));
  for (const line of next) io.stdout(`${line}\n`);
}
