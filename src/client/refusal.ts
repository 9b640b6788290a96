/** What a ledger's refusal comes to: its own code where it may be believed, else what the status says. */
import { LedgerError, errorTable, excerpt, isErrorCode } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { JsonObject, JsonValue } from '../attestation/canonical.ts';
import { parseAnswer } from './answer.ts';

/** The codes for which a server is taken at its word. */
export type Relay = (code: ErrorCode) => boolean;

export const relayed: Relay = (code) => errorTable[code].relayed === true;

/** Whether the server, or a proxy before it, says that it could not look: it then knows nothing of what is recorded. */
function couldNotLook(status: number): boolean {
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
