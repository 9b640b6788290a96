/** `isal log fsck`: everything about a log derived again, over HTTP or from the files of a database. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError, errorTable } from '../../errors.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import type { StorageReader } from '../../storage/storage.ts';
import type { Head } from '../../tlog/head.ts';
import { tilesForSize } from '../../tlog/tile.ts';
import { firstWrongPlace } from '../../verifier/proving/locate.ts';
import type { Replay } from '../../verifier/folds/replay.ts';
import type { Trust } from '../../verifier/trust.ts';
import { summarise } from '../../verifier/judging/verify-bundle.ts';
import { checkpointText } from '../verify/checkpoint-text.ts';
import { readable } from '../serve/looking.ts';
import { checkWhole } from '../serve/whole-store.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { markLine } from '../terminal/marks.ts';
import { replayed, treeOf } from '../online/replayed.ts';
import { connect } from '../online/online.ts';
import type { Online } from '../online/online.ts';
import { progress } from '../terminal/progress.ts';
import { pinnedTrust } from '../online/trust.ts';
import { leadingOn } from '../terminal/ways-out.ts';

type Given = CommandGiven<typeof described.fsck>;
type Values = Given['values'];

/** A URL is read as any monitor reads it; anything else is a directory that `isal init` made. */
export async function fsck({ values, positionals: [what] }: Given, io: Io): Promise<ExitStatus> {
  return /^https?:\/\//.test(what) ? fsckUrl(what, values, io) : fsckDirectory(what, values, io);
}

async function fsckUrl(
  url: string,
  { trust: file, 'max-age': maxAge, json }: Values,
  io: Io,
): Promise<ExitStatus> {
  const trust = await pinnedTrust(file, io);
  const online = await connect({ url, maxAge, trust, io });
  const { signed } = online;
  const result = await checkLog(online, trust, io).catch(async (error: unknown) => {
    throw (await diagnosed(error, online, io)) ?? error;
  });
  const lines = [
    ['Leaves', `${result.size}, which give the root of the checkpoint`],
    ['Tiles', `${tilesForSize(result.size).length}, each with the hash in its parent tile`],
  ] as const;
  return report(result, { signed, trust, lines, json }, io);
}

async function checkLog({ view }: Online, trust: Trust, io: Io): Promise<Replay> {
  // Tiles above the lowest level hang on it; each is fetched and compared before its leaves are read.
  for (const tile of tilesForSize(view.size)) if (tile.level > 0) await view.tiles.tile(tile);
  return replayed({ ...treeOf(view), trust }, { label: 'checking the log', io });
}

/** Read from the checkpoint down, a wrong hash shows first where the edge does not fold; from the leaves up, where it is. */
async function diagnosed(error: unknown, { client, view }: Online, io: Io): Promise<LedgerError | undefined> {
  if (!isWrongTree(error)) return undefined;
  const bar = progress(io, 'looking for the place', view.size);
  const { size, root } = view;
  const place = await firstWrongPlace({
    size,
    root,
    fetchPath: client.fetchPath,
    onProgress: (done) => bar.update(done),
  });
  bar.end();
  return isWrongTree(place) ? place : undefined;
}

function isWrongTree(error: unknown): error is LedgerError {
  return error instanceof LedgerError && errorTable[error.code].tree === true;
}

async function fsckDirectory(path: string, { trust: file, json }: Values, io: Io): Promise<ExitStatus> {
  const database = join(path, 'db');
  const found = await stat(database).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new LedgerError('store-missing', 'there is no database', {
      expected: 'the URL of a ledger, or the directory of one',
      got: database,
    });
  }
  const trust = await pinnedTrust(file ?? join(path, 'trust.json'), io);
  return leadingOn(path, () =>
    readable(async () => {
      // Before the rows: a server that runs meanwhile moves it only to what they will have by then.
      const anchored = await Anchor.look(join(path, 'anchor'));
      const storage = await LevelFiles.open(database);
      try {
        return await fsckStore({ storage, anchored, trust, json }, io);
      } finally {
        await storage.close();
      }
    }),
  );
}

async function fsckStore(
  { storage, anchored, trust, json }: { storage: StorageReader; anchored: Head; trust: Trust; json: boolean },
  io: Io,
): Promise<ExitStatus> {
  const { result, signed, rows } = await checkWhole({ storage, anchored, trust }, (whole) =>
    replayed({ ...whole, trust }, { label: 'checking the database', io }),
  );
  const { leaves, tiles, indexRows, archived } = rows;
  const lines = [
    ['Leaves', `${leaves}, which give the root of the head`],
    ['Tiles', `${tiles} full ones, each as its leaves give it`],
    ['Index', `${indexRows} rows, each as its leaf asks for, and no others`],
    ['Archive', `${archived} earlier checkpoints, each of this tree`],
    ['Anchor', `size ${anchored.size}, of this tree`],
  ] as const;
  return report(result, { signed, trust, lines, json }, io);
}

interface Report {
  readonly signed: VerifiedCheckpoint | undefined;
  readonly trust: Trust;
  readonly lines: readonly (readonly [string, string])[];
  readonly json: boolean;
}

function report(result: Replay, { signed, trust, lines, json }: Report, io: Io): ExitStatus {
  const status = result.findingCount === 0 ? 0 : 1;
  const summary = signed === undefined ? undefined : summarise(signed, trust.policy);
  const { findings, findingCount, gaps, counts, size, authority } = result;
  if (json) {
    const { index, version, leafHash } = authority;
    const inForce = { index, version, leafHash };
    const answer = { exit: status, size, counts, findingCount, findings, gaps, authority: inForce };
    io.stdout(`${JSON.stringify({ ...answer, checkpoint: summary ?? null })}\n`);
    return status;
  }
  if (summary !== undefined) io.stdout(checkpointText(summary, io));
  for (const [label, text] of lines) io.stdout(markLine('proven', label, text, io));
  const types = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([type, count]) => `${count} ${type}`);
  io.stdout(markLine('proven', 'Entries', `${types.join(', ')}; authority version ${authority.version}`, io));
  for (const { source, from, to } of gaps) {
    const numbers = to - from === 1 ? `number ${from}` : `numbers ${from} to ${to - 1}`;
    io.stdout(markLine('not-shown', 'Gap', `${numbers} of ${source}`, io));
  }
  for (const { index, message, code } of findings) {
    io.stdout(markLine('contradicted', 'Finding', `leaf ${index}: ${message} (${code})`, io));
  }
  if (findingCount > findings.length) {
    io.stdout(markLine('contradicted', 'Finding', `and ${findingCount - findings.length} more`, io));
  }
  io.stdout(
    findingCount === 0
      ? markLine('proven', 'Authorised', `all ${size} leaves were entitled to stand where they stand`, io)
      : markLine('contradicted', 'Authorised', `${findingCount} of ${size} leaves were not`, io),
  );
  return status;
}
