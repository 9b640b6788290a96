/**
 * The archive of cosigned checkpoints: what the log looked like at a time in
 * the past, in words that its signers cannot take back.
 *
 *   time      10:12   10:47   11:05        14:30   14:31
 *   size        100     140     141          150     152
 *   kept                140     141                  152 (the newest)
 *
 * Of every interval the last checkpoint is kept, so with intervals of an hour
 * the answer to "what was published by 14:00" is exact, and to "by 14:30" at
 * most an hour older. A checkpoint goes into the archive in the commit that
 * publishes its successor; its row is written once and never changed. The
 * newest checkpoint belongs to the answers too, and lies where it always lies.
 *
 * Time is that of the server's clock at publication, kept from running
 * backwards. It says where to look and is believed by no reader: what a checkpoint
 * is worth stands in its signatures, and when it was made in its witnesses'. A
 * clock that ran ahead and was put right holds the archive still until that
 * time has come.
 */
import { equal } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError } from '../errors.ts';
import { parseCheckpoint, type Checkpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Row, StorageReader } from '../storage/storage.ts';
import { describeHead } from '../tlog/head.ts';
import type { Hash } from '../tlog/hash.ts';
import { rootOf } from '../tlog/root.ts';
import type { Committer } from './store/committer.ts';
import type { Guard } from './store/failure.ts';
import {
  archiveKey,
  archiveRange,
  checkpointKey,
  indexValue,
  publishedKey,
  timeOfArchiveKey,
} from './store/keys.ts';
import type { TileStore } from './store/tile-store.ts';
import type { Tree } from './store/tree.ts';

/** Seconds. */
export const defaultArchiveInterval = 3600;
export const maxArchiveLimit = 100;
export const defaultArchiveLimit = 20;

/** A cosigned checkpoint, and when it was published, in seconds, by the server's clock. */
export interface PublishedNote {
  readonly time: number;
  readonly note: Uint8Array;
}

export interface ArchivedCheckpoint extends PublishedNote {
  readonly checkpoint: Checkpoint;
}

export interface ArchiveQuery {
  /** Published at this time or later, in seconds. */
  readonly from?: number;
  /** Published at this time or earlier, in seconds. */
  readonly to?: number;
  /** 1 to 100; 20 unless given. */
  readonly limit?: number;
}

export interface ArchivePage {
  /** Newest first. */
  readonly items: readonly ArchivedCheckpoint[];
  /** To go on, the `to` of the next query; absent when there is no more. */
  readonly next?: number;
}

export interface ArchiveReaderParts {
  readonly storage: Pick<StorageReader, 'range'>;
  readonly failure: Guard;
  readonly origin: string;
  readonly states: { readonly committed: { readonly tree: Tree } };
  readonly tiles: TileStore;
  /** The newest checkpoint, which is not among the rows of the archive. */
  readonly newest: () => PublishedNote | undefined;
}

/** The side of the archive that changes nothing. */
export class ArchiveReader {
  readonly #parts: ArchiveReaderParts;

  constructor(parts: ArchiveReaderParts) {
    this.#parts = parts;
  }

  /**
   * A page of checkpoints, newest first, each compared with the tree. Throws
   * `bad-request` for a limit out of bounds, and `store-corrupt` for a damaged
   * row, which does not stop the ledger: nothing is ever signed on top of it.
   */
  async find(query: ArchiveQuery): Promise<ArchivePage> {
    const { from = 0, to = Number.MAX_SAFE_INTEGER - 1, limit = defaultArchiveLimit } = query;
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxArchiveLimit) {
      throw new LedgerError('bad-request', `limit must be 1 to ${maxArchiveLimit}`, {
        expected: `a limit of 1 to ${maxArchiveLimit}`,
        got: String(limit),
      });
    }
    const { failure, origin } = this.#parts;
    // One more than asked for, to know whether there is more.
    const found = await failure.guard(() => this.#read({ from, to, limit: limit + 1 }));
    const items: ArchivedCheckpoint[] = [];
    for (const { time, note } of found.slice(0, limit)) {
      const checkpoint = parseArchived(note, time);
      requireOfLog(time, checkpoint, {
        origin,
        root: await failure.guard(() => this.#rootAt(checkpoint.size)),
      });
      items.push({ time, note, checkpoint });
    }
    const after = found[limit];
    return defined({ items, next: after?.time });
  }

  /** The root that the committed tree had at a size; undefined where it never had that size. */
  async #rootAt(size: number): Promise<Hash | undefined> {
    const { states, tiles } = this.#parts;
    const { tree } = states.committed;
    return size <= tree.size ? rootOf(size, tiles.reader(tree)) : undefined;
  }

  async #read({ from, to, limit }: { from: number; to: number; limit: number }): Promise<PublishedNote[]> {
    // Taken before the rows are read: it may go into the archive meanwhile, and would else be in neither.
    const newest = this.#parts.newest();
    const found: PublishedNote[] = [];
    if (newest === undefined || from > to) return found;
    if (from <= newest.time && newest.time <= to) found.push(newest);
    const end = Math.min(to + 1, newest.time);
    if (end <= from) return found;
    for await (const [key, note] of this.#parts.storage.range({
      ...archiveRange(from, end),
      limit: limit - found.length,
      reverse: true,
    })) {
      found.push({ time: timeOfArchiveKey(key), note });
    }
    return found;
  }
}

export interface ArchiveParts extends Omit<ArchiveReaderParts, 'newest'> {
  readonly committer: Committer;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Seconds. */
  readonly interval: number;
  /** As an opening found it; undefined if nothing was published before. */
  readonly newest: PublishedNote | undefined;
}

export class Archive {
  readonly #parts: ArchiveParts;
  readonly #reader: ArchiveReader;
  /** Set by `publish`, when it is durable. */
  #newest: PublishedNote | undefined;

  constructor(parts: ArchiveParts) {
    this.#parts = parts;
    this.#newest = parts.newest;
    this.#reader = new ArchiveReader({ ...parts, newest: () => this.#newest });
  }

  /** When the newest checkpoint was published, in seconds; undefined until the first one is. */
  get publishedAt(): number | undefined {
    return this.#newest?.time;
  }

  /**
   * Commits the checkpoint that is to be served from now on, and its
   * predecessor into the archive if that was the last one of its interval. A
   * crash leaves both or neither.
   */
  async publish(note: Uint8Array): Promise<void> {
    const { committer, now, interval } = this.#parts;
    const last = this.#newest;
    const time = Math.max(Math.floor(now() / 1000), last?.time ?? 0);
    const rows = newestRows({ time, note });
    if (last !== undefined && Math.floor(last.time / interval) < Math.floor(time / interval)) {
      rows.push([archiveKey(last.time), last.note]);
    }
    await committer.commit(rows);
    this.#newest = { time, note };
  }

  /** As `ArchiveReader.find`. */
  find(query: ArchiveQuery): Promise<ArchivePage> {
    return this.#reader.find(query);
  }
}

/** The rows of the newest checkpoint: itself, and when it was published. */
export function newestRows({ time, note }: PublishedNote): Row[] {
  return [
    [checkpointKey, note],
    [publishedKey, indexValue(time)],
  ];
}

/** Every archived checkpoint of a store, oldest first, without the newest. Throws `store-corrupt`. */
export async function* archivedCheckpoints(
  storage: Pick<StorageReader, 'range'>,
): AsyncGenerator<ArchivedCheckpoint> {
  for await (const [key, note] of storage.range(archiveRange(0, Number.MAX_SAFE_INTEGER))) {
    const time = timeOfArchiveKey(key);
    yield { time, note, checkpoint: parseArchived(note, time) };
  }
}

function parseArchived(note: Uint8Array, time: number): Checkpoint {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch (cause) {
    throw new LedgerError('store-corrupt', 'a row of the archive cannot be read as a checkpoint', {
      expected: 'a signed checkpoint',
      got: `something else, published at ${time}`,
      cause,
    });
  }
}

/**
 * Throws `store-corrupt` unless the checkpoint is of this log, and its tree had
 * `root` at that size: a reader who got a damaged one would take it for evidence
 * of a fork. Its signatures are for its reader to verify.
 */
export function requireOfLog(
  time: number,
  checkpoint: Pick<Checkpoint, 'origin' | 'size' | 'root'>,
  { origin, root }: { readonly origin: string; readonly root: Hash | undefined },
): void {
  if (checkpoint.origin === origin && root !== undefined && equal(checkpoint.root, root)) return;
  const { size } = checkpoint;
  throw new LedgerError('store-corrupt', 'a checkpoint in the archive is not of this log', {
    expected:
      root === undefined ? 'a size that the log has had' : `${origin}, ${describeHead({ size, root })}`,
    got: `${checkpoint.origin}, ${describeHead(checkpoint)}, published at ${time}`,
  });
}
