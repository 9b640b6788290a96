/** Reading what is recorded: one entry by index or leaf hash, and search. */
import type { Context } from 'koa';
import { hashForm, searchFieldNames, searchFields } from '../../attestation/search-fields.ts';
import type { SearchFilters } from '../../attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { fromUtf8, parseDecimal, toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError, lengthOf } from '../../errors.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import { numberParameter, parseQuery, patternParameter } from '../exchange/query.ts';
import type { Route, Service } from '../exchange/route.ts';
import {
  jsonResponse,
  problemResponses,
  queryParameter,
  sendHead,
  sendBytes,
  sendText,
} from '../exchange/route.ts';
import { Recent } from '../exchange/recent.ts';
import { describeCorrections, describeItems } from './reading-thread.ts';

const json = 'application/json';
const defaultPage = 50;
/** Of an item of usual size; a page of large ones ends earlier. */
const unitsPerItem = 0.6;
/** Pages that are kept until the next checkpoint. */
const keptBytes = 8 << 20;

const searchParameters = [...searchFieldNames, 'after', 'limit'] as const;

export function attestationRoutes(service: Service): readonly Route[] {
  return [searchRoute(service), entryRoute(service)];
}

function searchRoute({ ledger, limits }: Service): Route {
  const recent = new Recent<Buffer>(keptBytes, ({ length }) => length);
  const page = (query: string): Search => searchOf(query, limits.pageItems);
  return {
    method: 'get',
    path: '/api/v1/attestations',
    operation: {
      operationId: 'searchAttestations',
      summary: 'Search the published entries, in ascending order of index',
      parameters: [
        ...searchFieldNames.map((name) => {
          const { about, form } = searchFields[name];
          return queryParameter(name, `${about.charAt(0).toUpperCase()}${about.slice(1)}`, {
            ...form.schema,
          });
        }),
        queryParameter('after', 'Only entries with a larger index', { type: 'integer', minimum: 0 }),
        queryParameter('limit', 'Items in one page', {
          type: 'integer',
          minimum: 1,
          maximum: limits.pageItems,
          default: defaultPage,
        }),
      ],
      responses: {
        200: jsonResponse('A page of entries', 'SearchPage'),
        ...problemResponses(400, 429, 503),
      },
    },
    plan: (context) => {
      const query = page(context.querystring);
      const { note } = publishedBy(ledger);
      const name = JSON.stringify(query);
      const run = async (): Promise<void> =>
        sendBytes(context, json, await recent.get(note, name, () => pageOf(ledger, query)));
      if (recent.has(note, name)) return { line: 'lookups', units: 2, run };
      return { line: 'long', units: 10 + query.limit * unitsPerItem, run };
    },
    head: (context) => {
      page(context.querystring);
      publishedSize(ledger);
      return { units: 1, run: () => sendHead(context, json) };
    },
  };
}

function entryRoute({ ledger }: Service): Route {
  return {
    method: 'get',
    path: '/api/v1/attestations/{id}',
    operation: {
      operationId: 'getAttestation',
      summary: 'One entry: its envelope, its decoded statement and its place',
      parameters: [
        {
          name: 'id',
          in: 'path',
          required: true,
          description: 'Index, or leaf hash in lowercase hexadecimal',
          schema: { type: 'string', pattern: '^(?:0|[1-9][0-9]{0,15}|[0-9a-f]{64})$' },
        },
      ],
      responses: { 200: jsonResponse('The entry', 'Entry'), ...problemResponses(400, 404, 429, 503) },
    },
    plan: (context, { id = '' }) => {
      const place = placeOf(context, ledger, id);
      return { line: 'lookups', units: 12, run: () => entry(context, ledger, place) };
    },
    head: (context, { id = '' }) => {
      const place = placeOf(context, ledger, id);
      return {
        line: 'lookups',
        units: 2,
        run: async () => {
          await indexOf(ledger, place);
          sendHead(context, json);
        },
      };
    },
  };
}

/** The published size. Throws `not-ready` before the first publication. */
export function publishedSize(ledger: PublishedLog): number {
  return publishedBy(ledger).checkpoint.size;
}

function publishedBy(ledger: PublishedLog): NonNullable<ReturnType<PublishedLog['checkpoint']>> {
  const published = ledger.checkpoint();
  if (published !== undefined) return published;
  throw new LedgerError('not-ready', 'no checkpoint has been published yet', { expected: 'size 1 or more' });
}

/** The index of a leaf hash. Throws `not-found`. */
export async function indexOfHash(ledger: PublishedLog, leafHash: string): Promise<number> {
  const index = await ledger.indexOf(leafHash);
  if (index === undefined) {
    throw new LedgerError('not-found', 'no published entry has this leaf hash');
  }
  return index;
}

/** An index, or a leaf hash in hexadecimal. */
type Place = number | string;

function placeOf(context: Context, ledger: PublishedLog, id: string): Place {
  parseQuery(context.querystring, []);
  publishedSize(ledger);
  return hashForm.pattern.test(id) ? id : parseIndex(id);
}

/** Throws `not-found`. */
async function indexOf(ledger: PublishedLog, place: Place): Promise<number> {
  if (typeof place === 'string') return indexOfHash(ledger, place);
  const size = publishedSize(ledger);
  if (place < size) return place;
  throw new LedgerError('not-found', 'there is no entry with this index', {
    expected: `an index below ${size}`,
    got: String(place),
  });
}

async function entry(context: Context, ledger: PublishedLog, place: Place): Promise<void> {
  const size = publishedSize(ledger);
  const index = await indexOf(ledger, place);
  const leaf = await ledger.entry(index);
  const decoded = decodeEnvelope(leaf);
  const { type, statement } = decodeAttestation(decoded);
  const leafHash = toHex(decoded.leafHash);
  // The size may have grown while we read; it never shrinks below the index.
  const head = { index, leafHash, size: Math.max(size, index + 1), type };
  const corrections = await ledger.corrections(leafHash, describeCorrections);
  const members = [
    JSON.stringify(head).slice(1, -1),
    // As it was signed, byte for byte.
    `"envelope":${fromUtf8(leaf)}`,
    `"statement":${JSON.stringify(statement)}`,
    `"corrections":[${corrections.join(',')}]`,
  ];
  sendText(context, 200, json, `{${members.join(',')}}`);
}

function parseIndex(id: string): number {
  try {
    return parseDecimal(id);
  } catch {
    throw new LedgerError('bad-request', 'neither an index nor a leaf hash', {
      expected: 'a decimal index, or 64 characters of 0-9 a-f',
      got: lengthOf(id),
    });
  }
}

interface Search extends SearchFilters {
  readonly after?: number;
  readonly limit: number;
}

function searchOf(querystring: string, pageItems: number): Search {
  const query = parseQuery(querystring, searchParameters);
  return {
    ...filtersOf(query),
    ...defined({ after: query.after === undefined ? undefined : numberParameter('after', query.after) }),
    limit:
      query.limit === undefined
        ? defaultPage
        : numberParameter('limit', query.limit, { min: 1, max: pageItems }),
  };
}

async function pageOf(ledger: PublishedLog, query: Search): Promise<Buffer> {
  const { size, items, next } = await ledger.page(query, describeItems);
  return Buffer.from(`{"size":${size},"items":[${items.join(',')}],"next":${next ?? null}}`);
}

function filtersOf(query: SearchFilters): SearchFilters {
  return Object.fromEntries(
    searchFieldNames.flatMap((name) => {
      const text = query[name];
      const { pattern, expected } = searchFields[name].form;
      return text === undefined ? [] : [[name, patternParameter(name, text, pattern, expected)]];
    }),
  );
}
