/**
 * What there is to know about each kind of hop, in one table: its place in a
 * verdict, how many alike are listed, its members in JSON (`facts`, wire names
 * that never change), and what a customer may require of it (`--require`). What
 * people read of it stands in `words/`.
 */
import { isoTime } from '../../../seal/words.ts';
import { defined } from '../../../defined.ts';
import type { Hop, HopName, HopOf, ReplayedHop, ReviewedHop, SealedHop, SourceHop } from './hop.ts';

/** The members of a hop as JSON writes them. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

type Scalar = 'string' | 'integer' | 'boolean';

/** `meets(value)` is undefined for a value that is none; `value` is what follows `=`, undefined without it. */
export interface Requirable<H> {
  /** How it is written: `review[=overview|targeted|full|no-findings]`. */
  readonly usage: string;
  readonly meets: (value: string | undefined) => ((hop: H) => boolean) | undefined;
}

export interface HopKind<H extends Hop> {
  /** Hops of one entry stand in this order; source and reviews, which belong together, as they were found. */
  readonly order: number;
  /** Hops of this name about one entry that are listed; those that are contradicted have room of their own. */
  readonly alike: number;
  /** Its members in JSON. What has the name of a member of the hop is taken from there, where the hop has it. */
  readonly facts: Readonly<Record<string, Scalar>>;
  /** Those that are spelt otherwise in JSON. */
  readonly spelt?: (hop: H) => Facts;
  readonly requirable?: Readonly<Record<string, Requirable<H>>>;
}

const alike = 16;

function sealedFacts(hop: SealedHop): Facts {
  if (hop.state === 'unread') return { more: hop.count };
  if (hop.state === 'refused') return {};
  const { time, tsa, legislation, open, covered, revokedLater } = hop;
  return defined({
    time: time === undefined ? undefined : isoTime(time),
    timestampAuthority: tsa,
    legislation: legislation.length === 0 ? undefined : legislation.join(','),
    open: open?.reason,
    revocation: open !== undefined ? undefined : covered ? 'none' : 'not-shown',
    revokedLater: open !== undefined || revokedLater === undefined ? undefined : isoTime(revokedLater),
  });
}

const replayedFacts = (hop: ReplayedHop): Facts => (hop.state === 'clean' ? { findings: 0 } : {});

/** Without a value. */
const plain = <H>(name: string, meets: (hop: H) => boolean): Readonly<Record<string, Requirable<H>>> => ({
  [name]: { usage: name, meets: (value) => (value === undefined ? meets : undefined) },
});

const any = (): boolean => true;

const country: Requirable<{ readonly country?: string }> = {
  usage: 'country=CC',
  meets: (value) =>
    value !== undefined && /^[A-Z]{2}$/.test(value) ? (hop) => hop.country === value : undefined,
};

const presences = ['onsite', 'remote', 'automated'];
const depths = ['overview', 'targeted', 'full'];

/** The source of the file itself, not that of its build scripts or of a library in it. */
const own = (hop: SourceHop | ReviewedHop): boolean => hop.state !== 'none' && hop.own;

/** What a full review of a part counts as: looking closely at that part. */
function depthOf(hop: ReviewedHop): number {
  if (hop.state === 'none') return -1;
  if (hop.whole) return depths.indexOf('full');
  return Math.min(depths.indexOf(hop.depth), depths.indexOf('targeted'));
}

function review(value: string | undefined): ((hop: ReviewedHop) => boolean) | undefined {
  if (value === undefined) return own;
  if (value === 'no-findings') return (hop) => own(hop) && hop.state === 'review' && hop.result === value;
  const depth = depths.indexOf(value);
  return depth < 0 ? undefined : (hop) => own(hop) && depthOf(hop) >= depth;
}

function rebuild(value: string | undefined): ((hop: HopOf<'rebuilt'>) => boolean) | undefined {
  if (value === undefined) return any;
  if (value === 'identical') return (hop) => hop.state === 'rebuild' && hop.verdict === value;
  if (value === 'independent') return (hop) => hop.state === 'rebuild' && hop.independence === value;
  return undefined;
}

const snapshotFacts = { snapshot: 'integer', product: 'string', kind: 'string', own: 'boolean' } as const;
const noneFacts = { size: 'integer', absent: 'boolean' } as const;

export const hopTable: { readonly [N in HopName]: HopKind<HopOf<N>> } = {
  checkpoint: { order: 0, alike, facts: {} },
  recorded: { order: 1, alike, facts: { size: 'integer' } },
  authority: { order: 2, alike, facts: {} },
  file: { order: 3, alike, facts: {} },
  built: {
    order: 11,
    alike,
    facts: {
      product: 'string',
      version: 'string',
      facility: 'string',
      country: 'string',
      presence: 'string',
      occurredAt: 'string',
      deviations: 'integer',
    },
    requirable: {
      country,
      presence: {
        usage: `presence=${presences.join('|')}`,
        meets: (value) =>
          value !== undefined && presences.includes(value) ? (hop) => hop.presence === value : undefined,
      },
    },
  },
  updated: {
    order: 12,
    alike,
    facts: {
      family: 'string',
      version: 'string',
      kind: 'string',
      facility: 'string',
      country: 'string',
      occurredAt: 'string',
      review: 'string',
    },
    requirable: { country },
  },
  chain: {
    order: 13,
    alike,
    facts: { updates: 'integer', oldest: 'integer', version: 'string', end: 'string', link: 'string' },
    requirable: plain('chain', any),
  },
  source: {
    order: 14,
    alike,
    facts: {
      ...noneFacts,
      ...snapshotFacts,
      files: 'integer',
      algorithm: 'string',
      digest: 'string',
      value: 'string',
      country: 'string',
      recordedAfter: 'boolean',
    },
    requirable: plain('source', own),
  },
  reviewed: {
    order: 14,
    alike,
    facts: {
      ...noneFacts,
      ...snapshotFacts,
      depth: 'string',
      whole: 'boolean',
      filesCovered: 'integer',
      filesTotal: 'integer',
      snapshotFiles: 'integer',
      result: 'string',
      findings: 'integer',
      presence: 'string',
      limitations: 'integer',
    },
    requirable: { review: { usage: `review[=${[...depths, 'no-findings'].join('|')}]`, meets: review } },
  },
  rebuilt: {
    order: 15,
    alike,
    facts: {
      ...noneFacts,
      verdict: 'string',
      unexplainedBytes: 'integer',
      independence: 'string',
      limitations: 'integer',
      retractedBy: 'integer',
      normalisations: 'string',
    },
    spelt: (hop) => (hop.state === 'none' ? {} : { normalisations: hop.normalisations.join(',') }),
    requirable: { rebuild: { usage: 'rebuild[=identical|independent]', meets: rebuild } },
  },
  sealed: {
    order: 16,
    alike: 33,
    facts: {
      more: 'integer',
      organisation: 'string',
      organisationIdentifier: 'string',
      commonName: 'string',
      country: 'string',
      issuer: 'string',
      certificateSha256: 'string',
      key: 'string',
      hash: 'string',
      time: 'string',
      timestampAuthority: 'string',
      forSeals: 'boolean',
      legislation: 'string',
      open: 'string',
      revocation: 'string',
      revokedLater: 'string',
    },
    spelt: sealedFacts,
    requirable: plain('seal', any),
  },
  keys: { order: 17, alike, facts: { authorityIndex: 'integer', authorityVersion: 'integer' } },
  revocations: {
    order: 20,
    alike,
    facts: {
      size: 'integer',
      newestAuthority: 'integer',
      superseded: 'string',
      revoked: 'string',
      compromised: 'string',
    },
    spelt: ({ since }) => {
      const keyids: Record<string, string> = {};
      for (const { status, keyid } of since) {
        keyids[status] = keyids[status] === undefined ? keyid : `${keyids[status]},${keyid}`;
      }
      return keyids;
    },
    requirable: plain('revocations', any),
  },
  corrections: {
    order: 21,
    // Whoever sees so many has seen enough, whatever they make of the answer.
    alike: 64,
    facts: { size: 'integer', kind: 'string', target: 'integer' },
    requirable: plain('corrections', any),
  },
  replayed: {
    order: 22,
    alike,
    facts: { size: 'integer', findings: 'integer', entries: 'integer' },
    spelt: replayedFacts,
  },
  more: { order: 23, alike, facts: { all: 'boolean' }, spelt: () => ({ all: false }) },
};

/** What every kind of hop may have in JSON. */
const commonFacts: Readonly<Record<string, Scalar>> = {
  code: 'string',
  leafHash: 'string',
  keyid: 'string',
  status: 'string',
};

const jsTypes: Readonly<Record<Scalar, string>> = { string: 'string', integer: 'number', boolean: 'boolean' };

/** The table's row of a hop; the cast only says that a hop and its row are of one name. */
function kindOf(hop: Hop): HopKind<Hop> {
  return hopTable[hop.hop] as HopKind<Hop>;
}

/** The members of a hop for JSON. */
export function factsOf(hop: Hop): Facts {
  const { facts, spelt } = kindOf(hop);
  const members = hop as unknown as Readonly<Record<string, unknown>>;
  const taken = Object.entries({ ...facts, ...commonFacts })
    .filter(([name, type]) => typeof members[name] === jsTypes[type])
    .map(([name]) => [name, members[name]] as const);
  const key = hop.spoilt?.by === 'key' ? { keyid: hop.spoilt.keyid, status: hop.spoilt.status } : {};
  return { ...(Object.fromEntries(taken) as Facts), ...spelt?.(hop), ...key };
}

/** JSON Schema of a hop as JSON writes it, one alternative for each name. */
export function hopSchemas(): Record<string, unknown>[] {
  return Object.entries(hopTable).map(([name, { facts }]) => ({
    type: 'object',
    properties: {
      hop: { const: name },
      mark: { enum: ['proven', 'contradicted', 'not-shown'] },
      qualified: { const: true, description: 'Proven, and less than it may seem: read the text' },
      text: { type: 'string', description: 'One line; it holds words of signed statements' },
      index: { type: 'integer', minimum: 0, description: 'The leaf that the hop rests on' },
      entry: {
        type: 'integer',
        minimum: 0,
        description: 'The entry about the artefact to which the hop belongs',
      },
      facts: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries({ ...facts, ...commonFacts }).map(([member, type]) => [member, { type }]),
        ),
        additionalProperties: false,
      },
    },
    required: ['hop', 'mark', 'text', 'facts'],
    additionalProperties: false,
  }));
}

/** Where a hop stands among the others of its entry, or of the whole answer. */
export function orderOf(hop: Hop): number {
  return kindOf(hop).order;
}

/** How many hops like this one are listed. */
export function roomFor(hop: Hop): number {
  return kindOf(hop).alike;
}
