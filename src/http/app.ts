/**
 * The ledger's routes: which path goes to the tiles, and which through koa.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Router } from '@koa/router';
import type { RouterContext } from '@koa/router';
import Koa from 'koa';
import { LedgerError } from '../errors.ts';
import type { PublishedLog } from '../ledger/published-log.ts';
import type { Trust } from '../verifier/trust.ts';
import { artifactRoutes } from './routes/artifacts.ts';
import { attestationRoutes } from './routes/attestations.ts';
import { checkpointRoutes } from './routes/checkpoints.ts';
import type { Askers } from './bounds/asker.ts';
import { Budget } from './bounds/budget.ts';
import { Gate } from './bounds/gate.ts';
import { Exchanges, pathOf } from './exchange/exchange.ts';
import type { ServerState } from './exchange/exchange.ts';
import { answerOptions } from './exchange/headers.ts';
import type { HttpLimits } from './bounds/limits.ts';
import type { Log } from './exchange/log.ts';
import { metaRoutes } from './routes/meta.ts';
import type { Observer } from './exchange/observer.ts';
import { openApi } from './openapi.ts';
import { proofRoutes } from './routes/proofs.ts';
import type { ReadRoute, Recorder, Route, Service } from './exchange/route.ts';
import { submitRoutes } from './routes/submit.ts';
import { Tiles, tileOperations } from './routes/tiles.ts';

export interface AppOptions {
  readonly prefix: string;
  readonly limits: HttpLimits;
  readonly log: Log;
  readonly observer?: Observer | undefined;
  readonly askers: Askers;
}

export interface App {
  readonly state: ServerState;
  /** Resolves when what is served has stopped for good. */
  readonly failed: Promise<unknown>;
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Takes nothing new, and refuses what is not yet worked on. */
  close(): void;
}

/** What is served: a log, and what takes entries for it unless it is only read. */
export interface Served {
  readonly ledger: PublishedLog;
  readonly recorder: Recorder | undefined;
  readonly trust: Trust;
}

export function createApp(
  { ledger, recorder, trust }: Served,
  { prefix, limits, log, observer, askers }: AppOptions,
): App {
  const state = { closing: false, failed: false };
  const exchanges = new Exchanges({ limits, log, state, observer });
  const gate = new Gate({ limits, askers, onRefused: (limit) => observer?.refused(limit) });
  const service: Service = {
    ledger,
    recorder,
    limits,
    trust,
    prefix,
    recording: new Budget(limits.bufferedBytes),
    gate,
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
    close() {
      state.closing = true;
      gate.close(new LedgerError('shutting-down', 'the ledger is shutting down'));
    },
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
  for (const route of routes) {
    router[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
      exchanges.route(context.req, route.path);
      await (route.method === 'post' ? route.handle(context) : read(service.gate, route, context));
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

function read(gate: Gate, { plan, head }: ReadRoute, context: RouterContext): Promise<void> {
  const planner = context.method === 'HEAD' && head !== 'as-get' ? head : plan;
  return gate.pass(context.req, context.res, planner(context, context.params));
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
