/**
 * Ed25519 on Node, by the rule of `ed25519.ts` and with its verdicts.
 *
 * Every OpenSSL checks S < L and encode(S·B − k·A) = R. What else is refused
 * depends on the version of Node, so the rest of the rule is checked here:
 * keys by the same function as in a browser, and R by its bytes.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { concat, fromHex, toHex } from '../bytes.ts';
import { assert } from '../errors.ts';
import { acceptablePublicKey as screened } from './ed25519.ts';

/** The verdict of `ed25519.ts`, which is asked once for each key: every document and policy names the same few. */
export function acceptablePublicKey(publicKey: Uint8Array): boolean {
  return knownKey(publicKey) !== undefined;
}

/** Whether `signature` (64 bytes) is accepted; false for keys that are not acceptable. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = acceptedKey(publicKey, signature);
  return key !== undefined && verify(null, message, key, signature);
}

/** The verdict of `verifyEd25519`, with the curve arithmetic done in libuv's thread pool. */
export function verifyEd25519Async(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const key = acceptedKey(publicKey, signature);
  if (key === undefined) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    verify(null, message, key, signature, (error, ok) => {
      if (error === null) resolve(ok);
      else reject(error);
    });
  });
}

/** The 64-byte signature (RFC 8032, section 5.1.6) of `message` by the key with this 32-byte seed. */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(null, message, signingKey(seed).key));
}

/** The 32-byte public key of a 32-byte seed. */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array {
  return signingKey(seed).publicKey.slice();
}

// RFC 8410: the constant bytes before the raw key in SubjectPublicKeyInfo and in PKCS #8.
const spkiPrefix = fromHex('302a300506032b6570032100');
const pkcs8Prefix = fromHex('302e020100300506032b657004220420');

/** The eight points of small order. An R that spells one in another way never equals an encoding. */
const smallOrderEncodings: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000', // order 1
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', // order 2
  '0000000000000000000000000000000000000000000000000000000000000000', // order 4
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
]);

/**
 * Keys that passed the screen: screening and parsing cost more than a verification. A submitter who
 * names ever new keys must not fill the memory.
 */
const acceptedKeys = new LRUCache<string, KeyObject>({ max: 1024 });

/** The key to verify with, unless the key or the signature is refused as it stands. */
function acceptedKey(publicKey: Uint8Array, signature: Uint8Array): KeyObject | undefined {
  if (signature.length !== 64 || smallOrderEncodings.has(toHex(signature.subarray(0, 32)))) return undefined;
  return knownKey(publicKey);
}

/** The key, parsed and screened now or before; undefined if it is not acceptable. */
function knownKey(publicKey: Uint8Array): KeyObject | undefined {
  const name = toHex(publicKey);
  let key = acceptedKeys.get(name);
  if (key === undefined) {
    if (!screened(publicKey)) return undefined;
    key = createPublicKey({ key: der(spkiPrefix, publicKey), format: 'der', type: 'spki' });
    acceptedKeys.set(name, key);
  }
  return key;
}

interface SigningKey {
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
}

/** A party has a few, and parsing one costs ten times a signature. */
const signingKeys = new LRUCache<string, SigningKey>({ max: 64 });

function signingKey(seed: Uint8Array): SigningKey {
  assert(seed.length === 32, 'an Ed25519 seed is 32 bytes');
  const name = toHex(seed);
  let found = signingKeys.get(name);
  if (found === undefined) {
    const key = createPrivateKey({ key: der(pkcs8Prefix, seed), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    found = { key, publicKey: new Uint8Array(spki.subarray(spkiPrefix.length)) };
    signingKeys.set(name, found);
  }
  return found;
}

function der(prefix: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(concat(prefix, key).buffer);
}
