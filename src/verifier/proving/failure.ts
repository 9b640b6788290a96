import type { ErrorCode, LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';

/** Why an answer is not `proven`. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly expected?: string;
  readonly got?: string;
  readonly at?: string;
  readonly index?: number;
}

/** A refusal as a plain value. */
export function failureOf(error: LedgerError): Failure {
  const { code, message, expected, got, at, index } = error;
  return {
    code,
    message,
    ...defined({ expected, got, at, index }),
  };
}
