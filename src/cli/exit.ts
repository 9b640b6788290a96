/**
 * Exit statuses, in one place. A total map, so that no code can be added
 * without one.
 *
 *   0  proven, or done
 *   1  contradicted: what was shown is malformed, was changed, or disagrees
 *   2  not proven: nothing shown speaks of what was asked for
 *   3  stale, or the policy is not met: a signature, quorum or age is missing
 *   4  usage: arguments, files or keys of the person at the keyboard
 *   5  unreachable: no answer, or an answer that is the server's own failure
 */
import type { ErrorCode } from '../errors.ts';
import type { Answer } from '../verifier/answer.ts';

export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 5;

/** The exit status of a command that was refused with this code. */
export const exitStatus: Readonly<Record<ErrorCode, ExitStatus>> = {
  'bad-hex': 1,
  'bad-base64': 1,
  'bad-utf8': 1,
  'bad-number': 1,
  'byte-order-mark': 1,
  'not-json': 1,
  'too-deep': 1,
  'duplicate-key': 1,
  'lone-surrogate': 1,
  'unsafe-number': 1,
  'payload-not-canonical': 1,
  'envelope-not-canonical': 1,
  'unknown-member': 1,
  'too-large': 1,
  empty: 1,
  'bad-key': 4,
  'weak-key': 1,
  'key-readable-by-others': 4,
  'malformed-note': 1,
  'malformed-checkpoint': 1,
  // Policy and trust file are the user's own; a fault in them says nothing about the ledger.
  'malformed-policy': 4,
  'malformed-proof': 1,
  'malformed-tile': 1,
  'malformed-bundle': 1,
  'malformed-evidence': 1,
  'malformed-disclosure': 1,
  'malformed-trust': 4,
  'malformed-watch': 4,
  'malformed-anchor': 1,
  'malformed-add-checkpoint': 1,
  'bad-signature': 1,
  'no-known-signature': 3,
  'quorum-not-met': 3,
  'stale-checkpoint': 3,
  'checkpoint-too-small': 3,
  'origin-mismatch': 1,
  'unknown-log': 2,
  'size-conflict': 1,
  'clock-behind': 5,
  'out-of-range': 4,
  'inclusion-failed': 1,
  'consistency-failed': 1,
  'root-mismatch': 1,
  'leaf-mismatch': 1,
  'unknown-type': 1,
  'schema-violation': 1,
  'subject-mismatch': 1,
  'wrong-origin': 1,
  'authority-superseded': 1,
  'authority-invalid': 1,
  'authority-unproven': 2,
  'unknown-signer': 1,
  'key-not-in-force': 1,
  'missing-role': 1,
  'same-organisation': 1,
  'superfluous-signature': 1,
  'duplicate-signature': 1,
  'source-not-allowed': 1,
  'source-conflict': 1,
  'unknown-target': 1,
  'already-recorded': 1,
  'store-exists': 4,
  'store-missing': 4,
  'store-locked': 4,
  'store-corrupt': 1,
  'store-failed': 1,
  'store-behind-anchor': 1,
  'anchor-missing': 1,
  'anchor-taken': 1,
  'head-conflict': 1,
  'queue-full': 5,
  'shutting-down': 5,
  'recorded-not-published': 5,
  'below-quorum': 5,
  'behind-witnesses': 1,
  'fork-witnessed': 1,
  'not-ready': 5,
  'not-found': 2,
  'method-not-allowed': 5,
  'bad-request': 5,
  'wrong-media-type': 5,
  'not-acceptable': 5,
  timeout: 5,
  internal: 5,
  usage: 4,
  'no-trust-file': 4,
  'file-unreadable': 4,
  unreachable: 5,
  'server-error': 5,
  'digest-mismatch': 1,
  'not-recorded': 2,
  'not-evidence': 2,
  corrected: 1,
  'disclosure-mismatch': 1,
  erased: 2,
};

/** The exit status of a verifier's answer. */
export const exitStatusOf: Readonly<Record<Answer, ExitStatus>> = {
  proven: 0,
  contradicted: 1,
  'not-proven': 2,
  policy: 3,
};
