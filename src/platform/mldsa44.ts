/**
 * ML-DSA-44 (FIPS 204), pure mode with an empty context, on every platform.
 * Public keys are 1,312 bytes, signatures 2,420, seeds 32.
 */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';

/** The 1,312-byte public key of a 32-byte seed. */
export function mldsa44PublicKey(seed: Uint8Array): Uint8Array {
  return ml_dsa44.keygen(seed).publicKey;
}

/** The 2,420-byte signature of `message`. Takes about 10 ms: not for an event loop that serves requests. */
export function signMldsa44(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ml_dsa44.sign(message, ml_dsa44.keygen(seed).secretKey, { extraEntropy: false });
}

/** Whether the signature verifies; false, too, for a key or a signature of another length. */
export function verifyMldsa44(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ml_dsa44.lengths.publicKey) return false;
  if (signature.length !== ml_dsa44.lengths.signature) return false;
  return ml_dsa44.verify(signature, message, publicKey);
}
