/**
 * Where the leaves of a log can be had again, besides its own store: a ledger or
 * mirror that answers over HTTP, a directory with the same files, an export.
 * Nothing of it is believed before the refilled store has the roots that are known.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerClient } from '../../client/client.ts';
import { LedgerError } from '../../errors.ts';
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

export interface LeafReader {
  /** What it is, in a few words. */
  readonly what: string;
  /** Verified under the trust file; undefined for an export that came without. */
  readonly signed: SignedCheckpoint | undefined;
  /** From leaf 0 on, as many as the checkpoint has, or as there are. */
  leaves(): AsyncIterable<Uint8Array>;
}

/**
 * Throws `usage`, `file-unreadable`, and whatever a checkpoint of the source is
 * refused with: another log, no signature, no quorum.
 */
export async function leafReader(
  from: string,
  { trust, checkpoint }: { readonly trust: Trust; readonly checkpoint: string | undefined },
): Promise<LeafReader> {
  if (/^https?:\/\//.test(from)) {
    return tiled(`the ledger at ${from}`, new LedgerClient(from).fetchPath, trust, checkpoint);
  }
  const found = await stat(from).catch(() => undefined);
  if (found?.isDirectory() === true) return tiled(`the tiles in ${from}`, filesIn(from), trust, checkpoint);
  return exported(from, trust, checkpoint);
}

/** A log as c2sp.org/tlog-tiles lays it out, behind whatever fetches its files. */
async function tiled(
  what: string,
  fetchPath: FetchPath,
  trust: Trust,
  checkpoint: string | undefined,
): Promise<LeafReader> {
  if (checkpoint !== undefined) {
    throw new LedgerError('usage', '--checkpoint is for an export alone', {
      expected: 'no --checkpoint: the source has one of its own',
    });
  }
  const log = new LogClient({ policy: trust.policy, fetchPath });
  const signed = await log.checkpoint();
  requireMinSize(signed, trust);
  const view = log.at(signed.checkpoint);
  return { what, signed, leaves: () => leavesOf(view.leaves()) };
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
  if (checkpoint === undefined) return { what, signed: undefined, leaves: () => linesOf(path, Infinity) };
  const note = await readSmall(checkpoint, maxNoteBytes);
  const signed = { note, ...verifyCheckpoint({ note, policy: trust.policy }) };
  requireMinSize(signed, trust);
  return { what, signed, leaves: () => linesOf(path, signed.checkpoint.size) };
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
