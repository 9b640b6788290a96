/** Inclusion and consistency proofs, as JSON or as the tlog-proof document (c2sp.org/tlog-proof). */
import type { Context } from 'koa';
import { fromUtf8, toBase64, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import type { PublishedLog } from '../../ledger/published-log.ts';
import type { Inclusion } from '../../ledger/reader.ts';
import { formatProof } from '../../note/proof.ts';
import { indexOfHash, publishedSize } from './attestations.ts';
import { badParameter, numberParameter, parseQuery, patternParameter } from '../exchange/query.ts';
import type { Route, Service } from '../exchange/route.ts';
import {
  jsonResponse,
  problemResponses,
  queryParameter,
  sendHead,
  sendJson,
  sendText,
} from '../exchange/route.ts';

const json = 'application/json';
const text = 'text/plain';
const proofDocument = 'application/vnd.c2sp.tlog-proof';
const hashPattern = /^[0-9a-f]{64}$/;

export function proofRoutes({ ledger }: Service): readonly Route[] {
  return [inclusionRoute(ledger), consistencyRoute(ledger)];
}

function inclusionRoute(ledger: PublishedLog): Route {
  const documentContent = {
    schema: { type: 'string', description: 'A tlog-proof whose extra line is the leaf' },
  };
  return {
    method: 'get',
    path: '/api/v1/proofs/inclusion',
    operation: {
      operationId: 'getInclusionProof',
      summary: 'Proof that an entry is in the tree; give either index or leafHash',
      parameters: [
        queryParameter('index', 'Index of the entry', { type: 'integer', minimum: 0 }),
        queryParameter('leafHash', 'Leaf hash of the entry', {
          type: 'string',
          pattern: hashPattern.source,
        }),
        queryParameter('size', 'Size of the tree; the published one when left out', {
          type: 'integer',
          minimum: 1,
        }),
      ],
      responses: {
        200: {
          description: 'The proof, in the form that Accept asks for',
          content: {
            [json]: { schema: { $ref: '#/components/schemas/InclusionProof' } },
            [text]: documentContent,
            [proofDocument]: documentContent,
          },
        },
        ...problemResponses(400, 404, 406, 429, 503),
      },
    },
    plan: (context) => {
      const asked = inclusionOf(context, ledger);
      return { line: 'lookups', units: 8, run: () => inclusion(context, ledger, asked) };
    },
    head: (context) => {
      const asked = inclusionOf(context, ledger);
      return {
        line: 'lookups',
        units: 2,
        run: async () => {
          requireProvable(ledger, asked, await indexIn(ledger, asked));
          sendHead(context, mediaTypeOf(asked.form));
        },
      };
    },
  };
}

function consistencyRoute(ledger: PublishedLog): Route {
  return {
    method: 'get',
    path: '/api/v1/proofs/consistency',
    operation: {
      operationId: 'getConsistencyProof',
      summary: 'Proof that the tree of one size extends the tree of a smaller one',
      parameters: [
        queryParameter('from', 'The smaller size', { type: 'integer', minimum: 0 }, true),
        queryParameter(
          'to',
          'The larger size, at most the published one',
          { type: 'integer', minimum: 0 },
          true,
        ),
      ],
      responses: {
        200: jsonResponse('The proof and both roots', 'ConsistencyProof'),
        ...problemResponses(400, 429, 503),
      },
    },
    plan: (context) => {
      const sizes = sizesOf(context.querystring, ledger);
      return { line: 'lookups', units: 8, run: () => consistency(context, ledger, sizes) };
    },
    head: (context) => {
      sizesOf(context.querystring, ledger);
      return { units: 1, run: () => sendHead(context, json) };
    },
  };
}

interface AskedInclusion {
  readonly form: typeof json | typeof text | typeof proofDocument;
  /** The index of an entry, or its leaf hash. */
  readonly entry: number | string;
  readonly size?: number;
}

function inclusionOf(context: Context, ledger: PublishedLog): AskedInclusion {
  const query = parseQuery(context.querystring, ['index', 'leafHash', 'size']);
  const form = context.accepts(json, text, proofDocument);
  context.vary('Accept');
  if (form !== json && form !== text && form !== proofDocument) {
    throw new LedgerError('not-acceptable', 'no form of the proof is acceptable to the client', {
      expected: `${json}, ${text} or ${proofDocument}`,
    });
  }
  if ((query.index === undefined) === (query.leafHash === undefined)) {
    throw new LedgerError('bad-request', 'give either index or leafHash', {
      expected: 'exactly one of index and leafHash',
      got: query.index === undefined ? 'neither' : 'both',
    });
  }
  const size = query.size === undefined ? undefined : numberParameter('size', query.size, { min: 1 });
  publishedSize(ledger);
  const entry =
    query.leafHash === undefined
      ? numberParameter('index', query.index ?? '')
      : patternParameter('leafHash', query.leafHash, hashPattern, '64 characters of 0-9 a-f');
  return { form, entry, ...defined({ size }) };
}

async function indexIn(ledger: PublishedLog, { entry }: AskedInclusion): Promise<number> {
  return typeof entry === 'number' ? entry : indexOfHash(ledger, entry);
}

/** Throws what `ledger.inclusion` and the form would throw, without a proof. */
function requireProvable(ledger: PublishedLog, { form, size }: AskedInclusion, index: number): void {
  const published = publishedSize(ledger);
  ledger.requireInclusion({ index, size: size ?? published });
  if (form !== json && size !== undefined && size !== published) throw onlyPublished(size);
}

function mediaTypeOf(form: AskedInclusion['form']): string {
  return form === text ? `${text}; charset=utf-8` : form;
}

async function inclusion(context: Context, ledger: PublishedLog, asked: AskedInclusion): Promise<void> {
  const { form, size } = asked;
  const index = await indexIn(ledger, asked);
  const proof = await ledger.inclusion(defined({ index, size }));
  if (form === json) sendJson(context, 200, jsonOf(proof));
  else sendText(context, 200, mediaTypeOf(form), documentOf(proof));
}

function jsonOf({ index, leafHash, size, root, hashes, leaf, checkpoint }: Inclusion): object {
  return defined({
    index,
    leafHash: toHex(leafHash),
    size,
    root: toBase64(root),
    hashes: hashes.map(toBase64),
    leaf: toBase64(leaf),
    checkpoint: checkpoint === undefined ? undefined : fromUtf8(checkpoint),
  });
}

/** The document ends in a checkpoint, and there is one for the published size alone. */
function documentOf({ index, size, hashes, leaf, checkpoint }: Inclusion): string {
  if (checkpoint !== undefined) return formatProof({ extra: leaf, index, hashes, checkpoint });
  throw onlyPublished(size);
}

function onlyPublished(size: number): LedgerError {
  return new LedgerError('not-acceptable', 'a tlog-proof can be made of the published size alone', {
    expected: 'the published size, or JSON',
    got: `size ${size}`,
  });
}

interface Sizes {
  readonly from: number;
  readonly to: number;
}

function sizesOf(querystring: string, ledger: PublishedLog): Sizes {
  const query = parseQuery(querystring, ['from', 'to']);
  if (query.from === undefined) throw badParameter('from', 'a tree size', 'nothing');
  if (query.to === undefined) throw badParameter('to', 'a tree size', 'nothing');
  const max = publishedSize(ledger);
  const to = numberParameter('to', query.to, { min: 1, max });
  return { from: numberParameter('from', query.from, { max: to }), to };
}

async function consistency(context: Context, ledger: PublishedLog, { from, to }: Sizes): Promise<void> {
  const proof = await ledger.consistency({ from, to });
  sendJson(context, 200, {
    from,
    to,
    fromRoot: toBase64(proof.fromRoot),
    toRoot: toBase64(proof.toRoot),
    hashes: proof.hashes.map(toBase64),
  });
}
