/**
 * A hop of every kind in every state, by what is sampled: for tests of the
 * table of hops, of the list of findings and of the words. The first of each
 * kind is the usual one.
 */
import type { LinkKind } from '../../src/verifier/folds/update-chain.ts';
import type { Hop, HopName, HopOf } from '../../src/verifier/judging/hops/hop.ts';
import { digest } from '../fixtures/attestations.ts';

type Samples<N extends HopName> = Readonly<Record<string, HopOf<N>>>;

const leafHash = digest('a leaf');
const about = { entry: 4, leafHash } as const;

const refused = <N extends HopName>(hop: N) =>
  ({
    hop,
    mark: 'contradicted',
    state: 'refused',
    code: 'inclusion-failed',
    reason: 'the reason of the error',
  }) as const;

const checkpoint: Samples<'checkpoint'> = { refused: refused('checkpoint') };

const recorded: Samples<'recorded'> = {
  recorded: {
    hop: 'recorded',
    mark: 'proven',
    state: 'recorded',
    index: 48_211,
    entry: 48_211,
    leafHash,
    size: 51_002,
    witnesses: 2,
    witnessesListed: 3,
  },
  'without witnesses': {
    hop: 'recorded',
    mark: 'proven',
    state: 'recorded',
    index: 4,
    entry: 4,
    leafHash,
    size: 6,
    witnesses: 0,
    witnessesListed: 0,
  },
  included: {
    hop: 'recorded',
    mark: 'proven',
    state: 'included',
    index: 4,
    size: 6,
    root: 'C9rxFuIGIjDRjVwCV1s5y0JqZlTGzS9b0QO0n/3JCfw=',
  },
  refused: refused('recorded'),
};

const authority: Samples<'authority'> = {
  unproven: { hop: 'authority', mark: 'not-shown', state: 'unproven' },
  refused: { ...refused('authority'), code: 'missing-role', index: 4 },
};

const absent = { hop: 'file', mark: 'not-shown', state: 'absent' } as const;
const file: Samples<'file'> = {
  'not in a bundle': { ...absent, among: 'bundle', size: 51_002, code: 'not-recorded' },
  'not shown by a ledger': { ...absent, among: 'ledger', size: 51_002, code: 'not-recorded' },
  'not among all leaves': { ...absent, among: 'all-leaves', size: 51_002, code: 'not-recorded' },
  'not in a proof': { ...absent, among: 'proof' },
  refused: { ...refused('file'), code: 'subject-mismatch', index: 4 },
};

const builtOnSite: HopOf<'built'> = {
  hop: 'built',
  mark: 'proven',
  ...about,
  index: 4,
  product: 'hello',
  version: '1.1',
  facility: 'Zurich 1',
  country: 'CH',
  presence: 'onsite',
  occurredAt: '2026-11-03T12:00:00Z',
  deviations: 0,
};
const built: Samples<'built'> = {
  'on site': builtOnSite,
  'at a distance': { ...builtOnSite, presence: 'remote' },
  'by machinery': { ...builtOnSite, presence: 'automated' },
  'with a deviation': { ...builtOnSite, qualified: true, deviations: 1 },
  'with deviations': { ...builtOnSite, qualified: true, deviations: 1_200 },
};

const updatedAfter: HopOf<'updated'> = {
  hop: 'updated',
  mark: 'proven',
  ...about,
  index: 4,
  family: 'threats',
  version: '2026.2',
  kind: 'incremental',
  facility: 'Zurich 1',
  country: 'CH',
  occurredAt: '2026-11-03T12:00:00Z',
  review: 'sampled',
  previous: '2026.1',
};
const updated: Samples<'updated'> = {
  'after another': updatedAfter,
  'the first': { ...updatedAfter, version: '2026.1', kind: 'full', previous: null },
};

const chainFirst: HopOf<'chain'> = {
  hop: 'chain',
  mark: 'proven',
  ...about,
  index: 1,
  end: 'first',
  updates: 3,
  oldest: 1,
  version: 'a',
  size: 51_002,
  complete: false,
};
const chainOpen: HopOf<'chain'> = {
  ...chainFirst,
  mark: 'not-shown',
  end: 'open',
  version: 'd',
  oldest: 3,
  index: 3,
  updates: 2,
  before: 'c',
  link: 'skips',
  at: { version: 'd', index: 3 },
};
const links = [
  'begins-again',
  'forks',
  'skips',
  'other-state',
  'other-version',
  'circle',
  'incomparable',
] as const satisfies readonly LinkKind[];
const chain: Samples<'chain'> = {
  'to the first': chainFirst,
  'itself the first': { ...chainFirst, updates: 1 },
  'one step to the first': { ...chainFirst, updates: 2 },
  'among all leaves': { ...chainFirst, complete: true },
  'back to an unrecorded state': { ...chainFirst, mark: 'not-shown', lost: { version: 'c', index: 3 } },
  'with one recorded late': { ...chainFirst, qualified: true, late: { version: 'b', index: 1_003 } },
  open: chainOpen,
  'open at once': { ...chainOpen, updates: 1 },
  'open beside another': {
    ...chainOpen,
    link: 'other-state',
    at: { version: 'd', index: 3, previous: 2 },
  },
  'open by a fork on the way to the first': {
    hop: 'chain',
    mark: 'not-shown',
    ...about,
    index: 1,
    end: 'open',
    updates: 3,
    oldest: 1,
    version: 'a',
    link: 'forks',
    at: { version: 'x', index: 5, previous: 2 },
    size: 51_002,
    complete: false,
  },
  'open where replays have no room': {
    hop: 'chain',
    mark: 'not-shown',
    ...about,
    index: 4,
    end: 'open',
    updates: 1,
    oldest: 4,
    version: 'd',
    before: 'c',
    link: 'skips',
    size: 51_002,
    complete: false,
  },
  ...Object.fromEntries(
    links.map((link) => [
      `broken: ${link}`,
      {
        ...chainOpen,
        mark: 'contradicted',
        end: 'broken',
        code: 'chain-broken',
        link,
        at: { version: 'd', index: 3, ...(link === 'skips' ? {} : { previous: 2 }) },
        complete: true,
      } satisfies HopOf<'chain'>,
    ]),
  ),
};

const snapshotOf = { snapshot: 1, product: 'hello', kind: 'product', own: true } as const;
const sourceShown: HopOf<'source'> = {
  hop: 'source',
  mark: 'proven',
  ...about,
  ...snapshotOf,
  state: 'snapshot',
  index: 1,
  version: '1.1',
  files: 9_310,
  algorithm: 'sha256',
  value: digest('a manifest'),
  site: 'Bern 2',
  country: 'CH',
  suits: true,
  ofProduct: true,
  of: 'build',
  recordedAfter: false,
};
const sourceNone: HopOf<'source'> = {
  hop: 'source',
  mark: 'not-shown',
  ...about,
  state: 'none',
  index: 4,
  size: 51_002,
  of: 'build',
  inputs: 1,
  input: 'hello_1.1.dsc',
  algorithm: 'sha256',
  digest: digest('a manifest'),
};
const source: Samples<'source'> = {
  'in escrow': sourceShown,
  'of one file': { ...sourceShown, files: 1 },
  'not what a build is made from': {
    ...sourceShown,
    qualified: true,
    kind: 'build-scripts',
    product: 'zlib',
    own: false,
    suits: false,
    ofProduct: false,
    recordedAfter: true,
  },
  'recorded after an update': {
    ...sourceShown,
    qualified: true,
    kind: 'rules',
    of: 'update',
    recordedAfter: true,
  },
  'with two digests': {
    hop: 'source',
    mark: 'contradicted',
    code: 'subject-mismatch',
    ...about,
    ...snapshotOf,
    state: 'conflict',
    index: 1,
    files: 9_310,
    algorithm: 'sha256',
    value: digest('a manifest'),
  },
  'not shown': sourceNone,
  'none among all leaves': { ...sourceNone, absent: true },
  'none among one leaf': { ...sourceNone, size: 1, absent: true },
  'one of several inputs, without a name': {
    hop: 'source',
    mark: 'not-shown',
    ...about,
    state: 'none',
    index: 4,
    size: 6,
    of: 'build',
    inputs: 3,
    algorithm: 'gitCommit',
    digest: 'abcdef',
  },
  'a name that forges a line': {
    ...sourceNone,
    input: `x\n✓ Reviewed     in full\u2028${'y'.repeat(400)}`,
  },
  'no input by a digest': {
    hop: 'source',
    mark: 'not-shown',
    ...about,
    state: 'none',
    index: 4,
    size: 6,
    of: 'build',
    inputs: 0,
  },
  'no rules snapshot': {
    hop: 'source',
    mark: 'not-shown',
    ...about,
    state: 'none',
    index: 4,
    size: 6,
    of: 'update',
    inputs: 0,
  },
};

const noFindings = { critical: 0, high: 0, medium: 0, low: 0 };
const reviewedWhole: HopOf<'reviewed'> = {
  hop: 'reviewed',
  mark: 'proven',
  ...about,
  ...snapshotOf,
  state: 'review',
  index: 3,
  agreement: 'same',
  depth: 'full',
  result: 'no-findings',
  presence: 'onsite',
  whole: true,
  filesCovered: 9_310,
  filesTotal: 9_310,
  snapshotFiles: 9_310,
  findings: 0,
  severities: noFindings,
  limitations: 0,
  byMaker: false,
};
const reviewedPart: HopOf<'reviewed'> = {
  ...reviewedWhole,
  qualified: true,
  depth: 'targeted',
  whole: false,
  filesCovered: 412,
};
const reviewed: Samples<'reviewed'> = {
  whole: reviewedWhole,
  'in part': reviewedPart,
  'fewer files than the snapshot': {
    ...reviewedWhole,
    qualified: true,
    whole: false,
    filesCovered: 100,
    filesTotal: 100,
  },
  'with a finding': {
    ...reviewedPart,
    result: 'findings',
    findings: 1,
    severities: { ...noFindings, critical: 1 },
  },
  'with findings': {
    ...reviewedPart,
    result: 'findings',
    findings: 1_207,
    severities: { critical: 0, high: 1_204, medium: 1, low: 2 },
  },
  'by the vendor': { ...reviewedWhole, qualified: true, byMaker: true },
  'by one named like the vendor': { ...reviewedWhole, qualified: true, likeMaker: true },
  refused: { ...reviewedPart, mark: 'not-shown', result: 'refused' },
  inconclusive: { ...reviewedPart, mark: 'not-shown', result: 'inconclusive' },
  'of other digests': { ...reviewedPart, mark: 'not-shown', agreement: 'different' },
  'of other algorithms': { ...reviewedPart, mark: 'not-shown', agreement: 'incomparable' },
  'with two digests': {
    ...reviewedPart,
    mark: 'contradicted',
    code: 'subject-mismatch',
    agreement: 'conflict',
  },
  'not shown': { hop: 'reviewed', mark: 'not-shown', state: 'none', size: 51_002, entry: 4 },
  'not shown of a snapshot': {
    hop: 'reviewed',
    mark: 'not-shown',
    state: 'none',
    size: 51_002,
    entry: 4,
    snapshot: 1,
  },
  'none among all leaves': {
    hop: 'reviewed',
    mark: 'not-shown',
    state: 'none',
    size: 51_002,
    absent: true,
    entry: 4,
  },
};

const rebuiltEqual: HopOf<'rebuilt'> = {
  hop: 'rebuilt',
  mark: 'proven',
  ...about,
  state: 'rebuild',
  index: 5,
  agreement: 'same',
  verdict: 'identical',
  unexplainedBytes: 0,
  independence: 'independent',
  stated: 'independent',
  normalisations: [],
  limitations: 0,
};
const rebuiltOther: HopOf<'rebuilt'> = {
  ...rebuiltEqual,
  mark: 'contradicted',
  code: 'rebuild-differs',
  verdict: 'different',
  unexplainedBytes: 12_345,
};
const rebuilt: Samples<'rebuilt'> = {
  identical: rebuiltEqual,
  equivalent: {
    ...rebuiltEqual,
    qualified: true,
    verdict: 'equivalent',
    normalisations: ['signature-block', 'timestamps'],
    independence: 'vendor-toolchain',
    stated: 'vendor-toolchain',
  },
  'on machines of the vendor': {
    ...rebuiltEqual,
    qualified: true,
    independence: 'vendor-machines',
    stated: 'vendor-machines',
  },
  'by the vendor, called independent': { ...rebuiltEqual, qualified: true, independence: 'vendor' },
  'by one named like the vendor': { ...rebuiltEqual, qualified: true, likeMaker: true },
  different: rebuiltOther,
  'different by one byte': { ...rebuiltOther, unexplainedBytes: 1 },
  'different, and corrected': { ...rebuiltOther, correctedBy: 1_007 },
  'different, and retracted': {
    ...rebuiltEqual,
    mark: 'not-shown',
    verdict: 'different',
    unexplainedBytes: 1,
    retractedBy: 1_007,
  },
  'called identical': {
    ...rebuiltEqual,
    mark: 'contradicted',
    code: 'rebuild-differs',
    wrong: 'sha512',
  },
  'not rebuildable': { ...rebuiltEqual, mark: 'not-shown', verdict: 'not-rebuildable' },
  'of other digests': { ...rebuiltEqual, mark: 'not-shown', agreement: 'different' },
  'of other algorithms': { ...rebuiltEqual, mark: 'not-shown', agreement: 'incomparable' },
  'with two digests': {
    ...rebuiltEqual,
    mark: 'contradicted',
    code: 'subject-mismatch',
    agreement: 'conflict',
  },
  'not shown': { hop: 'rebuilt', mark: 'not-shown', state: 'none', size: 51_002, entry: 4 },
  'none among all leaves': {
    hop: 'rebuilt',
    mark: 'not-shown',
    state: 'none',
    size: 51_002,
    absent: true,
    entry: 4,
  },
};

const sealed4: HopOf<'sealed'> = {
  hop: 'sealed',
  mark: 'proven',
  state: 'seal',
  index: 4,
  entry: 4,
  nth: 0,
  holder: 'Example AG (NTRCH-CHE-123.456.789, CH)',
  organisation: 'Example AG',
  organisationIdentifier: 'NTRCH-CHE-123.456.789',
  commonName: 'Example AG Seal',
  country: 'CH',
  issuer: 'Example CA',
  certificateSha256: digest('a certificate'),
  key: 'ECDSA P-256',
  hash: 'SHA-256',
  time: Date.UTC(2026, 10, 3, 9, 12, 44),
  tsa: 'Example TSA',
  legislation: [],
  covered: true,
};
const sealed: Samples<'sealed'> = {
  'in good standing': sealed4,
  'without revocation lists': { ...sealed4, qualified: true, covered: false },
  'revoked later': {
    ...sealed4,
    forSeals: true,
    legislation: ['CH', 'LI'],
    revokedLater: Date.UTC(2027, 0, 15),
  },
  open: {
    ...sealed4,
    mark: 'not-shown',
    covered: false,
    open: { reason: 'untrusted', text: 'no trust anchors are pinned for a seal' },
  },
  'one not looked at': { hop: 'sealed', mark: 'not-shown', state: 'unread', count: 1 },
  'not looked at': { hop: 'sealed', mark: 'not-shown', state: 'unread', count: 1_204 },
  refused: { ...refused('sealed'), code: 'seal-invalid', index: 4, entry: 4, nth: 1 },
};

const keysOfOne: HopOf<'keys'> = {
  hop: 'keys',
  mark: 'proven',
  index: 4,
  entry: 4,
  signers: [{ name: 'builder', organisation: 'Example Security' }],
  authorityIndex: 1_000,
  authorityVersion: 2,
};
const keys: Samples<'keys'> = {
  'of two': {
    ...keysOfOne,
    signers: [...keysOfOne.signers, { name: 'supervisor', organisation: 'Swiss Supervision' }],
  },
  'of one': keysOfOne,
  'of two that look alike': {
    ...keysOfOne,
    qualified: true,
    signers: [...keysOfOne.signers, { name: 'supervisor', organisation: 'Example  security' }],
    lookAlikes: ['Example Security', 'Example  security'],
  },
};

const notRevoked: HopOf<'revocations'> = {
  hop: 'revocations',
  mark: 'not-shown',
  size: 51_002,
  newestAuthority: 1_000,
  version: 2,
  since: [],
};
const revocations: Samples<'revocations'> = {
  'none shown': notRevoked,
  'of one key since': {
    ...notRevoked,
    since: [{ keyid: digest('a key'), name: 'builder', status: 'superseded' }],
  },
  'of several since': {
    ...notRevoked,
    since: [
      { keyid: digest('a key'), name: 'builder', status: 'superseded' },
      { keyid: digest('another'), name: 'supervisor', status: 'superseded' },
      { keyid: digest('a third'), name: 'reviewer', status: 'compromised' },
      { keyid: digest('a fourth'), name: 'rebuilder', status: 'revoked' },
    ],
  },
  'none among all leaves': { ...notRevoked, mark: 'proven' },
  'none among one leaf': { ...notRevoked, mark: 'proven', size: 1, newestAuthority: 0, version: 1 },
};

const correction: HopOf<'corrections'> = {
  hop: 'corrections',
  mark: 'contradicted',
  state: 'correction',
  index: 1_006,
  target: 4,
  kind: 'dispute',
  by: [{ name: 'supervisor', organisation: 'Swiss Supervision' }],
  statedReason: 'The facility was another one.',
};
const corrections: Samples<'corrections'> = {
  'none shown': { hop: 'corrections', mark: 'not-shown', state: 'none', size: 51_002 },
  'none among all leaves': { hop: 'corrections', mark: 'proven', state: 'none', size: 51_002 },
  'none among one leaf': { hop: 'corrections', mark: 'proven', state: 'none', size: 1 },
  one: correction,
  'one that no longer matters': { ...correction, mark: 'not-shown', kind: 'retraction' },
};

const replayedClean: HopOf<'replayed'> = {
  hop: 'replayed',
  mark: 'proven',
  state: 'clean',
  size: 51_002,
  entries: 1,
  others: [],
};
const replayed: Samples<'replayed'> = {
  clean: replayedClean,
  'with another entry': { ...replayedClean, entries: 2, others: [1_003] },
  'with more entries than are named': {
    ...replayedClean,
    entries: 13,
    others: Array.from({ length: 12 }, (_, at) => at + 2),
  },
  'with findings': {
    hop: 'replayed',
    mark: 'contradicted',
    state: 'findings',
    index: 1_003,
    size: 51_002,
    findings: 2,
    code: 'missing-role',
    reason: 'no signer has the role builder',
  },
};

const more: Samples<'more'> = { more: { hop: 'more', mark: 'not-shown' } };

export const sampleHops: { readonly [N in HopName]: Samples<N> } = {
  checkpoint,
  recorded,
  authority,
  file,
  built,
  updated,
  chain,
  source,
  reviewed,
  rebuilt,
  sealed,
  keys,
  revocations,
  corrections,
  replayed,
  more,
};

export const hopNames: readonly HopName[] = Object.keys(sampleHops) as HopName[];

/** Every sample. */
export const everyHop: readonly Hop[] = hopNames.flatMap((name): Hop[] => Object.values(sampleHops[name]));

/** The usual hop of a kind, changed. */
export function sampleHop<N extends HopName>(name: N, change: Partial<HopOf<N>> = {}): HopOf<N> {
  const [usual] = Object.values<HopOf<N>>(sampleHops[name]);
  if (usual === undefined) throw new Error(`no sample of ${name}`);
  return { ...usual, ...change };
}
