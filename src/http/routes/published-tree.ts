/**
 * The ledger as of one publication, however it grows meanwhile: what is found
 * and proven here is of the tree of one checkpoint, so that it fits into one
 * bundle, and is the same whenever it is asked.
 */
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import type { LeafSource } from '../../verifier/proving/leaf-source.ts';
import type { BundleLeaf } from '../../verifier/proving/bundle.ts';
import type { EntryFilters, EntrySearch } from '../../verifier/collecting/collect.ts';

/** Pages of one search: each reads a bounded number of rows, and may end before it has found what it was asked for. */
const maxPages = 8;

export class PublishedTree implements LeafSource, EntrySearch {
  readonly #ledger: PublishedLog;
  readonly size: number;
  /** The signed note. */
  readonly checkpoint: Uint8Array;
  /** Leaf hash of the authority document in force. */
  readonly authority: string;

  /** Throws `not-ready` before the first publication. */
  constructor(ledger: PublishedLog) {
    // Read in one go: between these two nothing can be published.
    const published = ledger.checkpoint();
    if (published === undefined) {
      throw new LedgerError('not-ready', 'no checkpoint has been published yet', {
        expected: 'size 1 or more',
      });
    }
    this.authority = ledger.authority().leafHash;
    this.#ledger = ledger;
    this.size = published.checkpoint.size;
    this.checkpoint = published.note;
  }

  /** Indices of entries that match, ascending, at most `limit`. */
  async search(filters: EntryFilters, { limit }: { readonly limit: number }): Promise<number[]> {
    const indices: number[] = [];
    let after: number | undefined;
    for (let page = 0; page < maxPages && indices.length < limit; page++) {
      const found = await this.#ledger.find({
        ...filters,
        limit: limit - indices.length,
        ...defined({ after }),
      });
      const { next } = found;
      indices.push(...found.indices.filter((index) => index < this.size));
      if (next === undefined || next >= this.size) break;
      after = next;
    }
    return indices;
  }

  /** Throws `out-of-range` for an index that this tree does not have. */
  async byIndex(index: number): Promise<BundleLeaf> {
    const { leaf, hashes } = await this.#ledger.inclusion({ index, size: this.size });
    return { index, leaf, proof: hashes };
  }

  /** Throws `not-found` for a leaf that this tree does not hold. */
  async byLeafHash(leafHash: string): Promise<BundleLeaf> {
    const index = await this.#ledger.indexOf(leafHash);
    if (index === undefined || index >= this.size) {
      throw new LedgerError('not-found', 'no published entry has this leaf hash', { got: leafHash });
    }
    return this.byIndex(index);
  }
}
