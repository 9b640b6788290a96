/**
 * Public keys and signatures as certificates and CMS name them, verified by
 * WebCrypto. Only what is strong is known at all:
 *
 *     RSA of 2048 to 8192 bits    PKCS #1 v1.5 or PSS (RFC 8017)
 *     ECDSA                       P-256, P-384, P-521 (RFC 5480)
 *     SHA-256, SHA-384, SHA-512
 *
 * Everything else, MD5 and SHA-1 among it, is refused by its object identifier.
 */
import { concat, equal } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import {
  Members,
  malformed,
  parts,
  readBitString,
  readDer,
  readIntegerBytes,
  readOid,
  readSmall,
  tags,
} from './der.ts';
import { context } from './der.ts';
import type { Der } from './der.ts';

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

const hashes: Readonly<Record<string, HashName>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};

/** What they are called in a refusal. */
const weak: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'SHA-1',
  '1.2.840.113549.2.5': 'MD5',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '1.2.840.113549.1.1.4': 'MD5 with RSA',
  '1.2.840.113549.1.1.5': 'SHA-1 with RSA',
  '1.2.840.113549.1.1.14': 'SHA-224 with RSA',
  '1.2.840.10045.4.1': 'ECDSA with SHA-1',
  '1.2.840.10045.4.3.1': 'ECDSA with SHA-224',
  '1.2.840.10040.4.3': 'DSA with SHA-1',
};

const rsaEncryption = '1.2.840.113549.1.1.1';
const rsaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';
const rsaSignatures: Readonly<Record<string, HashName>> = {
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
};
const ecPublicKey = '1.2.840.10045.2.1';
const ecdsaSignatures: Readonly<Record<string, HashName>> = {
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};
const curves: Readonly<Record<string, { readonly name: string; readonly bytes: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', bytes: 32 },
  '1.3.132.0.34': { name: 'P-384', bytes: 48 },
  '1.3.132.0.35': { name: 'P-521', bytes: 66 },
};

export interface Algorithm {
  readonly oid: string;
  readonly parameters: Der | undefined;
}

export function invalid(message: string, expected?: string, got?: string): LedgerError {
  return new LedgerError('seal-invalid', message, { expected, got });
}

function unknownAlgorithm(what: string, oid: string): LedgerError {
  return invalid(
    `${what} that is not strong, or not known here`,
    'SHA-256, SHA-384 or SHA-512 with RSA (PKCS #1 v1.5, PSS) or ECDSA (P-256, P-384, P-521)',
    weak[oid] ?? oid,
  );
}

export function readAlgorithm(value: Der): Algorithm {
  const members = new Members(value, 'an algorithm');
  const oid = readOid(members.next(tags.oid));
  const parameters = members.maybe();
  members.done();
  return { oid, parameters };
}

/** No parameters, or NULL, as both are written for hashes and for RSA. */
function requireNoParameters({ parameters }: Algorithm): void {
  if (parameters === undefined || (parameters.tag === tags.null && parameters.content.length === 0)) return;
  throw malformed('an algorithm has parameters that it does not take');
}

export function hashOf(algorithm: Algorithm): HashName {
  const hash = hashes[algorithm.oid];
  if (hash === undefined) throw unknownAlgorithm('a hash', algorithm.oid);
  requireNoParameters(algorithm);
  return hash;
}

export async function digest(hash: HashName | 'SHA-1', bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest(hash, new Uint8Array(bytes)));
}

type KeyKind =
  | { readonly kind: 'RSA'; readonly text: string }
  | { readonly kind: 'EC'; readonly text: string; readonly curve: string; readonly bytes: number };

export interface PublicKey {
  readonly kind: KeyKind;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
}

/** Throws `seal-invalid` for a key that is too weak or of an unknown kind. */
export function readPublicKey(value: Der): PublicKey {
  const members = new Members(value, 'a public key');
  const algorithm = readAlgorithm(members.next(tags.sequence));
  const key = readBitString(members.next(tags.bitString));
  members.done();
  return { kind: keyKind(algorithm, key), spki: value.bytes };
}

function keyKind(algorithm: Algorithm, key: Uint8Array): KeyKind {
  if (algorithm.oid === rsaEncryption) {
    requireNoParameters(algorithm);
    const members = new Members(readDer(key), 'an RSA key');
    const modulus = readIntegerBytes(members.next(tags.integer));
    const exponent = readIntegerBytes(members.next(tags.integer));
    members.done();
    const [lead = 0, second = 0] = modulus;
    const bits =
      lead === 0 ? modulus.length * 8 - 8 - leadingZeros(second) : modulus.length * 8 - leadingZeros(lead);
    // A long modulus or exponent is hours of work for whoever verifies; an exponent of 1 verifies anything.
    if (lead >= 0x80 || bits < 2048 || bits > 8192) {
      throw invalid('an RSA key of a size that is not accepted', '2048 to 8192 bits', `${bits} bits`);
    }
    const odd = ((exponent.at(-1) ?? 0) & 1) === 1;
    if (
      !odd ||
      (exponent[0] ?? 0) >= 0x80 ||
      exponent.length > 5 ||
      (exponent.length === 1 && exponent[0] === 1)
    ) {
      throw invalid('an RSA key with an exponent that is not accepted', 'an odd one from 3 to 2^39');
    }
    return { kind: 'RSA', text: `RSA ${bits}` };
  }
  if (algorithm.oid !== ecPublicKey) throw unknownAlgorithm('a public key of a kind', algorithm.oid);
  const oid = algorithm.parameters === undefined ? 'no curve' : readOid(algorithm.parameters);
  const curve = curves[oid];
  if (curve === undefined) throw unknownAlgorithm('an elliptic curve', oid);
  if (key.length !== 1 + 2 * curve.bytes || key[0] !== 0x04) {
    throw invalid('a point of an elliptic curve is not in its uncompressed form');
  }
  return { kind: 'EC', text: `ECDSA ${curve.name}`, curve: curve.name, bytes: curve.bytes };
}

const leadingZeros = (octet: number): number => Math.clz32(octet) - 24;

/** The hash of a signature algorithm; plain `rsaEncryption`, as CMS may name it, takes that of the digest. */
function signatureHash(algorithm: Algorithm, digestHash: HashName | undefined): HashName {
  const hash = rsaSignatures[algorithm.oid] ?? ecdsaSignatures[algorithm.oid];
  if (hash !== undefined) return hash;
  if (algorithm.oid === rsaPss) return readPss(algorithm).hash;
  if (algorithm.oid === rsaEncryption && digestHash !== undefined) return digestHash;
  throw unknownAlgorithm('a signature algorithm', algorithm.oid);
}

/** RSASSA-PSS-params (RFC 4055); its defaults are SHA-1 throughout, so all that matters must be written. */
function readPss({ oid, parameters }: Algorithm): { hash: HashName; saltLength: number } {
  if (parameters === undefined) throw unknownAlgorithm('a signature algorithm', oid);
  const members = new Members(parameters, 'the parameters of RSASSA-PSS');
  const inside = (value: Der | undefined): Der => {
    const [only, ...more] = value === undefined ? [] : parts(value);
    if (only === undefined || more.length > 0) throw invalid('RSASSA-PSS with a default, which is SHA-1');
    return only;
  };
  const hash = hashOf(readAlgorithm(inside(members.optional(context(0)))));
  const mask = readAlgorithm(inside(members.optional(context(1))));
  const maskHash = mask.parameters === undefined ? undefined : hashOf(readAlgorithm(mask.parameters));
  const saltLength = readSmall(inside(members.optional(context(2))));
  members.done();
  if (mask.oid !== mgf1 || maskHash !== hash || saltLength < 16 || saltLength > 64) {
    throw invalid(
      'RSASSA-PSS with parameters that are not accepted',
      'MGF1 by the same hash, a salt of 16 to 64 bytes',
    );
  }
  return { hash, saltLength };
}

export interface SignatureCheck {
  readonly key: PublicKey;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array;
  readonly data: Uint8Array;
  /** The digest algorithm that CMS names beside the signature's; both must hash alike. */
  readonly digestHash?: HashName;
}

/** How much work one seal may make: certificates and time-stamps come from outside. */
export class Work {
  #left: number;

  constructor(signatures: number) {
    this.#left = signatures;
  }

  spend(): void {
    if (--this.#left < 0) throw malformed('a seal that takes too many signatures to judge');
  }
}

/** Whether the signature verifies. Throws `seal-invalid` for an algorithm that is weak or of another kind of key. */
export async function verifySignature(check: SignatureCheck, work: Work): Promise<boolean> {
  work.spend();
  const { key, algorithm, digestHash } = check;
  const hash = signatureHash(algorithm, digestHash);
  if (digestHash !== undefined && hash !== digestHash) {
    throw invalid('the signature is by another hash than the digest', digestHash, hash);
  }
  const { subtle } = globalThis.crypto;
  const data = new Uint8Array(check.data);
  const spki = new Uint8Array(key.spki);
  const { kind } = key;
  try {
    if (kind.kind === 'EC') {
      if (ecdsaSignatures[algorithm.oid] === undefined || algorithm.parameters !== undefined) return false;
      const signature = plainEcdsa(check.signature, kind.bytes);
      const name = { name: 'ECDSA', namedCurve: kind.curve };
      const imported = await subtle.importKey('spki', spki, name, false, ['verify']);
      return await subtle.verify({ name: 'ECDSA', hash }, imported, signature, data);
    }
    if (ecdsaSignatures[algorithm.oid] !== undefined) return false;
    const pss = algorithm.oid === rsaPss ? readPss(algorithm) : undefined;
    if (pss === undefined) requireNoParameters(algorithm);
    const name = pss === undefined ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS';
    const imported = await subtle.importKey('spki', spki, { name, hash }, false, ['verify']);
    const how = pss === undefined ? { name } : { name, saltLength: pss.saltLength };
    return await subtle.verify(how, imported, new Uint8Array(check.signature), data);
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    // WebCrypto refuses keys that are none, such as a point off its curve, by an exception of its own.
    throw invalid('a public key that WebCrypto refuses', undefined, kind.text);
  }
}

/** SEQUENCE { r, s } as the two numbers side by side, which is what WebCrypto takes. */
function plainEcdsa(signature: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const members = new Members(readDer(signature), 'an ECDSA signature');
  const numbers = [
    readIntegerBytes(members.next(tags.integer)),
    readIntegerBytes(members.next(tags.integer)),
  ];
  members.done();
  const padded = numbers.map((number) => {
    const plain = number[0] === 0 ? number.subarray(1) : number;
    if ((number[0] ?? 0) >= 0x80 || plain.length > bytes)
      throw invalid('an ECDSA signature out of its range');
    return concat(new Uint8Array(bytes - plain.length), plain);
  });
  return new Uint8Array(concat(...padded));
}

export const sameAlgorithm = (a: Der, b: Der): boolean => equal(a.bytes, b.bytes);
