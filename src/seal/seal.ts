/**
 * An electronic seal over an artefact: a detached CMS signature by an
 * organisation's certificate, with a time-stamp. In Switzerland it is the
 * regulated electronic seal of the law on electronic signatures (ZertES).
 *
 *     seal        over the file's SHA-256 or SHA-512, by the certificate of an organisation
 *     time-stamp  over the seal, by an authority whose time is believed
 *     path        from each to a pinned trust anchor, as of the time of the time-stamp
 *
 * Whatever is wrong speaks against the seal. What is merely missing (a
 * time-stamp, a trust anchor) leaves it open: it is neither believed nor refused.
 */
import { fromHex, equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import { Work, digest, invalid } from './algorithm.ts';
import type { HashName } from './algorithm.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { idData, readSignedMessage, verifySigner } from './cms.ts';
import type { SignedMessage } from './cms.ts';
import { readList } from './crl.ts';
import type { Crl } from './crl.ts';
import { malformed } from './der.ts';
import { findPath, requirePurpose } from './path.ts';
import type { Path, PathRequest, Purpose } from './path.ts';
import type { Encoded, SealAnchors } from './pinned.ts';
import { timestamping, verifyTimestamp } from './timestamp.ts';
import type { Timestamp } from './timestamp.ts';

/** Of the CMS message, and of the time-stamp; both have to fit into a leaf. */
export const maxSealBytes = 16_384;

/** Four paths and their revocation lists; a seal with more to verify is refused. */
const maxSignatures = 64;
/** One inside the seal, one beside it. */
const maxTimestamps = 2;

/**
 * What a certificate for seals may be meant for, if it says so: signing
 * documents (RFC 9336 and the older ones of Microsoft and Adobe), code, mail.
 */
export const sealing: Purpose = {
  what: 'seal',
  purposes: [
    '1.3.6.1.5.5.7.3.36',
    '1.3.6.1.5.5.7.3.3',
    '1.3.6.1.5.5.7.3.4',
    '1.3.6.1.4.1.311.10.3.12',
    '1.2.840.113583.1.1.5',
  ],
  alone: false,
  reachesBack: () => false,
};

/** What is pinned, read. */
export interface Pinned {
  readonly anchors: readonly Certificate[];
  readonly timestampAnchors: readonly Certificate[];
  readonly organisations?: readonly string[];
  readonly crls: readonly Crl[];
}

/** Throws `malformed-seal`; apart from the judging, since a fault in it speaks against no seal. */
export function readPinned(
  { anchors, timestampAnchors, ...rest }: SealAnchors,
  crls: readonly Encoded[] = [],
): Pinned {
  return {
    anchors: anchors.map(({ der }) => readCertificate(der)),
    timestampAnchors: timestampAnchors.map(({ der }) => readCertificate(der)),
    ...rest,
    crls: crls.map(({ der }) => readList(der)),
  };
}

export interface SealRequest {
  /** CMS SignedData, DER. */
  readonly cms: Uint8Array;
  /** RFC 3161 TimeStampToken, DER. */
  readonly timestamp?: Uint8Array;
  /** Lowercase hex digests of the artefact. */
  readonly digests: { readonly sha256?: string; readonly sha512?: string };
  readonly pinned: Pinned;
}

/** What leaves a seal open. */
export type OpenReason = 'digest' | 'undated' | 'untrusted-time' | 'untrusted';

interface SeenSeal {
  /** The certificate that sealed; shown to lead to a trust anchor only if nothing is open. */
  readonly sealer: Certificate;
  readonly hash: HashName;
  /** Kind and size of the key, for people. */
  readonly key: string;
}

/** A seal against which nothing speaks, and for which not enough does. */
export interface OpenSeal extends SeenSeal {
  /** What is missing. */
  readonly open: { readonly reason: OpenReason; readonly text: string };
  /** Milliseconds, as the time-stamp says, if there is one. */
  readonly time?: number;
  readonly authority?: Certificate;
}

export interface ProvenSeal extends SeenSeal {
  readonly open?: undefined;
  /** Milliseconds, by the time-stamp. */
  readonly time: number;
  /** Whose time-stamp it is. */
  readonly authority: Certificate;
  /** Whether revocation lists that count were shown for every certificate below the trust anchors. */
  readonly covered: boolean;
  /** Milliseconds, when the sealer's certificate was revoked after the seal. */
  readonly revokedLater?: number;
}

export type SealJudgement = OpenSeal | ProvenSeal;

/**
 * Judges a seal over an artefact. Throws `malformed-seal` and `seal-invalid`
 * for whatever speaks against it; returns with `open` what cannot be said.
 */
export async function judgeSeal(request: SealRequest): Promise<SealJudgement> {
  const { cms, timestamp, digests, pinned } = request;
  for (const bytes of [cms, timestamp]) {
    if (bytes === undefined || bytes.length <= maxSealBytes) continue;
    throw malformed('too large for a seal', `at most ${maxSealBytes} bytes`, `${bytes.length} bytes`);
  }
  const work = new Work(maxSignatures);
  const message = readSignedMessage(cms);
  if (message.contentType !== idData || message.content !== undefined) {
    throw malformed('not a detached signature over data', `content type ${idData}, and no content`);
  }
  const known = requireDigest(message, digests);
  const sealer = await verifySigner(message, { known: pinned.anchors, work, mustNameCertificate: false });
  requirePurpose(sealer, sealing);
  const stamps = await verifyTimestamps(request, message, work);
  const [first] = stamps;
  const seen: SeenSeal = { sealer, hash: message.hash, key: sealer.key().text };
  const left = (reason: OpenReason, text: string, stamp: Timestamp | undefined = first): OpenSeal => ({
    ...seen,
    open: { reason, text },
    ...defined({ time: stamp?.time, authority: stamp?.authority }),
  });
  if (!known) return left('digest', `it is over the ${message.hash} of the file, which is not known here`);
  if (first === undefined) {
    return left('undated', 'it has no time-stamp, so nothing says that it was made in time');
  }
  let why = '';
  for (const stamp of stamps) {
    const paths = await pathsAt(stamp, { message, sealer, pinned, work });
    if (paths.untrustedTime !== undefined) {
      why = paths.untrustedTime;
      continue;
    }
    if (paths.untrusted !== undefined) return left('untrusted', paths.untrusted, stamp);
    const { revokedLater, covered } = paths;
    return {
      ...seen,
      time: stamp.time,
      authority: stamp.authority,
      covered,
      ...defined({ revokedLater }),
    };
  }
  return left('untrusted-time', why);
}

/** What keeps a time-stamp or a seal from leading to a trust anchor; or what revocation lists say of both. */
type Paths =
  | { readonly untrustedTime: string; readonly untrusted?: undefined }
  | { readonly untrusted: string; readonly untrustedTime?: undefined }
  | {
      readonly untrustedTime?: undefined;
      readonly untrusted?: undefined;
      readonly covered: boolean;
      readonly revokedLater: number | undefined;
    };

/** Whom the time-stamp and then the seal lead to, as of the time of the stamp. */
async function pathsAt(
  stamp: Timestamp,
  {
    message,
    sealer,
    pinned,
    work,
  }: {
    readonly message: SignedMessage;
    readonly sealer: Certificate;
    readonly pinned: Pinned;
    readonly work: Work;
  },
): Promise<Paths> {
  const crls = [...pinned.crls, ...message.crls, ...stamp.message.crls];
  const common = { time: stamp.time, crls, work };
  const stamped = await pathOrReason({
    ...common,
    certificate: stamp.authority,
    others: stamp.message.certificates,
    anchors: pinned.timestampAnchors,
    purpose: timestamping,
  });
  if (typeof stamped === 'string') return { untrustedTime: stamped };
  const sealed = await pathOrReason({
    ...common,
    certificate: sealer,
    others: message.certificates,
    anchors: pinned.anchors,
    purpose: sealing,
  });
  if (typeof sealed === 'string') return { untrusted: sealed };
  const { organisationIdentifier } = sealer.subject;
  if (pinned.organisations !== undefined && !pinned.organisations.includes(organisationIdentifier ?? '')) {
    return { untrusted: 'it is of an organisation that is not among those pinned' };
  }
  return { covered: sealed.covered && stamped.covered, revokedLater: sealed.revokedLater?.from };
}

/** A path, or why there is none to a trust anchor. Throws for one that may not be used. */
async function pathOrReason(request: PathRequest): Promise<Path | string> {
  if (request.anchors.length === 0) return `no trust anchors are pinned for a ${request.purpose.what}`;
  try {
    return await findPath(request);
  } catch (error) {
    if (error instanceof LedgerError && error.code === 'seal-untrusted') return error.message;
    throw error;
  }
}

/** Whether the signed digest is the artefact's. False if it is by an algorithm by which the artefact is not known. */
function requireDigest({ hash, messageDigest }: SignedMessage, digests: SealRequest['digests']): boolean {
  if (hash === 'SHA-384')
    throw invalid('a seal is over the SHA-256 or the SHA-512 of the file', 'SHA-256, SHA-512', hash);
  const expected = hash === 'SHA-256' ? digests.sha256 : digests.sha512;
  if (expected === undefined) return false;
  if (equal(messageDigest, fromHex(expected))) return true;
  throw invalid('the seal is over another file', `${hash} ${expected}`, toHex(messageDigest.subarray(0, 64)));
}

/** The time-stamps of the seal, the earliest first; every one that is shown must hold. */
async function verifyTimestamps(
  { cms, timestamp, pinned }: SealRequest,
  message: SignedMessage,
  work: Work,
): Promise<Timestamp[]> {
  const signature = message.signer.signature.valueBlock.valueHexView;
  const inside = message.timestamps.map((token) => ({ token, over: [signature] }));
  // One beside the seal may be over the file that holds it, as plain tools make it, or as if it stood inside.
  const beside = timestamp === undefined ? [] : [{ token: timestamp, over: [cms, signature] }];
  const tokens = [...inside, ...beside];
  if (tokens.length > maxTimestamps) throw malformed('too many time-stamps', `at most ${maxTimestamps}`);
  const stamps: Timestamp[] = [];
  for (const { token, over } of tokens) {
    stamps.push(await verifyTimestamp(token, { over, known: pinned.timestampAnchors, work }));
  }
  return stamps.toSorted((a, b) => a.time - b.time);
}

/** SHA-256 of the certificate that sealed, hex. */
export async function fingerprint({ der }: Certificate): Promise<string> {
  return toHex(await digest('SHA-256', der));
}
