/**
 * Errors as problem details (RFC 9457):
 *
 *     {"type":"urn:isal:error:wrong-origin","title":"Wrong origin","status":422,
 *      "code":"wrong-origin","detail":"…","expected":"ledger.example/log",
 *      "got":"another origin, of 13 characters","at":"/predicate/ledger/origin"}
 *
 * `expected`, `got`, `at` (a JSON Pointer), `index` and `retryAfter` (seconds)
 * stand there when known, and beside them the error's further facts.
 */
import type { ErrorCode } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { LedgerError, errorTable } from '../../errors.ts';
import { statusOf } from './status.ts';
import type { Statuses } from './status.ts';

export const problemMediaType = 'application/problem+json';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly expected?: string;
  readonly got?: string;
  readonly at?: string;
  readonly index?: number;
  /** Seconds after which the same request is worth another try. */
  readonly retryAfter?: number;
  readonly [fact: string]: unknown;
}

/** Seconds to wait where the table says none: only the operator can mend it. */
const retryAfterFailure = 30;

/** The problem that a caller may see of any thrown value. */
export function problemOf(error: unknown, statuses: Statuses = statusOf): Problem {
  const known = error instanceof LedgerError ? error : undefined;
  const code = known?.code ?? 'internal';
  const status = statuses[code];
  const base = { type: `urn:isal:error:${code}`, title: titleOf(code), status, code };
  const retryAfter = status === 503 || status === 429 ? retryAfterOf(known, code) : undefined;
  // What failed inside us may name paths or hold other people's bytes, and
  // an attacker who probes the server learns nothing from it; the operator's log has it.
  if (known === undefined || isOurFault(error, statuses)) {
    const detail = 'the server could not answer this; its operator has the details';
    return { ...base, detail, ...defined({ retryAfter }) };
  }
  const { message: detail, expected, got, at, index, facts } = known;
  return { ...facts, ...base, detail, ...defined({ expected, got, at, index, retryAfter }) };
}

/** Seconds: what the error knows of the asker's own case, or what the table says of all such. */
function retryAfterOf(known: LedgerError | undefined, code: ErrorCode): number {
  const own = known?.facts['retryAfter'];
  return typeof own === 'number' ? own : (errorTable[code].retry ?? retryAfterFailure);
}

/** Whether the operator must hear of it: all that is neither the caller's mistake nor a plain "not now". */
export function isOurFault(error: unknown, statuses: Statuses = statusOf): boolean {
  if (!(error instanceof LedgerError)) return true;
  return statuses[error.code] >= 500 && errorTable[error.code].retry === undefined;
}

/** `payload-not-canonical` → `Payload not canonical`. */
export function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('-', ' ').replace('utf8', 'UTF-8').replace('json', 'JSON');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
