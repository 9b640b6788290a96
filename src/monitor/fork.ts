/** Two histories of one log, and how they become a finding. */
import { toHex } from '../bytes.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Hash } from '../tlog/hash.ts';

/** Two signed notes that no one history can have; see `forkEvidence`. */
export interface Fork {
  /** Of the smaller size, or of the same. */
  readonly older: Uint8Array;
  readonly newer: Uint8Array;
  /** What the newer history says of the older size. */
  readonly consistency: { readonly fromRoot: Hash; readonly hashes: readonly Hash[] };
}

/** The same two histories have the same key, whoever showed them. */
export function forkKey({ older, newer }: Fork): string {
  const heads = [older, newer].map((note) => {
    const { size, root } = parseCheckpoint(parseNote(note).text);
    return `${size}/${toHex(root)}`;
  });
  return `fork/${heads.toSorted().join('/')}`;
}

export function forkText({ older, newer }: Fork, shownBy: string): string {
  const [before, after] = [older, newer].map((note) => parseCheckpoint(parseNote(note).text).size);
  return before === after
    ? `the log has signed two trees of ${before} leaves; the other one was shown by ${shownBy}`
    : `the log has signed two histories: its tree of ${after} leaves does not extend its tree of ${before}; shown by ${shownBy}`;
}
