/** HTTP statuses of refusals, by the table of errors: those of a ledger, and those of a witness. */
import { byCode, errorCodes } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';

/** A total map from code to status. */
export type Statuses = Readonly<Record<ErrorCode, number>>;

export const statusOf: Statuses = byCode(({ http }) => http);

export const witnessStatusOf: Statuses = byCode(({ http, witness = http }) => witness);

/** What node's parser or clock refuses before a request is whole, with statuses that no code has of itself. */
export interface ParserRefusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
}

/** By the code of node's error. */
const parserRefusals: ReadonlyMap<string, ParserRefusal> = new Map([
  [
    'HPE_HEADER_OVERFLOW',
    { status: 431, code: 'too-large', detail: 'the header of the request is too large' },
  ],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    { status: 413, code: 'too-large', detail: 'the chunk extensions of the request are too large' },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: 408, code: 'timeout', detail: 'the request did not arrive in time' },
  ],
]);

const notHttp: ParserRefusal = { status: 400, code: 'bad-request', detail: 'not an HTTP request' };

export function parserRefusalOf(error: NodeJS.ErrnoException): ParserRefusal {
  return parserRefusals.get(error.code ?? '') ?? notHttp;
}

/** Every status that a refusal may have, ascending, and the codes that come with it. */
export function codesByStatus(): ReadonlyMap<number, readonly ErrorCode[]> {
  const refusals = [
    ...errorCodes.map((code) => ({ status: statusOf[code], code })),
    ...parserRefusals.values(),
  ];
  const statuses = [...new Set(refusals.map(({ status }) => status))].toSorted((a, b) => a - b);
  const codesWith = (wanted: number): ErrorCode[] =>
    refusals.filter(({ status }) => status === wanted).map(({ code }) => code);
  return new Map(statuses.map((status) => [status, [...new Set(codesWith(status))]]));
}
