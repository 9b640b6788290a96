/**
 * The description at `/openapi.json` (OpenAPI 3.1). Paths come from the routes
 * that are really served, shapes of attestations from the schemas that really
 * validate them; only the shapes of our own answers are written here.
 */
import { hopSchemas } from '../verifier/judging/hops/hop-table.ts';
import type { JsonSchema } from '../attestation/generated/schemas.ts';
import { schemas } from '../attestation/generated/schemas.ts';
import { attestationTypes } from '../attestation/types.ts';
import { errorCodes } from '../errors.ts';
import { problemMediaType } from './exchange/problem.ts';
import type { Operation, Route } from './exchange/route.ts';
import { codesByStatus } from './exchange/status.ts';

export interface OpenApiOptions {
  readonly origin: string;
  readonly prefix: string;
  readonly routes: readonly Route[];
  /** Operations of paths that are served beside the router, all GET. */
  readonly others: Readonly<Record<string, Operation>>;
}

export function openApi({ origin, prefix, routes, others }: OpenApiOptions): Record<string, unknown> {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const [path, operation] of Object.entries(others)) paths[path] = { get: operation };
  for (const { method, path, operation } of routes) paths[path] = { ...paths[path], [method]: operation };
  return {
    openapi: '3.1.0',
    info: {
      title: `Attestation ledger ${origin}`,
      version: '1',
      description:
        'An append-only ledger of signed attestations. Nothing that it says has to be believed: proofs are verified against a pinned trust file.',
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths,
    components: { schemas: componentSchemas(), responses: problemComponents() },
  };
}

function problemComponents(): Record<string, unknown> {
  return Object.fromEntries(
    [...codesByStatus()].map(([status, codes]) => {
      return [
        `Problem${status}`,
        {
          description: `Codes: ${codes.join(', ')}`,
          ...(status === 503 || status === 429
            ? {
                headers: {
                  'Retry-After': { description: 'Seconds', schema: { type: 'integer', minimum: 1 } },
                },
              }
            : {}),
          content: { [problemMediaType]: { schema: ref('Problem') } },
        },
      ];
    }),
  );
}

function ref(name: string): { $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}

/** `database-update` → `DatabaseUpdate`. */
function componentName(schema: string): string {
  return schema
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/**
 * The schemas of attestations stand in the document as they are, except for
 * their identifiers: references by URN become references inside the document.
 */
function attestationSchemas(): Record<string, unknown> {
  const byId = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas))
    byId.set(schema.$id, `#/components/schemas/Attested${componentName(name)}`);
  const rewrite = (value: unknown, here: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => rewrite(item, here));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== '$id' && key !== '$schema')
        .map(([key, member]) => [
          key,
          key === '$ref' && typeof member === 'string' ? target(member, here) : rewrite(member, here),
        ]),
    );
  };
  const target = (reference: string, here: string): string => {
    const [document = '', fragment = ''] = reference.split('#');
    const base = document === '' ? here : byId.get(document);
    if (base === undefined)
      throw new Error(`broken invariant: schema ${document} is not among the generated ones`);
    return `${base}${fragment}`;
  };
  const named = Object.entries<JsonSchema>(schemas).filter(([name]) => name !== 'trust');
  return Object.fromEntries(
    named.map(([name, schema]) => {
      const component = `Attested${componentName(name)}`;
      return [component, rewrite(schema, `#/components/schemas/${component}`)];
    }),
  );
}

const index = { type: 'integer', minimum: 0 };
const size = { type: 'integer', minimum: 0 };
const hexHash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const base64Hash = { type: 'string', pattern: '^[A-Za-z0-9+/]{43}=$' };
const base64 = { type: 'string', contentEncoding: 'base64' };

function object(
  properties: Record<string, unknown>,
  optional: readonly string[] = [],
): Record<string, unknown> {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  };
}

/** What the verifier says of a bundle (docs/format.md). */
function verdictSchema(): Record<string, unknown> {
  const text = { type: 'string' };
  const failure = { code: text, message: text, expected: text, got: text, at: text, index };
  return {
    description: 'How this server judges the bundle; to be judged again under a trust file of one’s own',
    ...object(
      {
        answer: { enum: ['proven', 'contradicted', 'not-proven', 'policy'] },
        hops: {
          type: 'array',
          items: { anyOf: hopSchemas() },
        },
        failure: object(failure, ['expected', 'got', 'at', 'index']),
        checkpoint: object(
          {
            origin: text,
            size,
            root: base64Hash,
            logKeys: { type: 'array', items: text },
            witnesses: { type: 'array', items: object({ name: text, time: index }) },
            asOf: { ...index, description: 'Seconds since 1970 that a quorum of witnesses vouches for' },
            witnessesListed: { type: 'integer', minimum: 0 },
          },
          ['asOf'],
        ),
        entries: { type: 'array', items: index, description: 'The entries about the artefact' },
      },
      ['failure', 'checkpoint'],
    ),
  };
}

const type = { type: 'string', enum: [...attestationTypes] };
const source = object({ id: { type: 'string' }, seq: index });
const corrections = {
  type: 'array',
  description: 'The first corrections of the entry, by index; that there are no others only a replay shows',
  items: object({
    index,
    leafHash: hexHash,
    kind: { enum: ['erratum', 'dispute', 'retraction'] },
    reason: { type: 'string' },
  }),
};
const summary = {
  index,
  leafHash: hexHash,
  type,
  subject: { type: 'array', items: { type: 'object' } },
  product: { type: 'string' },
  family: { type: 'string' },
  version: { type: 'string' },
  occurredAt: { type: 'string' },
  source,
  signers: { type: 'array', items: hexHash },
};
const notAlways = ['product', 'family', 'version', 'occurredAt', 'source'];
const receipt = {
  index,
  leafHash: hexHash,
  proof: { type: 'string', description: 'A tlog-proof document' },
};

function componentSchemas(): Record<string, unknown> {
  return {
    ...attestationSchemas(),
    Envelope: object({
      payload: { ...base64, description: 'An in-toto statement in canonical JSON' },
      payloadType: { const: 'application/vnd.in-toto+json' },
      signatures: {
        type: 'array',
        minItems: 1,
        items: object({ keyid: hexHash, sig: base64 }),
      },
    }),
    Receipt: object(receipt),
    LineAnswer: {
      description: 'One line of the answer to a batch',
      oneOf: [object({ status: { enum: [200, 201] }, ...receipt }), ref('Problem')],
    },
    Entry: object({
      index,
      leafHash: hexHash,
      size: { ...size, description: 'Published size at which the entry was read' },
      type,
      envelope: ref('Envelope'),
      statement: ref('AttestedStatement'),
      corrections,
    }),
    SearchPage: object({
      size: { ...size, description: 'Published size that was searched' },
      items: {
        type: 'array',
        items: object({ ...summary, corrections }, notAlways),
      },
      next: { ...index, type: ['integer', 'null'], description: 'Give it as `after` for the next page' },
    }),
    Artifact: object({
      artifact: { type: 'string', description: 'The digest that was asked for' },
      size: { ...size, description: 'Published size that the answer is of' },
      all: { type: 'boolean', description: 'False if there was more than a bundle has room for' },
      verdict: ref('Verdict'),
      entries: {
        type: 'array',
        description: 'What stands in the bundle beside the authority documents, by index',
        items: object(summary, notAlways),
      },
      bundle: ref('AttestedBundle'),
    }),
    Verdict: verdictSchema(),
    ...treeSchemas(),
    ...stateSchemas(),
  };
}

/** What is shown of the tree. */
function treeSchemas(): Record<string, unknown> {
  return {
    InclusionProof: object(
      {
        index,
        leafHash: hexHash,
        size,
        root: base64Hash,
        hashes: { type: 'array', items: base64Hash },
        leaf: base64,
        checkpoint: { type: 'string', description: 'The signed note, at the published size' },
      },
      ['checkpoint'],
    ),
    ConsistencyProof: object({
      from: size,
      to: size,
      fromRoot: base64Hash,
      toRoot: base64Hash,
      hashes: { type: 'array', items: base64Hash },
    }),
    CheckpointPage: object({
      items: {
        type: 'array',
        items: object({
          time: { ...index, description: 'When it was published, in seconds, by the clock of the server' },
          size,
          checkpoint: { type: 'string', description: 'The signed note as it was published' },
        }),
      },
      next: { ...index, type: ['integer', 'null'], description: 'Give it as `to` for the next page' },
    }),
  };
}

/** What is in force, how the server is, and what is refused. */
function stateSchemas(): Record<string, unknown> {
  return {
    Authority: object({
      index,
      leafHash: hexHash,
      version: { type: 'integer', minimum: 1 },
      size,
      document: ref('AttestedAuthority'),
    }),
    Health: object({
      status: { enum: ['ok', 'damaged'], description: 'damaged: the store is, and what verifies is served' },
    }),
    Readiness: object({ status: { const: 'ready' }, size }),
    Problem: {
      type: 'object',
      description: 'RFC 9457; further members are facts about this error',
      properties: {
        type: { type: 'string', pattern: '^urn:isal:error:' },
        title: { type: 'string' },
        status: { type: 'integer' },
        code: { type: 'string', enum: [...errorCodes] },
        detail: { type: 'string' },
        expected: { type: 'string' },
        got: { type: 'string' },
        at: { type: 'string', description: 'JSON Pointer to the field at fault' },
        index,
        retryAfter: { type: 'integer', minimum: 1 },
      },
      required: ['type', 'title', 'status', 'code', 'detail'],
    },
  };
}
