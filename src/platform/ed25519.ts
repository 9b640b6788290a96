/**
 * Ed25519 by one acceptance rule, where there is no node:crypto.
 *
 * A signature (R, S) of message M by key A is accepted if and only if
 *
 *   1. A is the canonical encoding of a point of the curve that is not of
 *      small order (a key of small order "verifies" messages that were never signed);
 *   2. R is not of small order (no honest signer makes one);
 *   3. S < L, so that an attacker cannot write S + L and mint a second signature;
 *   4. encode(S·B − k·A) equals R byte for byte, where
 *      k = SHA-512(R || A || M) mod L: no cofactor, no second spelling of R.
 *
 * The rule is written on the library's points because its own `verify`
 * multiplies by the cofactor and so accepts what OpenSSL refuses. Condition 2
 * is there because versions of Node differ: those since mid-2026 refuse such
 * an R by themselves (nodejs/node, pull request 64026), older ones do not, and
 * a signature that verifies on one machine only is worse than none.
 * `ed25519.node.ts` gives the same verdicts through OpenSSL. RFC 8032; the
 * choices that it leaves open are laid out in "Taming the many EdDSAs",
 * eprint 2020/1244.
 */
import { Point, getPublicKey, hashes, sign } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, equal } from '../bytes.ts';

hashes.sha512 = sha512;

const order = Point.CURVE().n;

/** Whether 32 bytes are the canonical encoding of a point of the curve that is not of small order. */
export function acceptablePublicKey(publicKey: Uint8Array): boolean {
  return keyPoint(publicKey) !== undefined;
}

/** Whether `signature` (64 bytes) is accepted by the rule above; false for keys that are not acceptable. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= order) return false;
  const a = keyPoint(publicKey);
  if (a === undefined) return false;
  const r = signature.subarray(0, 32);
  const k = littleEndian(sha512(concat(r, publicKey, message))) % order;
  // The unsafe multiplication allows zero, which S may be by choice and k by chance;
  // nothing here is secret.
  const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return equal(expected.toBytes(), r) && !expected.isSmallOrder();
}

/** The 64-byte signature (RFC 8032, section 5.1.6) of `message` by the key with this 32-byte seed. */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return sign(message, seed);
}

/** The 32-byte public key of a 32-byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return getPublicKey(seed);
}

function keyPoint(publicKey: Uint8Array): Point | undefined {
  if (publicKey.length !== 32) return undefined;
  let point: Point;
  try {
    // Without the ZIP 215 switch this refuses y ≥ p, a sign bit on x = 0 and y off the curve.
    point = Point.fromBytes(publicKey, false);
  } catch {
    return undefined;
  }
  return point.isSmallOrder() ? undefined : point;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 256n + BigInt(bytes[i] ?? 0);
  return value;
}
