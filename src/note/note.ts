/**
 * Signed notes (c2sp.org/signed-note): a text, an empty line, signature lines.
 *
 *     This is an example message.
 *
 *     — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
 *
 *     signature line = em dash, space, key name, space,
 *                      base64(32-bit key ID || signature), newline
 *
 * The text keeps its final newline and may itself hold empty lines: the last
 * empty line of the note separates. A parsed note is not yet a trusted one;
 * signatures are verified in cosignature.ts and policy.ts.
 */
import { signEd25519 } from '#ed25519';
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { isKeyName, type SignerKey } from './key.ts';

export interface NoteSignature {
  readonly name: string;
  /** Unsigned 32-bit key ID. */
  readonly id: number;
  /** What follows the key ID: at least one byte, its form set by the key's type. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  /** In the order of their lines; one at least. */
  readonly signatures: readonly NoteSignature[];
}

export interface NoteLimits {
  readonly maxBytes?: number;
  readonly maxSignatures?: number;
}

/** The specification asks for at least 16. */
export const maxSignatures = 64;
/** Room for 64 ML-DSA-44 signatures of about 3,300 characters. */
export const maxNoteBytes: number = 256 * 1024;

const linePrefix = '— ';

/**
 * Splits a note into text and signatures, none of them verified. Throws
 * `too-large` and `malformed-note`.
 */
export function parseNote(bytes: Uint8Array, limits: NoteLimits = {}): Note {
  // A hostile server must not choose how much is decoded: size comes first.
  const maxBytes = limits.maxBytes ?? maxNoteBytes;
  if (bytes.length > maxBytes) {
    throw new LedgerError('too-large', 'the note is too large', {
      expected: `at most ${maxBytes} bytes`,
      got: `${bytes.length} bytes`,
    });
  }
  const all = decode(bytes);
  checkNoteText(all);
  const at = all.lastIndexOf('\n\n');
  if (at < 0) {
    throw new LedgerError('malformed-note', 'the note has no empty line before its signatures', {
      expected: 'text, empty line, signature lines',
      got: lengthOf(all),
    });
  }
  return {
    text: all.slice(0, at + 1),
    signatures: parseSignatureLines(all.slice(at + 2), limits.maxSignatures),
  };
}

/** The text of a note with its signatures. Throws `malformed-note` for what could not be parsed again. */
export function formatNote(note: Note): string {
  checkNoteText(note.text);
  if (note.signatures.length === 0) {
    throw new LedgerError('malformed-note', 'a note needs a signature', { expected: 'at least one' });
  }
  return `${note.text}\n${note.signatures.map((signature) => `${formatSignatureLine(signature)}\n`).join('')}`;
}

/**
 * One or more signature lines, each ended by a newline: the end of a note, or
 * a witness's answer. Throws `too-large`, `malformed-note`.
 */
export function parseSignatureLines(block: string, limit: number = maxSignatures): NoteSignature[] {
  if (!block.endsWith('\n')) {
    throw new LedgerError('malformed-note', 'the signature lines do not end in a newline', {
      expected: 'one or more lines, each ended by a newline',
      got: lengthOf(block),
    });
  }
  const lines = block.slice(0, -1).split('\n', limit + 1);
  if (lines.length > limit) {
    throw new LedgerError('too-large', 'too many signatures', { expected: `at most ${limit}` });
  }
  return lines.map(parseSignatureLine);
}

/** One signature line without its newline. Throws `malformed-note`. */
export function parseSignatureLine(line: string): NoteSignature {
  const [name, encoded, ...rest] = line.startsWith(linePrefix)
    ? line.slice(linePrefix.length).split(' ', 3)
    : [];
  let bytes: Uint8Array = new Uint8Array(0);
  if (name !== undefined && encoded !== undefined && rest.length === 0 && isKeyName(name)) {
    try {
      bytes = fromBase64(encoded);
    } catch {
      // Reported below, as every other fault of the line.
    }
  }
  if (name === undefined || bytes.length < 5) {
    throw new LedgerError('malformed-note', 'not a signature line', {
      expected: '— <key name> <base64 of the 4-byte key ID and the signature>',
      got: lengthOf(line),
    });
  }
  return {
    name,
    id: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0),
    signature: bytes.slice(4),
  };
}

/** One signature line, without its newline. Throws `malformed-note`. */
export function formatSignatureLine(signature: NoteSignature): string {
  const { name, id } = signature;
  if (!isKeyName(name) || signature.signature.length === 0) {
    throw new LedgerError('malformed-note', 'not a signature that a line can hold', {
      expected: 'a key name without white space or "+", and at least one byte',
      got: lengthOf(name),
    });
  }
  assert(Number.isInteger(id) && id >= 0 && id < 2 ** 32, 'a key ID is an unsigned 32-bit number');
  const idBytes = new Uint8Array(4);
  new DataView(idBytes.buffer).setUint32(0, id);
  return `${linePrefix}${name} ${toBase64(concat(idBytes, signature.signature))}`;
}

/**
 * Signs a text with Ed25519 keys of type 1, one signature each. Further
 * signatures (cosignatures) can be put behind them. Throws `malformed-note`.
 */
export function signNote(text: string, signers: readonly SignerKey[]): Note {
  checkNoteText(text);
  const message = utf8(text);
  const signatures = signers.map((key) => {
    assert(key.type === 1, 'notes are signed by keys of type 1; other types cosign checkpoints');
    return { name: key.name, id: key.id, signature: signEd25519(key.seed, message) };
  });
  return { text, signatures };
}

// Everything below U+0020 but the newline.
const forbidden = /[\u0000-\u0009\u000b-\u001f\p{Surrogate}]/u;

/** Throws `malformed-note` unless the text ends in a newline and holds no other control character. */
export function checkNoteText(text: string): void {
  const at = text.search(forbidden);
  if (at >= 0) {
    throw new LedgerError('malformed-note', 'a control character or a lone surrogate in the note', {
      expected: 'no character below U+0020 but the newline',
      got: `U+${text.charCodeAt(at).toString(16).padStart(4, '0')} at ${at}`,
    });
  }
  if (!text.endsWith('\n')) {
    throw new LedgerError('malformed-note', 'the note does not end in a newline', {
      expected: 'a newline at the end',
      got: lengthOf(text),
    });
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new LedgerError('malformed-note', 'the note is not valid UTF-8', {
      expected: 'valid UTF-8',
      cause,
    });
  }
}
