/**
 * Disclosures (RFC 9901): one personal field of a statement, kept apart from
 * it. The statement holds only a salted digest, in the `_sd` array of the
 * object that the field belongs to; a holder of the disclosure can show that
 * the field was there, and what it said.
 *
 *     disclosure   WyJ0OC1obkg3YmtMZnFTMlh2cGRhNUx3IiwiaWRlbnRpdHkiLCJKYW5lIERvZSJd
 *                  = base64url(["t8-hnH7bkLfqS2Xvpda5Lw","identity","Jane Doe"])
 *     digest       base64url(SHA-256(the ASCII bytes of the disclosure))
 *
 * The digest covers the text as it stands, not the JSON in it, so a text is
 * kept and handed on byte for byte. Without the 128 bits of salt the digest
 * could be tried against a list of names; with the salt and the value deleted,
 * it reveals nothing.
 *
 * Nothing of a disclosure stands in an error: it is personal data.
 */
import { sha256 } from '#sha256';
import { fromBase64, fromUtf8, toBase64, utf8 } from '../bytes.ts';
import { LedgerError, assert } from '../errors.ts';
import { canonicalize, parseJson, pointerPart } from './canonical.ts';
import type { JsonValue } from './canonical.ts';
import type { Attestation } from './statement.ts';

export interface Disclosure {
  /** The disclosure as it is handed on: base64url without padding. */
  readonly text: string;
  /** At least 128 bits, base64url. */
  readonly salt: string;
  /** The member that is committed to, for example `identity`. */
  readonly name: string;
  readonly value: JsonValue;
  /** What stands in `_sd`: 43 characters. */
  readonly digest: string;
}

/** Bytes of salt in a disclosure that is made here; RFC 9901 asks for 128 bits. */
export const saltBytes = 16;
/** Longest disclosure, in characters: a few names or a ticket's text, not a document. */
export const maxDisclosureChars = 8192;
const maxNameChars = 64;
const maxDepth = 8;

/**
 * A disclosure of `value` under a fresh `salt` of 16 bytes, which must
 * never be used twice: two fields under one salt could be told to be equal. Throws
 * `lone-surrogate` or `unsafe-number` for what JSON cannot say, `too-large`.
 */
export function makeDisclosure({
  salt,
  name,
  value,
}: {
  readonly salt: Uint8Array;
  readonly name: string;
  readonly value: JsonValue;
}): Disclosure {
  assert(salt.length === saltBytes, 'a salt has 16 bytes');
  return parseDisclosure(toBase64url(utf8(canonicalize([toBase64url(salt), name, value]))));
}

/** Throws `malformed-disclosure`, `too-large`. */
export function parseDisclosure(text: string): Disclosure {
  if (text.length > maxDisclosureChars) {
    throw new LedgerError('too-large', 'the disclosure is too long', {
      expected: `at most ${maxDisclosureChars} characters`,
      got: `${text.length} characters`,
    });
  }
  const value = decode(text);
  if (!Array.isArray(value) || value.length !== 3) {
    throw malformed('a list of salt, name and value', 'another JSON value');
  }
  const [salt, name, content] = value as [JsonValue, JsonValue, JsonValue];
  // A short salt could be tried through, and with it every likely value.
  if (typeof salt !== 'string' || !/^[A-Za-z0-9_-]{22,128}$/.test(salt)) {
    throw malformed('a salt of at least 128 bits in base64url', 'another salt');
  }
  // The two names are RFC 9901's own; a field of that name could stand for further commitments.
  if (typeof name !== 'string' || name === '' || name.length > maxNameChars || reserved.has(name)) {
    throw malformed(`a name of 1 to ${maxNameChars} characters, not _sd or ...`, 'another name');
  }
  return { text, salt, name, value: content, digest: disclosureDigest(text) };
}

const reserved: ReadonlySet<string> = new Set(['_sd', '...']);

function decode(text: string): JsonValue {
  try {
    return parseJson(fromBase64url(text), { maxBytes: maxDisclosureChars, maxDepth });
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    // Neither the cause nor what was got: both could quote a name.
    throw malformed('base64url, unpadded, of [salt, name, value] in JSON', `${text.length} characters`);
  }
}

function malformed(expected: string, got: string): LedgerError {
  return new LedgerError('malformed-disclosure', 'this is not a disclosure (RFC 9901)', { expected, got });
}

/** The digest of a disclosure's text (RFC 9901, section 4.2.3). */
export function disclosureDigest(text: string): string {
  return toBase64url(sha256(utf8(text)));
}

/**
 * The `_sd` array for these disclosures and decoys: ascending, so that the
 * order tells nothing. A decoy is any 32 random bytes; it hides how many
 * fields there are.
 */
export function commitmentsTo(
  disclosures: readonly Disclosure[],
  decoys: readonly Uint8Array[] = [],
): string[] {
  assert(
    decoys.every((decoy) => decoy.length === 32),
    'a decoy has the length of a digest',
  );
  return [...disclosures.map(({ digest }) => digest), ...decoys.map(toBase64url)].toSorted();
}

/** Where a statement commits to a field. */
export interface Commitment {
  /** JSON Pointer to the object that the field belongs to, for example `/predicate/actor`. */
  readonly at: string;
  readonly digest: string;
}

/** Every digest in an `_sd` array of the statement, decoys included. */
export function commitmentsIn({ statement }: Attestation): Commitment[] {
  const found: Commitment[] = [];
  // Interfaces have no index signature, so the compiler does not see that a predicate is a JSON value.
  collect(statement.predicate as unknown as JsonValue, '/predicate', found);
  return found;
}

function collect(value: JsonValue, at: string, found: Commitment[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    if (name === '_sd' && Array.isArray(member)) {
      for (const digest of member) if (typeof digest === 'string') found.push({ at, digest });
    } else collect(member, at + pointerPart(name), found);
  }
}

/**
 * Where in the entry the disclosed field belongs, as a JSON Pointer, for
 * example `/predicate/actor/identity`. Throws `disclosure-mismatch` when the
 * entry does not commit to it.
 */
export function openDisclosure(disclosure: Disclosure, attestation: Attestation): string {
  const places = commitmentsIn(attestation).filter(({ digest }) => digest === disclosure.digest);
  const [place] = places;
  if (place === undefined) {
    throw mismatch('the entry does not commit to this disclosure', 'a digest in an _sd array of the entry');
  }
  // RFC 9901, section 7.1: a digest that stands twice could give one field two meanings.
  if (places.length > 1) throw mismatch('the entry commits to this disclosure twice', 'one place');
  const pointer = place.at + pointerPart(disclosure.name);
  // A signer could otherwise publish one country and disclose another to those who ask.
  if (hasMember(attestation, pointer)) {
    throw mismatch(
      'the entry already says openly what this disclosure is of',
      'a name that is not there yet',
    );
  }
  return pointer;
}

function mismatch(message: string, expected: string): LedgerError {
  return new LedgerError('disclosure-mismatch', message, { expected });
}

function hasMember({ statement }: Attestation, pointer: string): boolean {
  let value: unknown = statement;
  for (const part of pointer.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return false;
    value = (value as Record<string, unknown>)[name];
  }
  return true;
}

/** base64url without padding (RFC 4648, section 5). */
function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Strict: one spelling for one value. Throws `bad-base64`. */
function fromBase64url(text: string): Uint8Array {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new LedgerError('bad-base64', 'not base64url', {});
  const padding = '='.repeat((4 - (text.length % 4)) % 4);
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/') + padding);
}

/** The disclosures in a file, one a line. Throws `malformed-disclosure`, `bad-utf8`, `too-large`. */
export function parseDisclosures(bytes: Uint8Array): Disclosure[] {
  const lines = fromUtf8(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map(parseDisclosure);
}
