import { expect } from 'chai';
import { sha256 } from '#sha256';
import { fromHex, fromUtf8, toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { pae } from '../../src/attestation/envelope.ts';
import {
  decodeAttestation,
  decodeEnvelope,
  decodeStatement,
  maxPayloadDepth,
} from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import type { AttestationType } from '../../src/attestation/types.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';

const decode = (leaf: Uint8Array): Attestation => decodeAttestation(decodeEnvelope(leaf));

const makers = {
  authority: fixtures.authorityStatement,
  build: fixtures.buildStatement,
  'database-update': fixtures.databaseUpdateStatement,
  'data-access': fixtures.dataAccessStatement,
  'source-snapshot': fixtures.sourceSnapshotStatement,
  'source-review': fixtures.sourceReviewStatement,
  'rebuild-result': fixtures.rebuildResultStatement,
  'period-summary': fixtures.periodSummaryStatement,
  residency: fixtures.residencyStatement,
  'supervisor-statement': fixtures.supervisorStatementStatement,
  correction: fixtures.correctionStatement,
} satisfies Readonly<Record<AttestationType, () => object>>;

/** A statement as anybody may write one: any member anywhere. */
type Loose = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any

/** What, how to spoil a valid statement, the code, where. */
type Case = readonly [string, (statement: Loose) => unknown, string, string];

const hex = (length: number): string => 'ab'.repeat(length / 2);
const violation = 'schema-violation';

/** Faults that every statement can have. */
const ofAnyType: readonly Case[] = [
  ['another in-toto version', (s) => (s['_type'] = 'https://in-toto.io/Statement/v0.1'), violation, '/_type'],
  ['no _type', (s) => delete s['_type'], violation, '/_type'],
  ['an unknown member', (s) => (s['extra'] = 1), violation, ''],
  ['no subject', (s) => delete s['subject'], violation, '/subject'],
  ['an empty subject', (s) => (s['subject'] = []), violation, '/subject'],
  ['a subject that is null', (s) => (s['subject'] = null), violation, '/subject'],
  ['a subject without digest', (s) => delete s['subject'][0].digest, violation, '/subject/0/digest'],
  ['a subject with an empty digest', (s) => (s['subject'][0].digest = {}), violation, '/subject/0/digest'],
  [
    'a digest in capitals',
    (s) => (s['subject'][0].digest.sha256 = 'AB'.repeat(32)),
    violation,
    '/subject/0/digest/sha256',
  ],
  ['a short digest', (s) => (s['subject'][0].digest.sha256 = hex(62)), violation, '/subject/0/digest/sha256'],
  [
    'a digest by another algorithm',
    (s) => (s['subject'][0].digest.md5 = hex(32)),
    violation,
    '/subject/0/digest',
  ],
  [
    'an unknown member in a subject',
    (s) => (s['subject'][0].content = 'e30='),
    violation,
    '/subject/0/content',
  ],
  ['no predicate type', (s) => delete s['predicateType'], violation, '/predicateType'],
  ['a predicate type that is no URI', (s) => (s['predicateType'] = 'build'), violation, '/predicateType'],
  [
    'an unknown predicate type',
    (s) => (s['predicateType'] = 'urn:isal:predicate:build:v1'),
    'unknown-type',
    '/predicateType',
  ],
  [
    'an earlier SLSA',
    (s) => (s['predicateType'] = 'https://slsa.dev/provenance/v0.2'),
    'unknown-type',
    '/predicateType',
  ],
  ['no predicate', (s) => delete s['predicate'], violation, '/predicate'],
  ['a predicate that is a list', (s) => (s['predicate'] = []), violation, '/predicate'],
];

/** Faults in what every predicate but `authority` carries; `at` is where that stands. */
function ofEvents(at: string): Case[] {
  const inside = (s: Loose): Loose =>
    at === '/predicate' ? (s['predicate'] as Loose) : (s['predicate'].isal_supervision as Loose);
  return [
    ['no ledger', (s) => delete inside(s)['ledger'], violation, `${at}/ledger`],
    ['no origin', (s) => delete inside(s)['ledger'].origin, violation, `${at}/ledger/origin`],
    ['an origin with a space', (s) => (inside(s)['ledger'].origin = 'a b'), violation, `${at}/ledger/origin`],
    [
      'an authority that is no hash',
      (s) => (inside(s)['ledger'].authority = 'x'),
      violation,
      `${at}/ledger/authority`,
    ],
    ['an unknown member of ledger', (s) => (inside(s)['ledger'].url = 'x'), violation, `${at}/ledger/url`],
    [
      'a time zone',
      (s) => (inside(s)['occurredAt'] = '2026-11-03T09:30:00+01:00'),
      violation,
      `${at}/occurredAt`,
    ],
    [
      'a time without zone',
      (s) => (inside(s)['occurredAt'] = '2026-11-03T09:30:00'),
      violation,
      `${at}/occurredAt`,
    ],
    [
      'the thirtieth of February',
      (s) => (inside(s)['occurredAt'] = '2028-02-30T00:00:00Z'),
      violation,
      `${at}/occurredAt`,
    ],
    [
      'a leap day without leap year',
      (s) => (inside(s)['occurredAt'] = '2026-02-29T00:00:00Z'),
      violation,
      `${at}/occurredAt`,
    ],
    ['a time as a number', (s) => (inside(s)['occurredAt'] = 1793000000), violation, `${at}/occurredAt`],
    ['number 0 at the source', (s) => (inside(s)['source'].seq = 0), violation, `${at}/source/seq`],
    ['a broken number at the source', (s) => (inside(s)['source'].seq = 1.5), violation, `${at}/source/seq`],
    ['a number in quotes', (s) => (inside(s)['source'].seq = '1'), violation, `${at}/source/seq`],
    ['a source in capitals', (s) => (inside(s)['source'].id = 'Builds'), violation, `${at}/source/id`],
    ['an empty list of references', (s) => (inside(s)['refs'] = []), violation, `${at}/refs`],
    [
      'a reference without hash',
      (s) => (inside(s)['refs'] = [{ rel: 'review' }]),
      violation,
      `${at}/refs/0/leafHash`,
    ],
  ];
}

/** A member of the predicate spoilt by another value. */
const member = (what: string, path: string, value: unknown, at: string = path): Case => [
  what,
  (s) => {
    const names = path.split('/').slice(1);
    const last = names.pop() ?? '';
    const holder = names.reduce((part: Loose, name) => part[name] as Loose, s['predicate'] as Loose);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  },
  violation,
  `/predicate${at}`,
];

const cases: Readonly<Record<keyof typeof makers, readonly Case[]>> = {
  authority: [
    [
      'another origin than its subject',
      (s) => (s['predicate'].origin = 'other.example'),
      'subject-mismatch',
      '/subject/0',
    ],
    [
      'two subjects',
      (s) => s['subject'].push({ digest: { sha256: hex(64) } }),
      'subject-mismatch',
      '/subject',
    ],
    ['a name beside its digest', (s) => (s['subject'][0].name = 'x'), 'subject-mismatch', '/subject/0'],
    ['a second digest', (s) => (s['subject'][0].digest.sha512 = hex(128)), 'subject-mismatch', '/subject/0'],
    [
      'only a SHA-512',
      (s) => (s['subject'][0].digest = { sha512: hex(128) }),
      'subject-mismatch',
      '/subject/0',
    ],
    ['an origin with a plus sign', (s) => (s['predicate'].origin = 'a+b'), violation, '/predicate/origin'],
    [
      'an origin with a wide space',
      (s) => (s['predicate'].origin = 'a\u2003b'),
      violation,
      '/predicate/origin',
    ],
    ['version 0', (s) => (s['predicate'].version = 0), violation, '/predicate/version'],
    [
      'version 1 with a predecessor',
      (s) => (s['predicate'].previous = hex(64)),
      violation,
      '/predicate/previous',
    ],
    ['version 2 without predecessor', (s) => (s['predicate'].version = 2), violation, '/predicate/previous'],
    ['no previous', (s) => delete s['predicate'].previous, violation, '/predicate/previous'],
    [
      'a previous that is no hash',
      (s) => Object.assign(s['predicate'], { version: 2, previous: 'x' }),
      violation,
      '/predicate/previous',
    ],
    ['no root keys', (s) => (s['predicate'].root.keys = []), violation, '/predicate/root/keys'],
    [
      'one root key twice',
      (s) => s['predicate'].root.keys.push(s['predicate'].root.keys[0]),
      violation,
      '/predicate/root/keys',
    ],
    ['a threshold of 0', (s) => (s['predicate'].root.threshold = 0), violation, '/predicate/root/threshold'],
    [
      'a key of 31 bytes',
      (s) => (s['predicate'].root.keys[0] = 'A'.repeat(42) + '=='),
      violation,
      '/predicate/root/keys/0',
    ],
    [
      'a key with loose bits',
      (s) => (s['predicate'].root.keys[0] = 'A'.repeat(42) + 'B='),
      violation,
      '/predicate/root/keys/0',
    ],
    [
      'an unknown role',
      (s) => (s['predicate'].signers[0].roles = ['root']),
      violation,
      '/predicate/signers/0/roles/0',
    ],
    [
      'a signer without roles',
      (s) => (s['predicate'].signers[0].roles = []),
      violation,
      '/predicate/signers/0/roles',
    ],
    [
      'target-signers for a signer’s role',
      (s) => (s['predicate'].signers[0].roles = ['target-signers']),
      violation,
      '/predicate/signers/0/roles/0',
    ],
    [
      'an organisation with a space at its end',
      (s) => (s['predicate'].signers[0].organisation = 'A '),
      violation,
      '/predicate/signers/0/organisation',
    ],
    [
      'an organisation that looks like another one',
      (s) => (s['predicate'].signers[0].organisation = 'Swiss\u200b Supervision'),
      violation,
      '/predicate/signers/0/organisation',
    ],
    [
      'a name that turns its direction',
      (s) => (s['predicate'].signers[0].name = 'A\u202eB'),
      violation,
      '/predicate/signers/0/name',
    ],
    [
      'a name with an escape character',
      (s) => (s['predicate'].signers[0].name = 'A\u001b[2J'),
      violation,
      '/predicate/signers/0/name',
    ],
    [
      'an unknown role in a rule',
      (s) => (s['predicate'].rules[0].anyOf[0][0] = 'root'),
      violation,
      '/predicate/rules/0/anyOf/0/0',
    ],
    [
      'a rule without alternatives',
      (s) => (s['predicate'].rules[0].anyOf = []),
      violation,
      '/predicate/rules/0/anyOf',
    ],
    [
      'an empty alternative',
      (s) => (s['predicate'].rules[0].anyOf = [[]]),
      violation,
      '/predicate/rules/0/anyOf/0',
    ],
    [
      'one role twice in an alternative',
      (s) => (s['predicate'].rules[0].anyOf = [['builder', 'builder']]),
      violation,
      '/predicate/rules/0/anyOf/0',
    ],
    [
      'an unknown kind of revocation',
      (s) => s['predicate'].revocations.push({ keyid: hex(64), kind: 'lost', fromLeaf: 1, reason: 'x' }),
      violation,
      '/predicate/revocations/0/kind',
    ],
    [
      'a revocation before leaf 0',
      (s) => s['predicate'].revocations.push({ keyid: hex(64), kind: 'revoked', fromLeaf: -1, reason: 'x' }),
      violation,
      '/predicate/revocations/0/fromLeaf',
    ],
    ['a ledger, which is for events', (s) => (s['predicate'].ledger = {}), violation, '/predicate/ledger'],
  ],
  build: [
    ...ofEvents('/predicate/isal_supervision'),
    member('a country in small letters', '/isal_supervision/country', 'ch'),
    [
      'no supervision',
      (s) => delete s['predicate'].isal_supervision,
      violation,
      '/predicate/isal_supervision',
    ],
    [
      'an unknown member of the supervision',
      (s) => (s['predicate'].isal_supervision.extra = 1),
      violation,
      '/predicate/isal_supervision',
    ],
    [
      'no build definition',
      (s) => delete s['predicate'].buildDefinition,
      violation,
      '/predicate/buildDefinition',
    ],
    ['no run details', (s) => delete s['predicate'].runDetails, violation, '/predicate/runDetails'],
    [
      'no builder id',
      (s) => delete s['predicate'].runDetails.builder.id,
      violation,
      '/predicate/runDetails/builder/id',
    ],
    [
      'no dependencies',
      (s) => delete s['predicate'].buildDefinition.resolvedDependencies,
      violation,
      '/predicate/buildDefinition/resolvedDependencies',
    ],
    [
      'dependencies without any digest',
      (s) => (s['predicate'].buildDefinition.resolvedDependencies = [{ uri: 'a:b' }]),
      violation,
      '/predicate/buildDefinition/resolvedDependencies',
    ],
    [
      'a dependency with a name alone',
      (s) => s['predicate'].buildDefinition.resolvedDependencies.push({ name: 'x' }),
      violation,
      '/predicate/buildDefinition/resolvedDependencies/1',
    ],
    [
      'a dependency with a short sha256',
      (s) => (s['predicate'].buildDefinition.resolvedDependencies[0].digest.sha256 = 'ab'),
      violation,
      '/predicate/buildDefinition/resolvedDependencies/0/digest/sha256',
    ],
    [
      'a dependency with a digest of no algorithm',
      (s) => (s['predicate'].buildDefinition.resolvedDependencies[0].digest[''] = 'ab'),
      violation,
      '/predicate/buildDefinition/resolvedDependencies/0/digest',
    ],
    [
      'too many unknown members',
      (s) =>
        Object.assign(s['predicate'], Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`x${i}`, i]))),
      violation,
      '/predicate',
    ],
    [
      'unknown presence',
      (s) => (s['predicate'].isal_supervision.presence = 'maybe'),
      violation,
      '/predicate/isal_supervision/presence',
    ],
    [
      'hermetic in quotes',
      (s) => (s['predicate'].isal_supervision.hermetic = 'true'),
      violation,
      '/predicate/isal_supervision/hermetic',
    ],
    [
      'no deviations',
      (s) => delete s['predicate'].isal_supervision.deviations,
      violation,
      '/predicate/isal_supervision/deviations',
    ],
    [
      'a deviation of 501 characters',
      (s) => (s['predicate'].isal_supervision.deviations = ['x'.repeat(501)]),
      violation,
      '/predicate/isal_supervision/deviations/0',
    ],
    [
      'a start outside of time',
      (s) => (s['predicate'].runDetails.metadata.startedOn = 'yesterday'),
      violation,
      '/predicate/runDetails/metadata/startedOn',
    ],
  ],
  'database-update': [
    ...ofEvents('/predicate'),
    member('a country in small letters', '/country', 'ch'),
    ['an unknown member', (s) => (s['predicate'].extra = 1), violation, '/predicate'],
    [
      'another subject than its result',
      (s) => (s['predicate'].result.sha256 = hex(64)),
      'subject-mismatch',
      '/subject',
    ],
    [
      'a subject with one digest of two',
      (s) => (s['predicate'].result.sha512 = hex(128)),
      'subject-mismatch',
      '/subject',
    ],
    ['no previous', (s) => delete s['predicate'].previous, violation, '/predicate/previous'],
    ['a first increment', (s) => (s['predicate'].kind = 'incremental'), violation, '/predicate/previous'],
    ['a first rollback', (s) => (s['predicate'].kind = 'rollback'), violation, '/predicate/previous'],
    [
      'a previous without digest',
      (s) => (s['predicate'].previous = { version: '1', result: {} }),
      violation,
      '/predicate/previous/result',
    ],
    [
      'a previous without version',
      (s) => (s['predicate'].previous = { result: { sha256: hex(64) } }),
      violation,
      '/predicate/previous/version',
    ],
    ['an unknown kind', (s) => (s['predicate'].kind = 'partial'), violation, '/predicate/kind'],
    ['101 percent', (s) => (s['predicate'].rollout.percent = 101), violation, '/predicate/rollout/percent'],
    ['no regions', (s) => (s['predicate'].rollout.regions = []), violation, '/predicate/rollout/regions'],
    [
      'a region twice',
      (s) => (s['predicate'].rollout.regions = ['a', 'a']),
      violation,
      '/predicate/rollout/regions',
    ],
    [
      'a negative number of records',
      (s) => (s['predicate'].records.total = -1),
      violation,
      '/predicate/records/total',
    ],
    ['an unknown review', (s) => (s['predicate'].review = 'none'), violation, '/predicate/review'],
  ],
  'data-access': [
    ...ofEvents('/predicate'),
    member('a country in small letters', '/store/country', 'ch'),
    ['an unknown member', (s) => (s['predicate'].person = 'x'), violation, '/predicate'],
    [
      'another subject than its event',
      (s) => (s['predicate'].eventId = hex(64)),
      'subject-mismatch',
      '/subject/0',
    ],
    [
      'a subject over the digits of the event id',
      (s) => (s['subject'][0].digest.sha256 = fixtures.digest(s['predicate'].eventId)),
      'subject-mismatch',
      '/subject/0',
    ],
    ['a name beside its digest', (s) => (s['subject'][0].name = 'x'), 'subject-mismatch', '/subject/0'],
    [
      'an identity in clear',
      (s) => (s['predicate'].actor.identity = 'A. Person'),
      violation,
      '/predicate/actor/identity',
    ],
    [
      'no commitment to an identity',
      (s) => delete s['predicate'].actor._sd,
      violation,
      '/predicate/actor/_sd',
    ],
    [
      'a commitment that is no digest',
      (s) => (s['predicate'].reason._sd = ['A. Person']),
      violation,
      '/predicate/reason/_sd/0',
    ],
    [
      'a commitment with loose bits',
      (s) => (s['predicate'].reason._sd = [`${'A'.repeat(42)}B`]),
      violation,
      '/predicate/reason/_sd/0',
    ],
    [
      'commitments out of order',
      (s) => s['predicate'].actor._sd.reverse(),
      violation,
      '/predicate/actor/_sd/1',
    ],
    [
      'tags out of order',
      (s) => s['predicate'].customerTags.reverse(),
      violation,
      '/predicate/customerTags/1',
    ],
    [
      'a tag twice',
      (s) => (s['predicate'].customerTags = [hex(32), hex(32)]),
      violation,
      '/predicate/customerTags',
    ],
    [
      'a tag of 256 bits',
      (s) => (s['predicate'].customerTags = [hex(64)]),
      violation,
      '/predicate/customerTags/0',
    ],
    [
      'a legal request without one',
      (s) => (s['predicate'].reason.type = 'legal-request'),
      violation,
      '/predicate/legalRequest',
    ],
    [
      'a legal request for another reason',
      (s) => (s['predicate'].legalRequest = { country: 'CH', kind: 'court-order', outcome: 'refused' }),
      violation,
      '/predicate/legalRequest',
    ],
    ['an exact volume', (s) => (s['predicate'].volume = '7'), violation, '/predicate/volume'],
    ['an unknown outcome', (s) => (s['predicate'].outcome = 'ok'), violation, '/predicate/outcome'],
    ['no categories', (s) => (s['predicate'].categories = []), violation, '/predicate/categories'],
  ],
  'source-snapshot': [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than its manifest',
      (s) => (s['predicate'].manifest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject',
    ],
    member('no manifest', '/manifest', undefined),
    member('a manifest without digest', '/manifest', {}),
    member('an unknown kind', '/kind', 'everything'),
    member('no files', '/files', 0),
    member('a short git commit', '/git/commit', hex(38)),
    member('a git tree between the two lengths', '/git/tree', hex(42)),
    member('a commit without tree', '/git', { commit: hex(40) }, '/git/tree'),
    member('no escrow', '/escrow', undefined),
    member('an escrow in no country', '/escrow/country', 'Switzerland'),
    member('an escrow at no time', '/escrow/receivedAt', 'yesterday'),
    member('an escrow at no site', '/escrow/site', ''),
    member('an empty product', '/product', ''),
    member('an SBOM by a name', '/sbom', 'sbom.json'),
  ],
  'source-review': [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than its snapshot',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject',
    ],
    member('a snapshot without leaf', '/snapshot/leafHash', undefined),
    member('a snapshot without digest', '/snapshot/digest', {}),
    member('an unknown depth', '/depth', 'deep'),
    member('no scope', '/scope', []),
    member('more files than there are', '/coverage/filesCovered', 9311),
    member('a full review of a part', '/depth', 'full', '/coverage/filesCovered'),
    member('a snapshot of no files', '/coverage/filesTotal', 0),
    member('no activities', '/activities', []),
    member('an activity in words', '/activities/0', 'We read it.'),
    member('an unknown presence', '/presence', 'automated'),
    member('an unknown result', '/result', 'fine'),
    member('no findings beside four', '/result', 'no-findings', '/findings'),
    member('a refusal with findings', '/result', 'refused', '/findings'),
    member('findings that are none', '/findings', { critical: 0, high: 0, medium: 0, low: 0 }),
    member('a negative number of findings', '/findings/low', -1),
    member('a severity of its own', '/findings/worst', 1, '/findings'),
    member('reviewers by name', '/reviewers/names', ['A. Person'], '/reviewers'),
    member('no commitment to who reviewed', '/reviewers/_sd', undefined),
    [
      'commitments out of order',
      (s) => s['predicate'].reviewers._sd.reverse(),
      violation,
      '/predicate/reviewers/_sd/1',
    ],
    member('nobody who reviewed', '/reviewers/count', 0),
    member('a limitation of two lines', '/limitations/0', 'a\nb'),
  ],
  'rebuild-result': [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than the build’s artefact',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject',
    ],
    member('a build without leaf', '/build/leafHash', undefined),
    member('an unknown independence', '/independence', 'some'),
    member('an unknown verdict', '/verdict', 'similar'),
    member('no candidate', '/candidate', undefined),
    member('no environment', '/environment', undefined),
    member('a candidate from nowhere', '/candidate/obtainedFrom', undefined),
    member('identity after a normalisation', '/verdict', 'identical', '/normalisations'),
    [
      'identity with other digests',
      (s) => Object.assign(s['predicate'], { verdict: 'identical', normalisations: [] }),
      violation,
      '/predicate/candidate/digest',
    ],
    [
      'identity by digests that cannot be compared',
      (s) =>
        Object.assign(s['predicate'], {
          verdict: 'identical',
          normalisations: [],
          candidate: { digest: { sha512: hex(128) }, obtainedFrom: 'x' },
        }),
      violation,
      '/predicate/candidate/digest',
    ],
    member('equivalence without normalisation', '/normalisations', []),
    member('equivalence with unexplained bytes', '/unexplainedBytes', 1),
    member('a difference of nothing', '/verdict', 'different', '/unexplainedBytes'),
    member('a candidate of what could not be rebuilt', '/verdict', 'not-rebuildable', '/candidate'),
    member('a normalisation without its tool', '/normalisations/0/toolDigest', undefined),
    member('a broken number of bytes', '/unexplainedBytes', 0.5),
  ],
  'period-summary': [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than the origin',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject/0',
    ],
    ['a name beside its digest', (s) => (s['subject'][0].name = 'x'), 'subject-mismatch', '/subject/0'],
    member('a period that ends before it begins', '/period/to', '2026-11-02T00:00:00Z'),
    member('a period of nothing', '/period/to', '2026-11-03T00:00:00Z'),
    member('a summary that was made before its period ended', '/occurredAt', '2026-11-03T23:59:59Z'),
    member('a period without end', '/period/to', undefined),
    member('number 0', '/summarised/seqFrom', 0),
    member('a range that ends before it begins', '/summarised/seqFrom', 9, '/summarised/seqTo'),
    member('no source', '/summarised/source', undefined),
    member('an activity left out', '/counts/byActivity/destroy', undefined),
    member('an activity of its own', '/counts/byActivity/look', 0, '/counts/byActivity'),
    member('activities that do not add up', '/counts/byActivity/read', 4, '/counts/byActivity'),
    member('countries that do not add up', '/counts/byCountry/0/count', 1, '/counts/byCountry'),
    member('a country with no events', '/counts/byCountry/0/count', 0),
    member('a country twice', '/counts/byCountry/1/country', 'CH', '/counts/byCountry/1'),
    [
      'countries out of order',
      (s) => s['predicate'].counts.byCountry.reverse(),
      violation,
      '/predicate/counts/byCountry/1',
    ],
    member('reasons that do not add up', '/counts/byReason/alert', 1, '/counts/byReason'),
    member('a negative count', '/counts/byReason/alert', -1),
    member('a count that the vendor has not and nothing unexplained', '/vendorCount', 2, '/unexplained'),
    member('no count of the vendor', '/vendorCount', undefined),
  ],
  residency: [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than the origin',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject/0',
    ],
    member('a region in words', '/region', 'All of Europe'),
    member('no categories', '/categories', []),
    member('no country of origin', '/from', []),
    member('no country of destination', '/to', []),
    member('a country twice', '/to', ['CH', 'CH']),
    member('a country in words', '/to/0', 'Switzerland'),
    member('an unknown phase', '/phase', 'done'),
    member('no date', '/effectiveAt', undefined),
    member('a residual copy in no country', '/residualCopies/0/country', undefined),
    member('a residual copy of nothing', '/residualCopies/0/what', ''),
    member('exceptions as a text', '/exceptions', 'none'),
  ],
  'supervisor-statement': [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than the origin',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject/0',
    ],
    member('an unknown kind', '/kind', 'opinion'),
    member('an unknown conclusion', '/conclusion', 'fine'),
    member('no scope', '/scope', []),
    member('a period that ends before it begins', '/period/to', '2025-01-01T00:00:00Z'),
    member('no limitations', '/limitations', undefined),
    member('a report by its name', '/report', 'report.pdf'),
    member('no time for the next', '/nextDue', 'soon'),
  ],
  correction: [
    ...ofEvents('/predicate'),
    member('an unknown member', '/extra', 1, ''),
    [
      'another subject than its target',
      (s) => (s['subject'][0].digest.sha256 = hex(64)),
      'subject-mismatch',
      '/subject/0',
    ],
    ['a name beside its digest', (s) => (s['subject'][0].name = 'x'), 'subject-mismatch', '/subject/0'],
    member('no target', '/target', undefined),
    member('a target by its index', '/target', 7),
    member('an unknown kind', '/kind', 'deletion'),
    member('no reason', '/reason', ''),
    [
      'itself as the replacement of its target',
      (s) => (s['predicate'].replacement = s['predicate'].target),
      violation,
      '/predicate/replacement',
    ],
    member('a replacement in capitals', '/replacement', 'AB'.repeat(32)),
  ],
};

describe('a statement', () => {
  it('of an authority document gives its version and nothing to supervise', () => {
    const attestation = decode(fixtures.genesis());
    expect(attestation).to.include({ type: 'authority', version: '1' });
    expect(attestation.supervision).to.equal(undefined);
    expect(attestation.subjects).to.deep.equal([{ alg: 'sha256', hex: fixtures.digest(fixtures.origin) }]);
  });

  it('of a build gives product, version and the digests of its artefacts', () => {
    const attestation = decode(
      fixtures.build({
        product: 'suite',
        version: '21.4',
        seq: 7,
        change: ({ subject }) => subject.push({ name: 'b', digest: { sha256: hex(64), sha512: hex(128) } }),
      }),
    );
    expect(attestation).to.include({ type: 'build', product: 'suite', version: '21.4' });
    expect(attestation.supervision?.source).to.deep.equal({ id: fixtures.buildSource, seq: 7 });
    expect(attestation.subjects).to.deep.equal([
      { alg: 'sha256', hex: fixtures.digest('suite_21.4.deb') },
      { alg: 'sha256', hex: hex(64) },
      { alg: 'sha512', hex: hex(128) },
    ]);
  });

  it('of a database update gives family and version', () => {
    const attestation = decode(fixtures.databaseUpdate({ family: 'rules', seq: 3 }));
    expect(attestation).to.include({ type: 'database-update', family: 'rules', version: '2026.3' });
    expect(attestation.supervision?.ledger.authority).to.equal(fixtures.leafHashOf(fixtures.genesis()));
  });

  it('of a data-access event has the SHA-256 of the event id’s bytes for its subject', () => {
    const attestation = decode(fixtures.dataAccess({ seq: 4 }));
    if (attestation.type !== 'data-access') throw new Error('another type');
    const id = fromHex(attestation.statement.predicate.eventId, 32);
    expect(attestation.subjects).to.deep.equal([{ alg: 'sha256', hex: toHex(sha256(id)) }]);
    expect(attestation.product ?? attestation.family ?? attestation.version).to.equal(undefined);
  });

  it('refers to what it is about, and to what it says that it rests on', () => {
    const rests = (statement: { predicate: { refs?: { rel: string; leafHash: string }[] } }): void => {
      statement.predicate.refs = [{ rel: 'review', leafHash: hex(64) }];
    };
    const of = { leafHash: fixtures.digest('leaf'), sha256: fixtures.digest('artefact') };
    expect(decode(fixtures.build()).refs).to.deep.equal([]);
    expect(decode(fixtures.residency({ change: rests })).refs).to.deep.equal([hex(64)]);
    const review = decode(fixtures.sourceReview({ snapshot: of, change: rests }));
    expect(review.refs).to.deep.equal([of.leafHash, hex(64)]);
    expect(review.subjects).to.deep.equal([{ alg: 'sha256', hex: of.sha256 }]);
    expect(decode(fixtures.rebuildResult({ build: of })).refs).to.deep.equal([of.leafHash]);
    const correction = decode(
      fixtures.correction({
        target: of.leafHash,
        change: ({ predicate }) => (predicate.replacement = fixtures.digest('another leaf')),
      }),
    );
    expect(correction.refs).to.deep.equal([of.leafHash, fixtures.digest('another leaf')]);
    expect(correction.subjects).to.deep.equal([{ alg: 'sha256', hex: of.leafHash }]);
  });

  it('of a snapshot gives product and version', () => {
    const snapshot = decode(fixtures.sourceSnapshot({ product: 'suite', seq: 3 }));
    expect(snapshot).to.include({ type: 'source-snapshot', product: 'suite', version: '1.3' });
  });

  it('names one digest once, however many subjects have it', () => {
    const attestation = decode(
      fixtures.build({
        change: ({ subject }) => subject.push({ name: 'copy', digest: { ...subject[0]?.digest } }),
      }),
    );
    expect(attestation.statement.subject).to.have.length(2);
    expect(attestation.subjects).to.have.length(1);
  });

  it('keeps its leaf and is known by what was signed, whoever signed it', () => {
    const leaf = fixtures.build();
    const decoded = decode(leaf);
    const other = decode(fixtures.build({ signedBy: [fixtures.builder] }));
    expect(decoded.leaf).to.equal(leaf);
    expect(toHex(decoded.leafHash)).to.equal(fixtures.leafHashOf(leaf));
    expect(toHex(decoded.leafHash)).not.to.equal(toHex(other.leafHash));
    expect(toHex(decoded.payloadHash)).to.equal(toHex(other.payloadHash));
    const { payload, payloadType } = decoded.envelope;
    expect(toHex(decoded.payloadHash)).to.equal(toHex(sha256(pae(payloadType, payload))));
  });

  for (const [type, make] of Object.entries(makers)) {
    it(`with every optional field filled in is accepted: ${type}`, () => {
      const statement: Loose = make();
      const { predicate } = statement;
      const refs = [{ rel: 'review', leafHash: hex(64) }];
      if (type === 'authority') {
        predicate.revocations = [{ keyid: hex(64), kind: 'compromised', fromLeaf: 3, reason: 'Stolen.' }];
        predicate.rules.push({
          predicateType: 'urn:isal:predicate:correction:v1',
          anyOf: [['target-signers', 'supervisor']],
        });
      } else if (type === 'build') {
        statement['subject'][0].uri = 'pkg:deb/debian/hello@1';
        Object.assign(predicate.isal_supervision, {
          refs,
          timestampTokenSha256: hex(64),
          deviations: ['One.'],
        });
        predicate.runDetails.byproducts = [{ uri: 'a:log', annotations: { any: [null, { thing: 1 }] } }];
        predicate.runDetails.builder.version = { conveyor: '3' };
        predicate.buildDefinition.internalParameters = { node: 4 };
        predicate.buildDefinition.resolvedDependencies.push({ digest: { gitCommit: hex(40) } });
      } else if (type === 'database-update') {
        const state = { version: '1', result: { sha512: hex(128) } };
        Object.assign(predicate, { refs, kind: 'incremental', previous: state, patch: { sha256: hex(64) } });
        predicate.signatureCertificateSha256 = hex(64);
      } else if (type === 'data-access') {
        predicate.reason.type = 'legal-request';
        predicate.legalRequest = { country: 'CH', kind: 'mutual-assistance', outcome: 'pending' };
        predicate.refs = refs;
      } else {
        predicate.refs = refs;
        if (type === 'source-review') predicate.report = { sha256: hex(64) };
        if (type === 'period-summary') predicate.remarks = ['One.'];
        if (type === 'correction') predicate.replacement = hex(64);
      }
      expect(decodeStatement(fixtures.payloadOf(statement)).type).to.equal(type);
    });

    for (const [what, spoil, code, at] of [...ofAnyType, ...cases[type as keyof typeof makers]]) {
      it(`with ${what} is refused: ${type}`, () => {
        const statement: Loose = make();
        spoil(statement);
        const error = refusal(() => decodeStatement(fixtures.payloadOf(statement)));
        expect(`${error.code} ${error.at}`).to.equal(`${code} ${at}`);
        expect(error.expected).to.be.a('string');
      });
    }
  }

  it('of a build may hold members that SLSA does not define, also called __proto__, as deep as allowed', () => {
    const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    const admitted: Loose = fixtures.buildStatement();
    admitted['predicate'].example_extra = { __proto__x: 1, list: deep(maxPayloadDepth - 3) };
    expect(decodeStatement(fixtures.payloadOf(admitted)).type).to.equal('build');
    admitted['predicate'].example_extra.list = deep(maxPayloadDepth - 2);
    expect(refusal(() => decodeStatement(fixtures.payloadOf(admitted))).code).to.equal('too-deep');
  });

  it('is not taken for one with a member called __proto__', () => {
    const text = fromUtf8(fixtures.payloadOf(fixtures.databaseUpdateStatement()));
    const spoilt = text.replace('{"_type"', '{"__proto__":{},"_type"');
    expect(refusal(() => decodeStatement(utf8(spoilt))).at).to.equal('');
  });

  it('is refused when its payload is not canonical', () => {
    const text = fromUtf8(fixtures.payloadOf(fixtures.buildStatement()));
    expect(refusal(() => decodeStatement(utf8(` ${text}`))).code).to.equal('payload-not-canonical');
    expect(refusal(() => decodeStatement(utf8('null'))).code).to.equal(violation);
  });

  it('that names a person by mistake does not repeat the name in the error', () => {
    const statement: Loose = fixtures.dataAccessStatement();
    statement['predicate'].actor.role = 'Anna Person';
    const error = refusal(() => decodeStatement(fixtures.payloadOf(statement)));
    expect(JSON.stringify([error.message, error.expected, error.got])).not.to.include('Person');
    expect(error.got).to.equal('a string of 11 characters');
  });

  for (const [type, make] of Object.entries(makers)) {
    it(`with an empty, absent or alien value in any one place is read or refused, never a crash: ${type}`, () => {
      const aliens = [undefined, null, true, 0, -1, 1e15, '', 'x', [], [null], {}, { '': null }];
      let refusals = 0;
      for (const path of placesOf(make())) {
        for (const alien of aliens) {
          const statement: Loose = make();
          const parent = path.slice(0, -1).reduce<Loose>((part, step) => part[step] as Loose, statement);
          const last = path.at(-1) ?? '';
          if (alien === undefined && Array.isArray(parent)) parent.splice(Number(last), 1);
          else if (alien === undefined) delete parent[last];
          else parent[last] = alien;
          try {
            decodeStatement(fixtures.payloadOf(statement));
          } catch (error) {
            if (!(error instanceof LedgerError)) throw error;
            refusals++;
          }
        }
      }
      expect(refusals).to.be.greaterThan(150);
    });
  }
});

/** Every place in a value, as the steps that lead there. */
function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inside = Object.entries(value).flatMap(([name, part]) => placesOf(part, [...path, name]));
  return path.length === 0 ? inside : [path, ...inside];
}
