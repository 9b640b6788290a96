/**
 * The server process's sockets: limits against slow and greedy clients, answers
 * to what is not even HTTP, and a shutdown that answers all it has accepted.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { STATUS_CODES, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LedgerError, assert } from '../errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PublishedLog } from '../ledger/published-log.ts';
import type { Trust } from '../verifier/trust.ts';
import { createApp } from './app.ts';
import type { App, AppOptions } from './app.ts';
import type { HttpLimits } from './bounds/limits.ts';
import { defaultLimits } from './bounds/limits.ts';
import type { Log } from './exchange/log.ts';
import { logError } from './exchange/log.ts';
import type { Observer } from './exchange/observer.ts';
import { Allowances } from './bounds/allowances.ts';
import { Askers } from './bounds/asker.ts';
import { Pace, type RequestKind } from './bounds/pace.ts';
import { Rounds } from './bounds/rounds.ts';
import { connectionsWithin, openFilesLimit } from './bounds/open-files.ts';
import { OwedAnswers } from './exchange/owed.ts';
import { problemMediaType, problemOf } from './exchange/problem.ts';
import { parserRefusalOf } from './exchange/status.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Path before every route, for example `/log`. */
  readonly prefix?: string;
  readonly limits?: Partial<HttpLimits>;
  readonly log?: Log;
  readonly observer?: Observer | undefined;
  /** Proxies that are believed about whom they speak for: addresses, and networks as `10.0.0.0/8`. */
  readonly trustedProxies?: readonly string[] | undefined;
}

export interface RunningServer {
  /** With the prefix and without a slash at its end. */
  readonly url: string;
  readonly port: number;
  /**
   * Takes nothing new, waits until all that was accepted is answered (bounded
   * by the limits, and far less when the ledger has stopped), then closes every
   * connection. Close the ledger after it:
   * what is waiting for publication needs the ledger to go on until then.
   */
  close(): Promise<void>;
}

export interface LedgerServerOptions extends ServerOptions {
  /** What the ledger's verifiers pin. */
  readonly trust: Trust;
}

/** Serves a ledger. Rejects with the system's error, for example EADDRINUSE. */
export async function startServer(ledger: Ledger, options: LedgerServerOptions): Promise<RunningServer> {
  const { trust } = options;
  return listen((settings) => createApp({ ledger, recorder: ledger, trust }, settings), options);
}

/** Serves a log that takes no entries. Rejects as `startServer`. */
export async function startReadOnlyServer(
  ledger: PublishedLog,
  options: LedgerServerOptions,
): Promise<RunningServer> {
  const { trust } = options;
  return listen((settings) => createApp({ ledger, recorder: undefined, trust }, settings), options);
}

/** Serves the app that `create` makes of the settings. Rejects with the system's error. */
export async function listen(
  create: (settings: AppOptions) => App,
  options: ServerOptions,
): Promise<RunningServer> {
  const limits: HttpLimits = { ...defaultLimits, ...options.limits };
  const log: Log = options.log ?? (() => {});
  const prefix = cleanPrefix(options.prefix ?? '');
  const { observer } = options;
  const askers = new Askers({
    trustedProxies: options.trustedProxies,
    onUnlisted: () => log({ event: 'proxy-not-trusted', time: new Date().toISOString(), ...unlistedProxy }),
  });
  const app = create({ prefix, limits, log, observer, askers });
  const owed = new OwedAnswers();
  // Each kind has its own turns, so that none waits for those of another.
  const pace = new Pace();
  const rounds = { brief: new Rounds(), recording: new Rounds(), reading: new Rounds() };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    owed.add(request, response);
    const kind = kindOf(request);
    rounds[kind].after(response, request.socket);
    // Requests sent ahead without end would each be held, and be answered when
    // all before them are: nobody who waits for an answer does that.
    if (owed.on(request.socket).length > limits.pipelined) {
      observer?.refused('pipelined');
      request.socket.destroy();
    } else {
      pace.run(kind, () => {
        // Whoever has left meanwhile is owed nothing.
        if (!response.destroyed) app.handle(request, response);
      });
    }
  };
  const server = createLimitedServer(limits);
  boundConnections(server, { limits, askers, observer });
  server.on('connection', () => pace.accepted());
  server.on('request', handle);
  // The app decides whether the body is wanted, before it is sent.
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    refuse({ error, socket, responses: owed.on(socket), log, observer });
  });
  const address = await listening(server, options, log);

  return {
    url: `http://${hostOf(address)}:${address.port}${prefix}`,
    port: address.port,
    async close() {
      app.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      owed.endConnections();
      await answered(owed, app, limits);
      // What is left has sent no whole request, so nothing of it was accepted.
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Of the path alone: behind a `?` anybody can write such a word to a page of entries. */
const briefPaths = /^[^?]*\/(?:checkpoint|healthz|readyz)(?:\?|$)/;

/** What a request waits its turn with: what must not wait behind readers has turns of its own. */
export function kindOf({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): RequestKind {
  if (method === 'POST') return 'recording';
  return briefPaths.test(url) ? 'brief' : 'reading';
}

/** What the log says of a proxy that is not listed, once. */
const unlistedProxy = {
  message:
    'requests with forwarding headers come from an address that is no trusted proxy: limits for single addresses are off for them',
  expected: 'the addresses of the proxies before this server under trustedProxies in config.json',
};

/** One address may open so many: with all of them, it would leave none for others. */
function boundConnections(
  server: Server,
  { limits, askers, observer }: Pick<AppOptions, 'limits' | 'askers' | 'observer'>,
): void {
  const allowances = new Allowances(limits.address);
  server.on('connection', (socket: Socket) => {
    const leave = allowances.connection(askers.ofConnection(socket));
    if (leave !== undefined) socket.once('close', leave);
    else {
      observer?.refused('address-connections');
      socket.destroy();
    }
  });
}

function createLimitedServer(limits: HttpLimits): Server {
  const server = createServer({
    headersTimeout: Math.min(limits.headersMs, limits.requestMs),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    connectionsCheckingInterval: limits.checkMs,
    maxHeaderSize: limits.headerBytes,
    // Checked by the app, so that this refusal is a problem like all others.
    requireHostHeader: false,
    noDelay: true,
  });
  server.maxConnections = connectionsWithin(openFilesLimit(), limits.connections);
  return server;
}

async function listening(
  server: Server,
  { host, port }: Pick<ServerOptions, 'host' | 'port'>,
  log: Log,
): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // A connection that could not be accepted is no reason to end the others.
      server.on('error', (error) => logError(log, error));
      resolve();
    });
  });
  const address = server.address();
  assert(address !== null && typeof address === 'object', 'a server that listens on TCP has an address');
  return address;
}

/** Resolves when every answer is given that is owed, or its time is over. */
async function answered(owed: OwedAnswers, app: App, limits: HttpLimits): Promise<void> {
  const timers: NodeJS.Timeout[] = [];
  await new Promise<void>((resolve) => {
    void owed.none().then(resolve);
    // Whoever recorded something must hear of it; a reader who is slow to take an answer can ask again.
    timers.push(setTimeout(() => owed.giveUpReads(), limits.closingMs));
    timers.push(setTimeout(resolve, limits.requestMs + limits.responseMs));
    // A ledger that has stopped has refused all that waited for it; a slow
    // client must not keep the process, and its lock, from starting anew.
    void app.failed.then(() => setTimeout(resolve, limits.failedMs).unref());
  });
  for (const timer of timers) clearTimeout(timer);
}

interface Refusal {
  readonly error: NodeJS.ErrnoException;
  readonly socket: Socket;
  readonly responses: readonly ServerResponse[];
  readonly log: Log;
  readonly observer: Observer | undefined;
}

/** Answers what node's parser or clock has refused, where an answer cannot be mistaken for another one's. */
function refuse({ error, socket, responses, log, observer }: Refusal): void {
  const { status, code, detail } = parserRefusalOf(error);
  const [only] = responses;
  // With an answer outstanding on this connection, a client would take the
  // refusal for that answer: for a submission that was accepted, a false one.
  // The refusal may stand only where it is about that very request.
  const unanswered = responses.length === 0;
  const aboutIt = responses.length === 1 && only !== undefined && !only.headersSent && !only.req.complete;
  if (!socket.writable || error.code === 'ECONNRESET' || !(unanswered || aboutIt)) {
    socket.destroy();
    return;
  }
  log({ event: 'refused', time: new Date().toISOString(), status, code });
  // A request that had begun is told of when its connection closes.
  if (unanswered) observer?.answered({ method: '', route: '', status });
  const body = JSON.stringify({ ...problemOf(new LedgerError(code, detail)), status });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
    // A client that does not take even this answer is not waited for.
    () => socket.destroy(),
  );
}

/** `/log/` and `log` become `/log`; `/` becomes the empty prefix. */
function cleanPrefix(prefix: string): string {
  const parts = prefix.split('/').filter((part) => part !== '');
  return parts.map((part) => `/${part}`).join('');
}

function hostOf({ address, family }: AddressInfo): string {
  if (address === '::' || address === '0.0.0.0') return 'localhost';
  return family === 'IPv6' ? `[${address}]` : address;
}
