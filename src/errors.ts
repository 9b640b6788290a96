/**
 * Coded errors: every refusal carries a stable `code`, what was expected and
 * what was got. `http/status.ts` maps codes to HTTP status, `cli/exit.ts` to
 * exit status, `cli/explanations.ts` to a paragraph for people; each is a
 * total map over this list, so a code cannot be added without them.
 */

/** Every stable error code. Codes are never renamed or given another meaning. */
export const errorCodes = [
  // Bytes and texts
  'bad-hex',
  'bad-base64',
  'bad-utf8',
  'bad-number',
  'byte-order-mark',
  'not-json',
  'too-deep',
  'duplicate-key',
  'lone-surrogate',
  'unsafe-number',
  'payload-not-canonical',
  'envelope-not-canonical',
  'unknown-member',
  'too-large',
  'empty',
  // Keys and notes
  'bad-key',
  'weak-key',
  'key-readable-by-others',
  'malformed-note',
  'malformed-checkpoint',
  'malformed-policy',
  'malformed-proof',
  'malformed-tile',
  'malformed-bundle',
  'malformed-evidence',
  'malformed-disclosure',
  'malformed-trust',
  'malformed-watch',
  'malformed-anchor',
  'malformed-add-checkpoint',
  'malformed-seal',
  'bad-signature',
  'no-known-signature',
  'quorum-not-met',
  'stale-checkpoint',
  'checkpoint-too-small',
  'origin-mismatch',
  'unknown-log',
  'size-conflict',
  'clock-behind',
  // Tree
  'out-of-range',
  'inclusion-failed',
  'consistency-failed',
  'root-mismatch',
  'leaf-mismatch',
  // Attestations
  'unknown-type',
  'schema-violation',
  'placeholder',
  'subject-mismatch',
  'wrong-origin',
  'authority-superseded',
  'authority-invalid',
  'authority-unproven',
  'unknown-signer',
  'key-not-in-force',
  'missing-role',
  'same-organisation',
  'superfluous-signature',
  'duplicate-signature',
  'source-not-allowed',
  'source-conflict',
  'summary-late',
  'unknown-target',
  'already-recorded',
  // Ledger and store
  'store-exists',
  'store-missing',
  'store-locked',
  'store-corrupt',
  'store-failed',
  'store-behind-anchor',
  'anchor-missing',
  'anchor-taken',
  'head-conflict',
  'queue-full',
  'shutting-down',
  'recorded-not-published',
  'below-quorum',
  'behind-witnesses',
  'fork-witnessed',
  'not-ready',
  // Requests
  'not-found',
  'method-not-allowed',
  'bad-request',
  'wrong-media-type',
  'not-acceptable',
  'timeout',
  'internal',
  // Clients
  'usage',
  'no-trust-file',
  'file-unreadable',
  'unreachable',
  'server-error',
  'digest-mismatch',
  'not-recorded',
  'not-evidence',
  'corrected',
  'seal-invalid',
  'seal-untrusted',
  'rebuild-differs',
  'chain-broken',
  'requirement-not-met',
  'disclosure-mismatch',
  'erased',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface ErrorDetails {
  /** What would have been accepted, in a few words. */
  readonly expected?: string | undefined;
  /** What was there instead, bounded; never a secret and never personal data: see `lengthOf`. */
  readonly got?: string | undefined;
  /** JSON Pointer (RFC 6901) to the field at fault. */
  readonly at?: string | undefined;
  /** Index of the leaf that the error speaks of. */
  readonly index?: number | undefined;
  /** Further facts for machines, for example the leaf hash of the authority in force. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>;
  readonly cause?: unknown;
}

/** Bad input or a refused operation. A broken invariant of our own is a plain `Error` from `assert`. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
  readonly code: ErrorCode;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly at: string | undefined;
  readonly index: number | undefined;
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.at = details.at;
    this.index = details.index;
    this.facts = details.facts ?? {};
  }
}

/** Throws when our own code has broken a promise that it made; never for input. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${promise}`);
}

/**
 * Of a text from outside, its length: what was not understood could be anything,
 * a name or a ticket too, and errors go where logs go. Whoever sent the text has it.
 */
export function lengthOf(text: string): string {
  return text.length === 1 ? '1 character' : `${text.length} characters`;
}

/**
 * At most `limit` characters of a text that is public by what it is: the name of
 * a key, the origin of a log, the quorum of a policy.
 */
export function excerpt(text: string, limit = 80): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length} characters)`;
}
