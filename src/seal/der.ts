/**
 * What comes from outside is walked before the library reads it: DER (X.690),
 * in which each value has one spelling, and no more of it than is bounded.
 *
 *     30 09  02 01 05  04 04 de ad be ef     SEQUENCE { INTEGER 5, OCTET STRING }
 *
 * Lengths are definite and as short as they can be, no tag is above 30, numbers,
 * bits and times are in their one form. The library also reads BER, which lets
 * one value be spelled in many ways, so that two readers may see two things.
 */
import { LedgerError } from '../errors.ts';

const maxDepth = 32;
/** A seal with a time-stamp and its certificates has about a thousand values. */
export const maxValues = 4_096;

export function malformed(message: string, expected?: string, got?: string): LedgerError {
  return new LedgerError('malformed-seal', message, { expected, got });
}

/** Throws `malformed-seal` for what is not one value in DER. */
export function requireDer(bytes: Uint8Array, limit: number = maxValues): void {
  if (bytes.length === 0) throw malformed('an empty text is no DER', 'one value');
  const { end } = extent(bytes, 0);
  if (end !== bytes.length) {
    throw malformed('something follows the DER value', 'nothing after it', `${bytes.length - end} bytes`);
  }
  walk(bytes, { left: limit }, 0);
}

/** The values inside one that has been walked. */
export function inside(value: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = extent(value, 0).from; at < value.length;) {
    const { end } = extent(value, at);
    found.push(value.subarray(at, end));
    at = end;
  }
  return found;
}

function walk(bytes: Uint8Array, values: { left: number }, depth: number): void {
  if (depth > maxDepth) throw malformed('DER nested too deeply', `at most ${maxDepth} levels`);
  for (let at = 0; at < bytes.length;) {
    if (--values.left < 0) throw malformed('too many DER values');
    const tag = bytes[at] ?? 0;
    const { from, end } = extent(bytes, at);
    const content = bytes.subarray(from, end);
    if ((tag & 0x20) !== 0) walk(content, values, depth + 1);
    else requireForm(tag, content);
    at = end;
  }
}

/** Where the content of the value begins and ends. */
function extent(bytes: Uint8Array, at: number): { readonly from: number; readonly end: number } {
  const tag = bytes[at] ?? 0;
  if ((tag & 0x1f) === 0x1f) throw malformed('a DER tag above 30', 'tags up to 30');
  if (tag === 0) throw malformed('an end-of-contents octet', 'DER, with definite lengths');
  // Of the universal kinds, sequences and sets are in parts, and nothing else is.
  if (tag < 0x40 && ((tag & 0x1f) === 0x10 || (tag & 0x1f) === 0x11) !== ((tag & 0x20) !== 0)) {
    throw malformed('BER, with a string in parts', 'DER');
  }
  const first = bytes[at + 1] ?? 0;
  if (first === 0x80) throw malformed('BER, with an indefinite length', 'DER, with definite lengths');
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (octets > 4) throw malformed('a DER length of too many octets', 'at most 4', `${octets}`);
  const from = at + 2 + octets;
  const written = bytes.subarray(at + 2, from);
  const length = octets === 0 ? first : written.reduce((sum, octet) => sum * 256 + octet, 0);
  if (at + 2 > bytes.length || written.length < octets || from + length > bytes.length) {
    throw malformed('a DER value is cut off');
  }
  if (octets > 0 && (length < 0x80 || written[0] === 0)) {
    throw malformed('a DER length is longer than it need be', 'the shortest form');
  }
  return { from, end: from + length };
}

/** The one form of the kinds that BER would let be written in several. */
function requireForm(tag: number, content: Uint8Array): void {
  const [first, second] = content;
  switch (tag) {
    case 0x01:
      if (content.length === 1 && (first === 0 || first === 0xff)) return;
      throw malformed('a boolean is neither 00 nor ff');
    case 0x02:
    case 0x0a:
      if (content.length === 1) return;
      if (first !== undefined && !(first === 0 && (second ?? 0) < 0x80)) {
        if (!(first === 0xff && (second ?? 0) >= 0x80)) return;
      }
      throw malformed('an integer is not in its shortest form');
    case 0x03: {
      const spare = first ?? 8;
      const last = content.length > 1 ? (content.at(-1) ?? 0) : 0;
      if (spare <= 7 && (spare === 0 || content.length > 1) && last % 2 ** spare === 0) return;
      throw malformed('a bit string has spare bits that are not zero');
    }
    case 0x05:
      if (content.length === 0) return;
      throw malformed('a null that holds something');
    case 0x06:
      if (content.length <= 64 && isOid(content)) return;
      throw malformed('an object identifier that is cut off, too long or with leading zeros');
    case 0x17:
    case 0x18:
      requireTime(tag, content);
      return;
    default:
  }
}

/** Groups of seven bits, of which all but the last of a number are 80 and above; more than seven are not exact. */
function isOid(content: Uint8Array): boolean {
  const text = Array.from(content, (octet) => (octet < 0x80 ? '.' : octet === 0x80 ? '0' : '-')).join('');
  return /^(?:(?!0)[0-]{0,6}\.)+$/.test(text);
}

/**
 * UTCTime YYMMDDHHMMSSZ, or GeneralizedTime YYYYMMDDHHMMSSZ, which may have
 * decimals of a second. A day like 31 February would become another in silence.
 */
function requireTime(tag: number, content: Uint8Array): void {
  const text = String.fromCharCode(...content.subarray(0, 40));
  const pattern = tag === 0x17 ? /^\d{12}Z$/ : /^\d{14}(?:\.\d{0,8}[1-9])?Z$/;
  if (!pattern.test(text)) throw malformed('a time is not in its DER form', 'UTC, to the second, with Z');
  const year = tag === 0x17 ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text.slice(0, 2)}` : text;
  const rest = text.slice(tag === 0x17 ? 2 : 4).replace(/^(..)(..)(..)(..)(..).*$/, '-$1-$2T$3:$4:$5');
  const iso = year.slice(0, 4) + rest;
  const time = Date.parse(`${iso}Z`);
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso)) {
    throw malformed('there is no such time');
  }
}
