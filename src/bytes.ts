/**
 * Bytes: strict hexadecimal and base64, strict UTF-8, big-endian integers,
 * equality and order. Every decoder accepts exactly what its encoder writes,
 * so that one value has one spelling and nothing can be re-encoded into a
 * second leaf.
 */
import { LedgerError, lengthOf } from './errors.ts';

const hexPattern = /^(?:[0-9a-f]{2})*$/;

/** Lowercase hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexPairs[byte];
  return text;
}

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);

/** Strict lowercase hexadecimal, of exactly `length` bytes where given. Throws `bad-hex`. */
export function fromHex(text: string, length?: number): Uint8Array {
  if (!hexPattern.test(text) || (length !== undefined && text.length !== length * 2)) {
    throw new LedgerError('bad-hex', 'not lowercase hexadecimal of the right length', {
      expected: length === undefined ? 'pairs of 0-9 a-f' : `${length * 2} characters of 0-9 a-f`,
      got: lengthOf(text),
    });
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * hexDigit(text, 2 * i) + hexDigit(text, 2 * i + 1);
  return bytes;
}

/** The value of what is known to be a digit: 0 to 9 are 0x30 and up, a to f 0x61 and up. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 0x61 ? code - 0x30 : code - 0x57;
}

const base64Alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const base64Digits = Uint8Array.from(base64Alphabet, (digit) => digit.charCodeAt(0));
const base64Values = new Int8Array(128).fill(-1);
for (const [value, digit] of base64Digits.entries()) base64Values[digit] = value;
const base64Pad = '='.charCodeAt(0);
/** Where a text up to the size of a leaf's is written; a new array for each costs more than its digits. */
const scratch = new Uint8Array(65536);

/** Standard base64 with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  // Written as bytes and decoded in one go: pieces of text cost many times as much to put together.
  const length = Math.ceil(bytes.length / 3) * 4;
  const text = length <= scratch.length ? scratch : new Uint8Array(length);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text[at++] = base64Digits[word >> 18] ?? 0;
    text[at++] = base64Digits[(word >> 12) & 63] ?? 0;
    text[at++] = base64Digits[(word >> 6) & 63] ?? 0;
    text[at++] = base64Digits[word & 63] ?? 0;
  }
  if (bytes.length % 3 > 0) text[length - 1] = base64Pad;
  if (bytes.length % 3 === 1) text[length - 2] = base64Pad;
  return decoder.decode(text.subarray(0, length));
}

/**
 * Strict standard base64: full padding, no white space, and zero in the bits
 * that padding leaves over (otherwise a submitter could spell one signature in
 * several ways and mint new leaves from old ones). Of exactly `length` bytes
 * where given. Throws `bad-base64`.
 */
export function fromBase64(text: string, length?: number): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const size = (text.length / 4) * 3 - padding;
  const digits = text.length - padding;
  let ok = text.length % 4 === 0 && (length === undefined || size === length);
  const bytes = new Uint8Array(ok ? size : 0);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; ok && i < digits; i++) {
    const value = base64Values[text.charCodeAt(i)] ?? -1;
    if (value < 0) ok = false;
    word = ((word & 0xffff) << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (word >> bits) & 0xff;
    }
  }
  if (ok && (word & ((1 << bits) - 1)) !== 0) ok = false;
  if (!ok) {
    throw new LedgerError('bad-base64', 'not strict standard base64 of the right length', {
      expected:
        length === undefined ? 'RFC 4648 section 4, padded' : `${length} bytes in RFC 4648 section 4, padded`,
      got: lengthOf(text),
    });
  }
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 of a text; the caller has excluded lone surrogates where that matters. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Strict UTF-8; a byte order mark is kept as U+FEFF, not dropped. Throws `bad-utf8`. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new LedgerError('bad-utf8', 'not valid UTF-8', { expected: 'valid UTF-8', cause });
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Unsigned lexicographic order, as LevelDB sorts keys. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Eight bytes, big-endian, of a non-negative safe integer. */
export function uint64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Math.floor(value / 2 ** 32));
  view.setUint32(4, value % 2 ** 32);
  return bytes;
}

/** The non-negative safe integer in eight big-endian bytes at `offset`. Throws `bad-number`. */
export function readUint64(bytes: Uint8Array, offset = 0): number {
  if (offset + 8 > bytes.length) {
    throw new LedgerError('bad-number', 'too few bytes for a 64-bit integer', { expected: '8 bytes' });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, 8);
  const value = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  if (!Number.isSafeInteger(value)) {
    throw new LedgerError('bad-number', 'integer beyond 2^53 - 1', { expected: 'a safe integer' });
  }
  return value;
}

const decimalPattern = /^(?:0|[1-9][0-9]{0,15})$/;

/** ASCII decimal without leading zeros, at most 2^53 - 1. Throws `bad-number`. */
export function parseDecimal(text: string): number {
  const value = Number(text);
  if (!decimalPattern.test(text) || !Number.isSafeInteger(value)) {
    throw new LedgerError('bad-number', 'not a canonical decimal integer', {
      expected: 'ASCII decimal without leading zeros, at most 2^53 - 1',
      got: lengthOf(text),
    });
  }
  return value;
}
