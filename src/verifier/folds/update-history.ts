/**
 * One update of a database among all others of its chain: how it came about,
 * and whether others were given the same.
 *
 *   first ◄── … ◄── follows ◄── shown ◄── newer ◄── newer
 *                      ▲
 *                      └─────── forks            given to others in its place
 *
 * Like the chain itself it says only what the entries say that it was made of;
 * that there are no others, only whoever has seen every leaf can say.
 */
import { compareDigests } from '../../attestation/digests.ts';
import type { Agreement } from '../../attestation/digests.ts';
import { isAgain } from './update-chain.ts';
import type { UpdateChain, UpdateLink } from './update-chain.ts';

export interface UpdateHistory {
  readonly update: UpdateLink;
  /** From the update itself down to the first, or to where the chain breaks. */
  readonly back: readonly UpdateLink[];
  /** Others of the same version: with the same state, with another one, and by digests that cannot be compared. */
  readonly sameState: readonly UpdateLink[];
  readonly otherState: readonly UpdateLink[];
  readonly incomparable: readonly UpdateLink[];
  /** Updates that follow what one of `back` follows, and so were given in its place. */
  readonly forks: readonly UpdateLink[];
  /** Those that lead on from the update, in their order; where they fork, on the one that came first. */
  readonly newer: readonly UpdateLink[];
  /** The last one of the chain in the log, whatever it follows. */
  readonly latest: UpdateLink;
}

/** The history of one update of the chain. */
export function historyOf({ updates }: UpdateChain, update: UpdateLink): UpdateHistory {
  const byIndex = new Map(updates.map((one) => [one.entry.index, one]));
  const back = backFrom(update, byIndex);
  const { version, result } = update.predicate;
  const namesakes = updates.filter((one) => one !== update && one.predicate.version === version);
  const alike = (...wanted: readonly Agreement[]): UpdateLink[] =>
    namesakes.filter((one) => wanted.includes(compareDigests(one.predicate.result, result)));
  const followed = new Map(back.filter(followsRecorded).map((one) => [one.previous?.index, one]));
  const inItsPlace = (one: UpdateLink): boolean => {
    const own = followsRecorded(one) ? followed.get(one.previous?.index) : undefined;
    return own !== undefined && own !== one && !isAgain(one, own);
  };
  return {
    update,
    back,
    sameState: alike('same'),
    otherState: alike('different', 'conflict'),
    incomparable: alike('incomparable'),
    forks: updates.filter(inItsPlace),
    newer: onFrom(update, updates),
    latest: updates.at(-1) ?? update,
  };
}

/** Whether it follows a state that is recorded, be it the only one to do so or not. */
function followsRecorded({ link }: UpdateLink): boolean {
  return link === 'follows' || link === 'forks';
}

/** Follows `previous` for as long as each one follows a recorded state; a circle ends where it closes. */
function backFrom(update: UpdateLink, byIndex: ReadonlyMap<number, UpdateLink>): UpdateLink[] {
  const back = new Set<UpdateLink>();
  for (let one: UpdateLink | undefined = update; one !== undefined && !back.has(one);) {
    back.add(one);
    one = one.link === 'follows' && one.previous !== undefined ? byIndex.get(one.previous.index) : undefined;
  }
  return [...back];
}

function onFrom(update: UpdateLink, updates: readonly UpdateLink[]): UpdateLink[] {
  const followers = new Map<number, UpdateLink>();
  for (const one of updates) {
    const { link, previous } = one;
    if (link === 'follows' && previous !== undefined && !followers.has(previous.index)) {
      followers.set(previous.index, one);
    }
  }
  const newer: UpdateLink[] = [];
  for (
    let one = followers.get(update.entry.index);
    one !== undefined && one !== update && newer.length < updates.length;
    one = followers.get(one.entry.index)
  ) {
    newer.push(one);
  }
  return newer;
}
