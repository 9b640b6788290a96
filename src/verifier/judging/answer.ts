/**
 * The four answers that a verifier gives, and which answer each kind of
 * failure leads to. Whatever is not listed here speaks against what was
 * shown: a proof that does not check is never a mere lack of proof.
 */
import type { ErrorCode } from '../../errors.ts';

/**
 * - `proven`: recorded under a checkpoint that the policy accepts, by signers who were allowed to.
 * - `contradicted`: something that was shown is malformed, was changed, or speaks against the rest.
 * - `not-proven`: all that was shown is right, and none of it is about this file.
 * - `policy`: a signature, a quorum or an age that the trust file asks for is missing, or
 *   supervision that the one who asks requires.
 */
export type Answer = 'proven' | 'contradicted' | 'not-proven' | 'policy';

const policyCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'no-known-signature',
  'quorum-not-met',
  'stale-checkpoint',
  'checkpoint-too-small',
  'requirement-not-met',
]);

const notProvenCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'not-recorded',
  'not-evidence',
  'authority-unproven',
  'seal-untrusted',
  'erased',
  'summary-late',
]);

/** The answer that a failed check stands for. */
export function answerOf(code: ErrorCode): Answer {
  if (policyCodes.has(code)) return 'policy';
  return notProvenCodes.has(code) ? 'not-proven' : 'contradicted';
}
