/** About the ledger itself: the authority in force, health, readiness, and the description of the API. */
import { createHash } from 'node:crypto';
import type { Context } from 'koa';
import { LedgerError } from '../../errors.ts';
import { publishedSize } from './attestations.ts';
import { readOnly } from './submit.ts';
import { matchesTag } from '../exchange/headers.ts';
import { parseQuery } from '../exchange/query.ts';
import type { Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, sendJson, sendText } from '../exchange/route.ts';

export interface MetaOptions {
  /** The text at `/openapi.json`; asked for once, when first served. */
  readonly description: () => string;
}

export function metaRoutes(service: Service, { description }: MetaOptions): readonly Route[] {
  let described: { text: string; tag: string } | undefined;
  const describe = (context: Context): void => {
    parseQuery(context.querystring, []);
    if (described === undefined) {
      const text = description();
      described = { text, tag: `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"` };
    }
    context.set('ETag', described.tag);
    context.set('Cache-Control', 'public, max-age=300');
    if (matchesTag(context.req, described.tag)) context.status = 304;
    else sendText(context, 200, 'application/json', described.text);
  };
  return [
    {
      method: 'get',
      path: '/api/v1/authority',
      operation: {
        operationId: 'getAuthority',
        summary: 'The authority document in force',
        responses: {
          200: jsonResponse('The document and its place', 'Authority'),
          ...problemResponses(400, 429, 503),
        },
      },
      plan: (context) => ({ units: 2, run: () => authority(context, service) }),
      head: 'as-get',
    },
    {
      method: 'get',
      path: '/healthz',
      operation: {
        operationId: 'getHealth',
        summary: 'Whether the process works',
        responses: { 200: jsonResponse('It does', 'Health'), ...problemResponses(400, 503) },
      },
      plan: (context) => ({ units: 0, run: () => health(context, service) }),
      head: 'as-get',
    },
    {
      method: 'get',
      path: '/readyz',
      operation: {
        operationId: 'getReadiness',
        summary: 'Whether there is a published checkpoint and new entries are taken',
        responses: { 200: jsonResponse('Ready', 'Readiness'), ...problemResponses(400, 503) },
      },
      plan: (context) => ({ units: 0, run: () => readiness(context, service) }),
      head: 'as-get',
    },
    {
      method: 'get',
      path: '/openapi.json',
      operation: {
        operationId: 'getDescription',
        summary: 'This description',
        responses: {
          200: {
            description: 'OpenAPI 3.1',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
          304: { description: 'As the client has it already (If-None-Match)' },
          ...problemResponses(400, 429, 503),
        },
      },
      plan: (context) => ({ units: 1, run: () => describe(context) }),
      head: 'as-get',
    },
  ];
}

function health(context: Context, { state, recorder }: Service): void {
  parseQuery(context.querystring, []);
  // Nothing more: what failed, and where, is for the operator's log.
  if (state.failed) throw new LedgerError('store-failed', 'the ledger has stopped');
  // The process works, and starting it again mends no disk: an orchestrator must not try.
  sendJson(context, 200, { status: recorder?.health().damage === undefined ? 'ok' : 'damaged' });
}

function authority(context: Context, { ledger }: Service): void {
  parseQuery(context.querystring, []);
  const size = publishedSize(ledger);
  const { index, leafHash, version, document } = ledger.authority();
  sendJson(context, 200, { index, leafHash, version, size, document });
}

function readiness(context: Context, { ledger, recorder, state }: Service): void {
  parseQuery(context.querystring, []);
  if (state.closing) throw new LedgerError('shutting-down', 'the ledger is shutting down');
  const size = publishedSize(ledger);
  if (recorder === undefined) throw readOnly();
  const { damage } = recorder.health();
  if (damage !== undefined) throw new LedgerError(damage.code, 'the store is damaged: nothing is taken');
  if (state.failed || !recorder.ready)
    throw new LedgerError('not-ready', 'the ledger takes no new entries now');
  sendJson(context, 200, { status: 'ready', size });
}
