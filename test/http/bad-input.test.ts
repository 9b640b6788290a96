/** Bad input, each kind with its status and code. The table in docs/api.md says the same in general. */
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { sha256 } from '#sha256';
import { acceptablePublicKey } from '#ed25519';
import { canonicalize } from '../../src/attestation/canonical.ts';
import { signEnvelope } from '../../src/attestation/envelope.ts';
import type { StatementOf } from '../../src/attestation/types.ts';
import { fromHex, fromUtf8, toBase64, utf8 } from '../../src/bytes.ts';
import type { ErrorCode } from '../../src/errors.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Answer, Running } from './harness.ts';
import { ask, json, raw, run, submit, submitLines } from './harness.ts';

const { builder, supervisor, publisher, gateway, root, signer, party } = fixtures;

// Parties whom the authority lists for the sake of one row each.
const secondSupervisor = party('second supervisor', 'Third Eye');
const vendorSupervisor = party('supervisor at the vendor', fixtures.vendor);
const reviewer = party('reviewer', 'Code Readers');
const retired = party('retired builder');
const stranger = party('stranger', 'Elsewhere');

const genesis = fixtures.genesis({
  signers: [
    signer(builder, ['builder'], [fixtures.buildSource]),
    signer(supervisor, ['supervisor'], [fixtures.buildSource, fixtures.databaseSource]),
    signer(publisher, ['database-publisher'], [fixtures.databaseSource]),
    signer(gateway, ['access-gateway'], [fixtures.accessSource]),
    signer(secondSupervisor, ['supervisor'], [fixtures.buildSource]),
    signer(vendorSupervisor, ['supervisor'], [fixtures.buildSource]),
    signer(reviewer, ['reviewer'], [fixtures.buildSource]),
    signer(retired, ['builder'], [fixtures.buildSource]),
  ],
  revocations: [{ keyid: retired.keyid, kind: 'revoked', fromLeaf: 0, reason: 'Retired.' }],
});
const authority = fixtures.leafHashOf(genesis);

const build = (options: fixtures.BuildOptions = {}): Uint8Array =>
  fixtures.build({ authority, seq: 2, ...options });
const seeds = [builder.seed, supervisor.seed];

/** A build's leaf with the text of its payload changed before it is signed. */
function payload(change: (text: string) => string | Uint8Array): Uint8Array {
  const text = canonicalize(fixtures.buildStatement({ authority, seq: 2 }) as never);
  const changed = change(text);
  return signEnvelope(typeof changed === 'string' ? utf8(changed) : changed, seeds);
}

/** A build's leaf with its own text changed. */
function envelope(change: (text: string) => string): Uint8Array {
  return utf8(change(fromUtf8(build())));
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** The second authority document, with the builder's key replaced. */
function successor(publicKey: Uint8Array): Uint8Array {
  return fixtures.authorityDocument({
    version: 2,
    previous: authority,
    signers: [{ ...signer(builder, ['builder'], [fixtures.buildSource]), publicKey: toBase64(publicKey) }],
    revocations: [{ keyid: retired.keyid, kind: 'revoked', fromLeaf: 0, reason: 'Retired.' }],
    roots: [root],
  });
}

/** y = 1: the neutral element, for which anybody can sign. */
const smallOrder = fromHex(`01${'00'.repeat(31)}`);
/** y = p + 3, which also reads as y = 3. */
const nonCanonical = fromHex(`f0${'ff'.repeat(30)}7f`);

const bom = fromHex('efbbbf');
const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const recorded = build({ seq: 1 });

interface Row {
  readonly what: string;
  readonly body: Uint8Array;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly code: ErrorCode;
  readonly at?: string;
}

const rows: readonly Row[] = [
  // The request
  { what: 'no body', body: new Uint8Array(), status: 400, code: 'empty' },
  { what: 'no media type', body: build(), headers: {}, status: 415, code: 'wrong-media-type' },
  {
    what: 'wrong media type',
    body: build(),
    headers: { 'Content-Type': 'text/plain' },
    status: 415,
    code: 'wrong-media-type',
  },
  {
    what: 'a charset that is not UTF-8',
    body: build(),
    headers: { 'Content-Type': 'application/json; charset=utf-16' },
    status: 415,
    code: 'wrong-media-type',
  },
  {
    what: 'a compressed body',
    body: gzipSync(build()),
    headers: { ...json, 'Content-Encoding': 'gzip' },
    status: 415,
    code: 'wrong-media-type',
  },
  { what: 'a body beyond 64 KiB', body: new Uint8Array(64 * 1024 + 1), status: 413, code: 'too-large' },
  {
    what: 'a leaf beyond 32 KiB',
    body: new Uint8Array(32 * 1024 + 1).fill(0x20),
    status: 413,
    code: 'too-large',
  },
  // The envelope
  { what: 'not JSON', body: utf8('{"payload":'), status: 400, code: 'not-json' },
  { what: 'a form', body: utf8('payload=abc'), status: 400, code: 'not-json' },
  { what: 'bytes that are not UTF-8', body: fromHex('7b22ff227d'), status: 400, code: 'bad-utf8' },
  { what: 'a byte order mark', body: concat(bom, build()), status: 400, code: 'byte-order-mark' },
  { what: 'an envelope too deep', body: utf8(deep(10_000)), status: 400, code: 'too-deep' },
  {
    what: 'a duplicate key in the envelope',
    body: envelope((text) => text.replace('"payloadType"', '"payload":"","payloadType"')),
    status: 400,
    code: 'duplicate-key',
    at: '/payload',
  },
  {
    what: 'white space in the envelope',
    body: envelope((text) => text.replace(',', ', ')),
    status: 400,
    code: 'envelope-not-canonical',
  },
  {
    what: 'a line feed behind the envelope',
    body: envelope((text) => `${text}\n`),
    status: 400,
    code: 'envelope-not-canonical',
  },
  {
    what: 'members of the envelope in another order',
    body: envelope((text) => {
      const { payload: bytes, payloadType, signatures } = JSON.parse(text) as Record<string, unknown>;
      return JSON.stringify({ payloadType, payload: bytes, signatures });
    }),
    status: 400,
    code: 'envelope-not-canonical',
  },
  {
    what: 'signatures in another order',
    body: envelope((text) => {
      const value = JSON.parse(text) as { signatures: unknown[] };
      return JSON.stringify({ ...value, signatures: value.signatures.toReversed() });
    }),
    status: 400,
    code: 'envelope-not-canonical',
    at: '/signatures/1/keyid',
  },
  {
    what: 'an unknown member of the envelope',
    body: envelope((text) => text.replace('{"payload"', '{"extra":1,"payload"')),
    status: 400,
    code: 'unknown-member',
    at: '',
  },
  {
    what: 'an unknown member of a signature',
    body: envelope((text) => text.replace('{"keyid"', '{"cert":"","keyid"')),
    status: 400,
    code: 'unknown-member',
    at: '/signatures/0',
  },
  {
    what: 'base64 without padding',
    body: envelope((text) => text.replace('=="}', '"}')),
    status: 400,
    code: 'bad-base64',
    at: '/signatures/0/sig',
  },
  {
    what: 'base64 with loose bits',
    body: envelope((text) =>
      text.replace(/[AQgw]=="}/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=="}`),
    ),
    status: 400,
    code: 'bad-base64',
    at: '/signatures/0/sig',
  },
  {
    what: 'one key twice',
    body: envelope((text) => {
      const value = JSON.parse(text) as { signatures: unknown[] };
      return JSON.stringify({ ...value, signatures: [value.signatures[0], value.signatures[0]] });
    }),
    status: 400,
    code: 'duplicate-signature',
    at: '/signatures/1/keyid',
  },
  {
    what: 'no signature',
    body: envelope((text) => text.replace(/"signatures":.*/, '"signatures":[]}')),
    status: 400,
    code: 'empty',
    at: '/signatures',
  },
  // The payload
  { what: 'a payload that is not JSON', body: payload(() => 'hello'), status: 400, code: 'not-json' },
  {
    what: 'a payload with a byte order mark',
    body: payload((text) => concat(bom, utf8(text))),
    status: 400,
    code: 'byte-order-mark',
  },
  {
    what: 'a payload too deep',
    body: payload((text) =>
      text.replace('"externalParameters":{', `"externalParameters":{"a":${deep(100)},`),
    ),
    status: 400,
    code: 'too-deep',
  },
  {
    what: 'a duplicate key in the payload',
    body: payload((text) => text.replace('"hermetic":true', '"hermetic":true,"hermetic":true')),
    status: 400,
    code: 'duplicate-key',
    at: '/predicate/isal_supervision/hermetic',
  },
  {
    what: 'a lone surrogate',
    body: payload((text) => text.replace('Zurich 1', 'Zurich \\ud800')),
    status: 400,
    code: 'lone-surrogate',
  },
  {
    what: 'an integer beyond 2^53',
    body: payload((text) => text.replace('"seq":2', '"seq":9007199254740993')),
    status: 400,
    code: 'unsafe-number',
  },
  {
    what: 'a payload that is not canonical',
    body: payload((text) => text.replace('"seq":2', '"seq":2.0')),
    status: 400,
    code: 'payload-not-canonical',
  },
  {
    what: 'an unknown type',
    body: build({
      change: (statement) => Object.assign(statement, { predicateType: 'https://example.com/other/v1' }),
    }),
    status: 422,
    code: 'unknown-type',
    at: '/predicateType',
  },
  {
    what: 'a schema violation, pointing at the field',
    body: build({ change: ({ predicate }) => (predicate.isal_supervision.country = 'Switzerland') }),
    status: 422,
    code: 'schema-violation',
    at: '/predicate/isal_supervision/country',
  },
  {
    what: 'an unknown member of the statement',
    body: build({ change: ({ predicate }) => Object.assign(predicate.isal_supervision, { colour: 'red' }) }),
    status: 422,
    code: 'schema-violation',
    at: '/predicate/isal_supervision',
  },
  {
    what: 'a subject that is not the predicate’s',
    body: fixtures.databaseUpdate({
      authority,
      change: ({ subject }) => (subject[0]!.digest = { sha256: fixtures.digest('another file') }),
    }),
    status: 422,
    code: 'subject-mismatch',
    at: '/subject',
  },
  // Who signed
  {
    what: 'another log’s origin',
    body: build({ origin: 'ledger.example/other' }),
    status: 422,
    code: 'wrong-origin',
    at: '/predicate/isal_supervision/ledger/origin',
  },
  {
    what: 'an authority that is not in force',
    body: build({ authority: fixtures.digest('an older document') }),
    status: 409,
    code: 'authority-superseded',
    at: '/predicate/isal_supervision/ledger/authority',
  },
  {
    what: 'an unknown signer',
    body: build({ signedBy: [builder, stranger] }),
    status: 403,
    code: 'unknown-signer',
  },
  { what: 'a missing role', body: build({ signedBy: [builder] }), status: 403, code: 'missing-role' },
  {
    what: 'two roles by one organisation',
    body: build({ signedBy: [builder, vendorSupervisor] }),
    status: 403,
    code: 'same-organisation',
  },
  {
    what: 'a superfluous signature',
    body: build({ signedBy: [builder, supervisor, reviewer] }),
    status: 403,
    code: 'superfluous-signature',
  },
  {
    what: 'a bad signature',
    body: envelope((text) =>
      text.replace(/"sig":"(.)/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`),
    ),
    status: 403,
    code: 'bad-signature',
  },
  {
    what: 'a signature over another payload',
    body: ((): Uint8Array => {
      const [one, other] = [build(), build({ seq: 3 })].map((leaf) => JSON.parse(fromUtf8(leaf)) as object);
      return utf8(JSON.stringify({ ...one, signatures: (other as { signatures: unknown }).signatures }));
    })(),
    status: 403,
    code: 'bad-signature',
  },
  {
    what: 'a key not in force',
    body: build({ signedBy: [retired, supervisor] }),
    status: 403,
    code: 'key-not-in-force',
  },
  {
    what: 'a source that is not the signer’s',
    body: build({ source: fixtures.databaseSource }),
    status: 403,
    code: 'source-not-allowed',
  },
  {
    what: 'a key of small order in an authority document',
    body: successor(smallOrder),
    status: 422,
    code: 'weak-key',
    at: '/predicate/signers/0/publicKey',
  },
  {
    what: 'a key that is not canonical in an authority document',
    body: successor(nonCanonical),
    status: 422,
    code: 'weak-key',
    at: '/predicate/signers/0/publicKey',
  },
  // What is recorded already
  {
    what: 'same source and number with other content',
    body: build({ seq: 1, file: 'another.deb' }),
    status: 409,
    code: 'source-conflict',
  },
  {
    what: 'same payload with other signatures',
    body: build({ seq: 1, signedBy: [builder, secondSupervisor] }),
    status: 409,
    code: 'already-recorded',
  },
];

function expectProblem(answer: Answer, { status, code, at }: Pick<Row, 'status' | 'code' | 'at'>): void {
  expect(answer.json, answer.text).to.include({ status, code, type: `urn:isal:error:${code}` });
  expect(answer.status).to.equal(status);
  expect(answer.headers['content-type']).to.equal('application/problem+json');
  expect(answer.headers['cache-control']).to.equal('no-store');
  if (at !== undefined) expect(answer.json['at']).to.equal(at);
}

describe('http: a table of bad input', () => {
  let running: Running;

  before(async () => {
    running = await run({ genesis });
    const answer = await submit(running, recorded);
    expect(answer.status, answer.text).to.equal(201);
  });

  after(() => running.close());

  for (const row of rows) {
    it(`${row.what}: ${row.status} ${row.code}`, async () => {
      expectProblem(await submit(running, row.body, row.headers ?? json), row);
    });
  }

  it('each refusal of content says what was expected', async () => {
    for (const { body, headers, code } of rows) {
      const answer = await submit(running, body, headers ?? json);
      if (code !== 'bad-signature') expect(answer.json['expected'], answer.text).to.be.a('string');
    }
  });

  it('names the authority in force to whoever names another', async () => {
    const answer = await submit(running, build({ authority: fixtures.digest('an older document') }));
    expect(answer.json).to.include({ authority, expected: authority, version: 1 });
  });

  it('names the entry that stands against a conflicting one', async () => {
    for (const body of [
      build({ seq: 1, file: 'another.deb' }),
      build({ seq: 1, signedBy: [builder, secondSupervisor] }),
    ]) {
      expect((await submit(running, body)).json['index']).to.equal(1);
    }
  });

  it('recorded nothing of all this, and still records', async () => {
    expect(running.ledger.checkpoint()?.checkpoint.size).to.equal(2);
    const leaf = build({ seq: 50 });
    expect((await submit(running, leaf)).json).to.include({ index: 2, leafHash: fixtures.leafHashOf(leaf) });
    expect(running.log.some(({ event }) => event === 'error')).to.equal(false);
  });

  it('the keys of the table are refused by the Ed25519 rule itself', () => {
    expect(acceptablePublicKey(smallOrder)).to.equal(false);
    expect(acceptablePublicKey(nonCanonical)).to.equal(false);
  });
});

/** Every place in a value: the path to each member and item. */
function places(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const steps: readonly (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return steps.flatMap((step) => {
    const inner = [...path, step];
    return [inner, ...places((value as Record<string | number, unknown>)[step], inner)];
  });
}

/** The value with one place changed; `undefined` takes it away. */
function changed(value: unknown, path: readonly (string | number)[], to: unknown): unknown {
  const copy = structuredClone(value);
  let at = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  if (to !== undefined) at[last] = to;
  else if (Array.isArray(at)) at.splice(last as number, 1);
  else delete at[last];
  return copy;
}

describe('http: empty or absent field in every position', () => {
  let running: Running;

  before(async () => {
    running = await run({ genesis });
  });

  after(() => running.close());

  const empties: readonly unknown[] = [undefined, null, '', {}];

  const statements: readonly [
    string,
    StatementOf<'build' | 'database-update' | 'data-access' | 'authority'>,
    readonly fixtures.Party[],
  ][] = [
    ['build', fixtures.buildStatement({ authority }), [builder, supervisor]],
    ['database update', fixtures.databaseUpdateStatement({ authority }), [publisher, supervisor]],
    ['data access', fixtures.dataAccessStatement({ authority }), [gateway]],
    ['authority', fixtures.authorityStatement({ version: 2, previous: authority }), [root]],
  ];

  for (const [what, statement, by] of statements) {
    it(`in the statement of a ${what}: recorded as an honest variant, or a 4xx`, async () => {
      const variants = places(statement).flatMap((path) => empties.map((empty) => ({ path, empty })));
      for (let first = 0; first < variants.length; first += 500) {
        const some = variants.slice(first, first + 500);
        const lines = some.map(({ path, empty }) =>
          fixtures.sign(changed(statement, path, empty) as object, by),
        );
        for (const [position, answer] of (await submitLines(running, lines)).entries()) {
          const { path, empty } = some[position]!;
          const where = `${path.join('/')} = ${JSON.stringify(empty)}: ${JSON.stringify(answer)}`;
          // An optional member may be left out: then the entry is a lawful one,
          // or it stands against the lawful one before.
          expect(answer['status'], where).to.be.lessThan(500);
          if (Number(answer['status']) >= 400) expect(answer['code'], where).to.be.a('string');
          // An accepted authority document would supersede the one that the next lines name.
          if (what === 'authority') expect(answer['status'], where).to.be.greaterThanOrEqual(400);
        }
      }
    });
  }

  it('in the envelope: a 4xx', async () => {
    const value = JSON.parse(fromUtf8(build({ seq: 77 }))) as unknown;
    for (const path of places(value)) {
      for (const empty of empties) {
        const answer = await submit(running, utf8(JSON.stringify(changed(value, path, empty))));
        expect(answer.status, `${path.join('/')} = ${JSON.stringify(empty)}: ${answer.text}`).to.be.within(
          400,
          499,
        );
      }
    }
    for (const whole of ['null', '""', '0', '[]', '{}', 'true', ' ', '\0']) {
      expect((await submit(running, utf8(whole))).status, whole).to.be.within(400, 499);
    }
  });

  it('in every query parameter: a 4xx', async () => {
    for (const path of [
      '/api/v1/attestations?subject=',
      '/api/v1/attestations?type=',
      '/api/v1/attestations?product=',
      '/api/v1/attestations?family=',
      '/api/v1/attestations?signer=',
      '/api/v1/attestations?source=',
      '/api/v1/attestations?after=',
      '/api/v1/attestations?limit=',
      '/api/v1/attestations?',
      '/api/v1/attestations?=',
      '/api/v1/attestations/',
      '/api/v1/proofs/inclusion',
      '/api/v1/proofs/inclusion?index=',
      '/api/v1/proofs/inclusion?leafHash=',
      '/api/v1/proofs/inclusion?index=0&size=',
      '/api/v1/proofs/consistency',
      '/api/v1/proofs/consistency?from=&to=',
      '/api/v1/proofs/consistency?from=1&to=',
      '/api/v1/proofs/consistency?to=1',
    ]) {
      const answer = await ask(running, path);
      if (path.endsWith('?')) continue;
      expect(answer.status, path).to.be.within(400, 499);
      expect(answer.headers['content-type']).to.equal('application/problem+json');
    }
  });

  it('in the request line and header: a 4xx, and the server goes on', async () => {
    const impatient = await run({ limits: { headersMs: 100, checkMs: 20 } });
    for (const text of [
      '\r\n\r\n',
      'GET\r\n\r\n',
      'GET  HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
      'GET / HTTP/1.1\r\nHost\r\n\r\n',
      'GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      'POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Length:\r\n\r\n',
      'POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc',
    ]) {
      const closing = text.startsWith('GET / HTTP/1.1\r\n\r\n')
        ? 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'
        : text;
      expect(await raw(impatient, closing), JSON.stringify(text)).to.match(
        /^HTTP\/1\.1 4\d\d .*application\/problem\+json/s,
      );
    }
    const hostless = await raw(impatient, 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(hostless).to.match(/^HTTP\/1\.1 400 .*bad-request/s);
    expect((await ask(impatient, '/healthz')).status).to.equal(200);
    expect(impatient.log.some(({ event }) => event === 'error')).to.equal(false);
    await impatient.close();
  });

  it('keys derived from texts do not collide with those of objects', async () => {
    for (const id of [
      '__proto__',
      'constructor',
      'toString',
      '%00',
      '..%2f..%2fkeys',
      toBase64(sha256(utf8('x'))),
    ]) {
      expect((await ask(running, `/api/v1/attestations/${id}`)).status, id).to.be.within(400, 404);
    }
  });
});
