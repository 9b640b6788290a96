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
import type { DatabaseUpdatePredicate } from '../../attestation/types.ts';
import { verdictBehind } from './chain-verdict.ts';
import type { ChainVerdict } from './chain-verdict.ts';
import type { Recorded } from './fold.ts';
import { compareDigests } from '../../attestation/digests.ts';
import type { Agreement } from '../../attestation/digests.ts';
import { isAgain } from './update-chain.ts';
import type { ChainFields, Indexed, UpdateChain, UpdateLink } from './update-chain.ts';

export interface UpdateHistory<P extends ChainFields = DatabaseUpdatePredicate> {
  readonly update: UpdateLink<Recorded, P>;
  /** From the update itself down to the first, or to where the chain breaks. */
  readonly back: readonly [UpdateLink<Recorded, P>, ...UpdateLink<Recorded, P>[]];
  /** On that way, by whoever has read every leaf. */
  readonly verdict: ChainVerdict<UpdateLink<Recorded, P>>;
  /** Others of the same version: with the same state, with another one, and by digests that cannot be compared. */
  readonly sameState: readonly UpdateLink<Recorded, P>[];
  readonly otherState: readonly UpdateLink<Recorded, P>[];
  readonly incomparable: readonly UpdateLink<Recorded, P>[];
  /** Updates that follow what one of `back` follows, and so were given in its place. */
  readonly forks: readonly UpdateLink<Recorded, P>[];
  /** Those that lead on from the update, in their order; where they fork, on the one that came first. */
  readonly newer: readonly UpdateLink<Recorded, P>[];
  /** The last one of the chain in the log, whatever it follows. */
  readonly latest: UpdateLink<Recorded, P>;
}

/** The history of one update of a chain of which every leaf was read. */
export function historyOf<P extends ChainFields>(
  { updates }: UpdateChain<P>,
  update: UpdateLink<Recorded, P>,
): UpdateHistory<P> {
  type Link = UpdateLink<Recorded, P>;
  const { path: back, verdict } = verdictBehind(update, updates, { whole: true });
  const { version, result } = update.predicate;
  const namesakes = updates.filter((one) => one !== update && one.predicate.version === version);
  const alike = (...wanted: readonly Agreement[]): Link[] =>
    namesakes.filter((one) => wanted.includes(compareDigests(one.predicate.result, result)));
  const followed = new Map(back.filter(followsRecorded).map((one) => [one.previous?.index, one]));
  const inItsPlace = (one: Link): boolean => {
    const own = followsRecorded(one) ? followed.get(one.previous?.index) : undefined;
    return own !== undefined && own !== one && !isAgain(one, own);
  };
  return {
    update,
    back,
    verdict,
    sameState: alike('same'),
    otherState: alike('different', 'conflict'),
    incomparable: alike('incomparable'),
    forks: updates.filter(inItsPlace),
    newer: onFrom(update, updates),
    latest: updates.at(-1) ?? update,
  };
}

/** Whether it follows a state that is recorded, be it the only one to do so or not. */
function followsRecorded({ link }: Pick<UpdateLink, 'link'>): boolean {
  return link === 'follows' || link === 'forks';
}

function onFrom<L extends UpdateLink<Indexed, ChainFields>>(update: L, updates: readonly L[]): L[] {
  const followers = new Map<number, L>();
  for (const one of updates) {
    const { link, previous } = one;
    if (link === 'follows' && previous !== undefined && !followers.has(previous.index)) {
      followers.set(previous.index, one);
    }
  }
  const newer: L[] = [];
  for (
    let one = followers.get(update.entry.index);
    one !== undefined && one !== update && newer.length < updates.length;
    one = followers.get(one.entry.index)
  ) {
    newer.push(one);
  }
  return newer;
}
