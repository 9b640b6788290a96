/**
 * What a customer requires of a file before relying on it, beyond that it is
 * recorded and that nothing contradicts it:
 *
 *   source,review=targeted,rebuild,country=CH
 *
 *   source                         its source is in escrow
 *   review                         a review of that source came to a result
 *   review=overview|targeted|full  … that looked at least that deep
 *   review=no-findings             … and found nothing
 *   rebuild                        a rebuild is identical or equivalent
 *   rebuild=identical              … byte for byte
 *   rebuild=independent            … by a party that shares nothing with the vendor
 *   chain                          an update whose chain is unbroken to the first
 *   country=CH                     built or released in that country
 *   presence=onsite                … with the supervisor there (or remote, automated)
 *   seal                           an electronic seal that leads to a pinned anchor
 *   corrections, revocations       that there are none, which only a replay shows
 *
 * Which hop can meet which of them stands in the table of hops.
 *
 * What is said of one hop must be met by one and the same statement: a full
 * review with findings and an overview without are no full review without. Of
 * several snapshots of its source, each must have such a review: an older one
 * that was reviewed, named beside the one that was built, would else do. A file
 * that several entries are about must meet all of it by one of them.
 */
import { LedgerError, excerpt } from '../../errors.ts';
import { listedHops } from './finding.ts';
import type { Finding } from './finding.ts';
import type { Hop, HopName } from './hops/hop.ts';
import { hopTable } from './hops/hop-table.ts';
import type { HopKind } from './hops/hop-table.ts';
import type { Lacking } from './verdict.ts';

export interface Requirement {
  /** As it was written. */
  readonly text: string;
  /** The hops that can meet it, and whether one does. */
  readonly metBy: ReadonlyMap<HopName, (hop: Hop) => boolean>;
}

const maxRequirements = 32;

const rows = Object.entries(hopTable) as readonly (readonly [HopName, HopKind<Hop>])[];

/** Every requirement as it is written, in the order of the hops: for usage messages and completion. */
export const requirementUsages: readonly string[] = [
  ...new Set(rows.flatMap(([, { requirable = {} }]) => Object.values(requirable).map(({ usage }) => usage))),
];

function parsed(text: string): Requirement | undefined {
  const [, name = '', value] = /^([a-z]+)(?:=([A-Za-z-]+))?$/.exec(text) ?? [];
  const metBy = new Map(
    rows.flatMap(([hop, { requirable = {} }]) => {
      const meets = Object.hasOwn(requirable, name) ? requirable[name]?.meets(value) : undefined;
      return meets === undefined ? [] : [[hop, meets] as const];
    }),
  );
  return metBy.size === 0 ? undefined : { text, metBy };
}

/** A list with commas between. Throws `usage` for what is no requirement. */
export function parseRequirements(text: string): readonly Requirement[] {
  const texts = text.split(',').map((one) => one.trim());
  return texts.map((one) => {
    const requirement = texts.length > maxRequirements ? undefined : parsed(one);
    if (requirement !== undefined) return requirement;
    throw new LedgerError('usage', 'not a list of requirements', {
      expected: `${requirementUsages.join(', ')}; with commas between`,
      got: excerpt(one),
    });
  });
}

/** A finding where no entry about the file meets everything. */
export function requirementFindings(
  findings: readonly Finding[],
  entries: readonly number[],
  requirements: readonly Requirement[],
): Finding[] {
  const hops = listedHops(findings, entries);
  const ofEntry = (entry: number): Hop[] => hops.filter((hop) => (hop.entry ?? entry) === entry);
  const lacking = entries.map((entry) => ({ entry, lacks: lacks(ofEntry(entry), requirements) }));
  const [best] = lacking.toSorted((a, b) => a.lacks.length - b.lacks.length);
  if (best === undefined || best.lacks.length === 0) return [];
  return [
    {
      failure: {
        code: 'requirement-not-met',
        message: 'the file is recorded, and lacks what is required of it',
        expected: best.lacks.map(({ text }) => text).join(', '),
        index: best.entry,
        lacking: best.lacks.map((requirement) => insteadOf(requirement, ofEntry(best.entry))),
      },
    },
  ];
}

function lacks(hops: readonly Hop[], requirements: readonly Requirement[]): Requirement[] {
  const meets = ({ metBy }: Requirement, hop: Hop): boolean => metBy.get(hop.hop)?.(hop) === true;
  const firstHop = ({ metBy }: Requirement): HopName | undefined => [...metBy.keys()][0];
  return requirements.filter((requirement) => {
    const alike = requirements.filter((one) => firstHop(one) === firstHop(requirement));
    const met = hops.filter((hop) => hop.mark === 'proven' && alike.every((one) => meets(one, hop)));
    if (met.length === 0) return true;
    return requirement.metBy.has('reviewed') && hasUnreviewedSource(hops, met);
  });
}

/** Each source of the file must have such a review. A source that is not proven is where more of them were left out. */
function hasUnreviewedSource(hops: readonly Hop[], reviews: readonly Hop[]): boolean {
  const reviewed = new Set(
    reviews.flatMap((hop) => (hop.hop === 'reviewed' && hop.state === 'review' ? [hop.snapshot] : [])),
  );
  return hops.some(
    (hop) =>
      hop.hop === 'source' &&
      hop.state !== 'none' &&
      hop.own &&
      (hop.mark !== 'proven' || !reviewed.has(hop.snapshot)),
  );
}

function insteadOf({ text, metBy }: Requirement, hops: readonly Hop[]): Lacking {
  const named = hops.filter((one) => metBy.has(one.hop));
  const hop = named.find((one) => one.mark !== 'proven' || metBy.get(one.hop)?.(one) !== true) ?? named[0];
  return hop === undefined ? { requirement: text } : { requirement: text, instead: hop };
}
