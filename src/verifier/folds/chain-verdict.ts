/**
 * The one judge of every question about a chain of updates: is this link in
 * order, is the way behind this update unbroken, is the whole chain?
 *
 *   first ◄── follows ◄── follows            first
 *   (not shown)  ◄── follows                 open, where not every leaf was read
 *   first ◄┬─ follows
 *          └─ forks                          broken, where every leaf was read
 *   first ◄── follows ◄── rollback to a state that nothing records     first, and not shown
 *
 * Only whoever has read every leaf can call a chain broken: a state may be
 * recorded by a leaf that is not shown, and whoever made a bundle chose what it
 * shows. Two beginnings contradict each other whatever else there is.
 */
import type { Mark } from '../mark.ts';
import type { ChainFields, Indexed, LinkKind, UpdateLink } from './update-chain.ts';

/**
 * What makes a chain that comes to its first update less than unbroken:
 *
 * - `state-unrecorded`: a rollback goes back to a state that nothing before it records.
 * - `recorded-late`: an update was recorded after the one that follows it.
 */
export interface ChainQualification<L> {
  readonly reason: 'state-unrecorded' | 'recorded-late';
  readonly at: L;
}

/** `L` is the link as its asker knows it. */
export interface ChainVerdict<L> {
  /** `first`: back to the first. `open`: to where nothing more is known. `broken`: to what cannot be. */
  readonly end: 'first' | 'open' | 'broken';
  /** Where it is open or broken. */
  readonly at?: L;
  readonly qualifiedBy: readonly ChainQualification<L>[];
}

/** What each kind of link is to somebody who has read every leaf. */
const whenWhole: Readonly<Record<LinkKind, Mark>> = {
  first: 'proven',
  follows: 'proven',
  'begins-again': 'contradicted',
  forks: 'contradicted',
  skips: 'contradicted',
  'other-state': 'contradicted',
  'other-version': 'contradicted',
  circle: 'contradicted',
  incomparable: 'not-shown',
};

type AnyLink = Pick<UpdateLink<Indexed, ChainFields>, 'link' | 'previous' | 'backTo' | 'entry'> & {
  readonly predicate: Pick<ChainFields, 'kind'>;
};

/** Whether endpoints were taken back to a state that nothing before the rollback records. */
export function isLost({ predicate, backTo }: Pick<AnyLink, 'predicate' | 'backTo'>): boolean {
  return predicate.kind === 'rollback' && backTo === undefined;
}

/** One link, for somebody who has read every leaf. */
export function linkMark(link: AnyLink): Mark {
  const mark = whenWhole[link.link];
  return mark === 'proven' && isLost(link) ? 'not-shown' : mark;
}

/** The mark of a verdict on a chain; `qualified` where it is proven and less than unbroken in order. */
export function chainMark<L>({ end, qualifiedBy }: ChainVerdict<L>): {
  readonly mark: Mark;
  readonly qualified?: true;
} {
  if (end === 'broken') return { mark: 'contradicted' };
  if (end === 'open' || qualifiedBy.some(({ reason }) => reason === 'state-unrecorded')) {
    return { mark: 'not-shown' };
  }
  return qualifiedBy.length === 0 ? { mark: 'proven' } : { mark: 'proven', qualified: true };
}

/**
 * The way behind one update: `path` leads from it back for as long as each link
 * follows a recorded state, and is not empty; `fork` is an update that follows
 * a state on the way, beside the one on the way. `whole`: every leaf was read.
 */
function chainVerdict<L extends AnyLink>(
  path: readonly [L, ...L[]],
  { whole, fork }: { readonly whole: boolean; readonly fork?: L | undefined },
): ChainVerdict<L> {
  const last = path.at(-1) ?? path[0];
  const qualifiedBy = qualifications(path);
  if (last.link === 'begins-again') return { end: 'broken', at: last, qualifiedBy };
  const unexplained = whole ? 'broken' : 'open';
  if (fork !== undefined) return { end: unexplained, at: fork, qualifiedBy };
  if (last.link === 'first') return { end: 'first', qualifiedBy };
  return { end: last.link === 'incomparable' ? 'open' : unexplained, at: last, qualifiedBy };
}

/** One of the links of a chain, the way behind it, itself first, and the verdict on that. */
export function verdictBehind<L extends AnyLink>(
  own: L,
  links: readonly L[],
  { whole }: { readonly whole: boolean },
): { readonly path: readonly [L, ...L[]]; readonly verdict: ChainVerdict<L> } {
  const byIndex = new Map(links.map((link) => [link.entry.index, link]));
  const path: [L, ...L[]] = [own];
  for (let at: L | undefined = own; (at = before(at, byIndex)) !== undefined;) path.push(at);
  const onTheWay = new Set(path.slice(1).map(({ entry }) => entry.index));
  // Two updates follow one state on the way: endpoints that had it went two ways.
  const fork = links.find(
    ({ link, previous }) => link === 'forks' && previous !== undefined && onTheWay.has(previous.index),
  );
  return { path, verdict: chainVerdict(path, { whole, fork }) };
}

/** The recorded update that a link follows. Links that follow each other in a circle follow nothing. */
function before<L extends AnyLink>({ link, previous }: L, byIndex: ReadonlyMap<number, L>): L | undefined {
  return link === 'follows' && previous !== undefined ? byIndex.get(previous.index) : undefined;
}

/** A chain as a whole, of which every leaf was read: the worst of its links. */
export function wholeChainVerdict<L extends AnyLink>(links: readonly L[]): ChainVerdict<L> {
  const qualifiedBy = links.filter(isLost).map((at) => ({ reason: 'state-unrecorded' as const, at }));
  const of = (mark: Mark): L | undefined => links.find(({ link }) => whenWhole[link] === mark);
  const broken = of('contradicted');
  if (broken !== undefined) return { end: 'broken', at: broken, qualifiedBy };
  const open = of('not-shown');
  return open === undefined ? { end: 'first', qualifiedBy } : { end: 'open', at: open, qualifiedBy };
}

/** From the update back: a step may be recorded late, and a rollback may go back to what nothing records. */
function qualifications<L extends AnyLink>(path: readonly L[]): ChainQualification<L>[] {
  const lost = path.find(isLost);
  const late = path.find(({ entry }, step) => entry.index > (path[step - 1]?.entry.index ?? Infinity));
  return [
    ...(lost === undefined ? [] : [{ reason: 'state-unrecorded' as const, at: lost }]),
    ...(late === undefined ? [] : [{ reason: 'recorded-late' as const, at: late }]),
  ];
}
