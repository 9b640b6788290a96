/**
 * Rows of the vault, encrypted with AES-256-GCM under the vault's key:
 *
 *     01 || nonce (12) || tag (16) || ciphertext
 *
 * The row's key is authenticated along with it, so that an attacker who can
 * write the files cannot pass off one event's disclosure as another's. Nonces are random:
 * one key is good for some four thousand million rows.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat } from '../bytes.ts';
import { LedgerError } from '../errors.ts';

const version = 1;
export const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes + tagBytes;
const algorithm = 'aes-256-gcm';

/** `nonce`: 12 random bytes, never used twice under one key. */
export function seal({
  key,
  nonce,
  rowKey,
  plaintext,
}: {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly rowKey: Uint8Array;
  readonly plaintext: Uint8Array;
}): Uint8Array {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(rowKey);
  const ciphertext = concat(cipher.update(plaintext), cipher.final());
  return concat(Uint8Array.of(version), nonce, cipher.getAuthTag(), ciphertext);
}

/** Throws `store-corrupt` for a row that this key did not write under this row key. */
export function unseal({
  key,
  rowKey,
  row,
}: {
  readonly key: Uint8Array;
  readonly rowKey: Uint8Array;
  readonly row: Uint8Array;
}): Uint8Array {
  try {
    if (row[0] === version && row.length >= headerBytes) {
      const nonce = row.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(rowKey);
      decipher.setAuthTag(row.subarray(1 + nonceBytes, headerBytes));
      return concat(decipher.update(row.subarray(headerBytes)), decipher.final());
    }
  } catch {
    // Node says only that the tag does not fit; so does the refusal below.
  }
  throw new LedgerError('store-corrupt', 'a row of the vault is damaged or was not written with this key', {
    expected: 'a row whose authentication tag fits',
  });
}

/**
 * Three pieces of a sealed row by which it is found in a file, each long enough
 * to be there by no accident. One of them may be cut in two by a block of
 * LevelDB's log; never all.
 */
export function traces(row: Uint8Array): Uint8Array[] {
  const pieces = [row.slice(1, 1 + nonceBytes), row.slice(1 + nonceBytes, headerBytes)];
  const ciphertext = row.slice(headerBytes, headerBytes + tagBytes);
  return ciphertext.length === tagBytes ? [...pieces, ciphertext] : pieces;
}
