/** Samples of what an evidence file proves, and against whom. */
import type {
  BrokenPromiseFinding,
  EquivocationFinding,
  ForkFinding,
  RollbackFinding,
  UnauthorisedLeafFinding,
} from '../../../src/verifier/convicting/evidence-finding.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { sha256 } from '#sha256';
import { utf8 } from '../../../src/bytes.ts';
import { digest, origin } from '../../fixtures/attestations.ts';
import { told } from '../golden.ts';
import type { Samples } from '../golden.ts';

const hash = (of: string) => sha256(utf8(of));

const fork: ForkFinding = {
  kind: 'fork',
  origin,
  against: ['log', 'witnesses'],
  sizes: [1_002, 51_002],
  indices: [],
  signedRoot: hash('a root'),
  otherRoot: hash('another root'),
  witnesses: ['alpha'],
};

const rollback: RollbackFinding = {
  kind: 'rollback',
  origin,
  against: ['witnesses'],
  sizes: [51_002, 1_002],
  indices: [],
  witnesses: ['alpha', 'beta'],
  quorum: true,
};

const unauthorised: UnauthorisedLeafFinding = {
  kind: 'unauthorised-leaf',
  origin,
  against: ['log'],
  sizes: [51_002],
  indices: [1_003],
  leafHash: hash('a leaf'),
  refusal: { code: 'missing-role', message: 'the message of the error' },
};

const equivocation: EquivocationFinding = {
  kind: 'equivocation',
  origin,
  against: ['source'],
  sizes: [51_002],
  indices: [1_003, 1_004],
  source: 'builds',
  seq: 1_200,
  signers: [digest('a key')],
  differ: true,
};

const brokenPromise: BrokenPromiseFinding = {
  kind: 'broken-promise',
  origin,
  against: ['log'],
  sizes: [1_004, 51_002],
  indices: [1_003],
  promised: hash('a leaf'),
  found: hash('another leaf'),
  witnesses: [],
};

export const evidenceSamples: Samples<Catalogue['evidence']> = told<Catalogue['evidence']>({
  fork: {
    'two histories': fork,
    'two trees of one size': { ...fork, sizes: [51_002, 51_002] },
  },
  rollback: {
    'of several witnesses': rollback,
    'of one witness': { ...rollback, witnesses: ['alpha'], quorum: false },
  },
  'unauthorised-leaf': { 'without a role': unauthorised },
  equivocation: {
    'two contents': equivocation,
    'two contents, one not recorded': { ...equivocation, indices: [1_003] },
    'one content recorded twice': { ...equivocation, against: ['log'], differ: false },
  },
  'broken-promise': { 'another leaf': brokenPromise },
});

export const accusedSamples: Samples<Catalogue['accused']> = told<Catalogue['accused']>({
  log: { 'of a fork': fork },
  source: {
    'whose keys signed both': equivocation,
    'without a key that signed both': { ...equivocation, signers: [] },
  },
  witnesses: { 'of a rollback': rollback },
});
