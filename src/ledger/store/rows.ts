/**
 * The rows that one entry brings: its bytes, the rows by which it is found
 * again (so that nothing is recorded twice), and its search rows.
 */
import { searchRowsOf } from '../../attestation/search-fields.ts';
import type { Attestation } from '../../attestation/statement.ts';
import type { Row } from '../../storage/storage.ts';
import {
  authorityKey,
  indexValue,
  leafHashKey,
  leafKey,
  searchKey,
  searchPrefix,
  sourceNumberKey,
  tileKey,
} from './keys.ts';
import type { FullTile } from './tree.ts';

const nothing = new Uint8Array(0);

/** All rows of an entry at `index`; for an authority document, `version` is its own. */
export function entryRows(attestation: Attestation, index: number, version?: number): Row[] {
  const at = indexValue(index);
  const rows: Row[] = [
    [leafKey(index), attestation.leaf],
    [leafHashKey(attestation.leafHash), at],
  ];
  const source = sourceNumberOf(attestation);
  if (source !== undefined) rows.push([source, at]);
  if (version !== undefined) rows.push([authorityKey(version), at]);
  for (const { row, value } of searchRowsOf(attestation)) {
    rows.push([searchKey(searchPrefix(row, value), index), nothing]);
  }
  return rows;
}

/** The rows of the tiles that a batch has filled. */
export function tileRows(full: readonly FullTile[]): Row[] {
  return full.map(({ level, index, tile }): Row => [tileKey(level, index), tile.bytes()]);
}

/**
 * The row that holds the entry's number in its stream; an authority
 * document has none. One payload has one number, so this row also finds an entry
 * with the same payload under other signatures.
 */
export function sourceNumberOf({ supervision }: Attestation): Uint8Array | undefined {
  return supervision === undefined
    ? undefined
    : sourceNumberKey(supervision.source.id, supervision.source.seq);
}
