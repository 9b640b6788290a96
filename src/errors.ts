/**
 * Coded errors: every refusal carries a stable `code`, what was expected and
 * what was got. What a code comes to stands in one table, a row for each; every
 * set of codes that is told apart anywhere is a column of it, or follows from
 * the class. The paragraph for people has the code as its id
 * (`isal explain CODE`), and a test holds that there is one for each.
 */

/**
 * What a refusal says, and of whom:
 *
 * - `input`: what was brought has not the form it should have, or the rules do not take it
 * - `policy`: a signature, a quorum, an age or supervision that was asked for is missing
 * - `missing`: all that was shown is right, and none of it is what was asked for
 * - `tampered`: it has the form, and disagrees with a signature, a hash, a root or another entry
 * - `transport`: no answer, or one about the request alone; nothing is learnt of what is recorded
 * - `own-store`: the database, the anchor or the history of the one who says so keeps it from going on
 * - `caller`: arguments, files and keys of the person at the keyboard
 */
export type ErrorClass = 'input' | 'policy' | 'missing' | 'tampered' | 'transport' | 'own-store' | 'caller';

/**
 *   0  proven, or done
 *   1  contradicted: what was shown is malformed, was changed, or disagrees
 *   2  not proven: nothing shown speaks of what was asked for
 *   3  stale, or the policy is not met: a signature, quorum or age is missing
 *   4  usage: arguments, files or keys of the person at the keyboard
 *   5  unreachable: no answer, or an answer that is the server's own failure
 */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5;

export interface ErrorRow {
  readonly class: ErrorClass;
  /** Of a command that was refused with this code. */
  readonly exit: Exclude<ExitStatus, 0>;
  /**
   * What a ledger answers with it over HTTP:
   *
   * - 400 the bytes or the request cannot be read as what they should be
   * - 403 well-formed, but these signers may not record it
   * - 409 in conflict with what the ledger already holds
   * - 422 well-formed, but not an attestation that this ledger takes
   * - 429 not so much from one address: `Retry-After` says when to come back
   * - 503 not now: the same
   * - 500 our own fault, or a code that only clients raise
   */
  readonly http: number;
  /**
   * What a witness answers, where that differs: of a ledger's own notes and
   * trees `http` speaks, and here of what a caller brought. The statuses are
   * those of c2sp.org/tlog-witness.
   */
  readonly witness?: number;
  /** Seconds until another try is worth it; a server that pushes back so has no fault. */
  readonly retry?: number;
  /** What was served are not the bytes of the tree that was signed. */
  readonly tree?: true;
  /** A client takes a server's word for it where it asked to read; any other code is only its word. */
  readonly relayed?: true;
  /** Alerts watch how often the ledger says it, so its series is there from the start. */
  readonly alerts?: true;
}

const rows = {
  // Bytes and texts
  'bad-hex': { class: 'input', exit: 1, http: 400 },
  'bad-base64': { class: 'input', exit: 1, http: 400 },
  'bad-utf8': { class: 'input', exit: 1, http: 400 },
  'bad-number': { class: 'input', exit: 1, http: 400 },
  'byte-order-mark': { class: 'input', exit: 1, http: 400 },
  'not-json': { class: 'input', exit: 1, http: 400 },
  'too-deep': { class: 'input', exit: 1, http: 400 },
  'duplicate-key': { class: 'input', exit: 1, http: 400 },
  'lone-surrogate': { class: 'input', exit: 1, http: 400 },
  'unsafe-number': { class: 'input', exit: 1, http: 400 },
  'payload-not-canonical': { class: 'input', exit: 1, http: 400 },
  'envelope-not-canonical': { class: 'input', exit: 1, http: 400 },
  'unknown-member': { class: 'input', exit: 1, http: 400 },
  'too-large': { class: 'input', exit: 1, http: 413 },
  empty: { class: 'input', exit: 1, http: 400 },
  // Keys and notes
  // A submitted authority document can carry a bad key; the rest is read from our own store or by clients.
  'bad-key': { class: 'input', exit: 4, http: 422 },
  'weak-key': { class: 'input', exit: 1, http: 422 },
  'key-readable-by-others': { class: 'caller', exit: 4, http: 500 },
  'file-writable-by-others': { class: 'caller', exit: 4, http: 500 },
  'malformed-note': { class: 'input', exit: 1, http: 500, witness: 400 },
  'malformed-checkpoint': { class: 'input', exit: 1, http: 500, witness: 400 },
  // Policy and trust file are the user's own; a fault in them says nothing about the ledger.
  'malformed-policy': { class: 'caller', exit: 4, http: 500 },
  'malformed-proof': { class: 'input', exit: 1, http: 500 },
  'malformed-tile': { class: 'tampered', exit: 1, http: 500, tree: true },
  'malformed-bundle': { class: 'input', exit: 1, http: 500 },
  'malformed-evidence': { class: 'input', exit: 1, http: 500 },
  'malformed-disclosure': { class: 'input', exit: 1, http: 500 },
  'malformed-trust': { class: 'caller', exit: 4, http: 500 },
  'malformed-watch': { class: 'caller', exit: 4, http: 500 },
  'malformed-anchor': { class: 'own-store', exit: 1, http: 500 },
  'malformed-add-checkpoint': { class: 'input', exit: 1, http: 500, witness: 400 },
  'malformed-seal': { class: 'input', exit: 1, http: 500 },
  'bad-signature': { class: 'tampered', exit: 1, http: 403 },
  'no-known-signature': { class: 'policy', exit: 3, http: 500, witness: 403 },
  'quorum-not-met': { class: 'policy', exit: 3, http: 503 },
  'stale-checkpoint': { class: 'policy', exit: 3, http: 500 },
  'checkpoint-too-small': { class: 'policy', exit: 3, http: 500 },
  'origin-mismatch': { class: 'tampered', exit: 1, http: 500 },
  'unknown-log': { class: 'transport', exit: 2, http: 500, witness: 404 },
  'size-conflict': { class: 'input', exit: 1, http: 500, witness: 409 },
  'clock-behind': { class: 'transport', exit: 5, http: 500, witness: 503, retry: 60 },
  // Tree
  'out-of-range': { class: 'input', exit: 4, http: 400, relayed: true },
  'inclusion-failed': { class: 'tampered', exit: 1, http: 500, tree: true },
  'consistency-failed': { class: 'tampered', exit: 1, http: 500, witness: 422, tree: true },
  'root-mismatch': { class: 'tampered', exit: 1, http: 500, witness: 422, tree: true },
  'leaf-mismatch': { class: 'tampered', exit: 1, http: 500, tree: true },
  // Attestations
  'unknown-type': { class: 'input', exit: 1, http: 422 },
  'schema-violation': { class: 'input', exit: 1, http: 422 },
  // Found before anybody signs; what is submitted is judged by the schemas.
  placeholder: { class: 'caller', exit: 4, http: 500 },
  'subject-mismatch': { class: 'input', exit: 1, http: 422 },
  'wrong-origin': { class: 'input', exit: 1, http: 422 },
  'authority-superseded': { class: 'input', exit: 1, http: 409 },
  'authority-invalid': { class: 'input', exit: 1, http: 422 },
  'authority-unproven': { class: 'missing', exit: 2, http: 500 },
  'unknown-signer': { class: 'input', exit: 1, http: 403 },
  'key-not-in-force': { class: 'input', exit: 1, http: 403 },
  'missing-role': { class: 'input', exit: 1, http: 403 },
  'same-organisation': { class: 'input', exit: 1, http: 403 },
  'superfluous-signature': { class: 'input', exit: 1, http: 403 },
  'duplicate-signature': { class: 'input', exit: 1, http: 400 },
  'source-not-allowed': { class: 'input', exit: 1, http: 403 },
  'source-conflict': { class: 'input', exit: 1, http: 409, alerts: true },
  'summary-late': { class: 'missing', exit: 2, http: 500 },
  'unknown-target': { class: 'input', exit: 1, http: 409 },
  'already-recorded': { class: 'input', exit: 1, http: 409 },
  // Ledger and store
  'store-exists': { class: 'caller', exit: 4, http: 500 },
  'store-missing': { class: 'own-store', exit: 4, http: 503 },
  'store-locked': { class: 'own-store', exit: 4, http: 503 },
  'store-corrupt': { class: 'own-store', exit: 1, http: 503 },
  'store-unreadable': { class: 'transport', exit: 5, http: 503 },
  'store-failed': { class: 'own-store', exit: 1, http: 503 },
  'store-behind-anchor': { class: 'own-store', exit: 1, http: 503 },
  'anchor-missing': { class: 'own-store', exit: 1, http: 503 },
  'anchor-taken': { class: 'own-store', exit: 1, http: 503 },
  'signer-lost': { class: 'own-store', exit: 5, http: 503 },
  'head-conflict': { class: 'own-store', exit: 1, http: 503 },
  'queue-full': { class: 'transport', exit: 5, http: 503, retry: 1, relayed: true, alerts: true },
  'too-many-requests': { class: 'transport', exit: 5, http: 429, retry: 1, relayed: true, alerts: true },
  'shutting-down': { class: 'transport', exit: 5, http: 503, retry: 5, relayed: true },
  'recorded-not-published': { class: 'transport', exit: 5, http: 503, retry: 5, relayed: true },
  // Only the operator can end it; who retries loses nothing when the ledger is made whole.
  'read-only': { class: 'transport', exit: 5, http: 503, retry: 300 },
  'below-quorum': { class: 'transport', exit: 5, http: 503, retry: 10, alerts: true },
  'behind-witnesses': { class: 'own-store', exit: 1, http: 503 },
  'fork-witnessed': { class: 'own-store', exit: 1, http: 503 },
  'not-ready': { class: 'transport', exit: 5, http: 503, retry: 5, relayed: true },
  // Requests
  'not-found': { class: 'transport', exit: 2, http: 404, relayed: true },
  'method-not-allowed': { class: 'transport', exit: 5, http: 405 },
  'bad-request': { class: 'transport', exit: 5, http: 400, relayed: true },
  'wrong-media-type': { class: 'transport', exit: 5, http: 415 },
  'not-acceptable': { class: 'transport', exit: 5, http: 406 },
  timeout: { class: 'transport', exit: 5, http: 503, retry: 5, relayed: true },
  internal: { class: 'transport', exit: 5, http: 500 },
  // Clients
  usage: { class: 'caller', exit: 4, http: 500 },
  'no-trust-file': { class: 'caller', exit: 4, http: 500 },
  'file-unreadable': { class: 'caller', exit: 4, http: 500 },
  unreachable: { class: 'transport', exit: 5, http: 500 },
  'server-error': { class: 'transport', exit: 5, http: 500 },
  'digest-mismatch': { class: 'tampered', exit: 1, http: 500 },
  'not-recorded': { class: 'missing', exit: 2, http: 404 },
  'not-evidence': { class: 'missing', exit: 2, http: 500 },
  corrected: { class: 'tampered', exit: 1, http: 500 },
  'seal-invalid': { class: 'tampered', exit: 1, http: 500 },
  'seal-untrusted': { class: 'missing', exit: 2, http: 500 },
  'rebuild-differs': { class: 'tampered', exit: 1, http: 500 },
  'chain-broken': { class: 'tampered', exit: 1, http: 500 },
  'requirement-not-met': { class: 'policy', exit: 3, http: 500 },
  'disclosure-mismatch': { class: 'tampered', exit: 1, http: 500 },
  erased: { class: 'missing', exit: 2, http: 500 },
} as const;

/** Codes are never renamed or given another meaning. */
export type ErrorCode = keyof typeof rows;

export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = rows;

/** Every code, in the order in which they are listed for people. */
export const errorCodes: readonly ErrorCode[] = Object.keys(rows) as ErrorCode[];

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(rows, text);
}

/** One value for each code, made of its row. */
export function byCode<T>(valueOf: (row: ErrorRow) => T): Readonly<Record<ErrorCode, T>> {
  return Object.fromEntries(errorCodes.map((code) => [code, valueOf(errorTable[code])])) as Record<
    ErrorCode,
    T
  >;
}

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
  /** Command lines that lead on, for the operator alone: no answer over HTTP has them. */
  readonly wayOut?: readonly string[];
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
  readonly wayOut: readonly string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.expected = details.expected;
    this.got = details.got;
    this.at = details.at;
    this.index = details.index;
    this.facts = details.facts ?? {};
    this.wayOut = details.wayOut ?? [];
  }
}

/** Throws when our own code has broken a promise that it made; never for input. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${promise}`);
}

/**
 * Of a text from outside, its length: what was not understood could be anything,
 * a name or a ticket too, and errors go where logs go. The sender of the text has it.
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
