/** Reading what is recorded: one entry by index or leaf hash, and search. */
import type { Context } from 'koa';
import { hashForm, searchFieldNames, searchFields } from '../../attestation/search-fields.ts';
import type { SearchFilters } from '../../attestation/search-fields.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import { fromUtf8, parseDecimal, toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError, lengthOf } from '../../errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { numberParameter, parseQuery, patternParameter } from '../exchange/query.ts';
import type { Route, Service } from '../exchange/route.ts';
import { jsonResponse, problemResponses, queryParameter, sendJson } from '../exchange/route.ts';
import { summaryOf } from './summary.ts';

const defaultPage = 50;

const searchParameters = [...searchFieldNames, 'after', 'limit'] as const;

export function attestationRoutes({ ledger, limits }: Service): readonly Route[] {
  return [
    {
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
        responses: { 200: jsonResponse('A page of entries', 'SearchPage'), ...problemResponses(400, 503) },
      },
      handle: (context) => search(context, ledger, limits.pageItems),
    },
    {
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
        responses: { 200: jsonResponse('The entry', 'Entry'), ...problemResponses(400, 404, 503) },
      },
      handle: (context, { id = '' }) => entry(context, ledger, id),
    },
  ];
}

/** The published size. Throws `not-ready` before the first publication. */
export function publishedSize(ledger: Ledger): number {
  const published = ledger.checkpoint();
  if (published === undefined) {
    throw new LedgerError('not-ready', 'no checkpoint has been published yet', {
      expected: 'size 1 or more',
    });
  }
  return published.checkpoint.size;
}

/** The index of a leaf hash. Throws `not-found`. */
export async function indexOfHash(ledger: Ledger, leafHash: string): Promise<number> {
  const index = await ledger.indexOf(leafHash);
  if (index === undefined) {
    throw new LedgerError('not-found', 'no published entry has this leaf hash');
  }
  return index;
}

async function entry(context: Context, ledger: Ledger, id: string): Promise<void> {
  parseQuery(context.querystring, []);
  const size = publishedSize(ledger);
  let index: number;
  if (hashForm.pattern.test(id)) index = await indexOfHash(ledger, id);
  else index = parseIndex(id);
  const leaf = await ledger.entry(index);
  const decoded = decodeEnvelope(leaf);
  const attestation = decodeAttestation(decoded);
  const leafHash = toHex(decoded.leafHash);
  sendJson(context, 200, {
    index,
    leafHash,
    // The size may have grown while we read; it never shrinks below the index.
    size: Math.max(size, index + 1),
    type: attestation.type,
    envelope: JSON.parse(fromUtf8(leaf)) as unknown,
    statement: attestation.statement,
    corrections: await correctionsOf(ledger, leafHash),
  });
}

/** What a view of one entry lists; a reader who wants more searches for them. */
const maxCorrections = 16;

/** The first corrections of a leaf, by index. Their subject is the leaf hash of what they correct. */
async function correctionsOf(ledger: Ledger, hex: string): Promise<object[]> {
  const filters: SearchFilters = { subject: `sha256:${hex}`, type: 'correction' };
  const { items } = await ledger.search({ ...filters, limit: maxCorrections });
  return items.flatMap(({ index, attestation }) => {
    if (attestation.type !== 'correction') return [];
    const { kind, reason } = attestation.statement.predicate;
    return [{ index, leafHash: toHex(attestation.leafHash), kind, reason }];
  });
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

async function search(context: Context, ledger: Ledger, pageItems: number): Promise<void> {
  const query = parseQuery(context.querystring, searchParameters);
  publishedSize(ledger);
  const found = await ledger.search({
    ...filtersOf(query),
    ...defined({ after: query.after === undefined ? undefined : numberParameter('after', query.after) }),
    limit:
      query.limit === undefined
        ? defaultPage
        : numberParameter('limit', query.limit, { min: 1, max: pageItems }),
  });
  const items: object[] = [];
  // One after the other: a page of much-corrected entries must not hold all their corrections in memory at once.
  for (const { index, attestation } of found.items) {
    const corrections = await correctionsOf(ledger, toHex(attestation.leafHash));
    items.push({ ...summaryOf(index, attestation), corrections });
  }
  sendJson(context, 200, {
    size: found.size,
    items,
    next: found.next ?? null,
  });
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
