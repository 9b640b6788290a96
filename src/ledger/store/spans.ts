/** Which rows lie between two keys: what a damaged part of the database may hide. */
import { readUint64 } from '../../bytes.ts';
import { defined } from '../../defined.ts';

export interface KeySpan {
  readonly gte: Uint8Array;
  readonly lte: Uint8Array;
}

/** Entries `from` up to and with `to`; without `to`, to the last one. */
export interface EntrySpan {
  readonly from: number;
  readonly to?: number;
}

export interface HiddenRows {
  readonly entries?: EntrySpan;
  /** What else, each in a word or two. */
  readonly others: readonly string[];
}

const names: ReadonlyMap<string, string> = new Map([
  ['\0', 'the tree head'],
  ['a', 'authority documents'],
  ['c', 'the newest checkpoint'],
  ['h', 'leaf hashes'],
  ['i', 'search rows'],
  ['k', 'archived checkpoints'],
  ['n', 'numbers of streams'],
  ['p', 'the time of publication'],
  ['t', 'tiles'],
]);

const leaf = 'l'.charCodeAt(0);

export function hiddenRows({ gte, lte }: KeySpan): HiddenRows {
  const [first, last] = [gte[0] ?? 0, lte[0] ?? 0];
  const others = [...names].flatMap(([letter, name]) => {
    const code = letter.charCodeAt(0);
    return code >= first && code <= last ? [name] : [];
  });
  if (first > leaf || last < leaf) return { others };
  const from = first < leaf ? 0 : (indexIn(gte) ?? 0);
  const to = last > leaf ? undefined : indexIn(lte);
  return { entries: defined({ from, to }), others };
}

/** "entries 12 to 40, tiles", for people. */
export function describeRows({ entries, others }: HiddenRows): string {
  const parts = [...others];
  if (entries !== undefined) {
    const { from, to } = entries;
    parts.unshift(to === from ? `entry ${from}` : `entries ${from} to ${to ?? 'the last'}`);
  }
  return parts.join(', ');
}

/** The index in the key of a leaf; undefined where the key is cut short, as those between two tables may be. */
function indexIn(key: Uint8Array): number | undefined {
  if (key.length < 9) return undefined;
  try {
    return readUint64(key.subarray(1, 9));
  } catch {
    return undefined;
  }
}
