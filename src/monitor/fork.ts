/** Two histories of one log, and how they become a finding. */
import { toHex } from '../bytes.ts';
import { defined } from '../defined.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Hash } from '../tlog/hash.ts';
import type { FactsOf } from './finding.ts';

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

/** `witness`: the name of the one that showed the other history; undefined where the log itself did. */
export function forkFacts({ older, newer }: Fork, witness: string | undefined): FactsOf<'fork'> {
  const sizeOf = (note: Uint8Array): number => parseCheckpoint(parseNote(note).text).size;
  return { kind: 'fork', sizes: [sizeOf(older), sizeOf(newer)], ...defined({ witness }) };
}
