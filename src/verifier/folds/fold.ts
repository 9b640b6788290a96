/**
 * A history as a fold over the entries of a log: what is added one by one, in
 * their order, gives a result as of a time.
 *
 *   const chains = new UpdateChains({ family });
 *   await replay({ …, folds: [chains, accesses] });   one reading feeds many
 *   chains.result(at);
 *
 * A fold that a monitor keeps between two rounds can also be saved and taken
 * up again. What it saves is bounded by what it would keep in memory.
 */
import type { JsonValue } from '../../attestation/canonical.ts';
import type { Entry } from '../authorising/walk.ts';

export interface Fold<R> {
  /** The next authorised entry, in the order of the log. Whether the result rests on it, as far as is known by then. */
  add(entry: Entry): boolean;
  /** `at` in milliseconds since the epoch; folds in which nothing depends on time ignore it. */
  result(at: number): R;
}

/** A fold whose state outlives the process. */
export interface SavedFold<R> extends Fold<R> {
  /** All that `restore` needs to go on as if nothing had happened. */
  save(): JsonValue;
  /** Only on a fold to which nothing was added. Throws `store-corrupt` for what `save` has not written. */
  restore(saved: JsonValue): void;
}
