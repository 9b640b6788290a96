/** Samples of accesses to data, counted again from the log, and of a customer's own. */
import type {
  LatePoint,
  NoSummaryPoint,
  SummaryDiffersPoint,
} from '../../../src/verifier/answering/accesses.ts';
import type { Difference } from '../../../src/verifier/folds/access-summary.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { dataAccessStatement, digest } from '../../fixtures/attestations.ts';
import { sampleHops } from '../../verifier/sample-hops.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

const source = 'access';
const size = 51_002;
const one = { from: 1_002, to: 1_003 } as const;
const several = { from: 1_002, to: 1_005 } as const;
const noon = Date.parse('2026-11-03T12:00:00Z');
const day = 24 * 3_600_000;

const counts = {
  byActivity: { read: 1_199, export: 1 },
  byCountry: { CH: 1_200 },
  byReason: { support: 1_200 },
  byOutcome: { allowed: 1_199, denied: 1 },
};
const noCounts = { byActivity: {}, byCountry: {}, byReason: {}, byOutcome: {} };

const ofSummary = {
  source,
  index: 1_004,
  period: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
  remarks: [],
} as const;
const remarks = ['The gateway was moved.', 'No other remark.'] as const;

const differs = (
  field: Difference['field'],
  summary: number,
  log: number,
  change: Partial<SummaryDiffersPoint> = {},
): SummaryDiffersPoint => ({
  about: 'summary-differs',
  mark: 'contradicted',
  ...ofSummary,
  difference: { field, summary, log },
  numbers: several,
  ...change,
});

const late: LatePoint = {
  about: 'late',
  mark: 'not-shown',
  source,
  late: { from: noon - 2 * day, to: noon - day, due: noon - 3_600_000 },
  at: noon,
  clock: 'witnesses',
};

const noSummary = (of: NoSummaryPoint['of']): NoSummaryPoint => ({
  about: 'no-summary',
  mark: 'not-shown',
  source,
  of,
});

const promised = {
  about: 'promised',
  mark: 'proven',
  source,
  promise: { source, from: '2026-11-01T00:00:00Z', summaryEvery: 86_400, grace: 93_600 },
  at: noon,
} as const;

const { corrections } = sampleHops;
const correction = Object.values(corrections).find((hop) => hop.state === 'correction');
if (correction?.state !== 'correction') throw new Error('no sample of a correction');

export const accessSamples: Samples<Catalogue['accesses']> = told<Catalogue['accesses']>({
  events: {
    none: { about: 'events', mark: 'proven', source, events: 0, counts: noCounts },
    one: {
      about: 'events',
      mark: 'proven',
      source,
      events: 1,
      counts: { ...noCounts, byCountry: { CH: 1 } },
    },
    several: { about: 'events', mark: 'proven', source, events: 1_200, counts },
  },
  gap: {
    'of one': { about: 'gap', mark: 'not-shown', source, numbers: one, size },
    'of several': { about: 'gap', mark: 'not-shown', source, numbers: several, size },
  },
  summary: {
    'of one': { about: 'summary', mark: 'proven', ...ofSummary, events: 1 },
    'of several': { about: 'summary', mark: 'proven', ...ofSummary, events: 1_200 },
    late: { about: 'summary', mark: 'proven', ...ofSummary, events: 1_200, lateBy: 93_600 },
    'with remarks': { about: 'summary', mark: 'proven', ...ofSummary, events: 1_200, remarks },
  },
  'summary-differs': {
    'one event outside of the period': differs('period', 0, 1),
    'events outside of the period': differs('period', 0, 1_200),
    'one event unexplained': differs('unexplained', 1, 0),
    'events unexplained': differs('unexplained', 1_200, 0),
    'one number': differs('summarised', 1, 0),
    numbers: differs('summarised', 1_200, 1_199),
    'the gateway': differs('gatewayCount', 1_200, 1_199),
    'the vendor': differs('vendorCount', 1_200, 1_199),
    'the vendor of one number': differs('vendorCount', 2, 1, { numbers: one }),
    'the vendor of no numbers': differs('vendorCount', 2, 0, { numbers: { from: 1_002, to: 1_002 } }),
    'an activity': differs('counts/byActivity/export', 0, 1),
    'a country': differs('counts/byCountry/RU', 0, 1_200),
    'a reason': differs('counts/byReason/support', 3, 1),
    'with remarks': differs('vendorCount', 1_200, 1_199, { remarks }),
  },
  'summary-skipped': {
    'without remarks': { about: 'summary-skipped', mark: 'not-shown', ...ofSummary },
  },
  promised: {
    "by the witnesses' clocks": { ...promised, clock: 'witnesses' },
    'by the own clock': { ...promised, clock: 'own' },
  },
  late: {
    'between two summaries': late,
    'after the last summary': { ...late, late: { from: noon - 2 * day, due: noon - 3_600_000 } },
    'by the own clock': { ...late, clock: 'own' },
  },
  'no-summary': {
    'of a number': noSummary({ numbers: one }),
    'of numbers': noSummary({ numbers: several }),
    'of a time': noSummary({ time: { from: noon - day, to: noon } }),
    'of all that was asked for': noSummary({ size }),
  },
  open: {
    one: { about: 'open', mark: 'not-shown', expected: true, source, events: 1 },
    several: { about: 'open', mark: 'not-shown', expected: true, source, events: 1_200 },
  },
  'no-events': {
    'of any': { about: 'no-events', mark: 'not-shown', size },
    'of one': { about: 'no-events', mark: 'not-shown', source, size },
  },
  access: {
    'an event': {
      about: 'access',
      mark: 'proven',
      access: {
        entry: { index: 1_002, leafHash: digest('a leaf'), signers: [] },
        predicate: dataAccessStatement().predicate,
      },
    },
  },
  'access-corrected': {
    'by a dispute': { about: 'access-corrected', mark: 'contradicted', correction },
  },
  'access-key': {
    compromised: { about: 'access-key', mark: 'contradicted', index: 1_003, status: 'compromised' },
    revoked: { about: 'access-key', mark: 'contradicted', index: 1_003, status: 'revoked' },
  },
  unrecorded: {
    one: { about: 'unrecorded', mark: 'not-shown', source, numbers: one },
    several: { about: 'unrecorded', mark: 'not-shown', source, numbers: several },
  },
  'accesses-found': {
    none: { about: 'accesses-found', count: 0, all: 1_200, size },
    one: { about: 'accesses-found', count: 1, all: 1, size: 1 },
    several: { about: 'accesses-found', count: 12, all: 1_200, size },
  },
  'accesses-unlisted': {
    one: { about: 'accesses-unlisted', listed: 1 },
    several: { about: 'accesses-unlisted', listed: 100_000 },
  },
});
