/** What one update comes to, point by point: itself, the way behind it, its source, its roll-out, the others. */
import { defined } from '../../defined.ts';
import { chainMark } from '../folds/chain-verdict.ts';
import { compareDigests } from '../../attestation/digests.ts';
import type { Digests } from '../folds/subject.ts';
import type { UpdateLink } from '../folds/update-chain.ts';
import type { UpdateHistory } from '../folds/update-history.ts';
import type { Hop, HopOf } from '../judging/hops/hop.ts';
import { sourceFindings } from '../judging/source-hops.ts';
import type { Marked } from './point.ts';
import type { ShownUpdate, WantedUpdate } from './updates.ts';

export type UpdatePoint =
  | UpdateItselfPoint
  | WayPoint
  | SupervisedPoint
  | RolloutPoint
  | OthersPoint
  | NewerPoint
  | NoUpdatePoint
  | UpdatesUnlistedPoint;

/** A point that rests on entries of which one was corrected; which correction it is stands in a point of its own. */
interface Correctable extends Marked {
  readonly corrected?: true;
}

export interface UpdateItselfPoint extends Correctable {
  readonly about: 'update';
  readonly update: UpdateLink;
  /** What of the update the file is that was asked about. */
  readonly role?: 'state' | 'patch' | 'part';
}

/** The way behind the update: `verify --replay` asks the same judge. */
export interface WayPoint extends Correctable {
  readonly about: 'way';
  readonly update: UpdateLink;
  /** Updates on the way, itself included. */
  readonly updates: number;
  /** What makes it less than proven; `back` is how many updates before this one, absent for a fork beside the way. */
  readonly at?: { readonly update: UpdateLink; readonly back?: number };
  /** Recorded after the one that follows it. */
  readonly late?: UpdateLink;
}

/** The source of the rules or a review of it, as every answer about a file tells it. That there is none speaks against nothing. */
export interface SupervisedPoint extends Correctable {
  readonly about: 'supervised';
  readonly expected: true;
  readonly hop: SupervisedHop;
}

type SupervisedHop = HopOf<'source' | 'reviewed'>;

export interface RolloutPoint extends Marked {
  readonly about: 'roll-out';
  readonly mark: 'proven';
  readonly update: UpdateLink;
}

/**
 * Whether others were given the same:
 *
 * - `other-state`: another state under the same version.
 * - `other-way`: another update after the same state.
 * - `incomparable`: the same version, by digests of other algorithms only.
 * - `same-state`: others got the same; `none`: there are no others.
 */
export interface OthersPoint extends Marked {
  readonly about: 'others';
  readonly how: 'other-state' | 'other-way' | 'incomparable' | 'same-state' | 'none';
  readonly update: UpdateLink;
  /** The first of them, and how many there are in all. */
  readonly others: readonly UpdateLink[];
  readonly count: number;
}

/** How the chain leads on: `last` is the newest that follows, or where none does the last one recorded. */
export interface NewerPoint extends Marked {
  readonly about: 'newer';
  readonly mark: 'proven';
  /** Updates that follow. */
  readonly count: number;
  /** Absent where it is the newest itself. */
  readonly last?: UpdateLink;
  /** A rollback that follows it, and takes it back. */
  readonly takenBackBy?: number;
}

export interface NoUpdatePoint extends Marked {
  readonly about: 'no-update';
  readonly mark: 'not-shown';
  readonly wanted: WantedUpdate;
  /** How it was named. */
  readonly by: 'file' | 'digest' | 'family' | 'no-such-file';
  readonly size: number;
}

/** More updates were asked for than one answer lists. */
export interface UpdatesUnlistedPoint extends Marked {
  readonly about: 'updates-unlisted';
  readonly mark: 'not-shown';
  readonly count: number;
}

export interface Shown {
  /** Of the tree that was read. */
  readonly size: number;
  /** Of the file, where one was asked about. */
  readonly digests: Digests | undefined;
  /** Indices of leaves that were corrected. */
  readonly corrected: ReadonlySet<number | undefined>;
}

export function updatePoints(shown: ShownUpdate, { size, digests, corrected }: Shown): UpdatePoint[] {
  const { history } = shown;
  return [
    itselfPoint(history.update, digests, corrected),
    wayPoint(history, corrected),
    ...supervisedPoints(shown, size, corrected),
    { about: 'roll-out', mark: 'proven', update: history.update },
    ...othersPoints(history),
    newerPoint(history),
  ];
}

type Corrected = Shown['corrected'];

/** What rests on a corrected entry does not hold, whatever it says. */
function resting(on: readonly number[], marked: Marked, corrected: Corrected): Correctable {
  return on.some((leaf) => corrected.has(leaf)) ? { mark: 'contradicted', corrected: true } : marked;
}

function itselfPoint(
  update: UpdateLink,
  digests: Digests | undefined,
  corrected: Corrected,
): UpdateItselfPoint {
  const role = digests === undefined ? undefined : roleOf(update, digests);
  return {
    about: 'update',
    ...resting([update.entry.index], { mark: 'proven' }, corrected),
    update,
    ...defined({ role }),
  };
}

function roleOf({ predicate: { result, patch } }: UpdateLink, digests: Digests): 'state' | 'patch' | 'part' {
  if (compareDigests(result, digests) === 'same') return 'state';
  return patch !== undefined && compareDigests(patch, digests) === 'same' ? 'patch' : 'part';
}

export function wayPoint({ update, back, verdict }: UpdateHistory, corrected: Corrected): WayPoint {
  const { at, qualifiedBy } = verdict;
  const lost = qualifiedBy.find(({ reason }) => reason === 'state-unrecorded')?.at;
  const late = qualifiedBy.find(({ reason }) => reason === 'recorded-late')?.at;
  const place = at ?? lost;
  return {
    about: 'way',
    ...resting(
      back.map(({ entry }) => entry.index),
      chainMark(verdict),
      corrected,
    ),
    update,
    updates: back.length,
    ...defined({ at: place === undefined ? undefined : placed(place, back), late }),
  };
}

function placed(update: UpdateLink, back: readonly UpdateLink[]): NonNullable<WayPoint['at']> {
  const steps = back.indexOf(update);
  return { update, ...defined({ back: steps < 0 ? undefined : steps }) };
}

function supervisedPoints(
  { supervision: { entry, sources }, complete }: ShownUpdate,
  size: number,
  corrected: Corrected,
): SupervisedPoint[] {
  return sourceFindings(entry, sources, { size, complete })
    .map(({ hop }) => hop)
    .filter((hop: Hop): hop is SupervisedHop => hop.hop === 'source' || hop.hop === 'reviewed')
    .map((hop) => ({
      about: 'supervised',
      ...resting(
        hop.index === undefined ? [] : [hop.index],
        { mark: hop.mark, ...defined({ qualified: hop.qualified }) },
        corrected,
      ),
      expected: true,
      hop,
    }));
}

/** Updates named in one point; the rest is counted. */
const maxNamed = 8;

function othersPoints({ update, sameState, otherState, incomparable, forks }: UpdateHistory): OthersPoint[] {
  const point = (
    mark: OthersPoint['mark'],
    how: OthersPoint['how'],
    all: readonly UpdateLink[],
  ): OthersPoint => ({
    about: 'others',
    mark,
    how,
    update,
    others: all.slice(0, maxNamed),
    count: all.length,
  });
  const apart = forks.filter((one) => !otherState.includes(one) && !sameState.includes(one));
  const against = [
    point('contradicted', 'other-state', otherState),
    point('contradicted', 'other-way', apart),
    point('not-shown', 'incomparable', incomparable),
  ].filter(({ count }) => count > 0);
  if (against.length > 0) return against;
  return [point('proven', sameState.length === 0 ? 'none' : 'same-state', sameState)];
}

function newerPoint({ newer, update, latest }: UpdateHistory): NewerPoint {
  const last = newer.at(-1) ?? latest;
  const [next] = newer;
  const takenBackBy = next?.predicate.kind === 'rollback' ? next.entry.index : undefined;
  return {
    about: 'newer',
    mark: 'proven',
    count: newer.length,
    ...defined({ last: last === update ? undefined : last, takenBackBy }),
  };
}
