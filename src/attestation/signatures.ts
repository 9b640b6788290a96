/**
 * Signatures over DSSE's pre-authentication encoding, PAE(payloadType, payload):
 * the last thing that is checked, because it is the dearest.
 */
import { LedgerError } from '../errors.ts';
import { verifyEd25519 } from '#ed25519';
import { pae } from './envelope.ts';
import type { Attestation } from './statement.ts';

/** Keyid → Ed25519 public key of each signer whose signature the envelope must carry. */
export type SignatureKeys = ReadonlyMap<string, Uint8Array>;

export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
export type VerifySignatureMaybeAsync = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

/**
 * Requires that every signature of the envelope verifies under its key. Throws
 * `bad-signature` with the keyid of the first that does not, `unknown-signer`
 * for one that `keys` does not hold.
 */
export function verifySignatures(
  { envelope }: Pick<Attestation, 'envelope'>,
  keys: SignatureKeys,
  verify: VerifySignature = verifyEd25519,
): void {
  const message = pae(envelope.payloadType, envelope.payload);
  for (const [position, { keyid, sig }] of envelope.signatures.entries()) {
    if (!verify(keyOf(keys, keyid, position), message, sig)) throw badSignature(keyid, position);
  }
}

/** As `verifySignatures`, all at once, with a function that may hand them to other threads. */
export async function verifySignaturesAsync(
  { envelope }: Pick<Attestation, 'envelope'>,
  keys: SignatureKeys,
  verify: VerifySignatureMaybeAsync,
): Promise<void> {
  const message = pae(envelope.payloadType, envelope.payload);
  const verdicts = await Promise.all(
    envelope.signatures.map(async ({ keyid, sig }, position) =>
      verify(keyOf(keys, keyid, position), message, sig),
    ),
  );
  for (const [position, { keyid }] of envelope.signatures.entries()) {
    if (verdicts[position] !== true) throw badSignature(keyid, position);
  }
}

/** A signature without a key to check it by would pass unchecked: an attacker could write any bytes there. */
function keyOf(keys: SignatureKeys, keyid: string, position: number): Uint8Array {
  const key = keys.get(keyid);
  if (key === undefined) {
    throw new LedgerError('unknown-signer', 'a signature by a key that is not expected here', {
      expected: 'keys that the authority document lists',
      got: keyid,
      at: `/signatures/${position}`,
      facts: { keyid },
    });
  }
  return key;
}

function badSignature(keyid: string, position: number): LedgerError {
  return new LedgerError('bad-signature', 'a signature does not verify', {
    expected: `a signature of this payload by ${keyid}`,
    got: 'a signature of something else, or by another key',
    at: `/signatures/${position}`,
    facts: { keyid },
  });
}
