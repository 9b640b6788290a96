/**
 * A path from a certificate to a pinned trust anchor (RFC 5280, section 6),
 * as of one moment:
 *
 *     seal's certificate ◄─ issuing CA ◄─ … ◄─ trust anchor
 *
 * Names chain byte by byte, each signature verifies, every certificate is valid
 * at that moment, every issuer is a CA that may sign certificates and has room
 * below it, no certificate holds a critical extension that is not known here,
 * and none stands on a revocation list that was shown. Constraints on names and
 * policies are not worked out: a certificate that has any is refused.
 */
import { equal } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import { invalid, verifySignature } from './algorithm.ts';
import type { Work } from './algorithm.ts';
import type { Certificate } from './certificate.ts';
import { standingOf } from './crl.ts';
import type { Crl, Revocation } from './crl.ts';
import { isoTime, nameText } from './words.ts';

/** What a certificate is asked to be good for. */
export interface Purpose {
  /** For a refusal: "seal", "time-stamp". */
  readonly what: string;
  /** The purposes in extendedKeyUsage of which one must be there. */
  readonly purposes: readonly string[];
  /** Whether extendedKeyUsage must be there, critical, and hold this purpose and no other (RFC 3161, section 2.3). */
  readonly alone: boolean;
  /** Whether a revocation takes back what was signed before it, by its reason. */
  readonly reachesBack: (reason: number | undefined) => boolean;
}

const anyPurpose = '2.5.29.37.0';

/** From the certificate up to the anchor. */
export interface Path {
  readonly certificates: readonly Certificate[];
  /** Whether revocation lists that count for them were shown for all but the anchor. */
  readonly covered: boolean;
  /** Of the certificate itself, when it was revoked only later. */
  readonly revokedLater?: Revocation;
}

export interface PathRequest {
  readonly certificate: Certificate;
  /** What was sent along; nothing in it is believed. */
  readonly others: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  /** Milliseconds. */
  readonly time: number;
  readonly purpose: Purpose;
  readonly crls: readonly Crl[];
  readonly work: Work;
}

const maxPathLength = 8;

/**
 * The first path that holds. Throws `seal-untrusted` if none leads to an
 * anchor, and `seal-invalid` if one does and may not be used.
 */
export async function findPath(request: PathRequest): Promise<Path> {
  const { certificate, purpose } = request;
  requirePurpose(certificate, purpose);
  const refusals: LedgerError[] = [];
  const path = await extend([certificate], request, refusals);
  if (path !== undefined) return path;
  const [refusal] = refusals;
  if (refusal !== undefined) throw refusal;
  throw new LedgerError(
    'seal-untrusted',
    `the certificate of the ${purpose.what} leads to no pinned trust anchor`,
    {
      expected: 'a path to one of the pinned trust anchors',
      got: `${nameText(certificate.subject)}, issued by ${nameText(certificate.issuer)}`,
    },
  );
}

async function extend(
  path: readonly Certificate[],
  request: PathRequest,
  refusals: LedgerError[],
): Promise<Path | undefined> {
  const last = path.at(-1);
  if (last === undefined || path.length > maxPathLength) return undefined;
  const { anchors, others, work } = request;
  const attempt = async (whole: readonly Certificate[]): Promise<Path | undefined> => {
    try {
      return await checkPath(whole, request);
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code === 'malformed-seal') throw error;
      refusals.push(error);
      return undefined;
    }
  };
  if (anchors.some((anchor) => equal(anchor.der, last.der))) {
    const found = await attempt(path);
    if (found !== undefined) return found;
  }
  for (const issuer of [...anchors, ...others]) {
    if (!equal(issuer.subject.der, last.issuer.der)) continue;
    if (path.some((known) => equal(known.der, issuer.der))) continue;
    const pinned = anchors.includes(issuer);
    try {
      const { tbsView: data, signatureAlgorithm: algorithm, signatureValue: signature } = last.x509;
      if (!(await verifySignature({ key: issuer.key(), algorithm, signature, data }, work))) continue;
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== 'seal-invalid') throw error;
      // A weak signature is a reason only where it would have led somewhere.
      if (pinned) refusals.push(error);
      continue;
    }
    const longer = [...path, issuer];
    const found = pinned ? await attempt(longer) : await extend(longer, request, refusals);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function checkPath(path: readonly Certificate[], request: PathRequest): Promise<Path> {
  const { time, purpose, crls, work } = request;
  // For a certificate that is pinned itself no revocation list was looked up: its issuer is not known here.
  let covered = path.length > 1;
  let revokedLater: Revocation | undefined;
  for (const [at, certificate] of path.entries()) {
    requireValid(certificate, time);
    const [refused] = certificate.extensions.refused;
    if (refused !== undefined) {
      throw refusedFor(
        certificate,
        'has an extension that is not worked out here',
        'none that is critical',
        refused,
      );
    }
    // Keys of issuers were read when they were used; the first one's may be of any kind until now.
    certificate.key();
    if (at > 0) requireIssuer(certificate, path.slice(1, at), purpose, at === path.length - 1);
    const issuer = path[at + 1];
    if (issuer === undefined) continue;
    const standing = await standingOf({ certificate, issuer, time }, crls, work);
    covered &&= standing.covered;
    const { revocation } = standing;
    if (revocation === undefined) continue;
    if (revocation.from <= time || purpose.reachesBack(revocation.reason)) {
      throw refusedFor(
        certificate,
        `was revoked as of ${isoTime(revocation.from)}`,
        'one in force at the time',
        isoTime(time),
      );
    }
    if (at === 0) revokedLater = revocation;
  }
  return { certificates: path, covered, ...defined({ revokedLater }) };
}

function refusedFor(certificate: Certificate, message: string, expected?: string, got?: string): LedgerError {
  return invalid(`the certificate of ${nameText(certificate.subject)} ${message}`, expected, got);
}

function requireValid(certificate: Certificate, time: number): void {
  const { notBefore, notAfter } = certificate;
  if (time >= notBefore && time <= notAfter) return;
  const span = `${isoTime(notBefore)} to ${isoTime(notAfter)}`;
  throw refusedFor(certificate, 'was not valid at the time', span, isoTime(time));
}

/** RFC 5280, 6.1.4 (k) to (n). `below` are the certificates between this issuer and the first one. */
function requireIssuer(
  certificate: Certificate,
  below: readonly Certificate[],
  { what, purposes }: Purpose,
  pinned: boolean,
): void {
  const { basicConstraints, keyUsage, extendedKeyUsage } = certificate.extensions;
  if (basicConstraints?.ca !== true)
    throw refusedFor(certificate, 'is no CA’s, and has issued another one', 'a CA');
  const depth = below.filter(({ subject, issuer }) => !equal(subject.der, issuer.der)).length;
  if (basicConstraints.pathLength !== undefined && depth > basicConstraints.pathLength) {
    const most = `at most ${basicConstraints.pathLength} CAs below it`;
    throw refusedFor(certificate, 'does not admit so long a path below it', most, `${depth}`);
  }
  // A pinned root may date from before key usages were customary; every CA below it must have one.
  if (keyUsage === undefined ? !pinned : !keyUsage.certificateSign) {
    throw refusedFor(certificate, 'may not sign certificates', 'key usage keyCertSign');
  }
  const admitted = extendedKeyUsage?.purposes;
  if (admitted !== undefined && !admitted.some((one) => one === anyPurpose || purposes.includes(one))) {
    throw refusedFor(
      certificate,
      `may not issue certificates for a ${what}`,
      purposes.join(', '),
      admitted.join(', '),
    );
  }
}

/** Key usage and extended key usage of who signs. Throws `seal-invalid`. */
export function requirePurpose(certificate: Certificate, { what, purposes, alone }: Purpose): void {
  const { keyUsage, extendedKeyUsage } = certificate.extensions;
  if (keyUsage === undefined || !(keyUsage.digitalSignature || keyUsage.nonRepudiation)) {
    throw refusedFor(
      certificate,
      `may not sign a ${what}`,
      'key usage digitalSignature or nonRepudiation',
      keyUsage === undefined ? 'no key usage' : 'another key usage',
    );
  }
  const listed = extendedKeyUsage?.purposes;
  const fits = alone
    ? extendedKeyUsage?.critical === true && listed?.length === 1 && purposes.includes(listed[0] ?? '')
    : listed === undefined || listed.some((one) => one === anyPurpose || purposes.includes(one));
  if (fits) return;
  throw refusedFor(
    certificate,
    `is for other purposes than a ${what}`,
    alone
      ? `extended key usage ${purposes.join()}, critical and alone`
      : `extended key usage ${purposes.join(', ')}`,
    listed === undefined ? 'no extended key usage' : listed.join(', '),
  );
}
