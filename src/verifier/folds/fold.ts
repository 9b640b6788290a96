/**
 * A history as a fold over the entries of a log: what is added one by one, in
 * their order, gives a result as of a time.
 *
 *   const chains = new UpdateChains({ family, fields: wholeUpdate });
 *   await replay({ …, folds: [chains, accesses] });   one reading feeds many
 *   chains.result(at);
 *
 * A fold whose state outlives the process is a `KeptFold`: its state is what it
 * has kept of each entry, in their order. A store needs one row for each and
 * never writes one again, however long the history is:
 *
 *   const kept = chains.keep(entry);                  a row, as JSON
 *   for (const row of rows) again.take(row);          as if nothing had happened
 */
import { toHex } from '../../bytes.ts';
import type { Entry } from '../authorising/walk.ts';

export interface Fold<R> {
  /** The next authorised entry, in the order of the log. Whether the result rests on it, as far as is known by then. */
  add(entry: Entry): boolean;
  /** `at` in milliseconds since the epoch; folds in which nothing depends on time ignore it. */
  result(at: number): R;
}

/** What a replay asks of a fold. */
export type Listener = Pick<Fold<unknown>, 'add'>;

/** What of an authorised entry a kept fold may look at. */
export type Seen = Pick<Entry, 'index' | 'attestation'>;

/** `K` is plain JSON: what `take` is given may have been written out and read back. */
export abstract class KeptFold<R, K> implements Fold<R> {
  add(entry: Entry): boolean {
    const kept = this.keep(entry);
    if (kept === undefined) return false;
    this.take(kept);
    return true;
  }

  /** All that the fold needs of an entry; undefined for one that its result does not rest on. */
  abstract keep(entry: Seen): K | undefined;

  /** The next one that was kept, in the order of the log. */
  abstract take(kept: K): void;

  abstract result(at: number): R;
}

/** Where an entry stands, and what it is: all that is needed to look at it again. */
export interface Recorded {
  readonly index: number;
  /** Lowercase hex. */
  readonly leafHash: string;
}

export function recordedAt({ index, attestation }: Seen): Recorded {
  return { index, leafHash: toHex(attestation.leafHash) };
}
