/**
 * PEM (RFC 7468): DER in base64 between two lines that say what it is.
 *
 *     -----BEGIN CERTIFICATE-----
 *     MIIBszCCAVmg…
 *     -----END CERTIFICATE-----
 */
import { fromBase64, toBase64 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { malformed } from './der.ts';

/** Every text between lines with this label. Throws `malformed-seal` for one that is not base64. */
export function derInPem(text: string, label: string): Uint8Array[] {
  const pattern = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]*)-----END ${label}-----`, 'g');
  return [...text.matchAll(pattern)].map(([, body = '']) => {
    try {
      return fromBase64(body.replaceAll(/\s/g, ''));
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      throw malformed('what stands between the lines of PEM is not base64', cause.expected);
    }
  });
}

export function toPem(der: Uint8Array, label: string): string {
  const lines = toBase64(der).replaceAll(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/** The DER in a file that is either DER or PEM with one of these labels. Throws `malformed-seal`. */
export function derOf(bytes: Uint8Array, ...labels: readonly string[]): Uint8Array {
  // DER of what is read here begins with the tag of a SEQUENCE, which is the digit 0 in a text.
  if (bytes[0] === 0x30) return bytes;
  const text = String.fromCharCode(...bytes.subarray(0, 64));
  const label = labels.find((one) => text.includes(`-----BEGIN ${one}-----`));
  if (label === undefined) {
    throw malformed('neither DER nor PEM of the kind asked for', `DER, or -----BEGIN ${labels[0]}-----`);
  }
  const [only, ...more] = derInPem(new TextDecoder().decode(bytes), label);
  if (only === undefined || more.length > 0) throw malformed('not exactly one text in PEM');
  return only;
}
