/**
 * The one map from error code to HTTP status. It is total, so that a code
 * cannot be added without deciding what the server answers with it.
 *
 * - 400 the bytes or the request cannot be read as what they should be
 * - 403 well-formed, but these signers may not record it
 * - 409 in conflict with what the ledger already holds
 * - 422 well-formed, but not an attestation that this ledger takes
 * - 503 not now: `Retry-After` says when to come back
 * - 500 our own fault, or a code that only clients raise
 */
import type { ErrorCode } from '../../errors.ts';

export const statusOf: Readonly<Record<ErrorCode, number>> = {
  // Bytes and texts
  'bad-hex': 400,
  'bad-base64': 400,
  'bad-utf8': 400,
  'bad-number': 400,
  'byte-order-mark': 400,
  'not-json': 400,
  'too-deep': 400,
  'duplicate-key': 400,
  'lone-surrogate': 400,
  'unsafe-number': 400,
  'payload-not-canonical': 400,
  'envelope-not-canonical': 400,
  'unknown-member': 400,
  'too-large': 413,
  empty: 400,
  // Keys and notes; a submitted authority document can carry a bad key, the
  // rest is read from our own store or by clients
  'bad-key': 422,
  'weak-key': 422,
  'key-readable-by-others': 500,
  'malformed-note': 500,
  'malformed-checkpoint': 500,
  'malformed-policy': 500,
  'malformed-proof': 500,
  'malformed-tile': 500,
  'malformed-bundle': 500,
  'malformed-evidence': 500,
  'malformed-disclosure': 500,
  'malformed-trust': 500,
  'malformed-watch': 500,
  'malformed-anchor': 500,
  'malformed-add-checkpoint': 500,
  'malformed-seal': 500,
  'bad-signature': 403,
  'no-known-signature': 500,
  'quorum-not-met': 503,
  'stale-checkpoint': 500,
  'checkpoint-too-small': 500,
  'origin-mismatch': 500,
  'unknown-log': 500,
  'size-conflict': 500,
  'clock-behind': 500,
  // Tree
  'out-of-range': 400,
  'inclusion-failed': 500,
  'consistency-failed': 500,
  'root-mismatch': 500,
  'leaf-mismatch': 500,
  // Attestations
  'unknown-type': 422,
  'schema-violation': 422,
  // Found before anybody signs; what is submitted is judged by the schemas.
  placeholder: 500,
  'subject-mismatch': 422,
  'wrong-origin': 422,
  'authority-superseded': 409,
  'authority-invalid': 422,
  'authority-unproven': 500,
  'unknown-signer': 403,
  'key-not-in-force': 403,
  'missing-role': 403,
  'same-organisation': 403,
  'superfluous-signature': 403,
  'duplicate-signature': 400,
  'source-not-allowed': 403,
  'source-conflict': 409,
  'summary-late': 500,
  'unknown-target': 409,
  'already-recorded': 409,
  // Ledger and store
  'store-exists': 500,
  'store-missing': 503,
  'store-locked': 503,
  'store-corrupt': 503,
  'store-failed': 503,
  'store-behind-anchor': 503,
  'anchor-missing': 503,
  'anchor-taken': 503,
  'head-conflict': 503,
  'queue-full': 503,
  'shutting-down': 503,
  'recorded-not-published': 503,
  'below-quorum': 503,
  'behind-witnesses': 503,
  'fork-witnessed': 503,
  'not-ready': 503,
  // Requests
  'not-found': 404,
  'not-recorded': 404,
  'method-not-allowed': 405,
  'bad-request': 400,
  'wrong-media-type': 415,
  'not-acceptable': 406,
  timeout: 503,
  internal: 500,
  // Clients
  usage: 500,
  'no-trust-file': 500,
  'file-unreadable': 500,
  unreachable: 500,
  'server-error': 500,
  'digest-mismatch': 500,
  'not-evidence': 500,
  corrected: 500,
  'seal-invalid': 500,
  'seal-untrusted': 500,
  'rebuild-differs': 500,
  'chain-broken': 500,
  'requirement-not-met': 500,
  'disclosure-mismatch': 500,
  erased: 500,
};

/**
 * What a witness answers. The codes of `statusOf` stand for what the ledger
 * says of its own notes and trees; here they speak of what a caller brought,
 * and c2sp.org/tlog-witness says which status each has. 400 is also for a
 * checkpoint that is smaller than the old size.
 */
export const witnessStatusOf: Readonly<Record<ErrorCode, number>> = {
  ...statusOf,
  'malformed-add-checkpoint': 400,
  'malformed-note': 400,
  'malformed-checkpoint': 400,
  'no-known-signature': 403,
  'unknown-log': 404,
  'size-conflict': 409,
  'consistency-failed': 422,
  'root-mismatch': 422,
  'clock-behind': 503,
};
