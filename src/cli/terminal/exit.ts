/** Exit statuses, in one place: of a code by its row in the table of errors, of a verifier's answer here. */
import { byCode } from '../../errors.ts';
import type { ErrorCode, ExitStatus } from '../../errors.ts';
import type { Answer } from '../../verifier/judging/answer.ts';

export type { ExitStatus } from '../../errors.ts';

/** The exit status of a command that was refused with this code. */
export const exitStatus: Readonly<Record<ErrorCode, ExitStatus>> = byCode(({ exit }) => exit);

/** The exit status of a verifier's answer. */
export const exitStatusOf: Readonly<Record<Answer, ExitStatus>> = {
  proven: 0,
  contradicted: 1,
  'not-proven': 2,
  policy: 3,
};
