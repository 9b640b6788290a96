/** Samples of what a monitor finds. */
import type {
  AuthorityFacts,
  ChainBrokenFacts,
  EntrySaid,
  ForkFacts,
  MatchFacts,
  RefusedFacts,
  ResidencyFacts,
  UnreadFacts,
} from '../../../src/words/findings.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { digest } from '../../fixtures/attestations.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

const message = 'the message of the error';
const entry: EntrySaid = { type: 'build', of: 'hello', version: '1.1', source: { id: 'builds', seq: 1_200 } };

const fork: ForkFacts = { kind: 'fork', sizes: [1_002, 51_002] };

function refused<K extends 'unauthorised' | 'invalid-authority' | 'equivocation'>(
  kind: K,
): Readonly<Record<string, RefusedFacts<K>>> {
  const bare = { kind, index: 1_003, leafHash: digest('a leaf'), message };
  return { 'of an entry': { ...bare, entry }, 'of no entry': bare };
}

function unread<K extends 'tampered' | 'withheld' | 'unreachable'>(
  kind: K,
): Readonly<Record<string, UnreadFacts<K>>> {
  return { 'at a place': { kind, message, place: 'tile/0/003' }, 'at no place': { kind, message } };
}

function matched<K extends 'product' | 'digest' | 'signer' | 'type'>(kind: K, match: string): MatchFacts<K> {
  return { kind, index: 1_003, match, entry };
}

const noon = Date.parse('2026-11-03T12:00:00Z');
const day = 24 * 3_600_000;

const broken = (link: ChainBrokenFacts['link']): ChainBrokenFacts => ({
  kind: 'chain-broken',
  index: 1_003,
  family: 'threats',
  platform: 'any',
  version: '2026.3',
  link,
  follows: '2026.2',
  previous: 1_002,
});
const { previous: _, ...skipping } = broken('skips');
const { follows: __, ...claiming } = broken('begins-again');

const overdue: ResidencyFacts<'residency-overdue', 'overdue' | 'copy-overdue'> = {
  kind: 'residency-overdue',
  index: 1_003,
  region: 'europe',
  category: 'threat-statistics',
  standing: 'overdue',
  phase: 'announced',
  to: ['CH', 'DE'],
  effectiveAt: '2018-12-31T00:00:00Z',
};
const regressed: ResidencyFacts<'residency-regressed', 'against'> = {
  ...overdue,
  kind: 'residency-regressed',
  standing: 'against',
  phase: 'regressed',
};

const authority: AuthorityFacts = {
  kind: 'authority',
  index: 1_003,
  version: 2,
  leafHash: digest('a leaf'),
  revoked: [],
  promised: [],
};

export const findingSamples: Samples<Catalogue['findings']> = told<Catalogue['findings']>({
  fork: {
    'by the log': fork,
    'by a witness': { ...fork, witness: 'alpha' },
    'of one size': { ...fork, sizes: [51_002, 51_002] },
    'of one size, by a witness': { ...fork, sizes: [51_002, 51_002], witness: 'alpha' },
  },
  rollback: { 'to a smaller tree': { kind: 'rollback', known: 51_002, shown: 1_002 } },
  unauthorised: {
    ...refused('unauthorised'),
    'of an entry without a version': {
      kind: 'unauthorised',
      index: 1_003,
      leafHash: digest('a leaf'),
      message,
      entry: { type: 'residency', of: 'europe' },
    },
    'of an entry of a type alone': {
      kind: 'unauthorised',
      index: 1_003,
      leafHash: digest('a leaf'),
      message,
      entry: { type: 'correction' },
    },
  },
  'invalid-authority': refused('invalid-authority'),
  equivocation: refused('equivocation'),
  'pinned-authority': {
    'at a leaf': { kind: 'pinned-authority', message, index: 1_003 },
    'at no leaf': { kind: 'pinned-authority', message },
  },
  'bad-checkpoint': { 'any refusal': { kind: 'bad-checkpoint', message } },
  policy: { 'any refusal': { kind: 'policy', message } },
  tampered: unread('tampered'),
  withheld: unread('withheld'),
  unreachable: unread('unreachable'),
  gap: {
    'of one': { kind: 'gap', source: 'builds', from: 1_002, to: 1_003 },
    'of several': { kind: 'gap', source: 'builds', from: 1_002, to: 1_005 },
  },
  'summary-late': {
    'between two summaries': {
      kind: 'summary-late',
      source: 'access',
      late: { from: noon - 2 * day, to: noon - day, due: noon },
    },
    'after the last summary': {
      kind: 'summary-late',
      source: 'access',
      late: { from: noon - 2 * day, due: noon },
    },
  },
  silence: {
    'of a stream': { kind: 'silence', source: 'builds', last: 0, now: 93_600, most: 86_400 },
    'of the whole log': { kind: 'silence', last: 0, now: 93_600, most: 86_400 },
  },
  stale: { 'by an hour': { kind: 'stale', age: 7_200, most: 3_600 } },
  behind: { 'a smaller tree': { kind: 'behind', known: 51_002, shown: 1_002 } },
  ahead: { 'of a witness': { kind: 'ahead', witness: 'alpha', size: 51_002 } },
  'chain-broken': {
    'begins-again': claiming,
    forks: broken('forks'),
    skips: skipping,
    'other-state': broken('other-state'),
    'other-version': broken('other-version'),
    circle: broken('circle'),
    incomparable: broken('incomparable'),
  },
  'residency-regressed': {
    regressed,
    'taken back': { ...regressed, phase: 'corrected' },
  },
  'residency-overdue': {
    'a promise': overdue,
    'a copy': { ...overdue, standing: 'copy-overdue', phase: 'complete' },
  },
  product: { 'an entry': matched('product', 'hello') },
  digest: { 'an entry': matched('digest', digest('a file')) },
  signer: { 'an entry': matched('signer', digest('a key')) },
  type: { 'an entry': matched('type', 'build') },
  authority: {
    'with nothing revoked or promised': authority,
    'with a revoked key and a promise': {
      ...authority,
      revoked: [{ keyid: 'abcdef', kind: 'compromised', fromLeaf: 1_001 }],
      promised: ['access'],
    },
    'with revoked keys and promises': {
      ...authority,
      revoked: [
        { keyid: 'abcdef', kind: 'compromised', fromLeaf: 1_001 },
        { keyid: '123456', kind: 'revoked', fromLeaf: 1_002 },
      ],
      promised: ['access', 'builds'],
    },
  },
});
