/**
 * Canonical JSON (RFC 8785): members sorted by the UTF-16 units of their
 * names, no white space, numbers and strings as ECMAScript writes them.
 *
 *     {"b":[1e3,"\u20ac"],"a":0.10}   is not canonical
 *     {"a":0.1,"b":[1000,"€"]}        is
 *
 * Bytes that are signed are accepted only if they are their own canonical
 * form. So a text has one reading: no second key of the same name that another
 * parser would prefer, no number that another parser would round otherwise, no
 * half of a surrogate pair that would become another character in UTF-8.
 */
import { fromUtf8 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { memberNames } from './generated/names.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

const loneSurrogate = /\p{Surrogate}/u;
const plainText = /^[ !#-[\]-~]*$/;

/** A string as RFC 8785 section 3.2.2.2 writes it. Throws `lone-surrogate`. */
function canonicalString(text: string): string {
  if (plainText.test(text)) return `"${text}"`;
  if (loneSurrogate.test(text)) {
    throw new LedgerError('lone-surrogate', 'a string holds half of a surrogate pair', {
      expected: 'text that UTF-8 can carry',
    });
  }
  return JSON.stringify(text);
}

/** A number as RFC 8785 section 3.2.2.3 writes it. Throws `unsafe-number` unless it is finite. */
export function canonicalNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new LedgerError('unsafe-number', 'a number that JSON cannot carry', {
      expected: 'a finite number',
      got: Number.isNaN(value) ? 'NaN' : 'an infinite one',
    });
  }
  return String(value === 0 ? 0 : value);
}

/**
 * Canonical text of a JSON value. Throws `lone-surrogate`, and `unsafe-number`
 * for what is not finite and for integers beyond 2^53 - 1, which parsers round
 * differently.
 */
export function canonicalize(value: JsonValue): string {
  if (typeof value === 'string') return canonicalString(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new LedgerError('unsafe-number', 'an integer beyond 2^53 - 1', {
        expected: 'a safe integer',
        got: `one of ${lengthOf(String(value))}`,
      });
    }
    return canonicalNumber(value);
  }
  if (value === null) return 'null';
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '[' : ',') + canonicalize(item);
    return text === '' ? '[]' : `${text}]`;
  }
  // Object.keys gives own names alone, so a member called __proto__ is one like any other.
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    assert(member !== undefined, 'only JSON values are canonicalised');
    text += `${text === '' ? '{' : ','}${canonicalString(name)}:${canonicalize(member)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

export interface CanonicalLimits {
  readonly maxBytes: number;
  /** How many arrays and objects may stand inside each other. */
  readonly maxDepth: number;
  /** The code for a text that is well-formed JSON and yet not its own canonical form. */
  readonly code: 'payload-not-canonical' | 'envelope-not-canonical' | 'malformed-trust' | 'malformed-bundle';
}

/**
 * The value of canonical JSON. Throws, in this order: `too-large`, `bad-utf8`,
 * `byte-order-mark`, `too-deep`, `not-json`, `duplicate-key`, `lone-surrogate`,
 * `unsafe-number`, and the given code.
 */
export function parseCanonical(bytes: Uint8Array, limits: CanonicalLimits): JsonValue {
  const { value, text } = parseBounded(bytes, limits);
  let canonical: string | undefined;
  try {
    canonical = canonicalize(value);
  } catch (cause) {
    refuseDuplicateKeys(text);
    throw cause;
  }
  // Both are well-formed texts, so they are equal exactly if their UTF-8 is.
  if (canonical === text) return value;
  refuseDuplicateKeys(text);
  let at = 0;
  while (text[at] === canonical[at]) at++;
  throw new LedgerError(limits.code, `not canonical JSON (RFC 8785) from character ${at} on`, {
    expected: kindOfCharacter(canonical[at]),
    got: kindOfCharacter(text[at]),
  });
}

/**
 * The value of JSON that need not be canonical, under the same bounds and with
 * the same ban on duplicate keys: for files that people write.
 */
export function parseJson(bytes: Uint8Array, limits: Omit<CanonicalLimits, 'code'>): JsonValue {
  const { value, text } = parseBounded(bytes, limits);
  refuseDuplicateKeys(text);
  canonicalize(value);
  return value;
}

function parseBounded(
  bytes: Uint8Array,
  limits: Omit<CanonicalLimits, 'code'>,
): { value: JsonValue; text: string } {
  if (bytes.length > limits.maxBytes) {
    throw new LedgerError('too-large', 'too many bytes', {
      expected: `at most ${limits.maxBytes} bytes`,
      got: `${bytes.length} bytes`,
    });
  }
  const text = fromUtf8(bytes);
  if (text.startsWith('\ufeff')) {
    throw new LedgerError('byte-order-mark', 'begins with a byte order mark', {
      expected: 'JSON without a byte order mark',
    });
  }
  refuseDepth(bytes, limits.maxDepth);
  try {
    return { value: JSON.parse(text) as JsonValue, text };
  } catch (cause) {
    throw new LedgerError('not-json', 'not JSON', {
      expected: 'one JSON value',
      // The cause is dropped on purpose: it quotes the text.
      got: `${lengthOf(text)}${positionIn(cause)}`,
    });
  }
}

/** Where Node found the fault, as far as its message ends in a number that is its own. */
function positionIn(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : '';
  const [, position] = /in JSON at position (\d{1,15})(?: \(line \d+ column \d+\))?$/.exec(message) ?? [];
  return position === undefined ? '' : `, at fault at character ${position}`;
}

/** What stands somewhere, told without quoting it. */
function kindOfCharacter(character: string | undefined): string {
  if (character === undefined) return 'the end';
  if (/\s/.test(character)) return 'white space';
  if (/[[\]{}:,"\\]/.test(character)) return character;
  if (/[0-9]/.test(character)) return 'a digit';
  return 'another character';
}

const quote = 0x22;
const backslash = 0x5c;

/** Before parsing, so that a submitter cannot exhaust the stack of any recursive reader with brackets. */
function refuseDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === quote) {
      i++;
      while (i < bytes.length && bytes[i] !== quote) i += bytes[i] === backslash ? 2 : 1;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) {
        throw new LedgerError('too-deep', 'too many arrays and objects inside each other', {
          expected: `at most ${maxDepth}`,
        });
      }
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
}

const token = /"(?:[^"\\]|\\.)*"|[[\]{},]/gs;

/** Walks a text that is known to be JSON of bounded depth; throws `duplicate-key` for the first one. */
function refuseDuplicateKeys(text: string): void {
  interface Level {
    readonly names: Set<string> | undefined;
    /** Where we are in it: a member's name, or an index. */
    place: string | number;
    expectsName: boolean;
  }
  const levels: Level[] = [];
  for (const [part] of text.matchAll(token)) {
    const level = levels.at(-1);
    if (part === '{') {
      levels.push({ names: new Set(), place: '', expectsName: true });
    } else if (part === '[') {
      levels.push({ names: undefined, place: 0, expectsName: false });
    } else if (part === '}' || part === ']') {
      levels.pop();
    } else if (part === ',') {
      assert(level !== undefined, 'a comma stands inside an array or object');
      if (typeof level.place === 'number') level.place++;
      else level.expectsName = true;
    } else if (level?.names !== undefined && level.expectsName) {
      const name = JSON.parse(part) as string;
      level.place = name;
      level.expectsName = false;
      if (level.names.has(name)) {
        throw new LedgerError('duplicate-key', 'an object has two members of one name', {
          expected: 'distinct names',
          ...placeOf(levels.map(({ place }) => place)),
        });
      }
      level.names.add(name);
    }
  }
}

/** Names that stand in no schema and are words of the format all the same: of the envelope, and of committed fields. */
const furtherNames: ReadonlySet<string> = new Set([
  'payload',
  'payloadType',
  'signatures',
  'keyid',
  'sig',
  'identity',
  'detail',
  'approver',
  'reviewer',
]);

/**
 * A place in a text from outside, for an error: a JSON Pointer as far as its
 * names are words of our formats. The name of a member can be anything, the name
 * of a person too; of the first that is not ours `got` tells the length.
 */
export function placeOf(steps: readonly (string | number)[]): { at: string; got?: string } {
  let at = '';
  for (const step of steps) {
    if (typeof step === 'string' && !memberNames.has(step) && !furtherNames.has(step)) {
      return { at, got: `a member with a name of ${lengthOf(step)} that the format does not know` };
    }
    at += pointerPart(step);
  }
  return { at };
}

/** One step of a JSON Pointer (RFC 6901). */
export function pointerPart(step: string | number): string {
  return `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
