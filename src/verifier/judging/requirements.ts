/**
 * What somebody requires of a file before they rely on it, beyond that it is
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
 *   rebuild=independent            … by somebody who shares nothing with the vendor
 *   chain                          an update whose chain is unbroken to the first
 *   country=CH                     built or released in that country
 *   presence=onsite                … with the supervisor there (or remote, automated)
 *   seal                           an electronic seal that leads to a pinned anchor
 *   corrections, revocations       that there are none, which only a replay shows
 *
 * What is said of one hop must be met by one and the same statement: a full
 * review with findings and an overview without are no full review without. Of
 * several snapshots of its source, each must have such a review: an older one
 * that was reviewed, named beside the one that was built, would else do. A file
 * that several entries are about must meet all of it by one of them.
 */
import { LedgerError, excerpt } from '../../errors.ts';
import type { Hop, HopName, Verdict } from './verdict.ts';

export interface Requirement {
  /** As it was written. */
  readonly text: string;
  /** The hops that can meet it. */
  readonly hops: readonly HopName[];
  meets(hop: Hop): boolean;
}

const maxRequirements = 32;

const depths = ['overview', 'targeted', 'full'];

/** Its own source: the scripts that build a product, or a library in it, may be reviewed while the product is not. */
const own = ({ facts }: Hop): boolean => facts['own'] === true;
const any = (): boolean => true;
const fact =
  (name: string, value: string) =>
  ({ facts }: Hop): boolean =>
    facts[name] === value;

/** What a full review of a part counts as: looking closely at that part. */
function depthOf({ facts }: Hop): number {
  if (facts['whole'] === true) return depths.indexOf('full');
  return Math.min(depths.indexOf(String(facts['depth'])), depths.indexOf('targeted'));
}

function review(value: string | undefined): ((hop: Hop) => boolean) | undefined {
  if (value === undefined) return own;
  if (value === 'no-findings') return (hop) => own(hop) && fact('result', value)(hop);
  const depth = depths.indexOf(value);
  return depth < 0 ? undefined : (hop) => own(hop) && depthOf(hop) >= depth;
}

function rebuild(value: string | undefined): ((hop: Hop) => boolean) | undefined {
  if (value === undefined) return any;
  if (value === 'identical') return fact('verdict', value);
  return value === 'independent' ? fact('independence', value) : undefined;
}

function parsed(text: string): Omit<Requirement, 'text'> | undefined {
  const [, name = '', value] = /^([a-z]+)(?:=([A-Za-z-]+))?$/.exec(text) ?? [];
  const plain = (hop: HopName, meets: (hop: Hop) => boolean): Omit<Requirement, 'text'> | undefined =>
    value === undefined ? { hops: [hop], meets } : undefined;
  const valued = (
    hops: readonly HopName[],
    meets: ((hop: Hop) => boolean) | undefined,
  ): Omit<Requirement, 'text'> | undefined => (meets === undefined ? undefined : { hops, meets });
  switch (name) {
    case 'source':
      return plain('source', own);
    case 'review':
      return valued(['reviewed'], review(value));
    case 'rebuild':
      return valued(['rebuilt'], rebuild(value));
    case 'chain':
      return plain('chain', any);
    case 'country':
      return /^[A-Z]{2}$/.test(value ?? '')
        ? valued(['built', 'updated'], fact('country', value ?? ''))
        : undefined;
    case 'presence':
      return ['onsite', 'remote', 'automated'].includes(value ?? '')
        ? valued(['built'], fact('presence', value ?? ''))
        : undefined;
    case 'seal':
      return plain('sealed', any);
    case 'corrections':
      return plain('corrections', any);
    case 'revocations':
      return plain('revocations', any);
    default:
      return undefined;
  }
}

/** A list with commas between. Throws `usage` for what is no requirement. */
export function parseRequirements(text: string): readonly Requirement[] {
  const texts = text.split(',').map((one) => one.trim());
  return texts.map((one) => {
    const requirement = texts.length > maxRequirements ? undefined : parsed(one);
    if (requirement !== undefined) return { text: one, ...requirement };
    throw new LedgerError('usage', 'not a list of requirements', {
      expected:
        'source, review[=overview|targeted|full|no-findings], rebuild[=identical|independent], chain, country=CC, presence=onsite|remote|automated, seal, corrections, revocations; with commas between',
      got: excerpt(one),
    });
  });
}

/** The verdict, turned into `policy` if it is `proven` and lacks something; any other answer stays. */
export function checkRequirements(verdict: Verdict, requirements: readonly Requirement[]): Verdict {
  if (verdict.answer !== 'proven' || requirements.length === 0) return verdict;
  const lacking = verdict.entries.map((entry) => ({ entry, lacks: lacks(verdict, entry, requirements) }));
  const [best] = lacking.toSorted((a, b) => a.lacks.length - b.lacks.length);
  if (best === undefined || best.lacks.length === 0) return verdict;
  const { entry } = best;
  const got = best.lacks.map((requirement) => insteadOf(requirement, ofEntry(verdict, entry)));
  return {
    ...verdict,
    answer: 'policy',
    failure: {
      code: 'requirement-not-met',
      message: 'the file is recorded, and lacks what is required of it',
      expected: best.lacks.map(({ text }) => text).join(', '),
      got: excerpt([...new Set(got)].join(' | '), 1_000),
      index: entry,
    },
  };
}

/** The hops of one entry about the file, and those of the whole answer. */
function ofEntry({ hops }: Verdict, entry: number): Hop[] {
  return hops.filter((hop) => hop.entry === undefined || hop.entry === entry);
}

function lacks(verdict: Verdict, entry: number, requirements: readonly Requirement[]): Requirement[] {
  const hops = ofEntry(verdict, entry);
  const proven = hops.filter(({ mark }) => mark === 'proven');
  return requirements.filter((requirement) => {
    const alike = requirements.filter((one) => one.hops[0] === requirement.hops[0]);
    const met = proven.filter((shown) =>
      alike.every((one) => one.hops.includes(shown.hop) && one.meets(shown)),
    );
    if (met.length === 0) return true;
    if (!requirement.hops.includes('reviewed')) return false;
    const reviewed = new Set(met.map(({ facts }) => facts['snapshot']));
    // A source that is not proven is where more of them were left out.
    return hops.some(
      (hop) =>
        hop.hop === 'source' && own(hop) && (hop.mark !== 'proven' || !reviewed.has(hop.facts['snapshot'])),
    );
  });
}

/** What is there in its place, in the words of the answer. */
function insteadOf(requirement: Requirement, hops: readonly Hop[]): string {
  const named = hops.filter((one) => requirement.hops.includes(one.hop));
  const hop = named.find((one) => one.mark !== 'proven' || !requirement.meets(one)) ?? named[0];
  return hop === undefined ? `${requirement.text}: nothing about it` : `${hop.hop}: ${hop.text}`;
}
