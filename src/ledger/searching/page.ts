/**
 * A page of entries for people and programs that read: each entry in a text of a
 * few lines, with its first corrections. It is made entry by entry, and what was
 * read of one is let go before the next is looked at.
 *
 * A page is bounded by what making it costs, not by the number of its entries
 * alone: one that would cost more ends earlier and says where to go on.
 */
import { toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import type { SearchFilters } from '../../attestation/search-fields.ts';
import { hashLeaf } from '../../tlog/hash.ts';
import { find, wrongRow, type Found, type SearchParts, type SearchQuery } from './search.ts';

/** An entry as it stands in the log. */
export interface PlacedLeaf {
  readonly index: number;
  readonly leaf: Uint8Array;
}

/** What one item of a page is made from. */
export interface PageLeaf extends PlacedLeaf {
  /** The first corrections of the entry, by index. */
  readonly corrections: readonly PlacedLeaf[];
}

/**
 * The text of each item, on another thread: decoding is most of what a page
 * costs. `undefined` for an entry that does not meet the filters.
 */
export type DescribeItems = (
  filters: SearchFilters,
  items: readonly PageLeaf[],
) => Promise<readonly (string | undefined)[]>;

/** The text of each correction; `undefined` for what is none. */
export type DescribeLeaves = (leaves: readonly PlacedLeaf[]) => Promise<readonly (string | undefined)[]>;

export interface EntryPage {
  /** The published size that the answer is of. */
  readonly size: number;
  /** Texts of the items, ascending by index. */
  readonly items: readonly string[];
  /** To go on, the `after` of the next page; absent when there is no more. */
  readonly next?: number;
}

/** What a view of one entry lists of its corrections; a reader who wants more searches for them. */
export const shownCorrections = 16;
/** Bytes of leaves that are read for one page: four of the largest, or a hundred and more of the usual ones. */
const pageBytes = 128 * 1024;
/** Leaves that are decoded for one page, its corrections among them. */
const pageLeaves = 256;
/** Items that are read and described together. */
const itemsAtOnce = 16;
/** Entries that may refer to one entry and are no corrections of it, looked through for one item. */
const correctionRows = 1_024;

/** Throws what `search` throws. */
export function page(query: SearchQuery, describe: DescribeItems, parts: SearchParts): Promise<EntryPage> {
  return parts.failure.guard(async () => {
    const { tree, indices, next } = await find(query, parts);
    const items: string[] = [];
    const spent = { bytes: 0, leaves: 0 };
    while (items.length < indices.length && spent.bytes < pageBytes && spent.leaves < pageLeaves) {
      const some = indices.slice(items.length, items.length + itemsAtOnce);
      const leaves = await parts.reader.leaves(some, tree);
      const corrections = await Promise.all(leaves.map((leaf) => correctionsOf(leaf, parts)));
      const chunk: PageLeaf[] = [];
      for (const [at, leaf] of leaves.entries()) {
        if (spent.bytes >= pageBytes || spent.leaves >= pageLeaves) break;
        const correcting = await parts.reader.leaves(corrections[at] ?? [], tree);
        const item = {
          index: some[at] as number,
          leaf,
          corrections: placed(corrections[at] ?? [], correcting),
        };
        chunk.push(item);
        spent.leaves += 1 + correcting.length;
        for (const { length } of [leaf, ...correcting]) spent.bytes += length;
      }
      for (const [at, text] of (await describe(query, chunk)).entries()) {
        if (text === undefined) throw wrongRow(some[at] as number);
        items.push(text);
      }
    }
    const cut = items.length < indices.length ? indices[items.length - 1] : next;
    return { size: tree.size, items, ...defined({ next: cut }) };
  });
}

/** Where the first corrections of a leaf stand. Their subject is the leaf hash of what they correct. */
function correctionsFound(leafHash: string, parts: SearchParts): Promise<Found> {
  const filters = { subject: `sha256:${leafHash}`, type: 'correction', limit: shownCorrections } as const;
  return find(filters, { ...parts, maxRows: correctionRows });
}

async function correctionsOf(leaf: Uint8Array, parts: SearchParts): Promise<readonly number[]> {
  return (await correctionsFound(toHex(hashLeaf(leaf)), parts)).indices;
}

function placed(indices: readonly number[], leaves: readonly Uint8Array[]): PlacedLeaf[] {
  return leaves.map((leaf, at) => ({ index: indices[at] as number, leaf }));
}

/**
 * The texts of the first corrections of a leaf, as many as a page has room for.
 * Throws what `search` throws.
 */
export function corrections(
  leafHash: string,
  describe: DescribeLeaves,
  parts: SearchParts,
): Promise<readonly string[]> {
  return parts.failure.guard(async () => {
    const { tree, indices } = await correctionsFound(leafHash, parts);
    const found: PlacedLeaf[] = [];
    let bytes = 0;
    for (const index of indices) {
      if (bytes >= pageBytes) break;
      const [leaf] = await parts.reader.leaves([index], tree);
      if (leaf === undefined) throw wrongRow(index);
      bytes += leaf.length;
      found.push({ index, leaf });
    }
    const texts = found.length === 0 ? [] : await describe(found);
    return texts.map((text, at) => {
      if (text === undefined) throw wrongRow(found[at]?.index ?? 0);
      return text;
    });
  });
}
