/**
 * DER (X.690) as certificates, CMS and time-stamps are written in: one spelling
 * for each value.
 *
 *     30 09  02 01 05  04 04 de ad be ef     SEQUENCE { INTEGER 5, OCTET STRING }
 *
 * The whole text is walked before anything is read from it: lengths definite
 * and as short as they can be, no tag above 30, nothing left over, and bounds on
 * depth and on the number of values. BER, in which CMS may also be written, lets
 * one value be spelled in many ways, so that two readers may see two things.
 */
import { LedgerError } from '../errors.ts';

export interface Der {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  /** Tag, length and content. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[n]` around a value, or in the place of the tag of a constructed one. */
export const context = (n: number): number => 0xa0 | n;
/** `[n]` in the place of the tag of a primitive value. */
export const contextPrimitive = (n: number): number => 0x80 | n;

const maxDepth = 32;
/** A seal with a time-stamp and its certificates has about a thousand values. */
const maxValues = 4_096;

export function malformed(message: string, expected?: string, got?: string): LedgerError {
  return new LedgerError('malformed-seal', message, { expected, got });
}

/** One value and nothing after it. Throws `malformed-seal`. */
export function readDer(bytes: Uint8Array, limit: number = maxValues): Der {
  const values = { left: limit };
  const [only] = split(bytes, 1);
  if (only === undefined) throw malformed('an empty text is no DER', 'one value');
  if (only.bytes.length !== bytes.length) {
    const over = bytes.length - only.bytes.length;
    throw malformed('something follows the DER value', 'nothing after it', `${over} bytes`);
  }
  walk(only, values, 0);
  return only;
}

function walk(value: Der, values: { left: number }, depth: number): void {
  if (--values.left < 0) throw malformed('too many DER values');
  if (depth > maxDepth) throw malformed('DER nested too deeply', `at most ${maxDepth} levels`);
  if ((value.tag & 0x20) === 0) return;
  for (const part of split(value.content)) walk(part, values, depth + 1);
}

/** The values inside one that is constructed. */
export function parts(value: Der): Der[] {
  return split(value.content);
}

function split(bytes: Uint8Array, most: number = Infinity): Der[] {
  const values: Der[] = [];
  for (let at = 0; at < bytes.length && values.length < most;) {
    const tag = bytes[at] ?? 0;
    if ((tag & 0x1f) === 0x1f) throw malformed('a DER tag above 30', 'tags up to 30');
    if (tag === 0) throw malformed('an end-of-contents octet', 'DER, with definite lengths');
    const first = bytes[at + 1];
    let from = at + 2;
    let length = first ?? 0;
    if (first === 0x80) {
      throw malformed(
        'a length is indefinite: this is BER, not DER',
        'DER, with definite lengths (openssl cms -cmsout -inform DER -outform DER writes it)',
      );
    }
    if (length > 0x80) {
      const octets = length & 0x7f;
      if (octets > 4) throw malformed('a length of too many octets', 'at most 4 octets', `${octets}`);
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + (bytes[from++] ?? 0);
      if (length < 0x80 || length < 256 ** (octets - 1)) {
        throw malformed('a length is longer than it need be', 'DER, with the shortest lengths');
      }
    }
    if (first === undefined || from + length > bytes.length) throw malformed('the DER text is cut off');
    const content = bytes.subarray(from, from + length);
    values.push({ tag, bytes: bytes.subarray(at, from + length), content });
    at = from + length;
  }
  return values;
}

/**
 * Reads the members of a SEQUENCE in their order. `done` refuses what is left
 * over, so that nothing is signed that nobody has looked at.
 */
export class Members {
  readonly #values: readonly Der[];
  readonly #what: string;
  #at = 0;

  constructor(value: Der, what: string, tag: number = tags.sequence) {
    if (value.tag !== tag) throw wrongTag(what, tag, value.tag);
    this.#values = parts(value);
    this.#what = what;
  }

  next(tag: number): Der {
    const value = this.#values[this.#at++];
    if (value?.tag !== tag) throw wrongTag(`a member of ${this.#what}`, tag, value?.tag);
    return value;
  }

  optional(tag: number): Der | undefined {
    return this.#values[this.#at]?.tag === tag ? this.#values[this.#at++] : undefined;
  }

  any(): Der {
    const value = this.#values[this.#at++];
    if (value === undefined) throw malformed(`${this.#what} lacks a member`);
    return value;
  }

  maybe(): Der | undefined {
    return this.#at < this.#values.length ? this.#values[this.#at++] : undefined;
  }

  done(): void {
    if (this.#at < this.#values.length) throw malformed(`${this.#what} has a member too many`);
  }
}

const octet = (tag: number): string => `tag 0x${tag.toString(16).padStart(2, '0')}`;

function wrongTag(what: string, expected: number, got: number | undefined): LedgerError {
  return malformed(`${what} is of another kind`, octet(expected), got === undefined ? 'nothing' : octet(got));
}

function requireTag(value: Der, tag: number, what: string): void {
  if (value.tag !== tag) throw wrongTag(what, tag, value.tag);
}

/** 2.5.4.3 for the content 55 04 03. */
export function readOid(value: Der): string {
  requireTag(value, tags.oid, 'an object identifier');
  const numbers: number[] = [];
  let number = 0;
  let fresh = true;
  for (const byte of value.content) {
    if (fresh && byte === 0x80) throw malformed('an object identifier with a leading zero');
    number = number * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(number)) throw malformed('an object identifier with too large a number');
    fresh = byte < 0x80;
    if (!fresh) continue;
    numbers.push(number);
    number = 0;
  }
  const [first, ...rest] = numbers;
  if (first === undefined || !fresh || value.content.length > 64) {
    throw malformed('an object identifier is cut off or too long');
  }
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - 40 * top, ...rest].join('.');
}

/** The content of an INTEGER in its shortest form, two's complement. */
export function readIntegerBytes(value: Der, tag: number = tags.integer): Uint8Array {
  requireTag(value, tag, 'an integer');
  const [first, second] = value.content;
  const spare = (first === 0 && (second ?? 0x80) < 0x80) || (first === 0xff && (second ?? 0) >= 0x80);
  if (first === undefined || (value.content.length > 1 && spare)) {
    throw malformed('an integer is not in its shortest form');
  }
  return value.content;
}

/** A number from 0 to 2^31 - 1. */
export function readSmall(value: Der, tag: number = tags.integer): number {
  const bytes = readIntegerBytes(value, tag);
  if (bytes.length > 4 || (bytes[0] ?? 0) >= 0x80) throw malformed('an integer is negative or too large');
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

export function readBoolean(value: Der): boolean {
  requireTag(value, tags.boolean, 'a boolean');
  const [byte] = value.content;
  if (value.content.length !== 1 || (byte !== 0 && byte !== 0xff)) {
    throw malformed('a boolean is neither 00 nor ff');
  }
  return byte === 0xff;
}

/** The bytes of a BIT STRING that has whole bytes. */
export function readBitString(value: Der): Uint8Array {
  requireTag(value, tags.bitString, 'a bit string');
  if (value.content[0] !== 0) throw malformed('a bit string does not end with a whole byte');
  return value.content.subarray(1);
}

/** Which of the named bits are set; a bit beyond `count` that is set is passed over. */
export function readBits(value: Der, count: number): boolean[] {
  requireTag(value, tags.bitString, 'a bit string');
  const [unused = 8, ...bytes] = value.content;
  const last = bytes.at(-1) ?? 0;
  // X.690, 11.2.2: no trailing zero bits in a list of named bits, and zero in what is unused.
  if (
    unused > 7 ||
    (bytes.length === 0 ? unused > 0 : ((last >> unused) & 1) === 0 || last % 2 ** unused > 0)
  ) {
    throw malformed('a list of bits is not in its shortest form');
  }
  return Array.from({ length: count }, (_, bit) => (((bytes[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0);
}

/**
 * Milliseconds since the epoch of a UTCTime (YYMMDDHHMMSSZ, 1950 to 2049) or a
 * GeneralizedTime (YYYYMMDDHHMMSSZ), with decimals of a second where `decimals`
 * admits them, as RFC 3161 does and RFC 5280 does not.
 */
export function readTime(value: Der, { decimals = false }: { readonly decimals?: boolean } = {}): number {
  const text = String.fromCharCode(...value.content.subarray(0, 40));
  const short = value.tag === tags.utcTime;
  if (!short && value.tag !== tags.generalizedTime) throw wrongTag('a time', tags.generalizedTime, value.tag);
  const pattern = short
    ? /^()(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)()Z$/
    : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{0,8}[1-9])?Z$/;
  const match = pattern.exec(text);
  if (match === null) throw malformed('a time is not in its DER form', 'UTC, to the second, with Z');
  const [, high = '', low = '', month, day, hour, minute, second, fraction = ''] = match;
  if (fraction !== '' && !decimals) throw malformed('a time has decimals of a second');
  const century = short ? (Number(low) < 50 ? '20' : '19') : high;
  const iso = `${century}${low}-${month}-${day}T${hour}:${minute}:${second}`;
  const time = Date.parse(`${iso}${(fraction || '.0').slice(0, 4).padEnd(4, '0')}Z`);
  // A day like 31 February would otherwise become another one in silence.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(iso)) {
    throw malformed('there is no such time', undefined, text);
  }
  return time;
}
