/**
 * CMS SignedData (RFC 5652) with one signer, who signs attributes:
 *
 *     ContentInfo { signedData, SignedData { version, { digest algorithms },
 *       content type and content, certificates, revocation lists,
 *       { SignerInfo { who, digest algorithm, signed attributes { content type,
 *           message digest, signing certificate, … }, signature, unsigned attributes } } } }
 *
 * The signature is over the attributes, and one of them is the digest of the
 * content, so a seal can be judged when the file itself is long gone.
 */
import { compare, concat, equal } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import { digest, hashOf, invalid, readAlgorithm, verifySignature } from './algorithm.ts';
import type { Algorithm, HashName, Work } from './algorithm.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { readCrl } from './crl.ts';
import type { Crl } from './crl.ts';
import {
  Members,
  context,
  contextPrimitive,
  malformed,
  parts,
  readDer,
  readIntegerBytes,
  readOid,
  readSmall,
  tags,
} from './der.ts';
import type { Der } from './der.ts';

export const idData = '1.2.840.113549.1.7.1';
export const idTstInfo = '1.2.840.113549.1.9.16.1.4';

const ids = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  signatureTimestamp: '1.2.840.113549.1.9.16.2.14',
} as const;

/** A signer's path has three or four; time-stamps bring their own. */
const maxCertificates = 16;
const maxEmbeddedCrls = 8;
const maxAttributes = 32;

export interface SignedMessage {
  readonly contentType: string;
  /** Absent where the content is elsewhere. */
  readonly content?: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
  readonly hash: HashName;
  /** The attribute: what the digest of the content must be. */
  readonly messageDigest: Uint8Array;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array;
  /** RFC 3161 tokens among the unsigned attributes, DER. */
  readonly timestamps: readonly Uint8Array[];
  /** Whether this is the certificate that the signer names. */
  readonly names: (certificate: Certificate) => boolean;
  /** The signed attributes, in the form in which they are signed. */
  readonly signed: Uint8Array;
  readonly attributes: ReadonlyMap<string, readonly Der[]>;
}

/** Throws `malformed-seal`, and `seal-invalid` for a digest algorithm that is weak. */
export function readSignedMessage(bytes: Uint8Array): SignedMessage {
  const info = new Members(readDer(bytes), 'a CMS message');
  const type = readOid(info.next(tags.oid));
  if (type !== ids.signedData) throw malformed('not a signed CMS message', ids.signedData, type);
  const inner = parts(info.next(context(0)));
  info.done();
  const [signedData] = inner;
  if (signedData === undefined || inner.length > 1) throw malformed('not one signed message');

  const members = new Members(signedData, 'signed data');
  const version = readSmall(members.next(tags.integer));
  const digestAlgorithms = parts(members.next(tags.set)).map((one) => hashOf(readAlgorithm(one)));
  const encapsulated = new Members(members.next(tags.sequence), 'a content');
  const contentType = readOid(encapsulated.next(tags.oid));
  const wrapped = encapsulated.optional(context(0));
  encapsulated.done();
  const certificates = members.optional(context(0));
  const crls = members.optional(context(1));
  const signers = parts(members.next(tags.set));
  members.done();
  if (![1, 3, 4, 5].includes(version))
    throw malformed('signed data of an unknown version', '1, 3, 4, 5', `${version}`);
  const [signer] = signers;
  if (signer === undefined || signers.length > 1) {
    throw malformed('a seal has one signer', '1 signer', `${signers.length} signers`);
  }
  const found = certificates === undefined ? [] : parts(certificates);
  if (found.length > maxCertificates) {
    throw malformed('too many certificates', `at most ${maxCertificates}`, `${found.length}`);
  }
  const signerInfo = readSigner(signer, digestAlgorithms, contentType);
  return {
    contentType,
    ...(wrapped === undefined ? {} : { content: contentOf(wrapped) }),
    certificates: found.map(({ bytes }) => readCertificate(bytes)),
    crls: readCrls(crls),
    ...signerInfo,
  };
}

function contentOf(wrapped: Der): Uint8Array {
  const [only, ...more] = parts(wrapped);
  if (only?.tag !== tags.octetString || more.length > 0) throw malformed('a content is no octet string');
  return only.content;
}

function readCrls(value: Der | undefined): Crl[] {
  // What is not a list (an OCSP answer, for one) is passed over: it can only be missing.
  const lists = value === undefined ? [] : parts(value).filter(({ tag }) => tag === tags.sequence);
  if (lists.length > maxEmbeddedCrls)
    throw malformed('too many revocation lists', `at most ${maxEmbeddedCrls}`);
  return lists.map(({ bytes }) => readCrl(bytes));
}

type Signer = Omit<SignedMessage, 'contentType' | 'content' | 'certificates' | 'crls'>;

function readSigner(value: Der, digestAlgorithms: readonly HashName[], contentType: string): Signer {
  const members = new Members(value, 'a signer');
  const version = readSmall(members.next(tags.integer));
  const sid = members.any();
  const names = signerNames(sid);
  if (version !== (sid.tag === tags.sequence ? 1 : 3)) throw malformed('a signer of an unknown version');
  const hash = hashOf(readAlgorithm(members.next(tags.sequence)));
  if (!digestAlgorithms.includes(hash)) {
    throw malformed('the signer’s digest algorithm is not among those of the message');
  }
  const signedAttributes = members.optional(context(0));
  const algorithm = readAlgorithm(members.next(tags.sequence));
  const signature = members.next(tags.octetString).content;
  const unsigned = members.optional(context(1));
  members.done();
  if (signedAttributes === undefined) {
    throw malformed(
      'the signer signs no attributes',
      'signed attributes, with the message digest among them',
    );
  }
  // What is signed is a SET in its DER order; in another order, readers would hash different things.
  const listed = parts(signedAttributes);
  if (listed.some(({ bytes }, at) => at > 0 && compare(listed[at - 1]?.bytes ?? bytes, bytes) >= 0)) {
    throw malformed('the signed attributes are not in DER order');
  }
  const attributes = new Map<string, readonly Der[]>();
  for (const [type, values] of readAttributes(signedAttributes)) {
    if (attributes.has(type)) throw malformed('a signed attribute stands twice', undefined, type);
    attributes.set(type, values);
  }
  const signedType = readOid(single(attributes, ids.contentType, 'content type'));
  if (signedType !== contentType) {
    throw invalid('the signed content type is not that of the message', contentType, signedType);
  }
  const messageDigest = single(attributes, ids.messageDigest, 'message digest');
  if (messageDigest.tag !== tags.octetString) throw malformed('a message digest is no octet string');
  const timestamps = (unsigned === undefined ? [] : readAttributes(unsigned))
    .filter(([type]) => type === ids.signatureTimestamp)
    .flatMap(([, values]) => values.map(({ bytes }) => bytes));
  return {
    hash,
    messageDigest: messageDigest.content,
    algorithm,
    signature,
    timestamps,
    names,
    // Signed as a SET, although it stands there as [0] (RFC 5652, section 5.4).
    signed: concat(Uint8Array.of(tags.set), signedAttributes.bytes.subarray(1)),
    attributes,
  };
}

function signerNames(sid: Der): (certificate: Certificate) => boolean {
  if (sid.tag === contextPrimitive(0)) {
    return ({ extensions: { subjectKeyIdentifier: key } }) => key !== undefined && equal(key, sid.content);
  }
  const members = new Members(sid, 'the name of a signer');
  const issuer = members.next(tags.sequence).bytes;
  const serial = readIntegerBytes(members.next(tags.integer));
  members.done();
  return (certificate) => equal(certificate.issuer.der, issuer) && equal(certificate.serial, serial);
}

function readAttributes(value: Der): [string, readonly Der[]][] {
  const list = parts(value);
  if (list.length > maxAttributes) throw malformed('too many attributes', `at most ${maxAttributes}`);
  return list.map((one) => {
    const members = new Members(one, 'an attribute');
    const type = readOid(members.next(tags.oid));
    const values = parts(members.next(tags.set));
    members.done();
    return [type, values];
  });
}

function single(attributes: ReadonlyMap<string, readonly Der[]>, type: string, what: string): Der {
  const [value, ...more] = attributes.get(type) ?? [];
  if (value === undefined || more.length > 0) throw malformed(`the signer signs no single ${what}`);
  return value;
}

/**
 * The certificate of the signer, whose signature verifies. Says nothing about
 * whether that certificate is to be trusted, nor what the content is. Throws
 * `seal-invalid`.
 */
export async function verifySigner(
  message: SignedMessage,
  {
    known,
    work,
    mustNameCertificate,
  }: {
    /** Certificates beside those in the message. */
    readonly known: readonly Certificate[];
    readonly work: Work;
    /** Whether a signed attribute must say which certificate it is, as RFC 3161 asks. */
    readonly mustNameCertificate: boolean;
  },
): Promise<Certificate> {
  const named = [...message.certificates, ...known].filter(message.names);
  const [signer] = named;
  if (signer === undefined) {
    throw invalid(
      'the certificate of the signer is neither in the message nor pinned',
      'the certificate, sent along',
    );
  }
  // Two certificates of one name and number: only a signed attribute could say which, and no honest CA issues both.
  if (named.some(({ der }) => !equal(der, signer.der))) throw invalid('two certificates are the signer’s');
  const { algorithm, signature, signed: data, hash } = message;
  if (!(await verifySignature({ key: signer.key(), algorithm, signature, data, digestHash: hash }, work))) {
    throw invalid('the signature does not verify');
  }
  const old = message.attributes.get(ids.signingCertificate);
  const current = message.attributes.get(ids.signingCertificateV2);
  if (old === undefined && current === undefined && mustNameCertificate) {
    throw invalid(
      'no signed attribute says which certificate signs',
      'signingCertificate or signingCertificateV2',
    );
  }
  if (old !== undefined)
    await requireNamed(single(message.attributes, ids.signingCertificate, 'certificate'), signer, false);
  if (current !== undefined) {
    await requireNamed(single(message.attributes, ids.signingCertificateV2, 'certificate'), signer, true);
  }
  return signer;
}

/**
 * ESSCertID and ESSCertIDv2 (RFC 5035). The first one's hash is by SHA-1: it
 * only keeps apart certificates that a path to an anchor has vouched for.
 */
async function requireNamed(value: Der, signer: Certificate, v2: boolean): Promise<void> {
  const [first] = parts(new Members(value, 'a signing certificate').next(tags.sequence));
  if (first === undefined) throw malformed('a signing certificate names none');
  const members = new Members(first, 'an identifier of a certificate');
  const named = v2 ? members.optional(tags.sequence) : undefined;
  const expected = members.next(tags.octetString).content;
  const issuerSerial = members.optional(tags.sequence);
  members.done();
  const hash = v2 ? (named === undefined ? 'SHA-256' : hashOf(readAlgorithm(named))) : 'SHA-1';
  if (!equal(await digest(hash, signer.der), expected)) throw otherCertificate();
  if (issuerSerial === undefined) return;
  const numbered = new Members(issuerSerial, 'an issuer and serial number');
  const issuers = parts(numbered.next(tags.sequence));
  const serial = readIntegerBytes(numbered.next(tags.integer));
  numbered.done();
  const [issuer] = issuers;
  if (issuer === undefined || issuers.length > 1 || issuer.tag !== context(4)) throw otherCertificate();
  if (!equal(issuer.content, signer.issuer.der) || !equal(serial, signer.serial)) throw otherCertificate();
}

function otherCertificate(): LedgerError {
  return invalid('a signed attribute names another certificate than the signer’s');
}
