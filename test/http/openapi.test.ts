/** The description says what is served, and what is served is as described. */
import Ajv from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { searchFieldNames, searchFields } from '../../src/attestation/search-fields.ts';
import { errorCodes } from '../../src/errors.ts';
import { statusOf } from '../../src/http/exchange/status.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Answer, Running } from './harness.ts';
import { ask, json, ndjson, run, submit } from './harness.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly description: string;
    readonly schema: object;
  }[];
  readonly responses: Record<string, { $ref?: string; content?: Record<string, { schema?: object }> }>;
}

interface Description {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, object>;
    readonly responses: Record<string, { content: Record<string, { schema: object }> }>;
  };
}

const leafHash = fixtures.leafHashOf(fixtures.genesis());

/** How each operation is called, well and badly. */
const calls: Readonly<Record<string, readonly (readonly [path: string, asking?: object])[]>> = {
  getCheckpoint: [['/checkpoint']],
  getTile: [['/tile/0/000.p/2'], ['/tile/0/777']],
  getEntryBundle: [['/tile/entries/000.p/2'], ['/tile/entries/777']],
  recordAttestations: [
    ['/api/v1/attestations', { body: fixtures.build({ seq: 1 }), headers: json }],
    ['/api/v1/attestations', { body: fixtures.build({ seq: 2 }), headers: json }],
    [
      '/api/v1/attestations',
      { body: Buffer.concat([fixtures.build({ seq: 2 }), Buffer.from('\nx\n')]), headers: ndjson },
    ],
    ['/api/v1/attestations', { body: '{', headers: json }],
    ['/api/v1/attestations', { body: '{' }],
  ],
  searchAttestations: [
    ['/api/v1/attestations'],
    ['/api/v1/attestations?type=build&limit=1'],
    ['/api/v1/attestations?x=1'],
  ],
  getAttestation: [
    ['/api/v1/attestations/0'],
    ['/api/v1/attestations/1'],
    [`/api/v1/attestations/${leafHash}`],
    ['/api/v1/attestations/99'],
    ['/api/v1/attestations/x'],
  ],
  getArtifact: [
    [`/api/v1/artifacts/sha256:${fixtures.digest('hello_1.1.deb')}`],
    [`/api/v1/artifacts/sha256:${fixtures.digest('hello_1.2.deb')}`],
    [`/api/v1/artifacts/sha256:${fixtures.digest('hello_1.1.deb')}?format=bundle`],
    [`/api/v1/artifacts/sha256:${leafHash}`],
    ['/api/v1/artifacts/sha256:x'],
    [`/api/v1/artifacts/sha256:${leafHash}`, { headers: { accept: 'text/html' } }],
  ],
  getInclusionProof: [
    ['/api/v1/proofs/inclusion?index=0'],
    ['/api/v1/proofs/inclusion?index=0&size=1'],
    ['/api/v1/proofs/inclusion?index=0', { headers: { accept: 'text/plain' } }],
    ['/api/v1/proofs/inclusion?index=99'],
  ],
  getConsistencyProof: [
    ['/api/v1/proofs/consistency?from=1&to=2'],
    ['/api/v1/proofs/consistency?from=9&to=2'],
  ],
  listCheckpoints: [
    ['/api/v1/checkpoints'],
    ['/api/v1/checkpoints?to=2026-11-03T12:00:00Z&limit=1'],
    ['/api/v1/checkpoints?to=yesterday'],
  ],
  getAuthority: [['/api/v1/authority'], ['/api/v1/authority?x=1']],
  getHealth: [['/healthz']],
  getReadiness: [['/readyz']],
  getDescription: [['/openapi.json']],
};

describe('http: the description', () => {
  let running: Running;
  let description: Description;
  let ajv: Ajv.default;

  before(async () => {
    running = await run();
    expect((await submit(running, fixtures.build({ seq: 1 }))).status).to.equal(201);
    const target = fixtures.leafHashOf(fixtures.build({ seq: 1 }));
    expect((await submit(running, fixtures.correction({ target }))).status).to.equal(201);
    description = (await ask(running, '/openapi.json')).json as unknown as Description;
    ajv = new Ajv.default({ strict: false, validateFormats: false });
    ajv.addSchema(description, 'api');
  });

  after(() => running.close());

  function schemaOf(operation: Operation, answer: Answer): object | undefined {
    const described = operation.responses[String(answer.status)];
    expect(described, `${operation.operationId} answers ${answer.status}`).not.to.equal(undefined);
    const name = described?.$ref?.split('/').at(-1);
    const { content } = name === undefined ? described! : description.components.responses[name]!;
    const type = String(answer.headers['content-type']).split(';')[0] as string;
    expect(
      Object.keys(content ?? {}),
      `${operation.operationId} answers in a described media type`,
    ).to.include(type);
    return content?.[type]?.schema;
  }

  function check(schema: object, value: unknown, what: string): void {
    const inside = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/')) as object;
    const validate = ajv.compile(inside);
    expect(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`).to.equal(true);
  }

  it('is OpenAPI 3.1 whose references all lead somewhere', () => {
    expect(description.openapi).to.equal('3.1.0');
    const text = JSON.stringify(description);
    for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]*)"/g)) {
      let at: unknown = description;
      for (const step of pointer.split('/')) at = (at as Record<string, unknown>)[step];
      expect(at, pointer).to.be.an('object');
    }
    expect(text).not.to.include('urn:isal:schema');
  });

  it('describes every route once, and the calls below cover every one', () => {
    const ids = Object.values(description.paths).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(ids.toSorted()).to.deep.equal(Object.keys(calls).toSorted());
    expect(Object.keys(description.paths)).to.include.members([
      '/checkpoint',
      '/tile/{level}/{tile}',
      '/tile/entries/{tile}',
      '/api/v1/attestations',
      '/api/v1/attestations/{id}',
      '/api/v1/artifacts/{digest}',
      '/api/v1/proofs/inclusion',
      '/api/v1/proofs/consistency',
      '/api/v1/checkpoints',
      '/api/v1/authority',
      '/healthz',
      '/readyz',
      '/openapi.json',
    ]);
  });

  it('every described route answers as described, well and badly called', async () => {
    for (const path of Object.values(description.paths)) {
      for (const operation of Object.values(path)) {
        for (const [url, asking] of calls[operation.operationId] ?? []) {
          const answer = await ask(running, url, asking);
          const schema = schemaOf(operation, answer);
          const type = String(answer.headers['content-type']);
          if (schema === undefined) continue;
          if (type.endsWith('json') && !type.includes('ndjson')) check(schema, answer.json, url);
          if (type.includes('ndjson')) {
            for (const line of answer.text.trimEnd().split('\n')) check(schema, JSON.parse(line), url);
          }
        }
      }
    }
  });

  it('carries the schemas by which attestations are validated', () => {
    const { schemas } = description.components;
    const predicates = [
      ['AttestedBuild', fixtures.buildStatement()],
      ['AttestedDatabaseUpdate', fixtures.databaseUpdateStatement()],
      ['AttestedDataAccess', fixtures.dataAccessStatement()],
      ['AttestedAuthority', fixtures.authorityStatement()],
    ] as const;
    for (const [name, statement] of predicates) {
      expect(schemas, name).to.have.property(name);
      check({ $ref: `#/components/schemas/${name}` }, statement.predicate, name);
      const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
      expect(validate({ ...statement.predicate, occurredAt: 5, isal_supervision: 5 }), name).to.equal(false);
    }
  });

  it('describes a parameter of the search for each of its fields', () => {
    const search = description.paths['/api/v1/attestations']?.['get'];
    const described = search?.parameters?.map(({ name, description: about, schema }) => ({
      name,
      about,
      schema,
    }));
    expect(described?.slice(0, -2)).to.deep.equal(
      searchFieldNames.map((name) => {
        const { about, form } = searchFields[name];
        return { name, about: `${about.charAt(0).toUpperCase()}${about.slice(1)}`, schema: form.schema };
      }),
    );
    expect(described?.slice(-2).map(({ name }) => name)).to.deep.equal(['after', 'limit']);
  });

  it('names every error code under its status', () => {
    for (const code of errorCodes) {
      const described = description.components.responses[`Problem${statusOf[code]}`] as {
        description?: string;
      };
      expect(described.description, code).to.match(new RegExp(`\\b${code}\\b`));
    }
  });

  it('answers 304 to whoever has it', async () => {
    const { headers } = await ask(running, '/openapi.json');
    const again = await ask(running, '/openapi.json', { headers: { 'If-None-Match': headers.etag } });
    expect([again.status, again.text]).to.deep.equal([304, '']);
  });
});
