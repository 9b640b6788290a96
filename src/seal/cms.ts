/**
 * CMS SignedData (RFC 5652) with one signer, who signs attributes. The signature
 * is over the attributes, and one of them is the digest of the content, so a
 * seal can be judged when the file itself is long gone.
 */
import { ObjectIdentifier, OctetString, Primitive, Sequence } from 'asn1js';
import type { BaseBlock } from 'asn1js';
import {
  AlgorithmIdentifier,
  CertificateRevocationList,
  ContentInfo,
  IssuerAndSerialNumber,
  SignedData,
  Certificate as X509,
} from 'pkijs';
import type { SignedAndUnsignedAttributes, SignerInfo } from 'pkijs';
import { compare, equal } from '../bytes.ts';
import type { LedgerError } from '../errors.ts';
import { defined } from '../defined.ts';
import { digest, hashOf, invalid, verifySignature } from './algorithm.ts';
import type { HashName, Work } from './algorithm.ts';
import { readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { readList } from './crl.ts';
import type { Crl } from './crl.ts';
import { malformed } from './der.ts';
import { bytesOf, partsOf, read } from './library.ts';

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
  /** RFC 3161 tokens among the unsigned attributes, DER. */
  readonly timestamps: readonly Uint8Array[];
  readonly signer: SignerInfo;
  /** The signed attributes, in the form in which they are signed. */
  readonly signed: Uint8Array;
  readonly attributes: ReadonlyMap<string, readonly BaseBlock[]>;
}

/** Throws `malformed-seal`, and `seal-invalid` for a digest algorithm that is weak. */
export function readSignedMessage(bytes: Uint8Array): SignedMessage {
  const info = read(ContentInfo, bytes, 'a CMS message');
  if (info.contentType !== ids.signedData) {
    throw malformed('not a signed CMS message', ids.signedData, info.contentType);
  }
  const data = read(SignedData, bytesOf(info.content), 'signed data', {
    // The library writes the version that the contents ask for; nothing signs it, and writers differ in it.
    keep: (written, found) => written.splice(0, 1, ...found.slice(0, 1)),
  });
  const { encapContentInfo, certificates = [], crls = [], signerInfos } = data;
  const [signer, ...more] = signerInfos;
  if (signer === undefined || more.length > 0) {
    throw malformed('a seal has one signer', '1 signer', `${signerInfos.length} signers`);
  }
  if (certificates.length > maxCertificates) {
    throw malformed('too many certificates', `at most ${maxCertificates}`, `${certificates.length}`);
  }
  // What is not a list (an OCSP answer, for one) is ignored: it can only be missing.
  const lists = crls.filter((one) => one instanceof CertificateRevocationList);
  if (lists.length > maxEmbeddedCrls) {
    throw malformed('too many revocation lists', `at most ${maxEmbeddedCrls}`);
  }
  const { eContentType: contentType, eContent } = encapContentInfo;
  if (eContent !== undefined && !(eContent instanceof OctetString)) {
    throw malformed('a content is no octet string');
  }
  const hash = hashOf(signer.digestAlgorithm);
  if (!data.digestAlgorithms.map(hashOf).includes(hash)) {
    throw malformed('the signer’s digest algorithm is not among those of the message');
  }
  return {
    contentType,
    ...defined({ content: eContent?.valueBlock.valueHexView }),
    certificates: certificates.map((one) => {
      if (one instanceof X509) return readCertificate(bytesOf(one.toSchema()));
      throw malformed('a certificate of another kind than X.509');
    }),
    crls: lists.map((one) => readList(bytesOf(one.toSchema()))),
    hash,
    ...readSigner(signer, contentType),
  };
}

function readSigner(
  signer: SignerInfo,
  contentType: string,
): Pick<SignedMessage, 'messageDigest' | 'timestamps' | 'signer' | 'signed' | 'attributes'> {
  const { version, sid, signedAttrs, unsignedAttrs } = signer;
  if (version !== (sid instanceof IssuerAndSerialNumber ? 1 : 3)) {
    throw malformed('a signer of an unknown version');
  }
  if (signedAttrs === undefined) {
    throw malformed(
      'the signer signs no attributes',
      'signed attributes, with the message digest among them',
    );
  }
  const attributes = new Map<string, readonly BaseBlock[]>();
  let before: Uint8Array = new Uint8Array();
  for (const attribute of listed(signedAttrs)) {
    // What is signed is a SET in its DER order; in another order, readers would hash different things.
    const encoded = bytesOf(attribute.toSchema());
    if (compare(before, encoded) >= 0) throw malformed('the signed attributes are not in DER order');
    before = encoded;
    if (attributes.has(attribute.type)) {
      throw malformed('a signed attribute stands twice', undefined, attribute.type);
    }
    attributes.set(attribute.type, attribute.values as BaseBlock[]);
  }
  const signedType = single(attributes, ids.contentType, ObjectIdentifier, 'content type').getValue();
  if (signedType !== contentType) {
    throw invalid('the signed content type is not that of the message', contentType, signedType);
  }
  return {
    messageDigest: single(attributes, ids.messageDigest, OctetString, 'message digest').valueBlock
      .valueHexView,
    timestamps: (unsignedAttrs === undefined ? [] : listed(unsignedAttrs))
      .filter(({ type }) => type === ids.signatureTimestamp)
      .flatMap(({ values }) => values.map(bytesOf)),
    signer,
    signed: new Uint8Array(signedAttrs.encodedValue),
    attributes,
  };
}

function listed({ attributes }: SignedAndUnsignedAttributes): SignedAndUnsignedAttributes['attributes'] {
  if (attributes.length > maxAttributes) throw malformed('too many attributes', `at most ${maxAttributes}`);
  return attributes;
}

function single<T extends BaseBlock>(
  attributes: SignedMessage['attributes'],
  type: string,
  Type: abstract new (...args: never[]) => T,
  what: string,
): T {
  const [value, ...more] = attributes.get(type) ?? [];
  if (!(value instanceof Type) || more.length > 0) throw malformed(`the signer signs no single ${what}`);
  return value;
}

/** Whether this is the certificate that the signer names. */
function isNamed({ sid }: SignerInfo, { issuer, serial, extensions }: Certificate): boolean {
  if (sid instanceof IssuerAndSerialNumber) {
    return (
      equal(new Uint8Array(sid.issuer.valueBeforeDecode), issuer.der) &&
      equal(bytesOf(sid.serialNumber), serial)
    );
  }
  const identifier = extensions.subjectKeyIdentifier;
  return (
    sid instanceof Primitive && identifier !== undefined && equal(identifier, sid.valueBlock.valueHexView)
  );
}

/**
 * The certificate of the signer, whose signature verifies. Says nothing about
 * whether that certificate is to be trusted, nor what the content is. Throws
 * `seal-invalid`.
 */
export async function verifySigner(
  { signer, certificates, signed, hash, attributes }: SignedMessage,
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
  const named = [...certificates, ...known].filter((certificate) => isNamed(signer, certificate));
  const [found] = named;
  if (found === undefined) {
    throw invalid(
      'the certificate of the signer is neither in the message nor pinned',
      'the certificate, sent along',
    );
  }
  // Two certificates of one name and number: only a signed attribute could say which, and no honest CA issues both.
  if (named.some(({ der }) => !equal(der, found.der))) throw invalid('two certificates are the signer’s');
  const { signatureAlgorithm: algorithm, signature } = signer;
  const check = { key: found.key(), algorithm, signature, data: signed, digestHash: hash };
  if (!(await verifySignature(check, work))) throw invalid('the signature does not verify');
  const kinds = [ids.signingCertificate, ids.signingCertificateV2].filter((type) => attributes.has(type));
  if (kinds.length === 0 && mustNameCertificate) {
    throw invalid(
      'no signed attribute says which certificate signs',
      'signingCertificate or signingCertificateV2',
    );
  }
  for (const type of kinds) {
    const value = single(attributes, type, Sequence, 'certificate');
    await requireNamed(value, found, type === ids.signingCertificateV2);
  }
  return found;
}

/**
 * ESSCertID { hash, issuerSerial } and ESSCertIDv2 { hash algorithm, hash,
 * issuerSerial } (RFC 5035), which the library does not know. The first one's hash
 * is by SHA-1: it only keeps apart certificates that a path to a trust anchor has vouched for.
 */
async function requireNamed(value: Sequence, certificate: Certificate, v2: boolean): Promise<void> {
  const [list] = partsOf(value);
  const [first] = list instanceof Sequence ? partsOf(list) : [];
  const members = first instanceof Sequence ? partsOf(first) : [];
  const algorithm = v2 && members[0] instanceof Sequence ? members.shift() : undefined;
  const [hashed, issuerSerial, ...more] = members;
  if (!(hashed instanceof OctetString) || more.length > 0) {
    throw malformed('a signing certificate of an unknown form');
  }
  const hash = !v2
    ? 'SHA-1'
    : algorithm === undefined
      ? 'SHA-256'
      : hashOf(read(AlgorithmIdentifier, bytesOf(algorithm), 'an algorithm'));
  if (!equal(await digest(hash, certificate.der), hashed.valueBlock.valueHexView)) throw otherCertificate();
  if (issuerSerial === undefined) return;
  // GeneralNames with one directoryName, [4], and the number.
  const [issuers, serial, ...rest] = partsOf(issuerSerial);
  const [issuer, ...others] = partsOf(issuers);
  const [name] = issuer === undefined ? [] : partsOf(issuer);
  if (name === undefined || serial === undefined || rest.length + others.length > 0) throw otherCertificate();
  if (!equal(bytesOf(name), certificate.issuer.der) || !equal(bytesOf(serial), certificate.serial)) {
    throw otherCertificate();
  }
}

function otherCertificate(): LedgerError {
  return invalid('a signed attribute names another certificate than the signer’s');
}
