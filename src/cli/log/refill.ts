/**
 * `isal log refill DIR`: the store of a ledger made anew from another copy of its
 * log, verified to the anchor, and put into the place of the one that is damaged
 * or behind. What each step leaves if it is cut short stands in storage/beside.ts;
 * the anchor moves before the new store takes its place, so that at no moment a
 * store is there that has more published than the anchor knows.
 */
import { rm } from 'node:fs/promises';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { openGenesis } from '../../ledger/genesis.ts';
import { recover } from '../../ledger/open.ts';
import { refill as refillStore } from '../../ledger/refill.ts';
import type { KnownHead, RefilledStore } from '../../ledger/refill.ts';
import type { ArchivedCheckpoint } from '../../ledger/archive.ts';
import type { Policy } from '../../note/policy.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import { makeBeside, requireUnused, takePlaceOf } from '../../storage/beside.ts';
import { openLevel } from '../../storage/level.ts';
import { describeHead, headOf } from '../../tlog/head.ts';
import type { Head } from '../../tlog/head.ts';
import { counted } from '../../words/en/numbers.ts';
import { openPublicDirectory } from '../serve/directory.ts';
import type { LedgerDirectory } from '../serve/directory.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { markLine } from '../terminal/marks.ts';
import { progress } from '../terminal/progress.ts';
import { leadingOn } from '../terminal/ways-out.ts';
import type { described } from './commands.ts';
import { leafReader } from './leaf-readers.ts';
import type { LeafReader } from './leaf-readers.ts';
import { StoredLog } from './stored-log.ts';

export async function refill(
  { values: { from, checkpoint, json }, positionals: [path] }: Given<typeof described.refill>,
  io: Io,
): Promise<ExitStatus> {
  const directory = await openPublicDirectory(path);
  return leadingOn(path, async (): Promise<ExitStatus> => {
    requireUnused(directory.database);
    const anchor = await Anchor.open(directory.anchor);
    const source = await leafReader(from, { trust: directory.trust, checkpoint });
    const old = await oldStore(directory.database);
    let filled: Filled;
    try {
      const heads = knownHeads(anchor.head, { source, old });
      filled = await makeStore(directory, { source, old, heads }, io);
    } finally {
      await source.close();
      await old?.close();
    }
    const { made, store } = filled;
    // Its own key and the quorum vouch for it: this ledger has signed it, and must never sign less.
    if (store.head.size > anchor.head.size) await anchor.advance(store.head);
    const kept = await takePlaceOf(directory.database, made, { now: io.now() });
    report({ path, source, store, kept, json }, io);
    return 0;
  });
}

/**
 * The store that is to be replaced, as far as it can be read. A crash can leave
 * entries in it that were signed and that no copy has yet; and its archive is nowhere else.
 */
async function oldStore(database: string): Promise<StoredLog | undefined> {
  try {
    return await StoredLog.open(database);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/** What the source must agree with. Throws `store-behind-anchor` where it cannot reach what was signed. */
function knownHeads(
  anchored: Head,
  { source: { what, signed }, old }: { source: LeafReader; old: StoredLog | undefined },
): KnownHead[] {
  const heads: KnownHead[] = [];
  if (anchored.size > 0) heads.push({ whose: 'the anchor', head: anchored });
  if (signed !== undefined)
    heads.push({ whose: 'the checkpoint of the source', head: headOf(signed.checkpoint) });
  if (heads.length === 0) {
    throw new LedgerError('usage', 'an export alone shows nothing where the anchor has signed nothing', {
      expected: '--checkpoint FILE, the checkpoint that the export was made with',
    });
  }
  if (signed !== undefined && signed.checkpoint.size < anchored.size && old === undefined) {
    throw new LedgerError(
      'store-behind-anchor',
      `${what} ends before what this ledger has signed: a store made of it could not go on`,
      { expected: describeHead(anchored), got: describeHead(headOf(signed.checkpoint)) },
    );
  }
  return heads;
}

interface Making {
  readonly source: LeafReader;
  readonly old: StoredLog | undefined;
  readonly heads: readonly KnownHead[];
}

interface Filled {
  /** Where the new database is. */
  readonly made: string;
  readonly store: RefilledStore;
}

/** The leaves of the source, and behind its last one those that the old store has more. */
async function* allLeaves({ source, old }: Making): AsyncGenerator<Uint8Array> {
  let index = 0;
  for await (const leaf of source.leaves()) {
    yield leaf;
    index += 1;
  }
  if (old !== undefined) yield* old.leaves(index);
}

/** The new store, closed and synced, under a name of its own; nothing is left of one that is refused. */
async function makeStore(directory: LedgerDirectory, making: Making, io: Io): Promise<Filled> {
  const { old, heads } = making;
  const { policy } = directory.trust;
  const made = await makeBeside(directory.database);
  const size = Math.max(...heads.map(({ head }) => head.size));
  const bar = progress(io, 'refilling', size);
  const storage = await openLevel(made, { create: true });
  try {
    const genesis = openGenesis(directory.genesis, directory.config.origin);
    const store = await refillStore({
      storage,
      genesis,
      leaves: allLeaves(making),
      heads,
      published: await publishedNow(making, policy, io),
      archived: await old?.archived(),
      onProgress: (done) => bar.update(done),
    });
    // What `serve` will ask of it, asked before anything is put in its place.
    const keys = policy.logs.map(({ key }) => key);
    await recover({ storage, anchor: { head: store.head }, genesis, keys, policy });
    await storage.close();
    return { made, store };
  } catch (error) {
    await storage.close();
    await rm(made, { recursive: true, force: true });
    throw error;
  } finally {
    bar.end();
  }
}

/** What was published last may be of the source, or of the old store where the source is an older mirror. */
async function publishedNow({ source, old }: Making, policy: Policy, io: Io): Promise<ArchivedCheckpoint[]> {
  const time = Math.floor(io.now() / 1_000);
  const found: ArchivedCheckpoint[] = source.signed === undefined ? [] : [{ time, ...source.signed }];
  const note = await old?.published();
  if (note === undefined) return found;
  try {
    found.push({ time, note, checkpoint: verifyCheckpoint({ note, policy }).checkpoint });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
  }
  return found;
}

interface Refilled {
  readonly path: string;
  readonly source: LeafReader;
  readonly store: RefilledStore;
  readonly kept: string | undefined;
  readonly json: boolean;
}

function report({ path, source, store, kept, json }: Refilled, io: Io): void {
  const { size } = store.head;
  if (json) {
    io.stdout(`${JSON.stringify({ exit: 0, size, archived: store.archived, kept: kept ?? null })}\n`);
    return;
  }
  io.stdout(markLine('proven', 'Refilled', `${counted(size, 'entry', 'entries')} from ${source.what}`, io));
  io.stdout(markLine('proven', 'Anchor', 'the new store has every entry that was signed', io));
  if (store.archived > 0) {
    const kept = counted(store.archived, 'earlier checkpoint', 'earlier checkpoints');
    io.stdout(markLine('proven', 'Archive', `${kept}, taken from the old store`, io));
  }
  if (kept !== undefined) io.stdout(`The old database is kept in ${kept}.\n`);
  io.stdout(`Next: isal serve ${path}\n`);
}
