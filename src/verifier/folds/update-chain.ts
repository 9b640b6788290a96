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
import { compareDigests, digestName, namedDigests } from '../../attestation/digests.ts';
import type { ArtifactDigest, DatabaseUpdatePredicate } from '../../attestation/types.ts';
import type { Entry } from '../authorising/walk.ts';

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
export interface Update<
  E extends { readonly index: number } = Entry,
  P extends ChainFields = DatabaseUpdatePredicate,
> {
  readonly entry: E;
  readonly predicate: P;
}

export interface UpdateLink<
  E extends { readonly index: number } = Entry,
  P extends ChainFields = DatabaseUpdatePredicate,
> extends Update<E, P> {
  readonly link: LinkKind;
  /** The update that it follows, or that it disagrees with. */
  readonly previous?: E;
  /** For a rollback: the earlier update with the same result; absent if none is recorded. */
  readonly backTo?: E;
}

export interface UpdateChain {
  readonly family: string;
  readonly platform: string;
  /** In the order of the log. */
  readonly updates: readonly UpdateLink[];
}

/** Updates with one and the same state or version that are looked at; a publisher chooses how many there are. */
const maxCandidates = 64;

export class UpdateChains {
  readonly #family: string;
  readonly #platform: string | undefined;
  /** Platform → updates in the order of the log; owned by `add`. */
  readonly #updates = new Map<string, Update[]>();

  constructor({ family, platform }: { readonly family: string; readonly platform?: string | undefined }) {
    this.#family = family;
    this.#platform = platform;
  }

  /** An authorised entry, in the order of the log; others are left aside. True if it was taken. */
  add(entry: Entry): boolean {
    if (entry.attestation.type !== 'database-update') return false;
    const { predicate } = entry.attestation.statement;
    const { family, platform } = predicate;
    if (family !== this.#family || platform !== (this.#platform ?? platform)) return false;
    const updates = this.#updates.get(platform) ?? [];
    this.#updates.set(platform, updates);
    updates.push({ entry, predicate });
    return true;
  }

  /** One chain for each platform. */
  result(): UpdateChain[] {
    return [...this.#updates]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([platform, updates]) => ({ family: this.#family, platform, updates: linkUpdates(updates) }));
  }
}

/** Links updates of one family and platform, given in the order of the log. */
export function linkUpdates<E extends { readonly index: number }, P extends ChainFields>(
  updates: readonly Update<E, P>[],
): UpdateLink<E, P>[] {
  const byState = new Map<string, Update<E, P>[]>();
  const byVersion = new Map<string, Update<E, P>[]>();
  for (const update of updates) {
    for (const name of namesOf(update.predicate.result)) push(byState, name, update);
    push(byVersion, update.predicate.version, update);
  }
  const followed = new Set<Update<E, P>>();
  const followers = new Map<Update<E, P>, Update<E, P>[]>();
  let begun: Update<E, P> | undefined;
  const links = updates.map((update): UpdateLink<E, P> => {
    const { entry, predicate } = update;
    const { previous } = predicate;
    const backTo = earlierState(update, byState);
    const rest = { entry, predicate, ...(backTo === undefined ? {} : { backTo: backTo.entry }) };
    if (previous === null) {
      if (begun !== undefined && !isAgain(update, begun)) {
        return { ...rest, link: 'begins-again', previous: begun.entry };
      }
      if (begun === undefined) begun = update;
      else followed.add(update);
      return { ...rest, link: 'first' };
    }
    const states = namesOf(previous.result)
      .flatMap((name) => near(byState.get(name) ?? [], entry.index))
      .filter((one) => one !== update && agree(one.predicate.result, previous.result));
    const named = states.filter((one) => one.predicate.version === previous.version);
    const free = named.find((one) => !followed.has(one));
    if (free !== undefined) {
      followed.add(free);
      push(followers, free, update);
      return { ...rest, link: 'follows', previous: free.entry };
    }
    const same = named.find((one) => followers.get(one)?.some((other) => isAgain(update, other)));
    if (same !== undefined) {
      // What follows this recording follows that one: a second recording is no room for a second history.
      followed.add(update);
      push(followers, same, update);
      return { ...rest, link: 'follows', previous: same.entry };
    }
    const taken = named.find((one) => followers.has(one)) ?? named[0];
    if (taken !== undefined) return { ...rest, link: 'forks', previous: taken.entry };
    const [state] = states;
    if (state !== undefined) return { ...rest, link: 'other-version', previous: state.entry };
    const [version] = near(byVersion.get(previous.version) ?? [], entry.index).filter(
      (one) => one !== update,
    );
    if (version === undefined) return { ...rest, link: 'skips' };
    const agreement = compareDigests(version.predicate.result, previous.result);
    const link = agreement === 'incomparable' ? agreement : 'other-state';
    return { ...rest, link, previous: version.entry };
  });
  return withCircles(updates, links, followers);
}

/** The same step recorded again, as for more regions: whoever was given either has one and the same state. */
export function isAgain<E extends { readonly index: number }, P extends ChainFields>(
  { predicate: one }: Update<E, P>,
  { predicate: other }: Update<E, P>,
): boolean {
  return one.version === other.version && agree(one.result, other.result);
}

/** What `follows` and cannot be reached from a beginning, or from a break, follows itself. */
function withCircles<E extends { readonly index: number }, P extends ChainFields>(
  updates: readonly Update<E, P>[],
  links: readonly UpdateLink<E, P>[],
  followers: ReadonlyMap<Update<E, P>, readonly Update<E, P>[]>,
): UpdateLink<E, P>[] {
  const reached = new Set<Update<E, P>>();
  const open = updates.filter((_, at) => links[at]?.link !== 'follows');
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    reached.add(one);
    open.push(...(followers.get(one) ?? []));
  }
  return links.map((link, at) =>
    reached.has(updates[at] as Update<E, P>) ? link : { ...link, link: 'circle' },
  );
}

/** For a rollback: the newest earlier update with the result that it goes back to. */
function earlierState<E extends { readonly index: number }, P extends ChainFields>(
  { entry, predicate }: Update<E, P>,
  byState: ReadonlyMap<string, readonly Update<E, P>[]>,
): Update<E, P> | undefined {
  if (predicate.kind !== 'rollback') return undefined;
  return namesOf(predicate.result)
    .flatMap((name) => near(byState.get(name) ?? [], entry.index))
    .find((one) => one.entry.index < entry.index && agree(one.predicate.result, predicate.result));
}

/** The nearest ones below a leaf, newest first, then the nearest above it: what is submitted at once may swap places. */
function near<U extends { readonly entry: { readonly index: number } }>(
  updates: readonly U[],
  index: number,
): U[] {
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

/** One digest in common, and none that differs. */
function agree(a: ArtifactDigest, b: ArtifactDigest): boolean {
  return compareDigests(a, b) === 'same';
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
