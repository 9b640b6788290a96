/**
 * Where the leaves of a log can be had again, besides its own store: a ledger or
 * mirror that answers over HTTP, a directory with the same files, an export, the
 * database of a copy. Nothing of it is believed before the refilled store has the
 * roots that are known.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerClient } from '../../client/client.ts';
import { LedgerError } from '../../errors.ts';
import { checkpointKey } from '../../ledger/store/keys.ts';
import { splitLines } from '../../http/exchange/lines.ts';
import { maxNoteBytes } from '../../note/note.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import { maxEntryBytes } from '../../tlog/bundle.ts';
import type { Head } from '../../tlog/head.ts';
import { LogClient } from '../../verifier/proving/log-client.ts';
import type { SignedCheckpoint } from '../../verifier/proving/log-client.ts';
import type { FetchPath } from '../../verifier/proving/tile-reader.ts';
import { requireMinSize } from '../../verifier/judging/verify-bundle.ts';
import type { Trust } from '../../verifier/trust.ts';
import { readSmall } from '../terminal/files.ts';
import { fileSize } from '../terminal/hash-file.ts';
import { StoredLog } from './stored-log.ts';

export interface LeafReader {
  /** What it is, in a few words. */
  readonly what: string;
  /** Verified under the trust file; undefined for an export that came without. */
  readonly signed: SignedCheckpoint | undefined;
  /** From leaf 0 on, as many as the checkpoint has, or as there are. */
  leaves(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const nothingToClose = (): Promise<void> => Promise.resolve();

/**
 * Throws `usage`, `file-unreadable`, and whatever a checkpoint of the source is
 * refused with: another log, no signature, no quorum.
 */
export async function leafReader(
  from: string,
  { trust, checkpoint }: { readonly trust: Trust; readonly checkpoint: string | undefined },
): Promise<LeafReader> {
  if (/^https?:\/\//.test(from)) {
    requireNoCheckpoint(checkpoint);
    return tiled(`the ledger at ${from}`, new LedgerClient(from).fetchPath, trust);
  }
  const found = await stat(from).catch(() => undefined);
  if (found?.isDirectory() !== true) return exported(from, trust, checkpoint);
  requireNoCheckpoint(checkpoint);
  const database = await databaseIn(from);
  return database === undefined
    ? tiled(`the tiles in ${from}`, filesIn(from), trust)
    : stored(database, trust);
}

/** The database of a directory that has one in it, or is one. */
async function databaseIn(path: string): Promise<string | undefined> {
  for (const candidate of [join(path, 'db'), path]) {
    if ((await stat(join(candidate, 'CURRENT')).catch(() => undefined))?.isFile() === true) return candidate;
  }
  return undefined;
}

async function stored(database: string, trust: Trust): Promise<LeafReader> {
  const copy = await StoredLog.open(database);
  try {
    const note = await copy.storage.get(checkpointKey);
    const what = `the database ${database}`;
    const leaves = (): AsyncIterable<Uint8Array> => copy.leaves(0);
    const close = (): Promise<void> => copy.close();
    if (note === undefined) return { what, signed: undefined, leaves, close };
    const signed = { note, ...verifyCheckpoint({ note, policy: trust.policy }) };
    requireMinSize(signed, trust);
    return { what, signed, leaves, close };
  } catch (error) {
    await copy.close();
    throw error;
  }
}

/** A log as c2sp.org/tlog-tiles lays it out, behind whatever fetches its files. */
async function tiled(what: string, fetchPath: FetchPath, trust: Trust): Promise<LeafReader> {
  const log = new LogClient({ policy: trust.policy, fetchPath });
  const signed = await log.checkpoint();
  requireMinSize(signed, trust);
  const view = log.at(signed.checkpoint);
  return { what, signed, leaves: () => leavesOf(view.leaves()), close: nothingToClose };
}

function requireNoCheckpoint(checkpoint: string | undefined): void {
  if (checkpoint === undefined) return;
  throw new LedgerError('usage', '--checkpoint is for an export alone', {
    expected: 'no --checkpoint: the source has one of its own',
  });
}

async function* leavesOf(entries: AsyncIterable<{ readonly leaf: Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const { leaf } of entries) yield leaf;
}

/** The paths of a mirror below a directory, as a web server would hand them out. */
function filesIn(directory: string): FetchPath {
  return async (path, maxBytes) => {
    try {
      return await readSmall(join(directory, path), maxBytes);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      throw new LedgerError('not-found', 'the mirror has no such file', { got: join(directory, path) });
    }
  };
}

function isAbsent(error: unknown): boolean {
  const cause = error instanceof LedgerError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}

/** What `isal log export` wrote: a leaf a line. */
async function exported(path: string, trust: Trust, checkpoint: string | undefined): Promise<LeafReader> {
  // Asked for nothing else than to refuse what is no file now, and not when the store is half made.
  await fileSize(path);
  const what = `the export ${path}`;
  const close = nothingToClose;
  if (checkpoint === undefined)
    return { what, signed: undefined, leaves: () => linesOf(path, Infinity), close };
  const note = await readSmall(checkpoint, maxNoteBytes);
  const signed = { note, ...verifyCheckpoint({ note, policy: trust.policy }) };
  requireMinSize(signed, trust);
  return { what, signed, leaves: () => linesOf(path, signed.checkpoint.size), close };
}

async function* linesOf(path: string, size: Head['size']): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path) as AsyncIterable<Uint8Array>;
  const limits = { maxLineBytes: maxEntryBytes, maxLines: size, maxBytes: Infinity };
  let lines = 0;
  for await (const line of splitLines(file, limits)) {
    if (lines === size) return;
    if (line instanceof LedgerError) throw line;
    lines += 1;
    yield new Uint8Array(line);
  }
}
