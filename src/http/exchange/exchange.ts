/**
 * What every server here does with every request, a ledger's or a witness's: the
 * headers that stand on each answer, patience with slow readers, errors as
 * problems, a log entry at the end, and the path below the prefix.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError, lengthOf } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { discardBody } from './body.ts';
import { setCommonHeaders } from './headers.ts';
import type { HttpLimits } from '../bounds/limits.ts';
import type { Log } from './log.ts';
import { logError } from './log.ts';
import type { Observer } from './observer.ts';
import { isOurFault, problemMediaType, problemOf } from './problem.ts';
import { statusOf } from './status.ts';
import type { Statuses } from './status.ts';

/** Says why a server takes no new work, when it does not. */
export interface ServerState {
  closing: boolean;
  failed: boolean;
}

export interface ExchangeParts {
  readonly limits: HttpLimits;
  readonly log: Log;
  readonly state: ServerState;
  /** Where the statuses are not those of the ledger. */
  readonly statuses?: Statuses;
  readonly observer?: Observer | undefined;
}

/** What is known of one request beside the request itself; lives as long as it. */
interface Exchange {
  route: string;
  code?: ErrorCode;
}

export class Exchanges {
  readonly #parts: ExchangeParts;
  readonly #statuses: Statuses;
  readonly #exchanges = new WeakMap<IncomingMessage, Exchange>();

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#statuses = parts.statuses ?? statusOf;
  }

  /** For the operator's log: what callers are not told. */
  report(error: unknown): void {
    logError(this.#parts.log, error);
  }

  /** The route of a request, for its log entry: a pattern, never the path that was asked for. */
  route(request: IncomingMessage, route: string): void {
    const exchange = this.#exchanges.get(request);
    if (exchange !== undefined) exchange.route = route;
  }

  /** The code of a refusal that is answered in another form than a problem. */
  code(request: IncomingMessage, code: ErrorCode): void {
    const exchange = this.#exchanges.get(request);
    if (exchange !== undefined) exchange.code = code;
  }

  /** First of all that is done with a request. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const { limits, log, state, observer } = this.#parts;
    const started = performance.now();
    const exchange: Exchange = { route: '' };
    this.#exchanges.set(request, exchange);
    setCommonHeaders(request, response);
    if (state.closing) response.setHeader('Connection', 'close');
    // A client that takes its answer a byte at a time holds it in memory; not for ever.
    const patience = setTimeout(() => request.socket.destroy(), limits.requestMs + limits.responseMs);
    // Before node's own answer to a body that is not read, which is to take it without a bound.
    response.once('prefinish', () => discardBody(request));
    response.once('close', () => {
      clearTimeout(patience);
      const { method = '' } = request;
      const { route, code } = exchange;
      const status = response.writableFinished ? response.statusCode : 0;
      const ms = performance.now() - started;
      observer?.answered({ method, route, status, seconds: ms / 1000 });
      log({
        event: 'request',
        time: new Date().toISOString(),
        method,
        route,
        status,
        ms: Math.round(ms),
        ...defined({ code }),
      });
    });
  }

  /** Answers with the problem of an error. */
  fail(error: unknown, request: IncomingMessage, response: ServerResponse): void {
    if (isOurFault(error, this.#statuses)) this.report(error);
    const exchange = this.#exchanges.get(request);
    const problem = problemOf(error, this.#statuses);
    if (exchange !== undefined) exchange.code = problem.code;
    if (response.headersSent) {
      // Half an answer cannot be taken back; cut off, it is not mistaken for a whole one.
      response.destroy();
      return;
    }
    for (const name of ['Content-Encoding', 'ETag', 'Location']) response.removeHeader(name);
    response.setHeader('Cache-Control', 'no-store');
    if (problem.retryAfter !== undefined) response.setHeader('Retry-After', problem.retryAfter);
    // A client that asked before sending its body may send it or not; only a new connection is clear.
    if (request.headers.expect !== undefined && !request.complete) response.setHeader('Connection', 'close');
    const bytes = Buffer.from(JSON.stringify(problem));
    response.setHeader('Content-Type', problemMediaType);
    response.setHeader('Content-Length', bytes.length);
    response.statusCode = problem.status;
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }
}

/**
 * The path below the prefix, without query; `request.url` is cut to match.
 * Throws `bad-request` and `not-found`.
 */
export function pathOf(request: IncomingMessage, prefix: string): string {
  if (request.headers.host === undefined && request.httpVersion !== '1.0') {
    throw new LedgerError('bad-request', 'the Host header is missing', { expected: 'a Host header' });
  }
  // A client may write the whole URL in the request line (RFC 9112, section 3.2.2).
  const url = (request.url ?? '').replace(/^https?:\/\/[^/?#]*/i, '');
  if (!url.startsWith('/')) {
    throw new LedgerError('bad-request', 'the request does not name a path', {
      expected: 'a path that begins with /',
      got: lengthOf(url),
    });
  }
  const query = url.indexOf('?');
  const whole = query === -1 ? url : url.slice(0, query);
  if (!whole.startsWith(`${prefix}/`)) {
    throw new LedgerError('not-found', 'nothing is served at this path', {
      expected: `a path that begins with ${prefix}/`,
    });
  }
  request.url = url.slice(prefix.length);
  return whole.slice(prefix.length);
}
