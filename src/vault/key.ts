/**
 * The key file of a vault, one line, mode 0600, kept apart from the vault:
 *
 *     isal-vault-key/v1 5f1d…(64 hexadecimal digits)
 */
import { fromHex, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';

/** Bytes of the AES-256 key. */
export const vaultKeyBytes = 32;
const prefix = 'isal-vault-key/v1 ';

export function formatVaultKey(key: Uint8Array): string {
  return `${prefix}${toHex(key)}\n`;
}

/** Throws `bad-key`. */
export function parseVaultKey(text: string): Uint8Array {
  try {
    if (text.startsWith(prefix) && text.endsWith('\n')) {
      return fromHex(text.slice(prefix.length, -1), vaultKeyBytes);
    }
  } catch {
    // The cause is dropped on purpose: it quotes the key.
  }
  throw new LedgerError('bad-key', 'not the key file of a vault', {
    expected: `${prefix}and 64 hexadecimal digits`,
  });
}
