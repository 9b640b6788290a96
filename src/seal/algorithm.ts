/**
 * Public keys and signatures, verified by the library. Only what is strong is
 * let through to it:
 *
 *     RSA of 2048 to 8192 bits    PKCS #1 v1.5 or PSS (RFC 8017)
 *     ECDSA                       P-256, P-384, P-521 (RFC 5480)
 *     SHA-256, SHA-384, SHA-512
 *
 * Everything else, MD5 and SHA-1 among it, is refused by its object identifier.
 */
import { Null } from 'asn1js';
import type { BitString, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  ECNamedCurves,
  ECPublicKey,
  RSAPublicKey,
  RSASSAPSSParams,
  createCMSECDSASignature,
  createECDSASignatureFromCMS,
} from 'pkijs';
import type { PublicKeyInfo } from 'pkijs';
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { malformed } from './der.ts';
import { bytesOf, engine, read, readBlock } from './library.ts';

export type HashName = 'SHA-256' | 'SHA-384' | 'SHA-512';

const hashNames: readonly string[] = ['SHA-256', 'SHA-384', 'SHA-512'] satisfies HashName[];
const rsaEncryption = '1.2.840.113549.1.1.1';
const rsaPss = '1.2.840.113549.1.1.10';
const ecPublicKey = '1.2.840.10045.2.1';
const mgf1 = '1.2.840.113549.1.1.8';

/** By what name the library knows it, if at all. */
function known(oid: string): { readonly name?: string; readonly hash?: { readonly name?: string } } {
  return engine.getAlgorithmByOID(oid);
}

export function invalid(message: string, expected?: string, got?: string): LedgerError {
  return new LedgerError('seal-invalid', message, { expected, got });
}

function unknownAlgorithm(what: string, oid: string): LedgerError {
  return invalid(
    `${what} that is not strong, or not known here`,
    'SHA-256, SHA-384 or SHA-512 with RSA (PKCS #1 v1.5, PSS) or ECDSA (P-256, P-384, P-521)',
    [known(oid).name ?? oid, known(oid).hash?.name].filter((part) => part !== undefined).join(' with '),
  );
}

/** No parameters, or NULL, as both are written for hashes and for RSA. */
function requireNoParameters({ algorithmParams }: AlgorithmIdentifier): void {
  if (algorithmParams === undefined || algorithmParams instanceof Null) return;
  throw malformed('an algorithm has parameters that it does not take');
}

function strongHash(name: string | undefined): HashName | undefined {
  return name !== undefined && hashNames.includes(name) ? (name as HashName) : undefined;
}

export function hashOf(algorithm: AlgorithmIdentifier): HashName {
  const hash = strongHash(known(algorithm.algorithmId).name);
  if (hash === undefined) throw unknownAlgorithm('a hash', algorithm.algorithmId);
  requireNoParameters(algorithm);
  return hash;
}

export async function digest(hash: HashName | 'SHA-1', bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await engine.digest(hash, Uint8Array.from(bytes)));
}

export interface PublicKey {
  readonly info: PublicKeyInfo;
  /** The curve; absent for RSA. */
  readonly curve?: string;
  /** Kind and size, for people. */
  readonly text: string;
}

/** Throws `seal-invalid` for a key that is too weak or of an unknown kind. */
export function readPublicKey(info: PublicKeyInfo): PublicKey {
  const { algorithm, subjectPublicKey } = info;
  const { algorithmId } = algorithm;
  if (algorithmId === ecPublicKey) {
    const key = info.parsedKey;
    if (key instanceof ECPublicKey && ['P-256', 'P-384', 'P-521'].includes(key.namedCurve)) {
      return { info, curve: key.namedCurve, text: `ECDSA ${key.namedCurve}` };
    }
    throw invalid('an elliptic curve or a point that is not accepted', 'P-256, P-384 or P-521, uncompressed');
  }
  if (algorithmId !== rsaEncryption) throw unknownAlgorithm('a public key of a kind', algorithmId);
  requireNoParameters(algorithm);
  const key = read(RSAPublicKey, subjectPublicKey.valueBlock.valueHexView, 'an RSA key');
  const numberOf = ({ valueBlock }: RSAPublicKey['modulus']): bigint =>
    BigInt(`0x0${toHex(valueBlock.valueHexView)}`);
  const bits = numberOf(key.modulus).toString(2).length;
  // An attacker's long modulus or exponent is hours of work for the verifier; an exponent of 1 verifies anything.
  if (bits < 2048 || bits > 8192) {
    throw invalid('an RSA key of a size that is not accepted', '2048 to 8192 bits', `${bits} bits`);
  }
  const exponent = numberOf(key.publicExponent);
  if (exponent % 2n === 0n || exponent < 3n || exponent >= 2n ** 39n) {
    throw invalid('an RSA key with an exponent that is not accepted', 'an odd one from 3 to 2^39');
  }
  return { info, text: `RSA ${bits}` };
}

/** The hash of a signature algorithm; plain `rsaEncryption`, as CMS may name it, takes that of the digest. */
function signatureHash(algorithm: AlgorithmIdentifier, digestHash: HashName | undefined): HashName {
  const { algorithmId } = algorithm;
  if (algorithmId === rsaPss) return pssHash(algorithm);
  if (algorithmId === rsaEncryption && digestHash !== undefined) return digestHash;
  const hash = strongHash(engine.getHashAlgorithm(algorithm));
  if (hash === undefined) throw unknownAlgorithm('a signature algorithm', algorithmId);
  return hash;
}

/** RSASSA-PSS-params (RFC 4055); the defaults, which the library fills in, are SHA-1 throughout. */
function pssHash({ algorithmId, algorithmParams }: AlgorithmIdentifier): HashName {
  if (algorithmParams === undefined) throw unknownAlgorithm('a signature algorithm', algorithmId);
  const params = read(RSASSAPSSParams, bytesOf(algorithmParams), 'the parameters of RSASSA-PSS');
  const { hashAlgorithm, maskGenAlgorithm, saltLength } = params;
  const hash = hashOf(hashAlgorithm);
  const mask = read(
    AlgorithmIdentifier,
    bytesOf(maskGenAlgorithm.algorithmParams),
    'the hash of RSASSA-PSS’s mask',
  );
  if (
    maskGenAlgorithm.algorithmId !== mgf1 ||
    known(mask.algorithmId).name !== hash ||
    saltLength < 16 ||
    saltLength > 64
  ) {
    throw invalid(
      'RSASSA-PSS with parameters that are not accepted',
      'MGF1 by the same hash, a salt of 16 to 64 bytes',
    );
  }
  return hash;
}

export interface SignatureCheck {
  readonly key: PublicKey;
  readonly algorithm: AlgorithmIdentifier;
  readonly signature: BitString | OctetString;
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

/** Whether the signature verifies. Throws `seal-invalid` for an algorithm that is weak. */
export async function verifySignature(check: SignatureCheck, work: Work): Promise<boolean> {
  work.spend();
  const { key, algorithm, signature, digestHash } = check;
  const hash = signatureHash(algorithm, digestHash);
  if (digestHash !== undefined && hash !== digestHash) {
    throw invalid('the signature is by another hash than the digest', digestHash, hash);
  }
  const { algorithmId, algorithmParams } = algorithm;
  if ((key.curve !== undefined) !== (known(algorithmId).name === 'ECDSA')) return false;
  if (key.curve !== undefined) {
    if (algorithmParams !== undefined) return false;
    requireOneSpelling(signature, key.curve);
  } else if (algorithmId !== rsaPss) requireNoParameters(algorithm);
  const data = Uint8Array.from(check.data);
  try {
    return await engine.verifyWithPublicKey(data, signature, key.info, algorithm, hash);
  } catch {
    // WebCrypto refuses keys that are none, such as a point off its curve, by an exception of its own.
    throw invalid('a public key that WebCrypto refuses', undefined, key.text);
  }
}

/** SEQUENCE { r, s } in the form that the library would write, since it reads others as well. */
function requireOneSpelling({ valueBlock }: BitString | OctetString, curve: string): void {
  const size = ECNamedCurves.find(curve)?.size ?? 0;
  const bytes = valueBlock.valueHexView;
  const block = readBlock(bytes);
  try {
    const plain = createECDSASignatureFromCMS(block, size);
    if (equal(new Uint8Array(createCMSECDSASignature(plain)), bytes)) return;
  } catch {
    // Numbers that are longer than the curve's.
  }
  throw malformed('an ECDSA signature that is not two numbers in their one form');
}
