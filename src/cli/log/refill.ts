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
import type { SignedCheckpoint } from '../../verifier/proving/log-client.ts';
import { makeBeside, requireUnused, takePlaceOf } from '../../storage/beside.ts';
import { openLevel } from '../../storage/level.ts';
import { describeHead, headOf } from '../../tlog/head.ts';
import type { Head } from '../../tlog/head.ts';
import { counted } from '../../words/en/numbers.ts';
import { openPublicDirectory } from '../serve/directory.ts';
import type { PublicDirectory } from '../serve/directory.ts';
import type { Given } from '../terminal/command.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import type { Io } from '../terminal/io.ts';
import { markLine } from '../terminal/marks.ts';
import { progress } from '../terminal/progress.ts';
import { leadingOn } from '../terminal/ways-out.ts';
import type { described } from './commands.ts';
import { leafReader } from './leaf-readers.ts';
import type { LeafReader } from './leaf-readers.ts';

export async function refill(
  { values: { from, checkpoint, json }, positionals: [path] }: Given<typeof described.refill>,
  io: Io,
): Promise<ExitStatus> {
  const directory = await openPublicDirectory(path);
  return leadingOn(path, async (): Promise<ExitStatus> => {
    requireUnused(directory.database);
    const anchor = await Anchor.open(directory.anchor);
    const source = await leafReader(from, { trust: directory.trust, checkpoint });
    const heads = knownHeads(anchor.head, source);
    const { made, store } = await makeStore(directory, { source, heads }, io);
    // Its own key and the quorum vouch for it: this ledger has signed it, and must never sign less.
    if (store.head.size > anchor.head.size) await anchor.advance(store.head);
    const kept = await takePlaceOf(directory.database, made, { now: io.now() });
    report({ path, source, store, kept, json }, io);
    return 0;
  });
}

/** What the source must agree with. Throws `store-behind-anchor` where it cannot reach what was signed. */
function knownHeads(anchored: Head, { what, signed }: LeafReader): KnownHead[] {
  const heads: KnownHead[] = [];
  if (anchored.size > 0) heads.push({ whose: 'the anchor', head: anchored });
  if (signed !== undefined)
    heads.push({ whose: 'the checkpoint of the source', head: headOf(signed.checkpoint) });
  if (heads.length === 0) {
    throw new LedgerError('usage', 'an export alone shows nothing where the anchor has signed nothing', {
      expected: '--checkpoint FILE, the checkpoint that the export was made with',
    });
  }
  if (signed !== undefined && signed.checkpoint.size < anchored.size) {
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
  readonly heads: readonly KnownHead[];
}

/** The new store, closed and synced, under a name of its own; nothing is left of one that is refused. */
async function makeStore(
  directory: PublicDirectory,
  { source, heads }: Making,
  io: Io,
): Promise<{ readonly made: string; readonly store: RefilledStore }> {
  const made = await makeBeside(directory.database);
  const size = Math.max(...heads.map(({ head }) => head.size));
  const bar = progress(io, 'refilling', size);
  const storage = await openLevel(made, { create: true });
  try {
    const genesis = openGenesis(directory.genesis, directory.config.origin);
    const store = await refillStore({
      storage,
      genesis,
      leaves: source.leaves(),
      heads,
      newest: publishedNow(source.signed, io),
      onProgress: (done) => bar.update(done),
    });
    // What `serve` will ask of it, asked before anything is put in its place.
    const { policy } = directory.trust;
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

function publishedNow(
  signed: SignedCheckpoint | undefined,
  io: Io,
): { note: Uint8Array; time: number } | undefined {
  return signed === undefined ? undefined : { note: signed.note, time: Math.floor(io.now() / 1_000) };
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
  if (kept !== undefined) io.stdout(`The old database is kept in ${kept}.\n`);
  io.stdout(`Next: isal serve ${path}\n`);
}
