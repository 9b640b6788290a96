/**
 * A log that is only read: what is left of a store, up to the newest of its
 * checkpoints that can be verified. There is no signer in it, no sequencer and no
 * anchor, so nothing that it does can fork the log, whatever the store is: one
 * that recovery refuses, a copy, one on a medium that takes no writes.
 *
 *   newest checkpoint ─► signed, with quorum? ─► has the tree its root? ─► served
 *                     └─ no: the archived one before it, and so on
 *
 * The right edge is held against the signed root, and everything else against the
 * right edge when it is asked for. Damage is an answer for what was asked, and
 * ends nothing.
 */
import { LedgerError, errorTable } from '../errors.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import { equal } from '../bytes.ts';
import type { Policy } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { StorageReader } from '../storage/storage.ts';
import type { Hash } from '../tlog/hash.ts';
import { describeHead, type Head } from '../tlog/head.ts';
import { ArchiveReader, type PublishedNote } from './archive.ts';
import type { Genesis } from './genesis.ts';
import { leafHashesIn, rebuildTree, rebuilt, recoverAuthority, type LeafHashes } from './open.ts';
import { PublishedLog } from './published-log.ts';
import { Reader } from './reader.ts';
import type { Guard } from './store/failure.ts';
import {
  archiveRange,
  checkpointKey,
  hashOfLeafHashKey,
  leafHashRange,
  publishedKey,
  readIndex,
  timeOfArchiveKey,
} from './store/keys.ts';
import { publishedTree, type PublishedTree } from './store/log-states.ts';
import { TileStore } from './store/tile-store.ts';
import type { Tree } from './store/tree.ts';

export interface ReadOnlyOptions {
  /** The caller closes it. */
  readonly storage: StorageReader;
  readonly genesis: Genesis;
  readonly origin: string;
  /** Whose quorum a checkpoint must have to be served. */
  readonly policy: Policy;
}

/** Nothing is ever signed on top of what is read here, so damage concerns the one who asked for it alone. */
const unguarded: Guard = { guard: (read) => read() };

export class ReadOnlyLog extends PublishedLog {
  /** The document in force, or why it is not known. */
  readonly #authority: AuthoritySnapshot | LedgerError;
  /** Checkpoints, from the newest on, that are passed over because the store does not bear them out. */
  readonly passedOver: readonly LedgerError[];
  /** Never resolves: what is only read cannot come to doubt what it has signed. */
  override readonly failed: Promise<LedgerError> = new Promise(() => {});

  private constructor(options: ReadOnlyOptions, found: Found) {
    const { storage, origin } = options;
    const { published, time, passedOver, authority } = found;
    const tiles = new TileStore(storage);
    const states = { committed: published.state, published };
    const { checkpoint, note } = published;
    super({
      storage,
      failure: unguarded,
      // What was signed beyond it cannot be verified here, so it is as if it were not.
      reader: new Reader({ storage, tiles, failure: unguarded, states, signer: { anchored: checkpoint } }),
      archive: new ArchiveReader({
        storage,
        failure: unguarded,
        origin,
        states,
        tiles,
        newest: () => ({ time, note }),
      }),
    });
    this.#authority = authority;
    this.passedOver = passedOver;
  }

  /**
   * Finds the newest checkpoint that the store bears out. Throws `store-corrupt`
   * if there is none, and `not-ready` in a store where nothing was ever published.
   */
  static async open(options: ReadOnlyOptions): Promise<ReadOnlyLog> {
    const passedOver: LedgerError[] = [];
    for await (const candidate of candidates(options.storage, passedOver)) {
      try {
        const published = await verified(candidate, options);
        const authority = await authorityAt(published.state.tree, options);
        return new ReadOnlyLog(options, { published, time: candidate.time, passedOver, authority });
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        passedOver.push(error);
      }
    }
    throw nothingVerifies(passedOver);
  }

  /** Throws `store-corrupt` where the chain of documents is damaged. */
  override authority(): AuthoritySnapshot {
    if (this.#authority instanceof LedgerError) throw this.#authority;
    return this.#authority;
  }
}

interface Found {
  readonly published: PublishedTree;
  readonly time: number;
  readonly passedOver: readonly LedgerError[];
  readonly authority: AuthoritySnapshot | LedgerError;
}

/** The published checkpoints of the store, newest first; one that cannot be read is noted and passed over. */
async function* candidates(storage: StorageReader, passedOver: LedgerError[]): AsyncGenerator<PublishedNote> {
  try {
    const note = await storage.get(checkpointKey);
    if (note !== undefined) yield { note, time: await timeOf(storage) };
    const range = { ...archiveRange(0, Number.MAX_SAFE_INTEGER), reverse: true };
    for await (const [key, archived] of storage.range(range)) {
      yield { note: archived, time: timeOfArchiveKey(key) };
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    passedOver.push(error);
  }
}

/** When the newest was published; unknown, where its row is damaged, is as long ago as can be. */
async function timeOf(storage: StorageReader): Promise<number> {
  try {
    const row = await storage.get(publishedKey);
    return row === undefined ? 0 : readIndex(row);
  } catch (error) {
    if (error instanceof LedgerError) return 0;
    throw error;
  }
}

/** A damaged store could else show a tree that was never signed. */
async function verified(
  { note }: PublishedNote,
  { storage, origin, policy }: ReadOnlyOptions,
): Promise<PublishedTree> {
  const { checkpoint } = verifyCheckpoint({ note, policy });
  if (checkpoint.origin !== origin) {
    throw new LedgerError('origin-mismatch', 'the checkpoint in the store is of another log', {
      expected: origin,
      got: checkpoint.origin,
    });
  }
  return publishedTree(await treeOf(storage, checkpoint), note);
}

/**
 * The tree with this head. A damaged entry of the unfinished bundle would hide all
 * entries of the log, so its hash is then taken from the row that leads to it: the
 * signed root decides whether it is the right one.
 */
async function treeOf(storage: StorageReader, head: Head): Promise<Tree> {
  let failure: unknown;
  for (const hashes of [leafHashesIn, hashesByIndexRows]) {
    try {
      const tree = await rebuildTree(storage, head.size, hashes);
      if (equal(tree.root, head.root)) return tree;
      failure = new LedgerError('store-corrupt', 'the store does not have the root of the checkpoint', {
        expected: describeHead(head),
        got: describeHead({ size: head.size, root: tree.root }),
      });
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

const hashesByIndexRows: LeafHashes = async (storage, from, to) => {
  const hashes = new Map<number, Hash>();
  for await (const [key, value] of storage.range(leafHashRange)) {
    const index = readIndex(value);
    if (index >= from && index < to) hashes.set(index, hashOfLeafHashKey(key));
  }
  return Array.from({ length: to - from }, (_, at) => {
    const hash = hashes.get(from + at);
    if (hash !== undefined) return hash;
    throw new LedgerError('store-corrupt', 'no row of the store leads to an entry', { index: from + at });
  });
};

/** Without it tiles and entries are still served: they rest on the root alone. */
async function authorityAt(
  tree: Tree,
  { storage, genesis }: ReadOnlyOptions,
): Promise<AuthoritySnapshot | LedgerError> {
  try {
    const chain = await recoverAuthority(rebuilt(storage, tree), genesis, Infinity);
    return chain.at(-1) ?? genesis.authority;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}

function nothingVerifies(passedOver: readonly LedgerError[]): LedgerError {
  const [newest] = passedOver;
  if (newest === undefined) {
    return new LedgerError(
      'not-ready',
      'nothing was published from this store, so there is nothing to serve',
      {
        expected: 'a published checkpoint',
      },
    );
  }
  // A checkpoint that lacks a signature or a quorum says nothing against the store.
  if (errorTable[newest.code].class === 'policy') return newest;
  return new LedgerError('store-corrupt', 'none of the checkpoints in the store can be verified against it', {
    expected: 'a signed checkpoint, and the tree that it states',
    got: `of the newest: ${newest.message}${newest.got === undefined ? '' : ` (${newest.got})`}`,
    cause: newest,
  });
}
