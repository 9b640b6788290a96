/** Samples of where the data of a region are said to be. */
import type { ResidencyPredicate } from '../../../src/attestation/types.ts';
import type { RegionPoint, StatedPoint } from '../../../src/verifier/answering/residency.ts';
import type { CategoryStatus, ResidencyStatement } from '../../../src/verifier/folds/residency.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { digest, residencyStatement } from '../../fixtures/attestations.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

function statement(index: number, change: Partial<ResidencyPredicate> = {}): ResidencyStatement {
  const { predicate } = residencyStatement();
  return {
    entry: { index, leafHash: digest(`leaf ${index}`) },
    predicate: { ...predicate, residualCopies: [], ...change },
  };
}

const complete = statement(1_004);
const remaining: Partial<ResidencyPredicate> = {
  residualCopies: [
    { country: 'DE', what: 'a backup', until: '2027-11-01T00:00:00Z' },
    { country: 'RU', what: 'an archive' },
  ],
  exceptions: ['crash reports'],
};
const announced = (index: number, day: string): ResidencyStatement =>
  statement(index, { phase: 'announced', effectiveAt: `${day}T00:00:00Z` });
const promise = announced(1_001, '2018-12-31');
const earlier = announced(1_000, '2018-06-30');

const done: CategoryStatus = {
  category: 'threat-statistics',
  statement: complete,
  standing: 'done',
  promises: [],
  takenBack: [],
};
const region = (change: Partial<CategoryStatus> = {}): RegionPoint => ({
  about: 'region',
  mark: 'proven',
  region: 'europe',
  status: { ...done, ...change },
});
const kept = (delayDays: number, promises = [promise]): RegionPoint =>
  region({ promises, arrived: complete, delayDays });
const overdue = (last: ResidencyStatement, promises = [promise]): RegionPoint => ({
  ...region({ standing: 'overdue', statement: last, promises }),
  mark: 'not-shown',
});

const correction = {
  index: 1_006,
  target: digest('a leaf'),
  kind: 'dispute',
  reason: 'The country was another one.',
} as const;

const stated: StatedPoint = { about: 'stated', mark: 'proven', region: 'europe', statement: complete };

export const residencySamples: Samples<Catalogue['residency']> = told<Catalogue['residency']>({
  region: {
    done: region(),
    'in two countries': region({ statement: statement(1_004, { to: ['CH', 'DE'] }) }),
    'kept to the day': kept(0),
    'a day early': kept(-1),
    'a day late': kept(1),
    'later than the first of two promises': kept(1_200, [earlier, promise]),
    'earlier than the first of two promises': kept(-48, [earlier, promise]),
    'with a promise that has not come true': region({ promises: [promise] }),
    excepted: region({ standing: 'excepted', statement: statement(1_004, remaining) }),
    'overdue, only announced': overdue(promise),
    'overdue, announced twice': overdue(promise, [earlier, promise]),
    'overdue, under way': overdue(statement(1_004, { ...remaining, phase: 'migrating' })),
    'overdue, complete later': overdue(
      statement(1_004, { ...remaining, effectiveAt: '2031-01-01T00:00:00Z' }),
    ),
    'copy-overdue': {
      ...region({ standing: 'copy-overdue', statement: statement(1_004, remaining) }),
      mark: 'not-shown',
    },
    'pending, announced': {
      ...region({ standing: 'pending', statement: promise, promises: [promise] }),
      mark: 'not-shown',
    },
    'pending, announced twice': {
      ...region({ standing: 'pending', statement: promise, promises: [earlier, promise] }),
      mark: 'not-shown',
    },
    'pending, under way': {
      ...region({
        standing: 'pending',
        statement: statement(1_004, { ...remaining, phase: 'migrating' }),
        promises: [promise],
      }),
      mark: 'not-shown',
    },
    regressed: {
      ...region({ standing: 'against', statement: statement(1_004, { phase: 'regressed', to: ['RU'] }) }),
      mark: 'contradicted',
    },
    'taken back': {
      ...region({ standing: 'against', statement: statement(1_004, { phase: 'corrected', to: ['RU'] }) }),
      mark: 'contradicted',
    },
    corrected: { ...region(), mark: 'contradicted', correction },
  },
  'taken-back': {
    'a claim': {
      about: 'taken-back',
      mark: 'proven',
      region: 'europe',
      category: 'threat-statistics',
      claim: complete,
      by: statement(1_005, { phase: 'corrected', to: ['RU'] }),
    },
  },
  stated: {
    complete: stated,
    announced: { ...stated, statement: promise },
    'of several, with what remains': {
      ...stated,
      statement: statement(1_004, {
        ...remaining,
        categories: ['threat-statistics', 'crash-reports'],
        from: ['RU', 'DE'],
        to: ['CH', 'CA'],
      }),
    },
    corrected: { ...stated, mark: 'contradicted', correction },
  },
  'no-region': {
    'that was named': { about: 'no-region', mark: 'not-shown', region: 'europe', size: 51_002 },
    'of any': { about: 'no-region', mark: 'not-shown', size: 51_002 },
  },
});
