/** What a ledger's answers consist of, in the shape that the interface promises; a fault in them is the server's. */
import { fromBase64 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { parseJson } from '../attestation/canonical.ts';
import type { JsonObject, JsonValue } from '../attestation/canonical.ts';
import type { Hash } from '../tlog/hash.ts';

/** Proofs, search pages, one authority document: none of them comes near it. */
export const maxJsonBytes: number = 8 << 20;
const maxJsonDepth = 64;
const maxProofHashes = 63;

export function parseAnswer(bytes: Uint8Array, maxBytes: number = maxJsonBytes): JsonObject {
  return object(
    decoded(() => parseJson(bytes, { maxBytes, maxDepth: maxJsonDepth })),
    'answer',
  );
}

/** A fault in what the server wrote is the server's, not ours and not the user's. */
export function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError('server-error', `the ledger's answer cannot be read: ${cause.message}`, {
      expected: cause.expected,
      cause,
    });
  }
}

export function unexpected(expected: string): LedgerError {
  return new LedgerError('server-error', 'the ledger answered in another form than it promises', {
    expected,
  });
}

export function object(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw unexpected(`${what} as an object`);
}

export function string(answer: JsonObject, name: string): string {
  const value = answer[name];
  if (typeof value === 'string') return value;
  throw unexpected(`${name} as a string`);
}

export function number(answer: JsonObject, name: string): number {
  const value = answer[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw unexpected(`${name} as a whole number`);
}

export function hashes(answer: JsonObject): Hash[] {
  const list = answer['hashes'];
  if (!Array.isArray(list) || list.length > 2 * maxProofHashes) throw unexpected('hashes as a short list');
  return list.map((hash) => {
    if (typeof hash !== 'string') throw unexpected('hashes as strings');
    return decoded(() => fromBase64(hash, 32));
  });
}
