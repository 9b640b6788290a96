/**
 * The four answers that a verifier gives, and which answer each class of
 * failure leads to: a proof that does not check is never a mere lack of proof.
 */
import { errorTable } from '../../errors.ts';
import type { ErrorClass, ErrorCode } from '../../errors.ts';

/**
 * - `proven`: recorded under a checkpoint that the policy accepts, by signers who were allowed to.
 * - `contradicted`: something that was shown is malformed, was changed, or speaks against the rest.
 * - `not-proven`: all that was shown is right, and none of it is about this file.
 * - `policy`: a signature, a quorum or an age that the trust file asks for is missing, or
 *   supervision that the one who asks requires.
 */
export type Answer = 'proven' | 'contradicted' | 'not-proven' | 'policy';

const answers: Readonly<Record<ErrorClass, Exclude<Answer, 'proven'>>> = {
  input: 'contradicted',
  policy: 'policy',
  missing: 'not-proven',
  tampered: 'contradicted',
  transport: 'contradicted',
  'own-store': 'contradicted',
  caller: 'contradicted',
};

/** The answer that a failed check stands for. */
export function answerOf(code: ErrorCode): Exclude<Answer, 'proven'> {
  return answers[errorTable[code].class];
}
