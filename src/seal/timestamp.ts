/**
 * RFC 3161 time-stamp tokens: a CMS message whose content says that a hash
 * existed at a time, signed by a time-stamping authority.
 */
import { ObjectIdentifier } from 'asn1js';
import { PKIStatus, RelativeDistinguishedNames, TSTInfo, TimeStampResp } from 'pkijs';
import { equal } from '../bytes.ts';
import { digest, hashOf, invalid } from './algorithm.ts';
import type { Work } from './algorithm.ts';
import { listExtensions } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { idTstInfo, readSignedMessage, verifySigner } from './cms.ts';
import type { SignedMessage } from './cms.ts';
import { malformed } from './der.ts';
import { bytesOf, partsOf, read, readBlock } from './library.ts';
import { requirePurpose } from './path.ts';
import type { Purpose } from './path.ts';

export interface Timestamp {
  /** Milliseconds. */
  readonly time: number;
  /** The time-stamping unit's certificate; not shown to lead anywhere yet. */
  readonly authority: Certificate;
  readonly message: SignedMessage;
}

/**
 * For these reasons a time-stamping unit's tokens from before its revocation
 * stand; for any other, and for none, all of them fall (RFC 3161, section 4).
 */
const benign: ReadonlySet<number> = new Set([0, 3, 4, 5]);

export const timestamping: Purpose = {
  what: 'time-stamp',
  purposes: ['1.3.6.1.5.5.7.3.8'],
  alone: true,
  reachesBack: (reason) => reason === undefined || !benign.has(reason),
};

/**
 * A token over one of these texts, whose signature verifies. Whether the
 * certificate of the TSA leads to a trust anchor is not looked at. Throws `malformed-seal`,
 * `seal-invalid`.
 */
export async function verifyTimestamp(
  token: Uint8Array,
  {
    over,
    known,
    work,
  }: {
    /** What the hash in the token may be of. */
    readonly over: readonly Uint8Array[];
    readonly known: readonly Certificate[];
    readonly work: Work;
  },
): Promise<Timestamp> {
  const message = readSignedMessage(token);
  const { contentType, content, hash, messageDigest } = message;
  if (contentType !== idTstInfo || content === undefined) {
    throw malformed('not a time-stamp', `content of type ${idTstInfo}`, contentType);
  }
  const info = readTstInfo(content);
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const imprint = hashOf(hashAlgorithm);
  const imprints = await Promise.all(over.map((text) => digest(imprint, text)));
  if (!imprints.some((one) => equal(one, hashedMessage.valueBlock.valueHexView))) {
    throw invalid('the time-stamp is over something else', 'the hash of the seal or of its signature');
  }
  if (!equal(await digest(hash, content), messageDigest)) {
    throw invalid('the time-stamp’s signature is over another content');
  }
  const authority = await verifySigner(message, { known, work, mustNameCertificate: true });
  requirePurpose(authority, timestamping);
  const { subject, extensions } = authority;
  const named = info.tsa?.value;
  if (named instanceof RelativeDistinguishedNames) {
    const name = new Uint8Array(named.valueBeforeDecode);
    if (![subject.der, ...extensions.alternativeNames()].some((one) => equal(one, name))) {
      throw invalid('the time-stamp names another authority than its certificate');
    }
  }
  return { time: info.genTime.getTime(), authority, message };
}

function readTstInfo(bytes: Uint8Array): TSTInfo {
  const info = read(TSTInfo, bytes, 'a time-stamp', {
    // The library writes no decimals of a second as DER does; that there is such a time, the walk has seen to.
    keep: (written, found) => written.splice(4, 1, ...found.slice(4, 5)),
  });
  if (info.version !== 1) throw malformed('a time-stamp of an unknown version', '1', `${info.version}`);
  const critical = listExtensions(info.extensions).find((extension) => extension.critical);
  if (critical !== undefined) {
    throw malformed('a time-stamp with a critical extension', undefined, critical.extnID);
  }
  return info;
}

/**
 * The token in a TimeStampResp, which is what a time-stamping service answers
 * and `openssl ts -reply` writes; a token is returned as it is. Throws
 * `malformed-seal` for anything else, also for an answer that is a refusal.
 */
export function tokenOf(bytes: Uint8Array): Uint8Array {
  const [first] = partsOf(readBlock(bytes));
  if (first instanceof ObjectIdentifier) return bytes;
  const { status, timeStampToken } = read(TimeStampResp, bytes, 'a time-stamp, or a response with one');
  if (status.status !== PKIStatus.granted && status.status !== PKIStatus.grantedWithMods) {
    throw malformed('the time-stamping authority has refused', 'status 0 or 1', `status ${status.status}`);
  }
  if (timeStampToken === undefined) throw malformed('a response without a time-stamp');
  return bytesOf(timeStampToken.toSchema());
}
