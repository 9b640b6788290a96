/**
 * `isal update show`: which database this is, how it came about, whom it went
 * to, and whether others got the same. Only the whole log can say the last.
 */
import type { DatabaseUpdatePredicate } from '../../attestation/types.ts';
import type { LedgerError } from '../../errors.ts';
import type { Entry } from '../authorising/walk.ts';
import type { Fold } from '../folds/fold.ts';
import { matchSubjects } from '../folds/subject.ts';
import type { Digests } from '../folds/subject.ts';
import { SupportingEntries, isOfType, leafOf } from '../folds/supporting.ts';
import type { Complete, EntryOf, Leaf } from '../folds/supporting.ts';
import { UpdateChains, wholeUpdate } from '../folds/update-chain.ts';
import { historyOf } from '../folds/update-history.ts';
import type { UpdateHistory } from '../folds/update-history.ts';
import { supervisionOf } from '../folds/supervision.ts';
import type { SupervisedEntry } from '../folds/supervision.ts';

/** What was asked for. */
export interface WantedUpdate {
  readonly family?: string | undefined;
  readonly platform?: string | undefined;
  readonly version?: string | undefined;
  readonly digests?: Digests | undefined;
}

/** One update in the answer, and the source of its rules with the reviews of that. */
export interface ShownUpdate {
  readonly history: UpdateHistory;
  readonly supervision: SupervisedEntry;
  /** Of which kinds the supervision knows all that the log holds. */
  readonly complete: Complete;
  /** The entries without which the answer would be another one. */
  readonly restsOn: readonly Leaf[];
}

/** Updates kept in memory, some kilobytes each, while the family is not known. */
const maxUpdates = 100_000;

/** The updates of the families that the answer may be about. */
export class WantedUpdates implements Fold<ShownUpdate[]> {
  readonly #wanted: WantedUpdate;
  readonly #chains: UpdateChains<DatabaseUpdatePredicate>;
  /** Index → whose keys an update rests on; owned by `add`, as is all else here. */
  readonly #leaves = new Map<number, Leaf>();
  /** Chain → the last of its updates that was asked for. */
  readonly #last = new Map<string, EntryOfUpdate>();
  /** Snapshots and reviews. */
  readonly #supporting = new SupportingEntries({});
  #count = 0;
  readonly #tooMany: (count: number) => LedgerError;

  /** `tooMany`: what to throw where so many updates of all families cannot be looked through. */
  constructor(wanted: WantedUpdate, tooMany: (count: number) => LedgerError) {
    const { family, platform } = wanted;
    this.#wanted = wanted;
    this.#chains = new UpdateChains({ family, platform, fields: wholeUpdate });
    this.#tooMany = tooMany;
  }

  /** Which of them the answer rests on is known in the end: see `ShownUpdate`. */
  add(entry: Entry): false {
    if (isOfType(entry, 'source-snapshot') || isOfType(entry, 'source-review')) this.#supporting.add(entry);
    if (!isOfType(entry, 'database-update') || !this.#chains.add(entry)) return false;
    this.#leaves.set(entry.index, leafOf(entry));
    if (this.#isWanted(entry)) this.#last.set(chainOf(entry.attestation.statement.predicate), entry);
    this.#count += 1;
    if (this.#wanted.family === undefined && this.#count > maxUpdates) throw this.#tooMany(maxUpdates);
    return false;
  }

  /** For each platform the last of the updates that were asked for. */
  result(): ShownUpdate[] {
    const { entries: supporting, complete } = this.#supporting;
    return this.#chains.result().flatMap((chain) => {
      const entry = this.#last.get(chainOf(chain));
      const update = chain.updates.find((one) => one.entry.index === entry?.index);
      if (entry === undefined || update === undefined) return [];
      const digests = update.predicate.result;
      const supervision = supervisionOf(entry, { digests, supporting, whole: true });
      const history = historyOf(chain, update);
      return [{ history, supervision, complete, restsOn: this.#restsOn(history, supervision) }];
    });
  }

  #restsOn({ back }: UpdateHistory, { sources }: SupervisedEntry): Leaf[] {
    return [
      ...back.flatMap(({ entry }) => this.#leaves.get(entry.index) ?? []),
      ...sources.flatMap(({ snapshot, reviews }) => [
        leafOf(snapshot),
        ...reviews.map((review) => leafOf(review.entry)),
      ]),
    ];
  }

  #isWanted(entry: EntryOfUpdate): boolean {
    const { digests, version } = this.#wanted;
    if (digests !== undefined) return matchSubjects([entry], digests).length > 0;
    return version === undefined || entry.attestation.statement.predicate.version === version;
  }
}

type EntryOfUpdate = EntryOf<'database-update'>;

function chainOf({ family, platform }: { readonly family: string; readonly platform: string }): string {
  return `${family} ${platform}`;
}
