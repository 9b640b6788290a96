/** Reads what a server answers: bounded, in the shape that the interface promises, and refusals as errors. */
import { concat, fromBase64 } from '../bytes.ts';
import { LedgerError, errorTable, excerpt, isErrorCode } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { parseJson } from '../attestation/canonical.ts';
import type { JsonObject, JsonValue } from '../attestation/canonical.ts';
import type { Hash } from '../tlog/hash.ts';

/** Proofs, search pages, one authority document: none of them comes near it. */
export const maxJsonBytes: number = 8 << 20;
const maxJsonDepth = 64;
const maxProofHashes = 63;

/** The codes for which a server is taken at its word. */
export type Relay = (code: ErrorCode) => boolean;

/** Reads a body, no further than its bound; a hostile server could send without end. */
export async function readBounded(response: Response, maxBytes: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return new Uint8Array(0);
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new LedgerError('server-error', 'an answer is longer than it can be', {
        expected: `at most ${maxBytes} bytes`,
        got: url,
      });
    }
    chunks.push(chunk);
  }
  return concat(...chunks);
}

/** Whether the server, or a proxy before it, says that it could not look: it then knows nothing of what is recorded. */
export function couldNotLook(status: number): boolean {
  return status === 429 || status >= 500;
}

export function refusalOf(
  status: number,
  bytes: Uint8Array,
  { url, relay }: { url: string; relay: Relay },
): LedgerError {
  let problem: JsonObject = {};
  try {
    problem = parseAnswer(bytes);
  } catch {
    // A proxy's page, or nothing: the status has to do.
  }
  const { code, detail, expected, got, at, index } = problem;
  const text = (value: JsonValue | undefined): string | undefined =>
    typeof value === 'string' ? excerpt(value, 500) : undefined;
  if (typeof code === 'string' && isErrorCode(code) && relay(code) && believable(code, status)) {
    return new LedgerError(code, text(detail) ?? 'refused by the ledger', {
      expected: text(expected),
      got: text(got),
      at: text(at),
      index: typeof index === 'number' ? index : undefined,
    });
  }
  if (status === 404) return new LedgerError('not-found', 'not found on this ledger', { got: url });
  const said = text(detail) ?? `status ${status} from ${url}`;
  if (status === 429) {
    return new LedgerError('too-many-requests', 'the ledger has been asked too much at once', {
      expected: 'the same question again later',
      got: said,
    });
  }
  return new LedgerError('server-error', `the ledger answered with status ${status}`, {
    expected: 'status 200',
    got: said,
  });
}

/** With a status of its own failure, a server can say no more than that: never that something is wrong, or is not there. */
function believable(code: ErrorCode, status: number): boolean {
  return !couldNotLook(status) || errorTable[code].exit === 5;
}

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
