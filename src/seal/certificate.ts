/**
 * X.509 certificates (RFC 5280, section 4), version 3, as far as a seal needs
 * them. What is critical and not known here is kept, so that a path that leads
 * through it can be refused.
 */
import { BaseStringBlock, BitString, ObjectIdentifier, OctetString } from 'asn1js';
import { BasicConstraints, ExtKeyUsage, QCStatements, Certificate as X509 } from 'pkijs';
import type { Extension, RelativeDistinguishedNames } from 'pkijs';
import { equal } from '../bytes.ts';
import { excerpt } from '../errors.ts';
import { defined } from '../defined.ts';
import { readPublicKey } from './algorithm.ts';
import type { PublicKey } from './algorithm.ts';
import { malformed } from './der.ts';
import { bytesOf, partsOf, read, readBlock } from './library.ts';
import { maxCertificateBytes } from './pinned.ts';
import type { Encoded } from './pinned.ts';
import type { Name } from './words.ts';

export interface Certificate extends Encoded {
  readonly x509: X509;
  readonly serial: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** Milliseconds, both included. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Throws `seal-invalid` for a key that is too weak or of an unknown kind. */
  readonly key: () => PublicKey;
  readonly extensions: Extensions;
}

export interface Extensions {
  /** Absent from a certificate that is no CA's by omission. */
  readonly basicConstraints?: { readonly ca: boolean; readonly pathLength?: number };
  readonly keyUsage?: {
    readonly digitalSignature: boolean;
    readonly nonRepudiation: boolean;
    readonly certificateSign: boolean;
    readonly crlSign: boolean;
  };
  readonly extendedKeyUsage?: { readonly critical: boolean; readonly purposes: readonly string[] };
  readonly subjectKeyIdentifier?: Uint8Array;
  /** Countries under whose law the certificate says it is regulated (ETSI EN 319 412-5, QcCClegislation). */
  readonly legislation: readonly string[];
  /** Whether it says that it is for electronic seals (ETSI EN 319 412-5, QcType). */
  readonly forSeals: boolean;
  /** Directory names in subjectAltName, DER. Throws `malformed-seal`. */
  readonly alternativeNames: () => readonly Uint8Array[];
  /** Object identifiers of extensions by which a path through this certificate is refused. */
  readonly refused: readonly string[];
}

/** These do not narrow what a certificate is good for here, so that they may be critical: CRL distribution points, policies. */
const harmless: ReadonlySet<string> = new Set(['2.5.29.31', '2.5.29.32']);
/**
 * These narrow what an issuer may issue, in ways that are not worked out here:
 * name constraints, policy mappings, policy constraints, inhibitAnyPolicy.
 * Critical or not, they are refused.
 */
const narrowing: ReadonlySet<string> = new Set(['2.5.29.30', '2.5.29.33', '2.5.29.36', '2.5.29.54']);

const qcType = '0.4.0.1862.1.6';
const qcTypeSeal = '0.4.0.1862.1.6.2';
const qcLegislation = '0.4.0.1862.1.7';

/** Throws `malformed-seal`. */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > maxCertificateBytes) {
    throw malformed('too large for a certificate', `at most ${maxCertificateBytes} bytes`);
  }
  const x509 = read(X509, der, 'a certificate');
  if (x509.version !== 2)
    throw malformed('not a certificate of version 3', 'version 3, which has extensions');
  // What is outside is not signed, so it must repeat what is inside.
  if (!equal(bytesOf(x509.signature.toSchema()), bytesOf(x509.signatureAlgorithm.toSchema()))) {
    throw malformed('a certificate names two signature algorithms');
  }
  return {
    der,
    x509,
    serial: bytesOf(x509.serialNumber),
    issuer: nameOf(x509.issuer),
    subject: nameOf(x509.subject),
    notBefore: x509.notBefore.value.getTime(),
    notAfter: x509.notAfter.value.getTime(),
    key: () => readPublicKey(x509.subjectPublicKeyInfo),
    extensions: readExtensions(listExtensions(x509.extensions)),
  };
}

/** Each once, since readers differ in which of two they take. */
export function listExtensions(list: readonly Extension[] = []): readonly Extension[] {
  const ids = list.map(({ extnID }) => extnID);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) throw malformed('an extension stands twice', undefined, twice);
  return list;
}

export const contentOf = ({ extnValue }: Extension): Uint8Array => extnValue.valueBlock.valueHexView;

function readExtensions(list: readonly Extension[]): Extensions {
  const result: { -readonly [Key in keyof Extensions]: Extensions[Key] } & { refused: string[] } = {
    legislation: [],
    forSeals: false,
    alternativeNames: () => [],
    refused: [],
  };
  for (const extension of list) {
    const { extnID: id, critical } = extension;
    const content = contentOf(extension);
    switch (id) {
      case '2.5.29.19': {
        const { cA, pathLenConstraint } = read(BasicConstraints, content, 'basic constraints');
        // Beyond what is a number, the length is as good as none.
        result.basicConstraints = {
          ca: cA,
          ...defined({ pathLength: typeof pathLenConstraint === 'number' ? pathLenConstraint : undefined }),
        };
        break;
      }
      case '2.5.29.15': {
        const usage = readBlock(content);
        if (!(usage instanceof BitString)) throw malformed('a key usage is no bit string');
        const [bits = 0] = usage.valueBlock.valueHexView;
        result.keyUsage = {
          digitalSignature: (bits & 0x80) !== 0,
          nonRepudiation: (bits & 0x40) !== 0,
          certificateSign: (bits & 0x04) !== 0,
          crlSign: (bits & 0x02) !== 0,
        };
        break;
      }
      case '2.5.29.37': {
        const { keyPurposes } = read(ExtKeyUsage, content, 'an extended key usage');
        result.extendedKeyUsage = { critical, purposes: keyPurposes };
        break;
      }
      case '2.5.29.14': {
        const identifier = readBlock(content);
        if (!(identifier instanceof OctetString)) throw malformed('a key identifier is no octet string');
        result.subjectKeyIdentifier = identifier.valueBlock.valueHexView;
        break;
      }
      case '2.5.29.17':
        result.alternativeNames = () => directoryNames(content);
        break;
      case '1.3.6.1.5.5.7.1.3':
        Object.assign(result, readQualifications(content));
        break;
      default:
        if (narrowing.has(id) || (critical && !harmless.has(id))) result.refused.push(id);
    }
  }
  return result;
}

function directoryNames(content: Uint8Array): Uint8Array[] {
  // A GeneralName that is a directoryName is [4] around the name.
  return partsOf(readBlock(content))
    .filter(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 4)
    .flatMap(partsOf)
    .map(bytesOf);
}

/** What a certificate says of its own standing; whether that is so, the one who issued it answers for. */
function readQualifications(content: Uint8Array): Pick<Extensions, 'legislation' | 'forSeals'> {
  const legislation: string[] = [];
  let forSeals = false;
  for (const { id, type } of read(QCStatements, content, 'statements on a certificate').values) {
    if (id === qcType) {
      forSeals = partsOf(type).some(
        (kind) => kind instanceof ObjectIdentifier && kind.getValue() === qcTypeSeal,
      );
    }
    if (id === qcLegislation) {
      const countries = partsOf(type).map((part) => (part instanceof BaseStringBlock ? part.getValue() : ''));
      legislation.push(...countries.filter((country) => /^[A-Z]{2}$/.test(country)));
    }
  }
  return { legislation, forSeals };
}

const attributes: Readonly<Record<string, keyof Omit<Name, 'der'>>> = {
  '2.5.4.3': 'commonName',
  '2.5.4.6': 'country',
  '2.5.4.10': 'organisation',
  '2.5.4.97': 'organisationIdentifier',
};

/** Names that people read are not longer; X.520 ends them at 64 or 128 characters. */
const maxText = 200;

/**
 * Names are compared byte by byte: who issues writes its own name into what it
 * issues as it stands in its own certificate (RFC 5280, section 4.1.2.6).
 */
function nameOf({ typesAndValues, valueBeforeDecode }: RelativeDistinguishedNames): Name {
  const found: Partial<Record<keyof Omit<Name, 'der'>, string>> = {};
  for (const { type, value } of typesAndValues) {
    const key = attributes[type];
    if (key === undefined || !(value instanceof BaseStringBlock)) continue;
    // A certificate may hold a newline, and what turns the direction of writing, as well as anything else.
    const text = value.getValue().replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '\u{fffd}');
    // Readers differ in which of two they take, and a person should see what any of them sees.
    found[key] = excerpt(found[key] === undefined ? text : `${found[key]} / ${text}`, maxText);
  }
  return { der: new Uint8Array(valueBeforeDecode), ...found };
}
