/**
 * What can be asked of a log that has published: of a ledger that runs and grows
 * (ledger.ts), and of a store that is only looked at (read-only.ts). It is all
 * that the routes for readers stand on, and nothing here can change a store.
 */
import { fromHex } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { StorageReader } from '../storage/storage.ts';
import type { BundleId, Tile } from '../tlog/tile.ts';
import type { ArchivePage, ArchiveQuery } from './archive.ts';
import type { Consistency, Inclusion, Reader } from './reader.ts';
import {
  corrections,
  page,
  type DescribeItems,
  type DescribeLeaves,
  type EntryPage,
} from './searching/page.ts';
import { find, search, type Found, type SearchPage, type SearchQuery } from './searching/search.ts';
import type { Guard } from './store/failure.ts';

export interface PublishedLogParts {
  readonly storage: StorageReader;
  readonly reader: Reader;
  readonly archive: { find(query: ArchiveQuery): Promise<ArchivePage> };
  readonly failure: Guard;
}

export abstract class PublishedLog {
  readonly #parts: PublishedLogParts;

  protected constructor(parts: PublishedLogParts) {
    this.#parts = parts;
  }

  /** Resolves with the error that stopped it, if one ever does. */
  abstract get failed(): Promise<LedgerError>;

  /** The authority document in force at the published size. Throws `not-ready`. */
  abstract authority(): AuthoritySnapshot;

  /** The published checkpoint: its cosigned note, and what it states. */
  checkpoint(): { readonly note: Uint8Array; readonly checkpoint: Checkpoint } | undefined {
    return this.#parts.reader.newest;
  }

  /**
   * Checkpoints that were published, newest first: the last one of each archive
   * interval, and the newest of all. Throws `bad-request`, `store-corrupt`.
   */
  checkpoints(query: ArchiveQuery): Promise<ArchivePage> {
    return this.#parts.archive.find(query);
  }

  /** Throws what `tile` would, without reading it. */
  requireTile(tile: Tile): void {
    this.#parts.reader.requireTile(tile);
  }

  /** Throws what `inclusion` would, without reading it. */
  requireInclusion(place: { readonly index: number; readonly size: number }): void {
    this.#parts.reader.requireInclusion(place);
  }

  /** The bytes of a tile of the signed tree. Throws `not-found`. */
  tile(tile: Tile): Promise<Uint8Array> {
    return this.#parts.reader.tile(tile);
  }

  /** The bytes of an entry bundle of the signed tree. Throws `not-found`. */
  entryBundle(bundle: BundleId): Promise<Uint8Array> {
    return this.#parts.reader.entryBundle(bundle);
  }

  /** The bytes of a published entry. Throws `not-found`. */
  entry(index: number): Promise<Uint8Array> {
    return this.#parts.reader.entry(index);
  }

  /** The index of the published entry with this leaf hash, lowercase hex. Throws `bad-hex`. */
  async indexOf(leafHash: string): Promise<number | undefined> {
    return this.#parts.reader.indexOf(fromHex(leafHash, 32));
  }

  /** Throws `out-of-range` for an index or a size that is not published. */
  inclusion(place: { readonly index: number; readonly size?: number }): Promise<Inclusion> {
    return this.#parts.reader.inclusion(place);
  }

  /** Throws `out-of-range` for sizes that are not published. */
  consistency(span: { readonly from: number; readonly to: number }): Promise<Consistency> {
    return this.#parts.reader.consistency(span);
  }

  search(query: SearchQuery): Promise<SearchPage> {
    const { storage, reader, failure } = this.#parts;
    return search(query, { storage, reader, failure });
  }

  /** The places of one page of entries, unread. Throws as `search` does. */
  find(query: SearchQuery): Promise<Found> {
    const { storage, reader, failure } = this.#parts;
    return failure.guard(() => find(query, { storage, reader, failure }));
  }

  /** One page of entries, described by `describe`. Throws as `search` does. */
  page(query: SearchQuery, describe: DescribeItems): Promise<EntryPage> {
    const { storage, reader, failure } = this.#parts;
    return page(query, describe, { storage, reader, failure });
  }

  /** The first corrections of a published entry, described by `describe`. Throws `bad-hex`, `store-corrupt`. */
  corrections(leafHash: string, describe: DescribeLeaves): Promise<readonly string[]> {
    const { storage, reader, failure } = this.#parts;
    return corrections(leafHash, describe, { storage, reader, failure });
  }
}
