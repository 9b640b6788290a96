/**
 * What a schema cannot say of a statement: whether its subject is what its
 * predicate is about, and whether the predicate agrees with itself.
 *
 *     authority, period-summary,      the SHA-256 of the origin, alone
 *     residency, supervisor-statement
 *     correction                      the leaf hash of its target, alone
 *     data-access                     the SHA-256 of the event id's bytes, alone
 *     source-snapshot, source-review, one subject has exactly the digests that the
 *     rebuild-result, database-update predicate names
 *     build                           the artefacts, whatever they are
 *     a seal of either of the last    one subject has exactly the digests that it names
 *
 * A subject is what an entry is found by. One that could be chosen freely would
 * let a signer hide an entry, or put it under somebody else's name.
 */
import { fromHex, toHex, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { sha256 } from '#sha256';
import { compareDigests, identicalDigests, sharedDigests } from './digests.ts';
import type { TypedStatement } from './types.ts';
import type {
  ArtifactDigest,
  DataAccessPredicate,
  Period,
  PeriodSummaryPredicate,
  RebuildResultPredicate,
  Seal,
  SourceReviewPredicate,
  Subject,
} from './types.ts';

/** Throws `subject-mismatch`, or `schema-violation` for a predicate that contradicts itself; both with `at`. */
export function checkPredicate(typed: TypedStatement): void {
  const { subject } = typed.statement;
  switch (typed.type) {
    case 'authority':
      return requireOrigin(subject, typed.statement.predicate.origin);
    case 'source-snapshot':
      return requireAmong(subject, typed.statement.predicate.manifest, 'manifest');
    case 'source-review':
      checkReview(typed.statement.predicate);
      return requireAmong(subject, typed.statement.predicate.snapshot.digest, 'snapshot/digest');
    case 'build':
      return checkSeals(subject, typed.statement.predicate.isal_supervision.seals, '/isal_supervision/seals');
    case 'rebuild-result':
      checkRebuild(typed.statement.predicate);
      return requireAmong(subject, typed.statement.predicate.build.digest, 'build/digest');
    case 'database-update':
      checkSeals(subject, typed.statement.predicate.seals, '/seals');
      return requireAmong(subject, typed.statement.predicate.result, 'result');
    case 'data-access':
      checkAccess(typed.statement.predicate);
      return requireOnly(
        subject,
        toHex(sha256(fromHex(typed.statement.predicate.eventId))),
        'SHA-256 over the 32 bytes of the event id',
      );
    case 'period-summary':
      checkSummary(typed.statement.predicate);
      return requireOrigin(subject, typed.statement.predicate.ledger.origin);
    case 'residency':
      return requireOrigin(subject, typed.statement.predicate.ledger.origin);
    case 'supervisor-statement':
      checkPeriod(typed.statement.predicate.period);
      return requireOrigin(subject, typed.statement.predicate.ledger.origin);
    case 'correction': {
      const { target, replacement } = typed.statement.predicate;
      if (replacement === target) {
        throw contradiction('/replacement', 'a leaf cannot stand in its own place', 'another leaf', target);
      }
      return requireOnly(subject, target, 'leaf hash of the target');
    }
  }
}

function requireOrigin(subject: readonly Subject[], origin: string): void {
  requireOnly(subject, toHex(sha256(utf8(origin))), 'SHA-256 of the origin');
}

/** One subject with nothing but this SHA-256: a name beside it could say what the digest does not. */
function requireOnly(subject: readonly Subject[], expected: string, what: string): void {
  const [only] = subject;
  if (
    subject.length === 1 &&
    only !== undefined &&
    Object.keys(only).length === 1 &&
    identicalDigests(only.digest, { sha256: expected })
  ) {
    return;
  }
  throw new LedgerError('subject-mismatch', `the subject is not the ${what} alone`, {
    expected: `one subject with only the digest sha256 ${expected}`,
    got: only?.digest.sha256 ?? 'no sha256',
    at: subject.length === 1 ? '/subject/0' : '/subject',
  });
}

function requireAmong(subject: readonly Subject[], digest: ArtifactDigest, field: string): void {
  if (subject.some((one) => identicalDigests(one.digest, digest))) return;
  throw new LedgerError('subject-mismatch', 'no subject has the digests that the statement is about', {
    expected: `a subject with exactly the digests of /predicate/${field}`,
    at: '/subject',
  });
}

/** A seal over something that the statement is not about would look like one over what it is about. */
function checkSeals(subject: readonly Subject[], seals: readonly Seal[] = [], at: string): void {
  const stray = seals.findIndex(
    (seal) => !subject.some(({ digest }) => identicalDigests(digest, seal.subject)),
  );
  if (stray < 0) return;
  throw new LedgerError('subject-mismatch', 'a seal is over an artefact that is no subject', {
    expected: 'exactly the digests of one of the subjects',
    at: `/predicate${at}/${stray}/subject`,
  });
}

function contradiction(at: string, message: string, expected: string, got?: string | number): LedgerError {
  return new LedgerError('schema-violation', message, {
    expected,
    ...(got === undefined ? {} : { got: String(got) }),
    at: `/predicate${at}`,
  });
}

/** Order could tell apart a decoy from a commitment, or one customer from another; so it is fixed. */
function requireAscending(list: readonly string[] = [], at: string): void {
  const i = list.findIndex((item, index) => index > 0 && item <= (list[index - 1] ?? ''));
  if (i >= 0) throw contradiction(`${at}/${i}`, 'a list is not in ascending order', 'ascending order');
}

function checkAccess({ actor, reason, approval, customerTags }: DataAccessPredicate): void {
  requireAscending(actor._sd, '/actor/_sd');
  requireAscending(reason._sd, '/reason/_sd');
  requireAscending(approval._sd, '/approval/_sd');
  requireAscending(customerTags, '/customerTags');
}

/** "Reviewed in full" is what customers read first, so it may not stand beside a part. */
function checkReview({ depth, coverage, result, findings, reviewers }: SourceReviewPredicate): void {
  const { filesCovered, filesTotal } = coverage;
  const at = '/coverage/filesCovered';
  if (filesCovered > filesTotal) {
    throw contradiction(at, 'more files were covered than there are', `at most ${filesTotal}`, filesCovered);
  }
  if (depth === 'full' && filesCovered < filesTotal) {
    throw contradiction(at, 'a full review covers every file', `${filesTotal}`, filesCovered);
  }
  const count = Object.values(findings).reduce((sum, some) => sum + some, 0);
  if (result === 'findings' ? count === 0 : result !== 'inconclusive' && count > 0) {
    throw contradiction(
      '/findings',
      'the result and the findings contradict each other',
      result === 'findings' ? 'at least one finding' : `no findings, as the result is ${result}`,
      count,
    );
  }
  requireAscending(reviewers._sd, '/reviewers/_sd');
}

function checkRebuild({ verdict, build, candidate }: RebuildResultPredicate): void {
  if (verdict !== 'identical' || candidate === undefined) return;
  if (compareDigests(build.digest, candidate.digest) === 'same') return;
  const [differs] = sharedDigests(build.digest, candidate.digest).differing;
  throw contradiction(
    '/candidate/digest',
    'an identical artefact has the digests of the published one',
    differs === undefined ? 'a digest by the same algorithm as in /predicate/build/digest' : 'equal digests',
    differs === undefined ? undefined : `another ${differs}`,
  );
}

function checkPeriod({ from, to }: Period): void {
  if (Date.parse(from) < Date.parse(to)) return;
  throw contradiction('/period/to', 'a period ends after it begins', `later than ${from}`, to);
}

/** What adds up can still be untrue; what does not add up need not be compared with the log at all. */
function checkSummary(predicate: PeriodSummaryPredicate): void {
  const { occurredAt, period, summarised, counts, gatewayCount, vendorCount, unexplained } = predicate;
  checkPeriod(period);
  if (Date.parse(occurredAt) < Date.parse(period.to)) {
    // Who signs ahead for a time to come has counted nothing.
    const message = 'a summary was made before its period ended';
    throw contradiction('/occurredAt', message, `${period.to} or later`, occurredAt);
  }
  if (summarised.seqTo < summarised.seqFrom) {
    const expected = `${summarised.seqFrom} or more`;
    throw contradiction('/summarised/seqTo', 'a range ends before it begins', expected, summarised.seqTo);
  }
  requireAscending(
    counts.byCountry.map(({ country }) => country),
    '/counts/byCountry',
  );
  const ways = {
    byActivity: Object.values(counts.byActivity),
    byCountry: counts.byCountry.map(({ count }) => count),
    byReason: Object.values(counts.byReason),
  };
  for (const [way, some] of Object.entries(ways)) {
    const sum = some.reduce((total, count) => total + count, 0);
    if (sum === gatewayCount) continue;
    throw contradiction(
      `/counts/${way}`,
      'the counts do not add up to gatewayCount',
      `${gatewayCount} in all`,
      sum,
    );
  }
  const difference = Math.abs(gatewayCount - vendorCount);
  if (unexplained < difference) {
    throw contradiction(
      '/unexplained',
      'the two counts differ by more than is said to be unexplained',
      `at least ${difference}`,
      unexplained,
    );
  }
}
