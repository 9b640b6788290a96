/**
 * What seals are judged by, as it comes from a trust file or a command line:
 * bounded and walked, but not read. Reading takes the library, which is loaded
 * only when there is a seal to judge.
 */
import { malformed, requireDer } from './der.ts';
import { derInPem, toPem } from './pem.ts';

/** A certificate or a revocation list. */
export interface Encoded {
  readonly der: Uint8Array;
}

/** What is pinned to judge seals by. */
export interface SealAnchors {
  readonly anchors: readonly Encoded[];
  readonly timestampAnchors: readonly Encoded[];
  /** If given, only seals of these organisations (organizationIdentifier) count. */
  readonly organisations?: readonly string[];
}

export const maxCertificateBytes = 16_384;
export const maxCrlBytes: number = 4 << 20;
/** An entry has about six values and 35 bytes. */
export const maxCrlValues: number = 1 << 20;

function encoded(der: Uint8Array, what: string, maxBytes: number, maxValues?: number): Encoded {
  if (der.length > maxBytes) throw malformed(`too large for a ${what}`, `at most ${maxBytes} bytes`);
  requireDer(der, maxValues);
  if (der[0] !== 0x30) throw malformed(`not a ${what}`, 'a sequence');
  return { der };
}

/** Every certificate in a PEM text. Throws `malformed-seal` if there is none, or one is none. */
export function certificatesInPem(text: string): Encoded[] {
  const found = derInPem(text, 'CERTIFICATE').map((der) => encoded(der, 'certificate', maxCertificateBytes));
  if (found.length === 0) throw malformed('no certificate in PEM', '-----BEGIN CERTIFICATE-----');
  return found;
}

export function certificateToPem({ der }: Encoded): string {
  return toPem(der, 'CERTIFICATE');
}

/** A revocation list in DER. Throws `malformed-seal`. */
export function readCrl(der: Uint8Array): Encoded {
  return encoded(der, 'revocation list', maxCrlBytes, maxCrlValues);
}
