/** Samples of chains of updates, and of one update among the others. */
import type { DatabaseUpdatePredicate } from '../../../src/attestation/types.ts';
import type { LinkPoint } from '../../../src/verifier/answering/chains.ts';
import type {
  NoUpdatePoint,
  OthersPoint,
  UpdateItselfPoint,
  WayPoint,
} from '../../../src/verifier/answering/update-points.ts';
import type { UpdateLink } from '../../../src/verifier/folds/update-chain.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { databaseUpdateStatement, digest } from '../../fixtures/attestations.ts';
import { sampleHop } from '../../verifier/sample-hops.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

const at = (index: number) => ({ index, leafHash: digest(`leaf ${index}`) });

/** The second update, after the first at leaf 1,001. */
const { predicate } = databaseUpdateStatement({ seq: 2 });
const second: UpdateLink = { entry: at(1_002), predicate, link: 'follows', previous: at(1_001) };
const first: UpdateLink = {
  entry: at(1_001),
  predicate: databaseUpdateStatement({ seq: 1 }).predicate,
  link: 'first',
};
const third: UpdateLink = {
  entry: at(1_003),
  predicate: databaseUpdateStatement({ seq: 3 }).predicate,
  link: 'follows',
  previous: at(1_002),
};
const saying = (change: Partial<DatabaseUpdatePredicate>): UpdateLink => ({
  ...second,
  predicate: { ...predicate, ...change },
});
const rollback: UpdateLink = saying({ kind: 'rollback' });

const link = (update: UpdateLink): LinkPoint => ({ about: 'link', mark: 'proven', update });
const linked = (kind: UpdateLink['link']): LinkPoint => ({
  ...link({ ...second, link: kind }),
  mark: 'contradicted',
});
const { previous: _, ...skipping } = second;

const chain = {
  about: 'chain',
  mark: 'proven',
  family: 'threats',
  platform: 'any',
  updates: 1_200,
  breaks: 0,
  rollbacks: 0,
} as const;

const itself: UpdateItselfPoint = { about: 'update', mark: 'proven', update: second };
const { records: __, minimumEngine: ___, ...bare } = predicate;

const way: WayPoint = { about: 'way', mark: 'proven', update: second, updates: 1_200 };
const forking: UpdateLink = { ...first, link: 'begins-again', previous: at(7) };

const others: OthersPoint = {
  about: 'others',
  mark: 'contradicted',
  how: 'other-state',
  update: second,
  others: [third],
  count: 1,
};
const some = { others: [first, third], count: 9 } as const;

const none: NoUpdatePoint = {
  about: 'no-update',
  mark: 'not-shown',
  wanted: { family: 'threats' },
  by: 'family',
  size: 51_002,
};

const supervised = { about: 'supervised', mark: 'proven', expected: true } as const;
const newer = { about: 'newer', mark: 'proven' } as const;
const rollOut = { about: 'roll-out', mark: 'proven' } as const;

export const chainSamples: Samples<Catalogue['chains']> = told<Catalogue['chains']>({
  chain: {
    whole: chain,
    'one update': { ...chain, updates: 1 },
    'with a rollback': { ...chain, rollbacks: 1 },
    'not whole': { ...chain, mark: 'contradicted', breaks: 1 },
    'not whole, with rollbacks': { ...chain, mark: 'contradicted', breaks: 2, rollbacks: 2 },
  },
  link: {
    first: link(first),
    follows: link(second),
    'begins-again': linked('begins-again'),
    forks: linked('forks'),
    skips: { ...link({ ...skipping, link: 'skips' }), mark: 'contradicted' },
    'other-state': linked('other-state'),
    'other-version': linked('other-version'),
    circle: linked('circle'),
    incomparable: linked('incomparable'),
    'a patch': link(saying({ kind: 'incremental' })),
    'a rollback': link({ ...rollback, backTo: at(7) }),
    'a rollback to a state that is not recorded': link(rollback),
    'for some': link(
      saying({ rollout: { channels: ['beta', 'stable'], regions: ['europe', 'asia'], percent: 10 } }),
    ),
  },
  'no-chain': {
    'of a family': { about: 'no-chain', mark: 'not-shown', family: 'threats', size: 51_002 },
    'of a platform': {
      about: 'no-chain',
      mark: 'not-shown',
      family: 'threats',
      platform: 'linux',
      size: 51_002,
    },
  },
  update: {
    itself,
    'the state': { ...itself, role: 'state' },
    'the patch': { ...itself, role: 'patch' },
    'a part': { ...itself, role: 'part' },
    'with one record': { ...itself, update: saying({ records: { total: 1, added: 1 } }) },
    'with code': { ...itself, update: saying({ containsExecutable: true }) },
    'with nothing more': { ...itself, update: { ...second, predicate: bare } },
    'a rollback': { ...itself, update: rollback },
    corrected: { ...itself, mark: 'contradicted', corrected: true },
  },
  way: {
    unbroken: way,
    'itself the first': { ...way, update: first, updates: 1 },
    'to a rollback': { ...way, update: { ...rollback, backTo: at(7) } },
    'with one recorded late': { ...way, qualified: true, late: first },
    'broken here': { ...way, mark: 'contradicted', at: { update: forking, back: 0 } },
    'broken one step back': { ...way, mark: 'contradicted', at: { update: forking, back: 1 } },
    'broken far back': { ...way, mark: 'contradicted', at: { update: forking, back: 1_100 } },
    'forked beside the way': {
      ...way,
      mark: 'contradicted',
      at: { update: { ...third, link: 'forks', previous: at(1_001) } },
    },
    corrected: { ...way, mark: 'contradicted', corrected: true },
  },
  supervised: {
    source: { ...supervised, hop: sampleHop('source') },
    'a review': { ...supervised, hop: sampleHop('reviewed') },
    'a corrected source': { ...supervised, mark: 'contradicted', corrected: true, hop: sampleHop('source') },
    'a corrected review': {
      ...supervised,
      mark: 'contradicted',
      corrected: true,
      hop: sampleHop('reviewed'),
    },
  },
  'roll-out': {
    'to all': { ...rollOut, update: second },
    'to a part': {
      ...rollOut,
      update: saying({ rollout: { channels: ['stable'], regions: ['global'], percent: 10 } }),
    },
    'to regions': {
      ...rollOut,
      update: saying({
        urgency: 'emergency',
        rollout: { channels: ['beta', 'stable'], regions: ['europe', 'asia'], percent: 100 },
      }),
    },
  },
  others: {
    'other-state': others,
    'other-state, of several': { ...others, ...some },
    'other-way': { ...others, how: 'other-way' },
    'other-way, of several': { ...others, how: 'other-way', ...some },
    incomparable: { ...others, mark: 'not-shown', how: 'incomparable' },
    'same-state': { ...others, mark: 'proven', how: 'same-state' },
    'same-state, of several': { ...others, mark: 'proven', how: 'same-state', ...some },
    none: { ...others, mark: 'proven', how: 'none', others: [], count: 0 },
  },
  newer: {
    none: { ...newer, count: 0 },
    'none that follows': { ...newer, count: 0, last: third },
    one: { ...newer, count: 1, last: third },
    several: { ...newer, count: 1_200, last: third },
    'a rollback': { ...newer, count: 1, last: third, takenBackBy: 1_003 },
  },
  'no-update': {
    'of a family': none,
    'of a version': { ...none, wanted: { family: 'threats', version: '2026.9', platform: 'linux' } },
    'of any family': { ...none, wanted: {} },
    'of a file': { ...none, wanted: {}, by: 'file' },
    'of a digest': { ...none, wanted: {}, by: 'digest' },
    'of a file of a family': { ...none, by: 'file' },
    'of a name that is no file': { ...none, wanted: { family: 'threats.db' }, by: 'no-such-file' },
  },
  'updates-unlisted': {
    one: { about: 'updates-unlisted', mark: 'not-shown', count: 1 },
    several: { about: 'updates-unlisted', mark: 'not-shown', count: 1_200 },
  },
});
