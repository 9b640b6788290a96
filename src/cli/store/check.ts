/** `isal store check`: every file of a database against its checksums, and every row against the tree. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { defined } from '../../defined.ts';
import { LedgerError, errorTable } from '../../errors.ts';
import { Survey, type Doubt, type Surveyed } from '../../ledger/survey.ts';
import { describeRows, hiddenRows } from '../../ledger/store/spans.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import { checkSnapshot, type CheckedFiles } from '../../storage/leveldb/check.ts';
import type { Finding } from '../../storage/leveldb/damage.ts';
import { LevelFiles } from '../../storage/leveldb/level-files.ts';
import { takeSnapshot, type Snapshot } from '../../storage/leveldb/snapshot.ts';
import type { Trust } from '../../verifier/trust.ts';
import { counted } from '../../words/en/numbers.ts';
import { pinnedTrust } from '../online/trust.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, markLine } from '../terminal/marks.ts';
import { progress } from '../terminal/progress.ts';
import type { described } from './commands.ts';

/** Of each kind of finding so many are told; what is wrong with a store may be wrong with every row of it. */
const maxTold = 1000;

/** Where a database lies, and what lies beside it. */
interface Place {
  readonly database: string;
  /** A ledger's rows are known; those of a monitor, a witness or a vault are only rows. */
  readonly ledger: { readonly anchor: Anchor | LedgerError; readonly trust: Trust | undefined } | undefined;
}

interface Told<T> {
  readonly first: readonly T[];
  readonly count: number;
  /** Whether the look was ended because there was so much to tell. */
  readonly cut: boolean;
}

interface Result {
  readonly findings: Told<Finding>;
  readonly files: CheckedFiles | undefined;
  readonly doubts: Told<Doubt>;
  readonly rows: Surveyed | undefined;
}

export async function check(
  { values: { trust, json }, positionals: [path] }: Given<typeof described.check>,
  io: Io,
): Promise<ExitStatus> {
  const place = await placeOf(path, trust, io);
  const snapshot = await takeSnapshot(place.database);
  let result: Result;
  try {
    result = await look(snapshot, place, io);
  } finally {
    await snapshot.close();
  }
  return json ? reportJson(result, io) : report(result, io);
}

async function placeOf(path: string, trustFile: string | undefined, io: Io): Promise<Place> {
  const names = await readdir(path).catch((): string[] => []);
  const inside = join(path, 'db');
  if (!(await isDirectory(inside))) {
    if (names.includes('CURRENT') || names.some((name) => name.endsWith('.ldb'))) {
      return { database: path, ledger: undefined };
    }
    throw new LedgerError('store-missing', 'there is no database', {
      expected: 'the directory of a ledger, with db/ in it, or of a database',
      got: inside,
    });
  }
  if (!names.includes('genesis.json')) return { database: inside, ledger: undefined };
  const anchor = await Anchor.open(join(path, 'anchor')).catch((error: unknown) => {
    if (error instanceof LedgerError) return error;
    throw error;
  });
  const trust =
    trustFile !== undefined || names.includes('trust.json')
      ? await pinnedTrust(trustFile ?? join(path, 'trust.json'), io)
      : undefined;
  return { database: inside, ledger: { anchor, trust } };
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function look(snapshot: Snapshot, { ledger }: Place, io: Io): Promise<Result> {
  const [findings, files] = await told(checkSnapshot(snapshot));
  const nothing: Told<Doubt> = { first: [], count: 0, cut: false };
  // Without its manifest no row of a database can be found, and a row that the disk keeps agrees with nothing.
  if (ledger === undefined || snapshot.levels.length === 0 || findings.first.some(isUnread))
    return { findings, files, doubts: nothing, rows: undefined };
  const { anchor, trust } = ledger;
  const view = LevelFiles.of(snapshot);
  const size = (await view.head().catch(() => undefined))?.size ?? 0;
  const bar = progress(io, 'comparing rows', size);
  const survey = new Survey({
    storage: view,
    anchored: anchor instanceof LedgerError ? undefined : anchor.head,
    ...defined({ verify: trust === undefined ? undefined : verifier(trust) }),
    onProgress: (done) => bar.update(done),
  });
  const [doubts, rows] = await told(survey.run());
  bar.end();
  if (!(anchor instanceof LedgerError)) return { findings, files, doubts, rows };
  const lost: Doubt = { what: `the anchor: ${anchor.message}` };
  return {
    findings,
    files,
    doubts: { ...doubts, first: [lost, ...doubts.first], count: doubts.count + 1 },
    rows,
  };
}

/** Keys and witnesses change, and old checkpoints stay as they were: only a signature that is wrong speaks of damage. */
function verifier({ policy }: Trust): (note: Uint8Array) => void {
  return (note) => {
    try {
      verifyCheckpoint({ note, policy });
    } catch (error) {
      if (error instanceof LedgerError && errorTable[error.code].class === 'policy') return;
      throw error;
    }
  };
}

/** What a look tells, up to a bound at which it is ended; and what it says in the end. */
async function told<T, R>(found: AsyncGenerator<T, R>): Promise<[Told<T>, R | undefined]> {
  const first: T[] = [];
  for (;;) {
    const step = await found.next();
    if (step.done === true) return [{ first, count: first.length, cut: false }, step.value];
    first.push(step.value);
    if (first.length < maxTold) continue;
    await found.return(undefined as never);
    return [{ first, count: first.length, cut: true }, undefined];
  }
}

function isWrong({ kind }: Finding): boolean {
  return kind === 'damage' || kind === 'last-record';
}

/** Neither damage nor soundness: the disk did not give it back. */
function isUnread({ kind }: Finding): boolean {
  return kind === 'unread';
}

function statusOf({ findings, doubts }: Result): ExitStatus {
  if (findings.first.some(isWrong) || doubts.count > 0) return 1;
  return findings.first.some(isUnread) ? 5 : 0;
}

function reportJson(result: Result, io: Io): ExitStatus {
  const { findings, files, doubts, rows } = result;
  const exit = statusOf(result);
  const answer = {
    exit,
    sound: exit === 0,
    files: files ?? null,
    rows: rows ?? null,
    findings: findings.first.map(({ kind, file, offset, what, rows }) =>
      defined({ kind, file, offset, what, hides: rows === undefined ? undefined : hiddenRows(rows) }),
    ),
    doubts: doubts.first,
    cut: findings.cut || doubts.cut,
  };
  io.stdout(`${JSON.stringify(answer)}\n`);
  return exit;
}

/** Lines of each kind that a person is shown. */
const maxShown = 50;

function report(result: Result, io: Io): ExitStatus {
  const { findings, files, doubts, rows } = result;
  const wrong = findings.first.filter(isWrong);
  shown(wrong, findings.cut, io, (finding) => markLine('contradicted', 'Damaged', fileText(finding), io));
  const unread = findings.first.filter(isUnread);
  shown(unread, findings.cut, io, (finding) => markLine('not-shown', 'Unread', fileText(finding), io));
  const others = findings.first.filter((finding) => !isWrong(finding) && !isUnread(finding));
  shown(others, false, io, (finding) => markLine('not-shown', 'Odd', fileText(finding), io));
  if (files !== undefined && wrong.length + unread.length === 0) {
    const what = `${counted(files.files, 'file', 'files')}, ${counted(files.blocks, 'block', 'blocks')}, ${byteCount(files.bytes)}, each with its checksum`;
    io.stdout(markLine('proven', 'Files', what, io));
  }
  shown(doubts.first, doubts.cut, io, ({ what }) => markLine('contradicted', 'Wrong', what, io));
  if (rows !== undefined && doubts.count === 0) {
    const what = `${counted(rows.leaves, 'entry', 'entries')}, ${counted(rows.tiles, 'full tile', 'full tiles')}, ${counted(rows.others, 'further row', 'further rows')}, which agree with each other and with the anchor`;
    io.stdout(markLine('proven', 'Rows', what, io));
  }
  const status = statusOf(result);
  io.stdout(conclusion(status, io));
  return status;
}

function conclusion(status: ExitStatus, io: Io): string {
  if (status === 0) return markLine('proven', 'Sound', 'nothing is damaged', io);
  if (status === 5) {
    const what = 'part of it could not be read, so its rows were not compared; see that the disk works';
    return markLine('not-shown', 'Unknown', what, io);
  }
  const what =
    'stop the server and keep the anchor; isal log refill makes the store anew from a copy of the log';
  return markLine('contradicted', 'Damaged', what, io);
}

function fileText({ file, offset, what, kind, rows }: Finding): string {
  const where = kind === 'harmless' && offset === 0 ? file : `${file} at byte ${offset}`;
  const hides = rows === undefined ? '' : `; it may hide ${describeRows(hiddenRows(rows))}`;
  return `${where}: ${what}${hides}`;
}

function shown<T>(found: readonly T[], cut: boolean, io: Io, line: (one: T) => string): void {
  for (const one of found.slice(0, maxShown)) io.stdout(line(one));
  if (found.length <= maxShown && !cut) return;
  const more = `${found.length - maxShown} more${cut ? ', and the look was ended there' : ''} (--json tells up to ${maxTold})`;
  io.stdout(markLine('contradicted', 'And', more, io));
}
