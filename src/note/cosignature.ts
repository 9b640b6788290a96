/**
 * Signatures on checkpoints (c2sp.org/tlog-cosignature and, for type 1,
 * c2sp.org/signed-note). What follows the key ID in a signature line is
 *
 *     type 1   64-byte Ed25519 signature of the note text
 *     type 4   u64 time || 64-byte Ed25519 signature of
 *                  cosignature/v1
 *                  time 1679315147
 *                  <the note text: origin, size, root hash, extension lines>
 *     type 6   u64 time || 2,420-byte ML-DSA-44 signature of
 *                  "subtree/v1\n\0"
 *                  u8 length || cosigner's key name
 *                  u64 time
 *                  u8 length || origin
 *                  u64 0        (start)
 *                  u64 size     (end)
 *                  32-byte root hash
 *
 * Integers are big-endian, times are seconds since 1970. A time says that the
 * cosigner had then seen no larger tree of that log. Only type 6 allows time
 * 0, which says nothing of the kind: a log signs its own head so, and no
 * witness may.
 */
import { signEd25519, verifyEd25519 } from '#ed25519';
import { concat, equal, readUint64, uint64, utf8 } from '../bytes.ts';
import { LedgerError, assert, excerpt } from '../errors.ts';
import { signMldsa44, verifyMldsa44 } from '../platform/mldsa44.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { formatId, matchesKey, type SignerKey, type VerifierKey } from './key.ts';
import type { NoteSignature } from './note.ts';

const subtreeLabel = utf8('subtree/v1\n\0');
const timeBytes = 8;
const signatureBytes = { 1: 64, 4: timeBytes + 64, 6: timeBytes + 2420 } as const;

/**
 * Cosigns the text of a checkpoint with a key of type 4 or 6. `time` is in
 * seconds; 0 is for a log that signs its own head with type 6. Throws
 * `malformed-checkpoint`.
 */
export function cosign(parts: { key: SignerKey; text: string; time: number }): NoteSignature {
  const { key, text, time } = parts;
  assert(key.type !== 1, 'keys of type 1 sign notes, they do not cosign');
  assert(Number.isSafeInteger(time) && time >= (key.type === 6 ? 0 : 1), 'a cosignature has its time');
  const message = cosignedMessage(key, text, time);
  const sign = key.type === 6 ? signMldsa44 : signEd25519;
  return { name: key.name, id: key.id, signature: concat(uint64(time), sign(key.seed, message)) };
}

/**
 * Verifies a witness's cosignature (type 4 or 6) on the text of a checkpoint;
 * its time is above 0. Throws `bad-signature`, `malformed-checkpoint`.
 */
export function verifyCosignature(
  key: VerifierKey,
  text: string,
  signature: NoteSignature,
): { time: number } {
  const { time } = verifySignature(key, text, signature);
  // A witness signs subtrees for any client that asks, with time 0: such a
  // signature must not pass for its word that it saw no larger tree.
  if (time === undefined || time === 0) {
    throw failed(
      key,
      'a cosignature with a time above 0',
      time === undefined ? 'a signature of type 1' : 'time 0',
    );
  }
  return { time };
}

/**
 * Verifies a log's signature (type 1 or 6, any time) on the text of its
 * checkpoint. Throws `bad-signature`, `malformed-checkpoint`.
 */
export function verifyLogSignature(key: VerifierKey, text: string, signature: NoteSignature): void {
  if (key.type === 4) throw failed(key, 'a signature of type 1 or 6', 'a cosignature of type 4');
  verifySignature(key, text, signature);
  // The message of type 6 leaves extension lines out, so a server that relays
  // the checkpoint could add some; a log that signs so has none.
  if (key.type === 6 && parseCheckpoint(text).extensions.length > 0) {
    throw failed(key, 'a checkpoint without extension lines', 'lines that the signature does not cover');
  }
}

/**
 * Verifies a signature of any type over a note's text. The time is there for
 * types 4 and 6. Throws `bad-signature`; `malformed-checkpoint` for type 6
 * over a text that is no checkpoint.
 */
export function verifySignature(key: VerifierKey, text: string, signature: NoteSignature): { time?: number } {
  if (!matchesKey(key, signature)) {
    throw failed(key, `${key.name} ${formatId(key.id)}`, `${signature.name} ${formatId(signature.id)}`);
  }
  const bytes = signature.signature;
  if (bytes.length !== signatureBytes[key.type]) {
    throw failed(key, `${signatureBytes[key.type]} bytes`, `${bytes.length} bytes`);
  }
  if (key.type === 1) {
    if (!verifyEd25519(key.publicKey, utf8(text), bytes)) throw failed(key);
    return {};
  }
  const time = readTime(key, bytes);
  const message = cosignedMessage(key, text, time);
  const verify = key.type === 6 ? verifyMldsa44 : verifyEd25519;
  if (!verify(key.publicKey, message, bytes.subarray(timeBytes))) throw failed(key);
  return { time };
}

/** The message that a cosignature signs, for the checkpoint in `text`. */
function cosignedMessage(key: { name: string; type: 1 | 4 | 6 }, text: string, time: number): Uint8Array {
  if (key.type === 4) return utf8(`cosignature/v1\ntime ${time}\n${text}`);
  const { origin, size, root } = parseCheckpoint(text);
  return mldsaMessage({ cosigner: key.name, time, origin, size, root });
}

/** The `cosigned_message` of a whole tree. Throws `malformed-checkpoint` for an origin above 255 bytes. */
export function mldsaMessage(parts: {
  cosigner: string;
  time: number;
  origin: string;
  size: number;
  root: Uint8Array;
}): Uint8Array {
  return concat(
    subtreeLabel,
    prefixed(parts.cosigner),
    uint64(parts.time),
    prefixed(parts.origin),
    uint64(0),
    uint64(parts.size),
    parts.root,
  );
}

/** One signature given twice is one signature. */
export function sameSignature(a: NoteSignature, b: NoteSignature): boolean {
  return a.name === b.name && a.id === b.id && equal(a.signature, b.signature);
}

function prefixed(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length === 0 || bytes.length > 255) {
    throw new LedgerError('malformed-checkpoint', 'the name is too long for an ML-DSA-44 signature', {
      expected: '1 to 255 bytes',
      got: `${bytes.length} bytes`,
    });
  }
  return concat(Uint8Array.of(bytes.length), bytes);
}

function readTime(key: VerifierKey, bytes: Uint8Array): number {
  try {
    return readUint64(bytes);
  } catch {
    throw failed(key, 'a time of at most 2^53 - 1 seconds', 'a later one');
  }
}

function failed(
  key: VerifierKey,
  expected = 'a signature that verifies',
  got = 'one that does not',
): LedgerError {
  return new LedgerError('bad-signature', `the signature of ${excerpt(key.name)} fails`, {
    expected: excerpt(expected, 300),
    got: excerpt(got, 300),
  });
}
