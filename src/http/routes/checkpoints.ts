/** The archive: checkpoints as they were published, by the time at which they were. */
import type { Context } from 'koa';
import { fromUtf8 } from '../../bytes.ts';
import { defaultArchiveLimit, maxArchiveLimit } from '../../ledger/archive.ts';
import type { ArchiveQuery } from '../../ledger/archive.ts';
import { lengthOf } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import { parseTime, timeForms } from '../../ledger/time.ts';
import { publishedSize } from './attestations.ts';
import { badParameter, numberParameter, parseQuery } from '../exchange/query.ts';
import type { Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, queryParameter, sendHead, sendJson } from '../exchange/route.ts';

export function checkpointRoutes({ ledger }: Service): readonly Route[] {
  const time = { type: 'string' };
  return [
    {
      method: 'get',
      path: '/api/v1/checkpoints',
      operation: {
        operationId: 'listCheckpoints',
        summary: 'Cosigned checkpoints as they were published, newest first: the last one of each interval',
        parameters: [
          queryParameter('from', 'Published then or later: RFC 3339, or seconds since 1970', time),
          queryParameter('to', 'Published then or earlier: RFC 3339, or seconds since 1970', time),
          queryParameter('limit', 'Checkpoints in the page', {
            type: 'integer',
            minimum: 1,
            maximum: maxArchiveLimit,
          }),
        ],
        responses: {
          200: jsonResponse('A page of checkpoints', 'CheckpointPage'),
          ...problemResponses(400, 429, 503),
        },
      },
      plan: (context) => {
        const query = archiveQueryOf(context.querystring);
        publishedSize(ledger);
        const units = 4 + (query.limit ?? defaultArchiveLimit) / 2;
        return { line: 'long', units, run: () => list(context, ledger, query) };
      },
      head: (context) => {
        archiveQueryOf(context.querystring);
        publishedSize(ledger);
        return { units: 1, run: () => sendHead(context, 'application/json') };
      },
    },
  ];
}

function archiveQueryOf(querystring: string): ArchiveQuery {
  const query = parseQuery(querystring, ['from', 'to', 'limit']);
  const from = timeParameter('from', query.from);
  const to = timeParameter('to', query.to);
  const limit =
    query.limit === undefined
      ? undefined
      : numberParameter('limit', query.limit, { min: 1, max: maxArchiveLimit });
  return defined({ from, to, limit });
}

async function list(context: Context, ledger: PublishedLog, query: ArchiveQuery): Promise<void> {
  const { items, next } = await ledger.checkpoints(query);
  sendJson(context, 200, {
    items: items.map(({ time, note, checkpoint }) => ({
      time,
      size: checkpoint.size,
      checkpoint: fromUtf8(note),
    })),
    next: next ?? null,
  });
}

function timeParameter(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text);
  if (time === undefined) throw badParameter(name, timeForms, lengthOf(text));
  return time;
}
