/** What readers may take together and one by one, seen through a real server. */
import { connect } from 'node:net';
import { expect } from 'chai';
import { defaultLimits } from '../../../src/http/bounds/limits.ts';
import type { Limit } from '../../../src/http/bounds/gate.ts';
import type { Observer, Shared } from '../../../src/http/exchange/observer.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import type { Answer, Running, RunOptions } from '../harness.ts';
import { Gate, ask, raw, run, submit } from '../harness.ts';

const file = 'hello_1.1.deb';
const artefact = `/api/v1/artifacts/sha256:${fixtures.digest(file)}`;
const randomDigest = (seed: string): string => fixtures.digest(`${seed}1`) + fixtures.digest(`${seed}2`);

/** Counts leaves that are read, and holds reads back while its gate is closed. */
class WatchedStorage extends MemoryStorage {
  readonly gate = new Gate();
  leaves = 0;

  override async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.leaves += keys.filter(([letter]) => letter === 0x6c).length;
    await this.gate.pass();
    return super.getMany(keys);
  }

  override range(range: Parameters<MemoryStorage['range']>[0]): ReturnType<MemoryStorage['range']> {
    if (range.gte[0] === 0x6c) this.leaves += 1;
    return super.range(range);
  }
}

/** Sees what readers share, and which limits had no room. */
class Watcher implements Observer {
  shared: Shared | undefined;
  readonly limits: Limit[] = [];

  serving(shared: Shared): void {
    this.shared = shared;
  }

  refused(limit: Limit): void {
    this.limits.push(limit);
  }

  answered(): void {}
  submitted(): void {}
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const from = (address: string): { headers: Record<string, string> } => ({
  headers: { 'X-Forwarded-For': address },
});

async function withServer(
  options: RunOptions,
  test: (running: Running, storage: WatchedStorage) => Promise<void>,
): Promise<void> {
  const storage = new WatchedStorage();
  const running = await run({ storage, ...options });
  try {
    await test(running, storage);
  } finally {
    storage.gate.open();
    await running.close();
  }
}

const outcome = ({ status, json, headers }: Answer): unknown[] => [
  status,
  json['code'],
  Number(headers['retry-after']) >= 1,
  headers['cache-control'],
];
const tooMany = [429, 'too-many-requests', true, 'no-store'];

describe('http/bounds/gate: one address', () => {
  const trustedProxies = ['127.0.0.1'];

  it('that has used up its work for a minute is refused with the time to wait, and no other is', async () => {
    const address = { ...defaultLimits.address, costPerMinute: 100 };
    const watcher = new Watcher();
    const observer = (): Observer => watcher;
    await withServer({ trustedProxies, limits: { address }, observer }, async (running) => {
      // Another page each time: one that was made is kept, and costs next to nothing.
      let after = 0;
      const search = (by: string): Promise<Answer> =>
        ask(running, `/api/v1/attestations?after=${after++}`, from(by));
      for (let time = 0; time < 2; time++) expect((await search('192.0.2.1')).status).to.equal(200);
      expect(outcome(await search('192.0.2.1'))).to.deep.equal(tooMany);
      expect((await search('192.0.2.2')).status).to.equal(200);
      for (const path of ['/checkpoint', '/tile/0/000.p/1', '/tile/entries/000.p/1', '/healthz']) {
        expect((await ask(running, path, from('192.0.2.1'))).status, path).to.equal(200);
      }
      expect(watcher.limits).to.deep.equal(['address-cost']);
    });
  });

  it('pays for the bytes of tiles and bundles, when it has had them', async () => {
    const address = { ...defaultLimits.address, costPerMinute: 1 };
    await withServer({ trustedProxies, limits: { address } }, async (running) => {
      const big = Array.from({ length: 8 }, (_, i) => large(i + 1));
      await Promise.all(big.map((leaf) => running.ledger.append(leaf)));
      const bundle = (): Promise<Answer> => ask(running, '/tile/entries/000.p/9', from('192.0.2.1'));
      expect((await bundle()).status).to.equal(200);
      expect(outcome(await bundle())).to.deep.equal(tooMany);
    });
  });

  it('has so many requests at once, and tiles beside them', async () => {
    const address = { ...defaultLimits.address, requestsPerAddress: 2 };
    await withServer({ trustedProxies, limits: { address } }, async (running, storage) => {
      const entry = (by: string): Promise<Answer> => ask(running, '/api/v1/attestations/0', from(by));
      storage.gate.close();
      const held = [entry('192.0.2.1'), entry('192.0.2.1')];
      await storage.gate.arrival();
      while (storage.leaves < 2) await turn();
      expect(outcome(await entry('192.0.2.1'))).to.deep.equal(tooMany);
      expect((await ask(running, '/tile/0/000.p/1', from('192.0.2.1'))).status).to.equal(200);
      const other = entry('192.0.2.2');
      storage.gate.open();
      expect((await Promise.all([...held, other])).map(({ status }) => status)).to.deep.equal([
        200, 200, 200,
      ]);
      expect((await entry('192.0.2.1')).status).to.equal(200);
    });
  });

  it('opens so many connections', async () => {
    const address = { ...defaultLimits.address, connectionsPerAddress: 1 };
    const limits = { address };
    // Loopback is an address like any other once other proxies are trusted.
    await withServer({ trustedProxies: ['10.0.0.1'], limits }, async (running, storage) => {
      storage.gate.close();
      const first = ask(running, '/api/v1/attestations/0');
      await storage.gate.arrival();
      expect(await raw(running, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).to.equal('');
      storage.gate.open();
      expect((await first).status).to.equal(200);
    });
    await withServer({ limits }, async (running, storage) => {
      storage.gate.close();
      const first = ask(running, '/api/v1/attestations/0');
      await storage.gate.arrival();
      expect((await ask(running, '/healthz')).status).to.equal(200);
      storage.gate.open();
      await first;
    });
  });

  it('that is no trusted proxy and forwards is in one line with all such, which the log says once', async () => {
    const address = { ...defaultLimits.address, costPerMinute: 1 };
    await withServer({ trustedProxies: ['10.0.0.1'], limits: { address } }, async (running) => {
      for (let time = 0; time < 3; time++) {
        expect((await ask(running, '/api/v1/attestations', from('192.0.2.1'))).status).to.equal(200);
      }
      const told = running.log.filter(({ event }) => (event as string) === 'proxy-not-trusted');
      expect(told).to.have.length(1);
      expect((await ask(running, '/api/v1/attestations')).status).to.equal(200);
      expect(outcome(await ask(running, '/api/v1/attestations'))).to.deep.equal(tooMany);
    });
  });

  it('is cut off when it sends requests ahead without end', async () => {
    await withServer({ limits: { pipelined: 4 } }, async (running, storage) => {
      storage.gate.close();
      const ahead = 'GET /api/v1/attestations/0 HTTP/1.1\r\nHost: x\r\n\r\n';
      expect(await raw(running, ahead.repeat(5))).to.equal('');
      storage.gate.open();
      expect(
        (await raw(running, ahead.repeat(3), `${ahead.slice(0, -2)}Connection: close\r\n\r\n`)).match(
          / 200 OK/g,
        ),
      ).to.have.length(4);
    });
  });
});

/** An entry of some 25 KiB. */
function large(seq: number): Uint8Array {
  return fixtures.build({
    seq,
    change: ({ predicate }) =>
      Object.assign(predicate.buildDefinition.externalParameters, { a: 'x'.repeat(18_000) }),
  });
}

describe('http/bounds/gate: all readers', () => {
  it('that send requests ahead and leave give back all that was held for them', async () => {
    const watcher = new Watcher();
    await withServer({ observer: () => watcher }, async (running, storage) => {
      const big = Array.from({ length: 8 }, (_, i) => large(i + 1));
      await Promise.all(big.map((leaf) => running.ledger.append(leaf)));
      const { tiles, reading } = watcher.shared?.gate ?? expect.fail('not served');
      const before = [tiles.left, reading.left];
      storage.gate.close();
      const socket = connect(running.server.port, '127.0.0.1');
      socket.on('error', () => {});
      const paths = [
        '/api/v1/attestations/1',
        '/tile/entries/000.p/9',
        '/openapi.json',
        '/api/v1/attestations/2',
      ];
      socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
      await storage.gate.arrival();
      while (tiles.left === before[0] || reading.left === before[1]) await turn();
      let over = 0;
      const all = new Promise<void>((resolve) => {
        running.heard = () => void (++over === paths.length && resolve());
      });
      socket.destroy();
      await all;
      storage.gate.open();
      await turn();
      expect([tiles.left, reading.left]).to.deep.equal(before);
    });
  });

  it('are told by HEAD what is known without reading an entry', async () => {
    await withServer({}, async (running, storage) => {
      expect((await submit(running, fixtures.build())).status).to.equal(201);
      const proof = '/api/v1/proofs/inclusion';
      const paths = [
        '/api/v1/attestations?limit=256',
        '/api/v1/attestations/1',
        artefact,
        `${proof}?index=1`,
        '/api/v1/proofs/consistency?from=1&to=2',
        '/api/v1/checkpoints?limit=100',
        '/tile/entries/000.p/2',
        '/tile/0/000.p/2',
      ];
      const wrong: readonly (readonly [string, number])[] = [
        ['/api/v1/attestations?limit=257', 400],
        ['/api/v1/attestations/2', 404],
        [`/api/v1/attestations/${'0'.repeat(64)}`, 404],
        [`/api/v1/artifacts/sha256:${'0'.repeat(64)}`, 404],
        [`${proof}?index=2`, 400],
        [`${proof}?leafHash=${'0'.repeat(64)}`, 404],
        ['/api/v1/proofs/consistency?from=1&to=3', 400],
        ['/api/v1/checkpoints?limit=101', 400],
        ['/tile/entries/000.p/3', 404],
      ];
      const before = storage.leaves;
      const heads = new Map<string, Answer>();
      for (const path of paths) heads.set(path, await ask(running, path, { method: 'HEAD' }));
      for (const [path, status] of wrong) {
        expect((await ask(running, path, { method: 'HEAD' })).status, path).to.equal(status);
      }
      expect(storage.leaves).to.equal(before);
      for (const [path, head] of heads) {
        const got = await ask(running, path);
        expect([head.status, head.text], path).to.deep.equal([200, '']);
        const length = head.headers['content-length'];
        if (length !== undefined) expect(length).to.equal(got.headers['content-length']);
        for (const name of ['content-type', 'cache-control', 'etag', 'vary']) {
          expect(head.headers[name], `${path} ${name}`).to.equal(got.headers[name]);
        }
      }
    });
  });

  it('that ask for one artefact with ever new digests beside it are answered with what was made', async () => {
    await withServer({}, async (running, storage) => {
      expect((await submit(running, fixtures.build())).status).to.equal(201);
      const first = await ask(running, artefact);
      const before = storage.leaves;
      for (const seed of ['a', 'b', 'c']) {
        const answer = await ask(running, `${artefact}?also=sha512:${randomDigest(seed)}`);
        expect([answer.status, answer.text]).to.deep.equal([200, first.text]);
      }
      const tags: readonly (readonly [string, string, number])[] = [
        [artefact, first.headers.etag ?? '', 304],
        [artefact, '*', 304],
        [`/api/v1/artifacts/sha256:${'0'.repeat(64)}`, '*', 404],
      ];
      for (const [path, tag, status] of tags) {
        const answer = await ask(running, path, { headers: { 'If-None-Match': tag } });
        expect(answer.status, path).to.equal(status);
      }
      expect(storage.leaves).to.equal(before);
    });
  });

  it('are told that an entry names another digest than the one beside it', async () => {
    await withServer({}, async (running) => {
      const digests = { sha256: fixtures.digest(file), sha512: randomDigest('own') };
      const build = fixtures.build({
        file,
        change: (statement) => (statement.subject = [{ digest: digests }]),
      });
      expect((await submit(running, build)).status).to.equal(201);
      const verdict = async (query: string): Promise<unknown> => {
        const { json } = await ask(running, `${artefact}${query}`);
        const { answer, failure } = json['verdict'] as { answer: string; failure?: { code: string } };
        return [answer, failure?.code];
      };
      expect(await verdict('')).to.deep.equal(['proven', undefined]);
      expect(await verdict(`?also=sha512:${digests.sha512}`)).to.deep.equal(['proven', undefined]);
      expect(await verdict(`?also=sha512:${randomDigest('x')}`)).to.deep.equal([
        'contradicted',
        'subject-mismatch',
      ]);
    });
  });

  it('get a page that ends where it would cost too much, and all entries by going on', async () => {
    await withServer({}, async (running) => {
      const big = Array.from({ length: 60 }, (_, i) => large(i + 1));
      await Promise.all(big.map((leaf) => running.ledger.append(leaf)));
      const seen: number[] = [];
      let pages = 0;
      for (let after: number | null = 0; after !== null; pages++) {
        const { json } = await ask(running, `/api/v1/attestations?limit=256&after=${after}`);
        const { items, next } = json as { items: { index: number }[]; next: number | null };
        expect(items.length).to.be.within(1, 10);
        seen.push(...items.map(({ index }) => index));
        after = next;
      }
      expect(seen).to.deep.equal(big.map((_, at) => at + 1));
      expect(pages).to.be.within(7, 10);
    });
  });

  it('that ask for one page are answered with what was made once, until the log grows', async () => {
    await withServer({}, async (running, storage) => {
      expect((await submit(running, fixtures.build())).status).to.equal(201);
      const path = '/api/v1/attestations?limit=10';
      const first = await ask(running, path);
      const before = storage.leaves;
      expect((await ask(running, path)).text).to.equal(first.text);
      expect(storage.leaves).to.equal(before);
      expect((await submit(running, fixtures.build({ seq: 2 }))).status).to.equal(201);
      expect((await ask(running, path)).json).to.deep.include({ size: 3 });
    });
  });

  it('that are refused for too much wait for that a while, so that asking again at once brings nothing', async () => {
    const lines = { ...defaultLimits.lines, lookups: { running: 1, waiting: 0 } };
    await withServer({ limits: { lines, refusalMs: 50 } }, async (running, storage) => {
      storage.gate.close();
      const held = ask(running, '/api/v1/attestations/0');
      await storage.gate.arrival();
      const started = performance.now();
      const refused = await ask(running, '/api/v1/attestations/0');
      expect([refused.status, refused.json['code']]).to.deep.equal([503, 'queue-full']);
      expect(performance.now() - started).to.be.at.least(45);
      storage.gate.open();
      expect((await held).status).to.equal(200);
    });
  });

  it('that wait when the server is stopped are refused, and those that take no answer are not waited for', async () => {
    const lines = { ...defaultLimits.lines, lookups: { running: 1, waiting: 10 } };
    const storage = new WatchedStorage();
    const limits = { lines, closingMs: 1_000 };
    const watcher = new Watcher();
    const running = await run({ storage, limits, observer: () => watcher });
    await Promise.all(Array.from({ length: 60 }, (_, i) => running.ledger.append(large(i + 1))));
    const slow = connect(running.server.port, '127.0.0.1');
    slow.on('error', () => {});
    slow.pause();
    const bundle = 'GET /tile/entries/000.p/61 HTTP/1.1\r\nHost: x\r\n\r\n';
    slow.write(bundle.repeat(8));
    storage.gate.close();
    const held = ask(running, '/api/v1/attestations/0');
    await storage.gate.arrival();
    const waiting = ask(running, '/api/v1/attestations/0');
    while (watcher.shared?.gate.lines.lookups.length !== 1) await turn();
    const closed = running.server.close();
    const answer = await waiting;
    expect([answer.status, answer.json['code']]).to.deep.equal([503, 'shutting-down']);
    storage.gate.open();
    expect((await held).status).to.equal(200);
    await closed;
    slow.destroy();
    await running.ledger.close();
  });
});
