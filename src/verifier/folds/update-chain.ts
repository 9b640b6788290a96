/**
 * The updates of one family and platform as a chain: each names the state that
 * it follows, back to the first.
 *
 *   first ◄── follows ◄── follows ◄── follows        unbroken
 *   first ◄── follows ◄┬─ follows
 *                      └─ forks                      two histories for two sets of endpoints
 *   first      (lost)  ◄── skips                     a state was delivered that no leaf records
 *
 * A rollback follows the state that it takes back, and its result is an
 * earlier one. Only whoever has seen every leaf can call a chain unbroken.
 */
import type { ArtifactDigest, DatabaseUpdatePredicate } from '../../attestation/types.ts';
import { defined } from '../../defined.ts';
import { KeptFold, recordedAt } from './fold.ts';
import type { Recorded, Seen } from './fold.ts';
import { compareDigests, digestName, namedDigests } from '../../attestation/digests.ts';

/**
 * - `first`: it follows nothing, and no other state does.
 * - `follows`: it follows a recorded state that no other state follows.
 * - `begins-again`: it follows nothing either, beside an earlier first.
 * - `forks`: an update to another state follows the same state.
 * - `skips`: the state that it follows is not recorded.
 * - `other-state`: of the version that it follows, another state is recorded.
 * - `other-version`: the state that it follows is recorded as another version.
 * - `circle`: following it back never comes to a beginning.
 * - `incomparable`: the version that it follows is recorded by digests of other algorithms only.
 */
export type LinkKind =
  | 'first'
  | 'follows'
  | 'begins-again'
  | 'forks'
  | 'skips'
  | 'other-state'
  | 'other-version'
  | 'circle'
  | 'incomparable';

/** What of an update its links depend on. */
export type ChainFields = Pick<
  DatabaseUpdatePredicate,
  'family' | 'platform' | 'version' | 'kind' | 'previous' | 'result'
>;

/** An update; `entry` is its leaf, whole or as much of it as somebody needs. */
export interface Update<E extends Indexed = Recorded, P extends ChainFields = DatabaseUpdatePredicate> {
  readonly entry: E;
  readonly predicate: P;
}

/** The little of an update's entry that a chain needs. */
export interface Indexed {
  readonly index: number;
}

export interface UpdateLink<
  E extends Indexed = Recorded,
  P extends ChainFields = DatabaseUpdatePredicate,
> extends Update<E, P> {
  readonly link: LinkKind;
  /** The update that it follows, or that it disagrees with. */
  readonly previous?: E;
  /** For a rollback: the earlier update with the same result; absent if none is recorded. */
  readonly backTo?: E;
}

export interface UpdateChain<P extends ChainFields = DatabaseUpdatePredicate> {
  readonly family: string;
  readonly platform: string;
  /** In the order of the log. */
  readonly updates: readonly UpdateLink<Recorded, P>[];
}

export interface UpdateChainsOptions<P extends ChainFields> {
  /** Of this family alone; of every one where absent. */
  readonly family?: string | undefined;
  readonly platform?: string | undefined;
  /** What to keep of each: a log may hold hundreds of thousands, and a chain needs little of each. */
  readonly fields: (predicate: DatabaseUpdatePredicate) => P;
}

/** All that an update says. */
export function wholeUpdate(predicate: DatabaseUpdatePredicate): DatabaseUpdatePredicate {
  return predicate;
}

/** What a chain needs of an update. */
export function chainFields({
  family,
  platform,
  version,
  kind,
  previous,
  result,
}: DatabaseUpdatePredicate): ChainFields {
  return { family, platform, version, kind, previous, result };
}

/** Updates with one and the same state or version that are looked at; a publisher chooses how many there are. */
const maxCandidates = 64;

export class UpdateChains<P extends ChainFields> extends KeptFold<UpdateChain<P>[], Update<Recorded, P>> {
  readonly #options: UpdateChainsOptions<P>;
  /** Family → platform → updates in the order of the log; owned by `take`. */
  readonly #families = new Map<string, Map<string, Update<Recorded, P>[]>>();

  constructor(options: UpdateChainsOptions<P>) {
    super();
    this.#options = options;
  }

  keep(entry: Seen): Update<Recorded, P> | undefined {
    if (entry.attestation.type !== 'database-update') return undefined;
    const { predicate } = entry.attestation.statement;
    const { family = predicate.family, platform = predicate.platform, fields } = this.#options;
    if (family !== predicate.family || platform !== predicate.platform) return undefined;
    return { entry: recordedAt(entry), predicate: fields(predicate) };
  }

  take(update: Update<Recorded, P>): void {
    const { family, platform } = update.predicate;
    const platforms = this.#families.get(family) ?? new Map<string, Update<Recorded, P>[]>();
    this.#families.set(family, platforms);
    push(platforms, platform, update);
  }

  /** One chain for each family and platform. */
  result(): UpdateChain<P>[] {
    return [...this.#families].flatMap(([family, platforms]) =>
      [...platforms]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([platform, updates]) => ({ family, platform, updates: linkUpdates(updates) })),
    );
  }
}

/** Links updates of one family and platform, given in the order of the log. */
export function linkUpdates<E extends Indexed, P extends ChainFields>(
  updates: readonly Update<E, P>[],
): UpdateLink<E, P>[] {
  const linking = new Linking(updates);
  return linking.withoutCircles(updates.map((update) => linking.link(update)));
}

/** Every update finds its place in the order of the log; what it takes is taken for those after it. */
class Linking<E extends Indexed, P extends ChainFields> {
  readonly #updates: readonly Update<E, P>[];
  readonly #byState = new Map<string, Update<E, P>[]>();
  readonly #byVersion = new Map<string, Update<E, P>[]>();
  /** All owned by `link`. */
  readonly #followed = new Set<Update<E, P>>();
  readonly #followers = new Map<Update<E, P>, Update<E, P>[]>();
  #begun: Update<E, P> | undefined;

  constructor(updates: readonly Update<E, P>[]) {
    this.#updates = updates;
    for (const update of updates) {
      for (const name of namesOf(update.predicate.result)) push(this.#byState, name, update);
      push(this.#byVersion, update.predicate.version, update);
    }
  }

  /** The next update. */
  link(update: Update<E, P>): UpdateLink<E, P> {
    const { entry, predicate } = update;
    const backTo = this.#earlierState(update);
    const linked =
      predicate.previous === null ? this.#begin(update) : this.#follow(update, predicate.previous);
    return {
      entry,
      predicate,
      ...defined({ link: linked.link, previous: linked.previous?.entry, backTo: backTo?.entry }),
    };
  }

  #begin(update: Update<E, P>): Linked<Update<E, P>> {
    if (this.#begun !== undefined && !isAgain(update, this.#begun)) {
      return { link: 'begins-again', previous: this.#begun };
    }
    if (this.#begun === undefined) this.#begun = update;
    else this.#followed.add(update);
    return { link: 'first' };
  }

  #follow(
    update: Update<E, P>,
    { version, result }: NonNullable<ChainFields['previous']>,
  ): Linked<Update<E, P>> {
    const { index } = update.entry;
    const states = this.#nearOf(result, index).filter((one) => one !== update);
    const named = states.filter(({ predicate }) => predicate.version === version);
    const free = named.find((one) => !this.#followed.has(one));
    if (free !== undefined) return this.#takePlace(update, free);
    const same = named.find((one) => this.#followers.get(one)?.some((other) => isAgain(update, other)));
    if (same !== undefined) {
      // What follows this recording follows that one: a second recording is no room for a second history.
      this.#followed.add(update);
      return this.#takePlace(update, same);
    }
    const taken = named.find((one) => this.#followers.has(one)) ?? named[0];
    if (taken !== undefined) return { link: 'forks', previous: taken };
    const [state] = states;
    if (state !== undefined) return { link: 'other-version', previous: state };
    const [other] = near(this.#byVersion.get(version) ?? [], index).filter((one) => one !== update);
    if (other === undefined) return { link: 'skips' };
    const comparable = compareDigests(other.predicate.result, result) !== 'incomparable';
    return { link: comparable ? 'other-state' : 'incomparable', previous: other };
  }

  #takePlace(update: Update<E, P>, previous: Update<E, P>): Linked<Update<E, P>> {
    this.#followed.add(previous);
    push(this.#followers, previous, update);
    return { link: 'follows', previous };
  }

  /** For a rollback: the newest earlier update with the result that it goes back to. */
  #earlierState({ entry: { index }, predicate }: Update<E, P>): Update<E, P> | undefined {
    if (predicate.kind !== 'rollback') return undefined;
    return this.#nearOf(predicate.result, index).find(({ entry }) => entry.index < index);
  }

  #nearOf(result: ArtifactDigest, index: number): Update<E, P>[] {
    return namesOf(result)
      .flatMap((name) => near(this.#byState.get(name) ?? [], index))
      .filter(({ predicate }) => compareDigests(predicate.result, result) === 'same');
  }

  /** What `follows` and cannot be reached from a beginning, or from a break, follows itself. */
  withoutCircles(links: readonly UpdateLink<E, P>[]): UpdateLink<E, P>[] {
    const reached = new Set<Update<E, P>>();
    const open = this.#updates.filter((_, at) => links[at]?.link !== 'follows');
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      reached.add(one);
      for (const follower of this.#followers.get(one) ?? []) open.push(follower);
    }
    return links.map((link, at) =>
      reached.has(this.#updates[at] as Update<E, P>) ? link : { ...link, link: 'circle' },
    );
  }
}

interface Linked<U> {
  readonly link: LinkKind;
  readonly previous?: U;
}

/** The same step recorded again, as for more regions: whoever was given either has one and the same state. */
export function isAgain<E extends Indexed, P extends ChainFields>(
  { predicate: one }: Update<E, P>,
  { predicate: other }: Update<E, P>,
): boolean {
  return one.version === other.version && compareDigests(one.result, other.result) === 'same';
}

/** The nearest ones below a leaf, newest first, then the nearest above it: what is submitted at once may swap places. */
function near<U extends { readonly entry: Indexed }>(updates: readonly U[], index: number): U[] {
  let low = 0;
  let high = updates.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((updates[middle]?.entry.index ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  const below = updates.slice(Math.max(0, low - maxCandidates), low).toReversed();
  return [...below, ...updates.slice(low, low + maxCandidates)];
}

function namesOf(digests: ArtifactDigest): string[] {
  return namedDigests(digests).map(digestName);
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
