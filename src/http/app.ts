/**
 * The ledger's routes: which path goes to the tiles, and which through koa.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Router } from '@koa/router';
import Koa from 'koa';
import { LedgerError } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Trust } from '../verifier/trust.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { attestationRoutes } from './routes/attestations.ts';
import { checkpointRoutes } from './routes/checkpoints.ts';
import { Budget, releaseAtEnd } from './exchange/budget.ts';
import { Exchanges, pathOf } from './exchange/exchange.ts';
import type { ServerState } from './exchange/exchange.ts';
import { answerOptions } from './exchange/headers.ts';
import type { HttpLimits } from './exchange/limits.ts';
import type { Log } from './exchange/log.ts';
import { metaRoutes } from './routes/meta.ts';
import type { Observer } from './exchange/observer.ts';
import { openApi } from './openapi.ts';
import { proofRoutes } from './routes/proofs.ts';
import type { Route, Service } from './exchange/route.ts';
import { submitRoutes } from './routes/submit.ts';
import { Tiles, tileOperations } from './routes/tiles.ts';

export interface AppOptions {
  readonly prefix: string;
  readonly limits: HttpLimits;
  readonly log: Log;
  readonly observer?: Observer | undefined;
}

export interface App {
  readonly state: ServerState;
  /** Resolves when what is served has stopped for good. */
  readonly failed: Promise<unknown>;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

export function createApp(
  { ledger, trust }: { readonly ledger: Ledger; readonly trust: Trust },
  { prefix, limits, log, observer }: AppOptions,
): App {
  const state = { closing: false, failed: false };
  const exchanges = new Exchanges({ limits, log, state, observer });
  const service: Service = {
    ledger,
    limits,
    trust,
    prefix,
    recording: new Budget(limits.bufferedBytes),
    reading: new Budget(limits.bufferedBytes),
    report: (error) => exchanges.report(error),
    state,
    observer,
  };
  observer?.serving(service);
  void ledger.failed.then(() => (state.failed = true));
  const tiles = new Tiles(service);
  const koa = createKoa(service, exchanges);

  return {
    state,
    failed: ledger.failed,
    handle(request, response) {
      exchanges.begin(request, response);
      try {
        const path = pathOf(request, prefix);
        if (Tiles.serves(path)) {
          exchanges.route(
            request,
            path === '/checkpoint' ? path : path.startsWith('/tile/entries/') ? '/tile/entries' : '/tile',
          );
          tiles
            .handle(path, request, response)
            .catch((error: unknown) => exchanges.fail(error, request, response));
        } else {
          koa(request, response);
        }
      } catch (error) {
        exchanges.fail(error, request, response);
      }
    },
  };
}

/** Answers up to this length are not counted. */
const unboundedBytes = 1024;

function createKoa(
  service: Service,
  exchanges: Exchanges,
): (request: IncomingMessage, response: ServerResponse) => void {
  const routes: Route[] = [
    ...submitRoutes(service),
    ...attestationRoutes(service),
    ...artifactRoutes(service),
    ...proofRoutes(service),
    ...checkpointRoutes(service),
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
      exchanges.route(context.req, path);
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
      exchanges.fail(error, context.req, context.res);
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
    throw new LedgerError('not-found', 'nothing is served at this path', {
      expected: 'a path that /openapi.json lists',
    });
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
