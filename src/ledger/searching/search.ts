/**
 * Search: each filter names a list of search rows, ascending by index, and an
 * entry matches when it is in all of them. The lists are walked together, each
 * jumping to where the others already are, so the work goes with the shortest
 * rather than with the log. A search reads a bounded number of rows and then
 * hands back where to go on.
 *
 * What is found is decoded and held against the filters again: a search row that
 * was damaged leads to an error, never to a wrong answer. That nothing was left
 * out, a search cannot show; only a replay can.
 */
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { searchRowsFor, unmetFilter } from '../../attestation/search-fields.ts';
import type { SearchFilters } from '../../attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope, type Attestation } from '../../attestation/statement.ts';
import type { StorageReader } from '../../storage/storage.ts';
import type { Guard } from '../store/failure.ts';
import { indexOfSearchKey, searchPrefix, searchRange } from '../store/keys.ts';
import type { Reader } from '../reader.ts';
import type { Tree } from '../store/tree.ts';

export interface SearchQuery extends SearchFilters {
  /** Only entries with a larger index. */
  readonly after?: number;
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number;
}

export interface SearchPage {
  /** The published size that the answer is of. */
  readonly size: number;
  /** Ascending by index. */
  readonly items: readonly { readonly index: number; readonly attestation: Attestation }[];
  /** To go on, the `after` of the next search; absent when there is no more. */
  readonly next?: number;
}

const maxSearchLimit = 1000;
const defaultSearchLimit = 100;
/** Search rows read for one page, so that no choice of filters makes a request long. */
const defaultMaxRows = 20_000;
const rowsAtOnce = 256;
/** Decoded in one go between two reads; some milliseconds. */
const leavesAtOnce = 32;

export interface SearchParts {
  readonly storage: Pick<StorageReader, 'range'>;
  readonly reader: Reader;
  readonly failure: Guard;
  /** Search rows read for one page, about; 20,000 unless given. */
  readonly maxRows?: number;
}

/** What search rows lead to: nothing of it is read, so a damaged row can name an entry that does not match. */
export interface Found {
  /** The published tree that was searched. */
  readonly tree: Tree;
  /** Ascending. */
  readonly indices: readonly number[];
  /** As in a page. */
  readonly next?: number;
}

/** One page of published entries. Throws `bad-hex`, or `bad-request` for a subject, limit or cursor that is none. */
export function search(query: SearchQuery, parts: SearchParts): Promise<SearchPage> {
  return parts.failure.guard(async () => {
    const { tree, indices, next } = await find(query, parts);
    return {
      size: tree.size,
      items: await decode(indices, query, tree, parts.reader),
      ...defined({ next }),
    };
  });
}

/** Where the entries of one page stand. Throws as `search` does. */
export async function find(
  query: SearchQuery,
  { storage, reader, maxRows = defaultMaxRows }: SearchParts,
): Promise<Found> {
  const limit = query.limit ?? defaultSearchLimit;
  const after = query.after ?? -1;
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > maxSearchLimit) {
    throw new LedgerError('bad-request', `limit must be 1 to ${maxSearchLimit}`, {
      expected: `1 to ${maxSearchLimit}`,
      got: String(limit),
    });
  }
  if (!Number.isSafeInteger(after) || after < -1) {
    throw new LedgerError('bad-request', 'after must be the index of an entry', {
      expected: 'an index',
      got: String(after),
    });
  }
  const { tree } = reader.published.state;
  const prefixes = searchRowsFor(query).map(({ row, value }) => searchPrefix(row, value));
  const from = after + 1;
  return { tree, ...(await match({ storage, prefixes, from, size: tree.size, limit, maxRows })) };
}

/** Up to `limit` indices from `from` on that are in every list, and where to go on if there may be more. */
async function match({
  storage,
  prefixes,
  from,
  size,
  limit,
  maxRows,
}: {
  readonly storage: Pick<StorageReader, 'range'>;
  readonly prefixes: readonly Uint8Array[];
  readonly from: number;
  readonly size: number;
  readonly limit: number;
  readonly maxRows: number;
}): Promise<{ indices: number[]; next?: number }> {
  const lists = prefixes.map((prefix) => new IndexList(storage, prefix, size));
  const indices: number[] = [];
  let index = from;
  while (index < size) {
    // Each list jumps to `index` or beyond; when all of them are at it, it matches.
    let agreeing = 0;
    for (let turn = 0; agreeing < lists.length; turn++) {
      const at = await lists[turn % lists.length]?.seek(index);
      if (at === undefined) return { indices };
      agreeing = at === index ? agreeing + 1 : 1;
      index = at;
      // Nothing below `index` is left to find; a page that has come no further goes on, or none ever would.
      if (index > from && lists.reduce((sum, list) => sum + list.rowsRead, 0) > maxRows) {
        return { indices, next: index - 1 };
      }
    }
    const last = indices.at(-1);
    if (indices.length === limit && last !== undefined) return { indices, next: last };
    indices.push(index);
    index += 1;
  }
  return { indices };
}

/** The search rows below one prefix, read some at a time. */
class IndexList {
  readonly #storage: Pick<StorageReader, 'range'>;
  readonly #prefix: Uint8Array;
  readonly #size: number;
  #buffer: number[] = [];
  #at = 0;
  #ended = false;
  rowsRead = 0;

  constructor(storage: Pick<StorageReader, 'range'>, prefix: Uint8Array, size: number) {
    this.#storage = storage;
    this.#prefix = prefix;
    this.#size = size;
  }

  /** The first index in the list that is at least `index`; calls never go backwards. */
  async seek(index: number): Promise<number | undefined> {
    for (;;) {
      let found = this.#buffer[this.#at];
      while (found !== undefined && found < index) found = this.#buffer[++this.#at];
      if (found !== undefined) return found;
      if (this.#ended || index >= this.#size) return undefined;
      await this.#fill(index);
    }
  }

  async #fill(from: number): Promise<void> {
    this.#buffer = [];
    this.#at = 0;
    const range = searchRange(this.#prefix, from, this.#size);
    for await (const [key] of this.#storage.range({ ...range, limit: rowsAtOnce })) {
      this.#buffer.push(indexOfSearchKey(key));
    }
    this.rowsRead += this.#buffer.length;
    this.#ended = this.#buffer.length < rowsAtOnce;
  }
}

async function decode(
  indices: readonly number[],
  filters: SearchFilters,
  tree: Tree,
  reader: Reader,
): Promise<{ index: number; attestation: Attestation }[]> {
  const items: { index: number; attestation: Attestation }[] = [];
  for (let first = 0; first < indices.length; first += leavesAtOnce) {
    const some = indices.slice(first, first + leavesAtOnce);
    for (const [position, leaf] of (await reader.leaves(some, tree)).entries()) {
      const index = some[position] as number;
      const attestation = decodeAttestation(decodeEnvelope(leaf));
      if (unmetFilter(filters, attestation) !== undefined) throw wrongRow(index);
      items.push({ index, attestation });
    }
  }
  return items;
}

/** What a search row leads to does not match: the row, or what it leads to, is damaged. */
export function wrongRow(index: number): LedgerError {
  return new LedgerError('store-corrupt', 'a search row leads to an entry that it does not describe', {
    expected: 'an entry that matches the search',
    got: `entry ${index}`,
    index,
  });
}
