/**
 * The HTTP side of a witness (c2sp.org/tlog-witness). Submission and
 * monitoring prefix are one:
 *
 *     POST <prefix>/add-checkpoint                      -> signature lines
 *     GET  <prefix>/<hex sha256 of the origin>/checkpoint  -> the cosigned checkpoint
 *     GET  <prefix>/healthz                             -> whether it can sign
 *
 * Refusals are problem documents as the ledger's are, but for the 409: its
 * body is the remembered size and a newline, as the specification says.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError } from '../errors.ts';
import { maxAddCheckpointBytes, parseAddCheckpoint } from '../note/add-checkpoint.ts';
import type { Witness } from '../witness/witness.ts';
import type { App, AppOptions } from './app.ts';
import { readBody } from './exchange/body.ts';
import { Budget } from './bounds/budget.ts';
import { Exchanges, pathOf } from './exchange/exchange.ts';
import type { ServerState } from './exchange/exchange.ts';
import { answerOptions, briefly } from './exchange/headers.ts';
import { listen } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';
import { witnessStatusOf } from './exchange/status.ts';

const plainText = 'text/plain; charset=utf-8';
const sizeType = 'text/x.tlog.size';
const checkpointPattern = /^\/([0-9a-f]{64})\/checkpoint$/;

/** Serves a witness. Rejects with the system's error, for example EADDRINUSE. */
export async function startWitnessServer(witness: Witness, options: ServerOptions): Promise<RunningServer> {
  return listen((settings) => createWitnessApp(witness, settings), options);
}

function createWitnessApp(witness: Witness, { prefix, limits, log }: AppOptions): App {
  const state: ServerState = { closing: false, failed: false };
  const exchanges = new Exchanges({ limits, log, state, statuses: witnessStatusOf });
  const budget = new Budget(limits.bufferedBytes);
  void witness.failed.then(() => (state.failed = true));

  const add = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    refuseNewWork(state);
    const body = await readBody(request, response, { maxBytes: maxAddCheckpointBytes, budget });
    try {
      const lines = await witness.add(parseAddCheckpoint(body.bytes));
      send(response, { status: 200, type: plainText, body: lines });
    } catch (error) {
      const remembered = error instanceof LedgerError ? error.facts['rememberedSize'] : undefined;
      if (!(error instanceof LedgerError) || error.code !== 'size-conflict') throw error;
      exchanges.code(request, error.code);
      send(response, { status: 409, type: sizeType, body: `${remembered}\n` });
    } finally {
      body.release();
    }
  };

  const read = (request: IncomingMessage, response: ServerResponse, path: string): void => {
    const [, hash] = checkpointPattern.exec(path) ?? [];
    if (hash === undefined) {
      if (state.closing || state.failed) refuseNewWork(state);
      send(response, { status: 200, type: plainText, body: 'ok\n' }, request);
      return;
    }
    const note = witness.checkpoint(hash);
    if (note === undefined) {
      throw new LedgerError('not-found', 'no checkpoint of that log has been cosigned here');
    }
    response.setHeader('Cache-Control', briefly);
    send(response, { status: 200, type: plainText, body: note }, request);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = pathOf(request, prefix);
    const route = routeOf(path);
    if (route === undefined) {
      throw new LedgerError('not-found', 'nothing is served at this path');
    }
    exchanges.route(request, route);
    const allowed = route === '/add-checkpoint' ? ['POST'] : ['GET', 'HEAD'];
    const allow = [...allowed, 'OPTIONS'].join(', ');
    if (request.method === 'OPTIONS') answerOptions(response, allow);
    else if (!allowed.includes(request.method ?? '')) {
      response.setHeader('Allow', allow);
      throw new LedgerError('method-not-allowed', 'this path is not served with this method', {
        expected: allow,
      });
    } else if (route === '/add-checkpoint') await add(request, response);
    else read(request, response, path);
  };

  return {
    state,
    failed: witness.failed,
    close() {
      state.closing = true;
    },
    handle(request, response) {
      exchanges.begin(request, response);
      handle(request, response).catch((error: unknown) => exchanges.fail(error, request, response));
    },
  };
}

function routeOf(path: string): string | undefined {
  if (path === '/add-checkpoint' || path === '/healthz') return path;
  return checkpointPattern.test(path) ? '/{origin}/checkpoint' : undefined;
}

function refuseNewWork({ closing, failed }: ServerState): void {
  if (failed) throw new LedgerError('store-failed', 'the witness has stopped');
  if (closing) throw new LedgerError('shutting-down', 'the witness is being stopped');
}

function send(
  response: ServerResponse,
  { status, type, body }: { status: number; type: string; body: string | Uint8Array },
  request?: IncomingMessage,
): void {
  const bytes = Buffer.from(body);
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', bytes.length);
  response.statusCode = status;
  response.end(request?.method === 'HEAD' ? undefined : bytes);
}
