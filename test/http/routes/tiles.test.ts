/** The read API of tlog-tiles over a socket, and what it does not serve. */
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { concat, equal, toHex } from '../../../src/bytes.ts';
import { verifyCheckpoint } from '../../../src/note/quorum.ts';
import { parseEntryBundle } from '../../../src/tlog/bundle.ts';
import { hashLeaf } from '../../../src/tlog/hash.ts';
import { RightEdge } from '../../../src/tlog/right-edge.ts';
import { tilePath, tileWidthAt, tilesForSize } from '../../../src/tlog/tile.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import type { Running } from '../harness.ts';
import { ask, run, submitLines } from '../harness.ts';

const size = 258;

describe('http: tiles', () => {
  const leaves: Uint8Array[] = [fixtures.genesis()];
  let running: Running;

  before(async () => {
    running = await run();
    const submitted = Array.from({ length: size - 1 }, (_, i) => fixtures.dataAccess({ seq: i + 1 }));
    for (const [position, answer] of (await submitLines(running, submitted)).entries()) {
      expect(answer['status']).to.equal(201);
      leaves[Number(answer['index'])] = submitted[position]!;
    }
  });

  after(() => running.close());

  it('serves a checkpoint that the policy accepts, for seconds only', async () => {
    const answer = await ask(running, '/checkpoint');
    expect(answer.status).to.equal(200);
    expect(answer.headers['content-type']).to.equal('text/plain; charset=utf-8');
    expect(answer.headers['cache-control']).to.match(/max-age=[0-5]$/);
    const { checkpoint } = verifyCheckpoint({ note: answer.body, policy: running.policy });
    const tree = RightEdge.empty();
    for (const leaf of leaves) tree.append(hashLeaf(leaf));
    expect(checkpoint.size).to.equal(size);
    expect(toHex(checkpoint.root)).to.equal(toHex(tree.root()));
  });

  it('answers 304 to whoever has the checkpoint already', async () => {
    const etag = String((await ask(running, '/checkpoint')).headers.etag);
    const answer = await ask(running, '/checkpoint', { headers: { 'If-None-Match': etag } });
    expect([answer.status, answer.text]).to.deep.equal([304, '']);
    const other = await ask(running, '/checkpoint', { headers: { 'If-None-Match': '"other"' } });
    expect(other.status).to.equal(200);
  });

  it('serves every tile of the tree, immutable, with the hashes of the leaves', async () => {
    const hashes: Uint8Array[] = [];
    for (const tile of tilesForSize(size)) {
      const answer = await ask(running, `/${tilePath(tile)}`);
      expect(answer.status, tilePath(tile)).to.equal(200);
      expect(answer.headers['content-type']).to.equal('application/octet-stream');
      expect(answer.headers['cache-control']).to.include('immutable');
      expect(answer.body.length).to.equal(32 * tile.width);
      if (tile.level === 0) hashes.push(answer.body);
    }
    expect(equal(concat(...hashes), concat(...leaves.map(hashLeaf)))).to.equal(true);
  });

  it('serves every bundle, plain or as gzip, with the bytes that were submitted', async () => {
    for (const [path, from, width] of [
      ['/tile/entries/000', 0, 256],
      ['/tile/entries/001.p/2', 256, 2],
      ['/tile/entries/001.p/1', 256, 1],
    ] as const) {
      const plain = await ask(running, path);
      const zipped = await ask(running, path, { headers: { 'Accept-Encoding': 'gzip' } });
      expect([plain.status, zipped.status], path).to.deep.equal([200, 200]);
      expect(plain.headers).not.to.have.property('content-encoding');
      expect(zipped.headers['content-encoding']).to.equal('gzip');
      for (const { headers } of [plain, zipped]) {
        expect(headers.vary).to.equal('Accept-Encoding');
        expect(headers['content-type']).to.equal('application/octet-stream');
        expect(headers['cache-control']).to.include('immutable');
      }
      expect(gunzipSync(zipped.body).equals(plain.body)).to.equal(true);
      const entries = parseEntryBundle(plain.body, width);
      expect(entries.every((entry, i) => equal(entry, leaves[from + i]!))).to.equal(true);
      expect(
        (await ask(running, path, { headers: { 'Accept-Encoding': 'gzip' } })).body.equals(zipped.body),
      ).to.equal(true);
    }
  });

  it('slices a partial tile at any width that the tree has', async () => {
    const whole = (await ask(running, '/tile/0/001.p/2')).body;
    expect((await ask(running, '/tile/0/001.p/1')).body.equals(whole.subarray(0, 32))).to.equal(true);
    expect((await ask(running, '/tile/0/000.p/255')).body.length).to.equal(255 * 32);
    expect(tileWidthAt(1, 0, size)).to.equal(1);
  });

  it('answers 404 to everything that does not exist, and never a page', async () => {
    for (const path of [
      '/tile/0/001',
      '/tile/0/001.p/3',
      '/tile/0/001.p/0',
      '/tile/0/001.p/256',
      '/tile/0/001.p/02',
      '/tile/0/001.p/-1',
      '/tile/0/001.p/',
      '/tile/0/001.p',
      '/tile/0/000.p/256',
      '/tile/0/002',
      '/tile/0/002.p/1',
      '/tile/0/1',
      '/tile/0/0000',
      '/tile/0/x000/000',
      '/tile/0/x001/000',
      '/tile/0/001/000',
      '/tile/0/000/',
      '/tile/0/%30%30%30',
      '/tile/00/000',
      '/tile/1/000',
      '/tile/1/000.p/2',
      '/tile/2/000.p/1',
      '/tile/63/000',
      '/tile/64/000',
      '/tile/-1/000',
      '/tile/0/',
      '/tile/0',
      '/tile/',
      '/tile/entries',
      '/tile/entries/',
      '/tile/entries/001',
      '/tile/entries/001.p/3',
      '/tile/entries/001.p/0',
      '/tile/entries/000.p/256',
      '/tile/entries/002',
      `/tile/0/${'x999/'.repeat(5)}999`,
      `/tile/0/${'x999/'.repeat(300)}999`,
      '/checkpoint/',
      '/Checkpoint',
      '/checkpoints',
      '//checkpoint',
      '/',
      '/index.html',
    ]) {
      const answer = await ask(running, path);
      expect([answer.status, answer.json['code']], path).to.deep.equal([404, 'not-found']);
      expect(answer.headers['content-type']).to.equal('application/problem+json');
      expect(answer.headers['cache-control'], path).to.equal('no-store');
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    for (const path of [
      '/checkpoint',
      '/tile/0/000',
      '/tile/entries/000',
      '/tile/0/777',
      '/api/v1/authority',
    ]) {
      for (const headers of [{}, { 'Accept-Encoding': 'gzip' }]) {
        const got = await ask(running, path, { headers });
        const head = await ask(running, path, { method: 'HEAD', headers });
        expect([head.status, head.text], path).to.deep.equal([got.status, '']);
        for (const name of ['content-type', 'cache-control', 'vary']) {
          expect(head.headers[name], `${path} ${name}`).to.equal(got.headers[name]);
        }
        // What a bundle has in bytes, and compressed, is known only to who reads it.
        const length = path.includes('entries') ? undefined : got.headers['content-length'];
        expect(head.headers['content-length'], path).to.equal(length);
      }
    }
  });

  it('lets pages of other origins read and not record', async () => {
    const headers = { Origin: 'https://monitor.example' };
    for (const path of ['/checkpoint', '/tile/0/000', '/tile/0/777', '/api/v1/authority', '/nothing']) {
      expect((await ask(running, path, { headers })).headers['access-control-allow-origin'], path).to.equal(
        '*',
      );
    }
    for (const path of ['/checkpoint', '/api/v1/attestations']) {
      const preflight = await ask(running, path, {
        method: 'OPTIONS',
        headers: { ...headers, 'Access-Control-Request-Method': 'GET' },
      });
      expect(preflight.status).to.equal(204);
      expect(preflight.headers['access-control-allow-methods']).to.equal('GET, HEAD');
      expect(preflight.headers['access-control-allow-headers']).to.include('If-None-Match');
    }
    const posted = await ask(running, '/api/v1/attestations', { headers, body: '{}' });
    expect(posted.headers).not.to.have.property('access-control-allow-origin');
  });

  it('refuses other methods and names those that it takes', async () => {
    for (const path of ['/checkpoint', '/tile/0/000', '/tile/entries/000', '/api/v1/authority', '/healthz']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const answer = await ask(running, path, { method });
        expect([answer.status, answer.json['code']], `${method} ${path}`).to.deep.equal([
          405,
          'method-not-allowed',
        ]);
        expect(answer.headers.allow).to.include('GET').and.include('HEAD').and.not.include('POST');
      }
    }
    expect((await ask(running, '/api/v1/attestations', { method: 'DELETE' })).headers.allow).to.include(
      'POST',
    );
  });

  it('puts the security headers on every answer', async () => {
    for (const path of [
      '/checkpoint',
      '/tile/0/000',
      '/tile/0/777',
      '/api/v1/authority',
      '/nothing',
      '/healthz',
    ]) {
      const { headers } = await ask(running, path);
      expect(headers['x-content-type-options'], path).to.equal('nosniff');
      expect(headers['content-security-policy']).to.include("default-src 'none'");
      expect(headers['referrer-policy']).to.equal('no-referrer');
    }
  });
});

describe('http: a prefix', () => {
  let running: Running;

  before(async () => {
    running = await run({ prefix: '/ledgers/one/' });
  });

  after(() => running.close());

  it('stands before every route, and nothing is served outside it', async () => {
    expect(running.server.url).to.match(/\/ledgers\/one$/);
    for (const path of [
      '/checkpoint',
      '/tile/0/000.p/1',
      '/tile/entries/000.p/1',
      '/api/v1/authority',
      '/healthz',
    ]) {
      expect((await ask(running, `/ledgers/one${path}`)).status, path).to.equal(200);
      expect((await ask(running, path)).status, path).to.equal(404);
      expect((await ask(running, `/ledgers/onex${path}`)).status, path).to.equal(404);
    }
    const [answer] = await submitPrefixed(running);
    expect(answer).to.equal('/ledgers/one/api/v1/attestations/1');
  });

  it('takes a whole URL in the request line', async () => {
    expect((await ask(running, 'http://log.example/ledgers/one/checkpoint')).status).to.equal(200);
  });

  it('is named as the server in the description', async () => {
    const { servers } = (await ask(running, '/ledgers/one/openapi.json')).json;
    expect(servers).to.deep.equal([{ url: '/ledgers/one' }]);
  });
});

async function submitPrefixed(running: Running): Promise<(string | undefined)[]> {
  const answer = await ask(running, '/ledgers/one/api/v1/attestations', {
    body: fixtures.dataAccess(),
    headers: { 'Content-Type': 'application/json' },
  });
  return [answer.headers.location];
}

describe('http: tiles of a log that grows', () => {
  it('clamps what is full in the store to what is signed', async () => {
    const running = await run();
    try {
      await submitLines(
        running,
        Array.from({ length: 253 }, (_, i) => fixtures.dataAccess({ seq: i + 1 })),
      );
      expect(running.ledger.checkpoint()?.checkpoint.size).to.equal(254);
      // Committed, and held back before the anchor: the store has the full tile, and nobody may see it.
      running.publication.close();
      const waiting = submitLines(
        running,
        Array.from({ length: 6 }, (_, i) => fixtures.dataAccess({ seq: 300 + i })),
      );
      await running.publication.arrival();
      expect(running.ledger.health().committedSize).to.be.greaterThan(254);
      for (const path of [
        '/tile/0/000',
        '/tile/0/000.p/255',
        '/tile/entries/000',
        '/tile/entries/000.p/255',
      ]) {
        expect((await ask(running, path)).status, path).to.equal(404);
      }
      expect((await ask(running, '/tile/0/000.p/254')).status).to.equal(200);
      expect((await ask(running, '/api/v1/attestations/254')).status).to.equal(404);
      expect((await ask(running, '/api/v1/proofs/inclusion?index=254')).status).to.equal(400);
      expect((await ask(running, '/api/v1/proofs/consistency?from=1&to=255')).status).to.equal(400);
      const page = (await ask(running, '/api/v1/attestations?type=data-access&after=250')).json;
      expect([page['size'], (page['items'] as unknown[]).length]).to.deep.equal([254, 3]);
      running.publication.open();
      expect((await waiting).map(({ status }) => status)).to.deep.equal([201, 201, 201, 201, 201, 201]);
      expect((await ask(running, '/tile/0/000')).body.length).to.equal(8192);
      expect((await ask(running, '/tile/0/000.p/254')).body.length).to.equal(254 * 32);
      // Compressed bundles are kept; each stands for its own index.
      await submitLines(
        running,
        Array.from({ length: 252 }, (_, i) => fixtures.dataAccess({ seq: 400 + i })),
      );
      for (const path of ['/tile/entries/000', '/tile/entries/001', '/tile/entries/000']) {
        const zipped = await ask(running, path, { headers: { 'Accept-Encoding': 'gzip' } });
        expect(gunzipSync(zipped.body).equals((await ask(running, path)).body), path).to.equal(true);
      }
    } finally {
      await running.close();
    }
  });
});
