/**
 * One request, from its line to its log entry: the headers that stand on every
 * answer, the prefix, the way to tiles or routes, and errors as problems.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Router } from '@koa/router';
import Koa from 'koa';
import { LedgerError, excerpt } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { attestationRoutes } from './attestations.ts';
import { discardBody } from './body.ts';
import { Budget, releaseAtEnd } from './budget.ts';
import { answerOptions, setCommonHeaders } from './headers.ts';
import type { HttpLimits } from './limits.ts';
import type { Log } from './log.ts';
import { logError } from './log.ts';
import { metaRoutes } from './meta.ts';
import { openApi } from './openapi.ts';
import { isOurFault, problemMediaType, problemOf } from './problem.ts';
import { proofRoutes } from './proofs.ts';
import type { Route, Service } from './route.ts';
import { submitRoutes } from './submit.ts';
import { Tiles, tileOperations } from './tiles.ts';

export interface AppOptions {
  readonly prefix: string;
  readonly limits: HttpLimits;
  readonly log: Log;
}

export interface App {
  readonly state: Service['state'];
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** What is known of one request beside the request itself; lives as long as it. */
interface Exchange {
  route: string;
  code?: string;
}

export function createApp(ledger: Ledger, { prefix, limits, log }: AppOptions): App {
  const service: Service = {
    ledger,
    limits,
    prefix,
    recording: new Budget(limits.bufferedBytes),
    reading: new Budget(limits.bufferedBytes),
    report: (error) => logError(log, error),
    state: { closing: false, failed: false },
  };
  void ledger.failed.then(() => (service.state.failed = true));
  const exchanges = new WeakMap<IncomingMessage, Exchange>();
  const tiles = new Tiles(service);

  const fail = (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    if (isOurFault(error)) service.report(error);
    const exchange = exchanges.get(request);
    const problem = problemOf(error);
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
  };

  const koa = createKoa(service, exchanges, fail);

  return {
    state: service.state,
    handle(request, response) {
      const started = performance.now();
      const exchange: Exchange = { route: '' };
      exchanges.set(request, exchange);
      setCommonHeaders(request, response);
      if (service.state.closing) response.setHeader('Connection', 'close');
      // A client that takes its answer a byte at a time holds it in memory; not for ever.
      const patience = setTimeout(() => request.socket.destroy(), limits.requestMs + limits.responseMs);
      // Before node's own answer to a body that nobody reads, which is to take it without a bound.
      response.once('prefinish', () => discardBody(request));
      response.once('close', () => {
        clearTimeout(patience);
        log({
          event: 'request',
          time: new Date().toISOString(),
          method: request.method ?? '',
          route: exchange.route,
          status: response.writableFinished ? response.statusCode : 0,
          ms: Math.round(performance.now() - started),
          ...(exchange.code === undefined ? {} : { code: exchange.code }),
        });
      });
      try {
        const path = pathOf(request, prefix);
        if (Tiles.serves(path)) {
          exchange.route =
            path === '/checkpoint' ? path : path.startsWith('/tile/entries/') ? '/tile/entries' : '/tile';
          tiles.handle(path, request, response).catch((error: unknown) => fail(error, request, response));
        } else {
          koa(request, response);
        }
      } catch (error) {
        fail(error, request, response);
      }
    },
  };
}

/** Answers up to this length are not counted. */
const unboundedBytes = 1024;

type Fail = (error: unknown, request: IncomingMessage, response: ServerResponse) => void;

function createKoa(
  service: Service,
  exchanges: WeakMap<IncomingMessage, Exchange>,
  fail: Fail,
): (request: IncomingMessage, response: ServerResponse) => void {
  const routes: Route[] = [
    ...submitRoutes(service),
    ...attestationRoutes(service),
    ...proofRoutes(service),
    ...metaRoutes(service, {
      description: () =>
        JSON.stringify(
          openApi({
            origin: service.ledger.authority().origin,
            prefix: service.prefix,
            routes,
            others: tileOperations,
          }),
        ),
    }),
  ];
  const router = new Router({ strict: true, sensitive: true });
  for (const { method, path, handle } of routes) {
    router[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
      const exchange = exchanges.get(context.req);
      if (exchange !== undefined) exchange.route = path;
      await handle(context, context.params);
      const { length } = context;
      // Short ones fit into the socket's own buffer; health must be told also when memory is scarce.
      if (method === 'get' && length > unboundedBytes) {
        releaseAtEnd(context.res, service.reading.take(length));
      }
    });
  }
  const app = new Koa();
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves in the middle of an answer is its own business.
    if (
      error.code !== 'ERR_STREAM_PREMATURE_CLOSE' &&
      error.code !== 'ECONNRESET' &&
      error.code !== 'EPIPE'
    ) {
      service.report(error);
    }
  });
  app.use(async (context, next) => {
    try {
      await next();
    } catch (error) {
      context.respond = false;
      fail(error, context.req, context.res);
    }
  });
  app.use(router.routes());
  app.use((context) => unserved(context as unknown as Koa.Context));
  const callback = app.callback();
  return (request, response) => void callback(request, response);
}

/** A path that no route serves, or not with this method. */
function unserved(context: Koa.Context): void {
  const matched = (context['matched'] ?? []) as readonly { methods: readonly string[] }[];
  if (matched.length === 0) {
    throw new LedgerError('not-found', 'nothing is served at this path', { got: excerpt(context.path) });
  }
  const allow = [...new Set(matched.flatMap(({ methods }) => methods)), 'OPTIONS'].join(', ');
  if (context.method === 'OPTIONS') {
    context.respond = false;
    answerOptions(context.res, allow);
    return;
  }
  context.set('Allow', allow);
  throw new LedgerError('method-not-allowed', 'this path is not served with this method', {
    expected: allow,
  });
}

/**
 * The path below the prefix, without query; `request.url` is cut to match.
 * Throws `bad-request` and `not-found`.
 */
function pathOf(request: IncomingMessage, prefix: string): string {
  if (request.headers.host === undefined && request.httpVersion !== '1.0') {
    throw new LedgerError('bad-request', 'a request names its host', { expected: 'a Host header' });
  }
  // A client may write the whole URL in the request line (RFC 9112, section 3.2.2).
  const url = (request.url ?? '').replace(/^https?:\/\/[^/?#]*/i, '');
  if (!url.startsWith('/')) {
    throw new LedgerError('bad-request', 'not a path', {
      expected: 'a path that begins with /',
      got: excerpt(url),
    });
  }
  const query = url.indexOf('?');
  const whole = query === -1 ? url : url.slice(0, query);
  if (!whole.startsWith(`${prefix}/`)) {
    throw new LedgerError('not-found', 'nothing is served at this path', { got: excerpt(whole) });
  }
  request.url = url.slice(prefix.length);
  return whole.slice(prefix.length);
}
