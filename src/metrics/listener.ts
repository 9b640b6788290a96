/**
 * The listener for metrics: `GET /metrics`, and nothing else. It stands apart
 * from the ledger's own, because metrics are the operator's and not the public's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError } from '../errors.ts';
import type { App, AppOptions } from '../http/app.ts';
import { Exchanges, pathOf } from '../http/exchange/exchange.ts';
import type { HttpLimits } from '../http/bounds/limits.ts';
import type { Log } from '../http/exchange/log.ts';
import { listen } from '../http/server.ts';
import type { RunningServer } from '../http/server.ts';
import type { Metrics } from './metrics.ts';

/** For one Prometheus or a few; slow ones must not hold up a shutdown. */
const limits: Partial<HttpLimits> = {
  headersMs: 5_000,
  requestMs: 5_000,
  responseMs: 5_000,
  connections: 16,
};

export interface MetricsListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Told of faults; of no request, since a scraper asks every few seconds. */
  readonly log?: Log;
  /** Resolves when what is measured has stopped for good. */
  readonly failed: Promise<unknown>;
}

/** Serves metrics. Rejects with the system's error, for example EADDRINUSE. */
export async function startMetrics(
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  { host, port, log, failed }: MetricsListenerOptions,
): Promise<RunningServer> {
  const faults: Log = (entry) => {
    if (entry['event'] === 'error') log?.(entry);
  };
  return listen((settings) => createMetricsApp(metrics, settings, failed), {
    host,
    port,
    limits,
    log: faults,
  });
}

function createMetricsApp(
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  { prefix, limits, log }: AppOptions,
  failed: Promise<unknown>,
): App {
  const state = { closing: false, failed: false };
  const exchanges = new Exchanges({ limits, log, state });

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (pathOf(request, prefix) !== '/metrics') {
      throw new LedgerError('not-found', 'nothing is served at this path', { expected: '/metrics' });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      throw new LedgerError('method-not-allowed', 'metrics are read', { expected: 'GET, HEAD' });
    }
    const bytes = Buffer.from(await metrics.text());
    response.setHeader('Content-Type', metrics.contentType);
    response.setHeader('Content-Length', bytes.length);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };

  return {
    state,
    failed,
    close() {
      state.closing = true;
    },
    handle(request, response) {
      exchanges.begin(request, response);
      // A page in the operator's browser could else read what only their network reaches.
      response.removeHeader('Access-Control-Allow-Origin');
      response.removeHeader('Access-Control-Expose-Headers');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
      handle(request, response).catch((error: unknown) => exchanges.fail(error, request, response));
    },
  };
}
