/**
 * X.509 certificates (RFC 5280, section 4), version 3, as far as a seal needs
 * them. What is critical and not known here is kept, so that a path that leads
 * through it can be refused.
 *
 *     SEQUENCE { tbsCertificate, signatureAlgorithm, signature }
 */
import type { Algorithm, PublicKey } from './algorithm.ts';
import { readAlgorithm, readPublicKey, sameAlgorithm } from './algorithm.ts';
import {
  Members,
  context,
  contextPrimitive,
  malformed,
  parts,
  readBitString,
  readBits,
  readBoolean,
  readDer,
  readIntegerBytes,
  readOid,
  readSmall,
  readTime,
  tags,
} from './der.ts';
import type { Der } from './der.ts';
import { readName } from './name.ts';
import type { Name } from './name.ts';
import { fromPem, toPem } from './pem.ts';

export const maxCertificateBytes = 16_384;

export interface Certificate {
  readonly der: Uint8Array;
  /** What the issuer has signed. */
  readonly signed: Uint8Array;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array;
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
  /** Directory names in subjectAltName, DER. */
  readonly alternativeNames: readonly Uint8Array[];
  /** Object identifiers of extensions by which a path through this certificate is refused. */
  readonly refused: readonly string[];
}

const ids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  qcStatements: '1.3.6.1.5.5.7.1.3',
} as const;

/** These do not narrow what a certificate is good for here, so that they may be critical. */
const harmless: ReadonlySet<string> = new Set([ids.crlDistributionPoints, ids.certificatePolicies]);
/** These narrow what an issuer may issue, in ways that are not worked out here; critical or not, they are refused. */
const narrowing: ReadonlySet<string> = new Set([
  ids.nameConstraints,
  ids.policyMappings,
  ids.policyConstraints,
  ids.inhibitAnyPolicy,
]);

const qcType = '0.4.0.1862.1.6';
const qcTypeSeal = '0.4.0.1862.1.6.2';
const qcLegislation = '0.4.0.1862.1.7';

/** Throws `malformed-seal`. */
export function readCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length > maxCertificateBytes) {
    throw malformed('too large for a certificate', `at most ${maxCertificateBytes} bytes`);
  }
  const outer = new Members(readDer(bytes), 'a certificate');
  const signed = outer.next(tags.sequence);
  const outerAlgorithm = outer.next(tags.sequence);
  const signature = readBitString(outer.next(tags.bitString));
  outer.done();

  const members = new Members(signed, 'a certificate');
  const version = members.optional(context(0));
  const [number] = version === undefined ? [] : parts(version);
  if (number === undefined || readSmall(number) !== 2) {
    throw malformed('not a certificate of version 3', 'version 3, which has extensions');
  }
  const serial = readIntegerBytes(members.next(tags.integer));
  const algorithm = members.next(tags.sequence);
  // What is outside is not signed, so it must repeat what is inside.
  if (!sameAlgorithm(algorithm, outerAlgorithm)) {
    throw malformed('a certificate names two signature algorithms');
  }
  const issuer = readName(members.next(tags.sequence));
  const validity = new Members(members.next(tags.sequence), 'a validity');
  const notBefore = readTime(validity.any());
  const notAfter = readTime(validity.any());
  validity.done();
  const subject = readName(members.next(tags.sequence));
  const key = members.next(tags.sequence);
  members.optional(contextPrimitive(1));
  members.optional(contextPrimitive(2));
  const extensions = members.optional(context(3));
  members.done();
  return {
    der: bytes,
    signed: signed.bytes,
    algorithm: readAlgorithm(algorithm),
    signature,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    key: () => readPublicKey(key),
    extensions: readExtensions(extensions),
  };
}

export interface Extension {
  readonly id: string;
  readonly critical: boolean;
  /** The DER inside the OCTET STRING. */
  readonly content: Uint8Array;
}

/** The extensions inside `[n]`, each once. */
export function listExtensions(value: Der | undefined): Extension[] {
  if (value === undefined) return [];
  const [list, ...more] = parts(value);
  if (list?.tag !== tags.sequence || more.length > 0) throw malformed('extensions are no sequence');
  const found = new Map<string, Extension>();
  for (const one of parts(list)) {
    const members = new Members(one, 'an extension');
    const id = readOid(members.next(tags.oid));
    const critical = members.optional(tags.boolean);
    const content = members.next(tags.octetString).content;
    members.done();
    // Readers differ in which of two they take.
    if (found.has(id)) throw malformed('an extension stands twice', undefined, id);
    if (critical !== undefined && !readBoolean(critical)) {
      throw malformed('an extension spells out that it is not critical');
    }
    found.set(id, { id, critical: critical !== undefined, content });
  }
  return [...found.values()];
}

function readExtensions(value: Der | undefined): Extensions {
  const result: { -readonly [Key in keyof Extensions]: Extensions[Key] } & { refused: string[] } = {
    legislation: [],
    forSeals: false,
    alternativeNames: [],
    refused: [],
  };
  for (const { id, critical, content } of listExtensions(value)) {
    switch (id) {
      case ids.basicConstraints:
        result.basicConstraints = readBasicConstraints(readDer(content));
        break;
      case ids.keyUsage: {
        const [
          digitalSignature = false,
          nonRepudiation = false,
          ,
          ,
          ,
          certificateSign = false,
          crlSign = false,
        ] = readBits(readDer(content), 9);
        result.keyUsage = { digitalSignature, nonRepudiation, certificateSign, crlSign };
        break;
      }
      case ids.extendedKeyUsage:
        result.extendedKeyUsage = { critical, purposes: parts(readDer(content)).map(readOid) };
        break;
      case ids.subjectKeyIdentifier:
        result.subjectKeyIdentifier = contentOf(readDer(content), tags.octetString);
        break;
      case ids.subjectAltName:
        // A GeneralName that is a directoryName is [4] around the name.
        result.alternativeNames = parts(readDer(content))
          .filter(({ tag }) => tag === context(4))
          .map(({ content }) => content);
        break;
      case ids.qcStatements:
        Object.assign(result, readQualifications(readDer(content)));
        break;
      default:
        if (narrowing.has(id) || (critical && !harmless.has(id))) result.refused.push(id);
    }
  }
  return result;
}

function contentOf(value: Der, tag: number): Uint8Array {
  if (value.tag !== tag) throw malformed('an extension holds another kind of value');
  return value.content;
}

function readBasicConstraints(value: Der): NonNullable<Extensions['basicConstraints']> {
  const members = new Members(value, 'basic constraints');
  const flag = members.optional(tags.boolean);
  const length = members.optional(tags.integer);
  members.done();
  return {
    ca: flag !== undefined && readBoolean(flag),
    ...(length === undefined ? {} : { pathLength: readSmall(length) }),
  };
}

/** What a certificate says of its own standing; whether that is so, the one who issued it answers for. */
function readQualifications(value: Der): Pick<Extensions, 'legislation' | 'forSeals'> {
  const legislation: string[] = [];
  let forSeals = false;
  for (const statement of parts(value)) {
    const [id, info] = parts(statement);
    if (id === undefined || info === undefined) continue;
    const name = readOid(id);
    if (name === qcType) forSeals = parts(info).some((type) => readOid(type) === qcTypeSeal);
    if (name !== qcLegislation) continue;
    for (const { content } of parts(info)) {
      const country = String.fromCharCode(...content.subarray(0, 2));
      if (content.length === 2 && /^[A-Z]{2}$/.test(country)) legislation.push(country);
    }
  }
  return { legislation, forSeals };
}

/** Every certificate in a PEM text. Throws `malformed-seal` if there is none, or one is none. */
export function certificatesInPem(text: string): Certificate[] {
  const found = fromPem(text, 'CERTIFICATE').map(readCertificate);
  if (found.length === 0) throw malformed('no certificate in PEM', '-----BEGIN CERTIFICATE-----');
  return found;
}

export function certificateToPem(der: Uint8Array): string {
  return toPem(der, 'CERTIFICATE');
}
