/**
 * Keys of signed notes (c2sp.org/signed-note, "Verifier keys").
 *
 *     <name>+<key ID, 8 hex digits>+base64(type || public key)
 *     example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
 *
 *     PRIVATE+KEY+<name>+<key ID, 8 hex digits>+base64(type || 32-byte seed)
 *
 *     key ID = first 4 bytes of SHA-256(name || 0x0A || type || public key)
 *
 * Types: 0x01 Ed25519 over the note text; 0x04 timestamped Ed25519
 * cosignature; 0x06 timestamped ML-DSA-44 cosignature, which logs also use to
 * sign their own checkpoints. The text of a private key is the one that Go's
 * x/mod/sumdb/note writes; for type 0x06 the seed is the one of FIPS 204.
 */
import { acceptablePublicKey, ed25519PublicKey } from '#ed25519';
import { sha256 } from '#sha256';
import { concat, fromBase64, toBase64, toHex, utf8 } from '../bytes.ts';
import { LedgerError, excerpt, lengthOf } from '../errors.ts';
import { mldsa44PublicKey } from '../platform/mldsa44.ts';

/** 1: Ed25519 note signature; 4: Ed25519 cosignature; 6: ML-DSA-44 cosignature. */
export type KeyType = 1 | 4 | 6;

export interface VerifierKey {
  /** Non-empty, without Unicode white space, '+' or control characters; at most 255 bytes of UTF-8. */
  readonly name: string;
  /** Unsigned 32-bit number. It identifies, it does not authenticate: collisions are cheap to make. */
  readonly id: number;
  readonly type: KeyType;
  /** 32 bytes for types 1 and 4, 1,312 for type 6. */
  readonly publicKey: Uint8Array;
}

export interface SignerKey {
  readonly name: string;
  readonly id: number;
  readonly type: KeyType;
  /** 32 bytes, secret. */
  readonly seed: Uint8Array;
}

/** A longer name does not fit the length byte of the ML-DSA-44 message (c2sp.org/tlog-cosignature). */
export const maxNameBytes = 255;

const publicKeyBytes: Readonly<Record<KeyType, number>> = { 1: 32, 4: 32, 6: 1312 };
const seedBytes = 32;
const privatePrefix = 'PRIVATE+KEY+';

// A control character in a name could not stand in a note, and a lone
// surrogate would be written as U+FFFD, so that two names became one.
const namePattern = /^[^\p{White_Space}\p{Surrogate}+\u0000-\u001f]+$/u;

/** Whether a text can be a key name (c2sp.org/signed-note, "Format"). */
export function isKeyName(name: string): boolean {
  return namePattern.test(name);
}

/** A verifier key with its computed ID. Throws `bad-key`; `weak-key` for an Ed25519 key that must not enter. */
export function verifierKey(parts: { name: string; type: number; publicKey: Uint8Array }): VerifierKey {
  const { name, publicKey } = parts;
  const type = keyType(parts.type);
  checkName(name);
  if (publicKey.length !== publicKeyBytes[type]) {
    throw new LedgerError('bad-key', 'the public key has a wrong length', {
      expected: `${publicKeyBytes[type]} bytes for type ${type}`,
      got: `${publicKey.length} bytes`,
    });
  }
  // An attacker who makes such a key can find signatures that fit every message,
  // or that some verifiers take and others refuse; so the key is refused here.
  if (type !== 6 && !acceptablePublicKey(publicKey)) {
    throw new LedgerError('weak-key', `the Ed25519 key of ${excerpt(name)} is not acceptable`, {
      expected: 'a canonical point on the curve that is not of small order',
      got: toHex(publicKey),
    });
  }
  return { name, id: keyId(name, type, publicKey), type, publicKey };
}

/** A signer key with its computed ID. Throws `bad-key`. */
export function signerKey(parts: { name: string; type: number; seed: Uint8Array }): SignerKey {
  const { name, seed } = parts;
  const type = keyType(parts.type);
  checkName(name);
  if (seed.length !== seedBytes) {
    throw new LedgerError('bad-key', 'the seed of a private key has a wrong length', {
      expected: `${seedBytes} bytes`,
      got: `${seed.length} bytes`,
    });
  }
  return { name, id: keyId(name, type, publicKeyOf(type, seed)), type, seed };
}

/** The verifier key that belongs to a signer key. */
export function verifierOf(signer: SignerKey): VerifierKey {
  const { name, type, seed } = signer;
  return verifierKey({ name, type, publicKey: publicKeyOf(type, seed) });
}

/** `<name>+<id>+<base64>`. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${formatId(key.id)}+${toBase64(concat(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Parses the text of a verifier key; the ID must be the computed one. Throws `bad-key`, `weak-key`. */
export function parseVerifierKey(text: string): VerifierKey {
  const { name, id, type, material } = splitKey(text, 'verifier key', lengthOf(text));
  const key = verifierKey({ name, type, publicKey: material });
  checkId(key, id);
  return key;
}

/** `PRIVATE+KEY+<name>+<id>+<base64>`: a secret. */
export function formatSignerKey(key: SignerKey): string {
  return `${privatePrefix}${key.name}+${formatId(key.id)}+${toBase64(concat(Uint8Array.of(key.type), key.seed))}`;
}

/** Parses the text of a private key; no error repeats any of it. Throws `bad-key`. */
export function parseSignerKey(text: string): SignerKey {
  if (!text.startsWith(privatePrefix)) {
    throw new LedgerError('bad-key', 'not the text of a private key', {
      expected: `${privatePrefix}<name>+<id>+<base64>`,
    });
  }
  const { name, id, type, material } = splitKey(text.slice(privatePrefix.length), 'private key');
  const key = signerKey({ name, type, seed: material });
  checkId(key, id);
  return key;
}

/** Whether a signature line claims to be by this key: the pair of name and ID decides. */
export function matchesKey(
  key: VerifierKey,
  signature: { readonly name: string; readonly id: number },
): boolean {
  return key.name === signature.name && key.id === signature.id;
}

/** Eight lowercase hex digits. */
export function formatId(id: number): string {
  return id.toString(16).padStart(8, '0');
}

function splitKey(
  text: string,
  what: string,
  got?: string,
): { name: string; id: string; type: number; material: Uint8Array } {
  // The base64 may hold '+' as well, a name may not: the first two separate.
  const match = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const [, name = '', id = '', encoded = ''] = match ?? [];
  let bytes: Uint8Array = new Uint8Array(0);
  try {
    bytes = fromBase64(encoded);
  } catch {
    // The error of the decoder would repeat the text, which may be a secret.
  }
  const type = bytes[0];
  if (match === null || type === undefined) {
    throw new LedgerError('bad-key', `not the text of a ${what}`, {
      expected: '<name>+<id, 8 hex digits>+<base64 of type and key>',
      got,
    });
  }
  return { name, id, type, material: bytes.subarray(1) };
}

function keyType(type: number): KeyType {
  if (type !== 1 && type !== 4 && type !== 6) {
    throw new LedgerError('bad-key', 'unknown type of key', {
      expected: 'type 1 (Ed25519), 4 (Ed25519 cosignature) or 6 (ML-DSA-44 cosignature)',
      got: `type ${type}`,
    });
  }
  return type;
}

function checkName(name: string): void {
  if (!isKeyName(name) || utf8(name).length > maxNameBytes) {
    throw new LedgerError('bad-key', 'not a key name', {
      expected: `1 to ${maxNameBytes} bytes without white space, '+' or control characters`,
      got: lengthOf(name),
    });
  }
}

function checkId(key: { readonly name: string; readonly id: number }, id: string): void {
  if (formatId(key.id) !== id) {
    throw new LedgerError(
      'bad-key',
      `the key ID of ${excerpt(key.name)} does not belong to its name and key`,
      {
        expected: formatId(key.id),
        got: id,
      },
    );
  }
}

function keyId(name: string, type: KeyType, publicKey: Uint8Array): number {
  const digest = sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

function publicKeyOf(type: KeyType, seed: Uint8Array): Uint8Array {
  return type === 6 ? mldsa44PublicKey(seed) : ed25519PublicKey(seed);
}
