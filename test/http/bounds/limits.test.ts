/** Slow, greedy and broken clients; health; shutdown; the log. Limits are small here, so nothing waits long. */
import { connect } from 'node:net';
import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../../src/bytes.ts';
import { MemoryStorage } from '../../../src/storage/memory.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import type { Running } from '../harness.ts';
import { Gate, ask, json, ndjson, raw, run, submit, submitLines } from '../harness.ts';

const post = (length: number, type = 'application/json'): string =>
  `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

/** Status and code of an answer as it came over the wire. */
function outcome(text: string): unknown[] {
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return body === '' ? [status] : [status, (JSON.parse(body) as { code: string }).code];
}

/** Resolves when so many entries are committed, published or not. */
async function committed(running: Running, size: number): Promise<void> {
  while (running.ledger.health().committedSize < size) await new Promise((resolve) => setImmediate(resolve));
}

describe('http: limits', () => {
  let running: Running;

  before(async () => {
    running = await run({
      limits: { headersMs: 100, requestMs: 500, checkMs: 10 },
    });
  });

  after(() => running.close());

  it('a header that does not come is answered with 408 and closed', async () => {
    expect(outcome(await raw(running, 'GET /checkpoint HTTP/1.1\r\nHost: x\r\n'))).to.deep.equal([
      408,
      'timeout',
    ]);
  });

  it('a connection without a request is closed', async () => {
    expect(outcome(await raw(running))).to.deep.equal([408, 'timeout']);
  });

  it('a body that does not come is answered with 408 and closed', async () => {
    const types = ['application/json', 'application/x-ndjson'];
    const answers = await Promise.all(types.map((type) => raw(running, post(100, type), '{')));
    for (const answer of answers) expect(outcome(answer)).to.deep.equal([408, 'timeout']);
  });

  it('a batch whose next line does not come is cut off after the answers that are due', async () => {
    const leaf = fromUtf8(fixtures.build({ seq: 1 }));
    const text = await raw(running, post(10_000, 'application/x-ndjson'), `${leaf}\n`);
    expect(text).to.match(/^HTTP\/1\.1 200 /);
    expect(text).to.include('"status":201');
    // The last chunk is missing, so nobody takes it for the whole answer.
    expect(text.endsWith('0\r\n\r\n')).to.equal(false);
  });

  it('an answer outstanding is never taken for refused because rubbish follows', async () => {
    const patient = await run();
    patient.publication.close();
    const leaf = fixtures.build({ seq: 2 });
    const socket = connect(patient.server.port, '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(post(leaf.length) + fromUtf8(leaf));
    await patient.publication.arrival();
    socket.write('RUBBISH\r\n\r\n');
    await closed;
    expect(Buffer.concat(parts).toString()).to.equal('');
    patient.publication.open();
    expect((await submit(patient, leaf)).status).to.equal(200);
    await patient.close();
  });

  it('a client that does not take its answers is cut off, and their memory given back', async () => {
    // 64 entries of some 25 KiB in one bundle; sockets buffer a few bundles, not all those asked for.
    const bundle = '/tile/entries/000.p/65';
    const asked = 20;
    const greedy = await run({
      limits: { requestMs: 500, responseMs: 100, bufferedBytes: 32 * 1024 * 1024 },
    });
    try {
      const big = Array.from({ length: 64 }, (_, i) =>
        fixtures.build({
          seq: i + 1,
          change: ({ predicate }) =>
            Object.assign(predicate.buildDefinition.externalParameters, { a: 'x'.repeat(18_000) }),
        }),
      );
      await Promise.all(big.map((leaf) => greedy.ledger.append(leaf)));
      await new Promise<void>((resolve) => {
        const socket = connect(greedy.server.port, '127.0.0.1');
        socket.pause();
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        // Reading begins only when the server has given up.
        greedy.heard = ({ status }) => {
          if (status === 0) socket.resume();
        };
        socket.write(`GET ${bundle} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(asked));
      });
      const answer = await ask(greedy, bundle);
      expect([answer.status, answer.body.length > 1_500_000]).to.deep.equal([200, true]);
    } finally {
      await greedy.close();
    }
  });

  it('a client that leaves before its answer is made leaves nothing behind', async () => {
    const bytes = fixtures.genesis().length + 2;
    // A half for bundles, of which one who asks may have a half.
    const small = await run({ limits: { bufferedBytes: 2 * bytes } });
    try {
      const made = new Gate();
      const bundle = small.ledger.entryBundle.bind(small.ledger);
      Object.defineProperty(small.ledger, 'entryBundle', {
        value: async (id: Parameters<typeof bundle>[0]) => {
          await made.pass();
          return bundle(id);
        },
      });
      for (let turn = 0; turn < 3; turn++) {
        made.close();
        const socket = connect(small.server.port, '127.0.0.1');
        socket.write('GET /tile/entries/000.p/1 HTTP/1.1\r\nHost: x\r\n\r\n');
        await made.arrival();
        const gone = new Promise<void>((resolve) => (small.heard = () => resolve()));
        socket.destroy();
        await gone;
        made.open();
      }
      const answer = await ask(small, '/tile/entries/000.p/1');
      expect([answer.status, answer.body.length]).to.deep.equal([200, bytes]);
    } finally {
      await small.close();
    }
  });

  it('connections beyond the bound are not served', async () => {
    const narrow = await run({ limits: { connections: 1 } });
    try {
      narrow.publication.close();
      const first = submit(narrow, fixtures.build());
      await narrow.publication.arrival();
      expect(await raw(narrow, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).to.equal('');
      narrow.publication.open();
      expect((await first).status).to.equal(201);
    } finally {
      await narrow.close();
    }
  });
});

describe('http: a body that nobody reads', () => {
  /** Sends a body without end behind `head`; the bytes that were taken until the connection was closed. */
  function flood(running: Running, head: string): Promise<number> {
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    return new Promise((resolve) => {
      const socket = connect(running.server.port, '127.0.0.1');
      const send = (): void => {
        while (!socket.destroyed && socket.bytesWritten < 64 * 1024 * 1024) {
          if (!socket.write(chunk)) return;
        }
        socket.destroy();
      };
      socket.on('drain', send);
      socket.on('error', () => {});
      socket.on('close', () => resolve(socket.bytesWritten));
      socket.write(`${head}\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n`);
      socket.resume();
      send();
    });
  }

  for (const line of [
    'POST /api/v1/attestations',
    'GET /checkpoint',
    'GET /api/v1/authority',
    'GET /nowhere',
  ]) {
    it(`is cut off after its first mebibyte: ${line}`, async () => {
      const running = await run();
      try {
        // What lies in the buffers of both sockets is taken as well.
        expect(await flood(running, `${line} HTTP/1.1`)).to.be.below(32 * 1024 * 1024);
      } finally {
        await running.close();
      }
    });
  }
});

describe('http: memory for bodies and answers', () => {
  it('that recording has used up is not missed by reading', async () => {
    const large = (seq: number): Uint8Array =>
      fixtures.build({
        seq,
        change: ({ predicate }) =>
          Object.assign(predicate.buildDefinition.externalParameters, { a: 'x'.repeat(12_000) }),
      });
    const leaf = large(1);
    const full = await run({ limits: { bufferedBytes: leaf.length + 5_000 } });
    try {
      full.publication.close();
      const first = submit(full, leaf);
      await full.publication.arrival();
      expect((await submit(full, large(2))).json['code']).to.equal('queue-full');
      for (const path of ['/checkpoint', '/tile/0/000.p/1', '/api/v1/attestations/0'])
        expect((await ask(full, path)).status, path).to.equal(200);
      full.publication.open();
      expect((await first).status).to.equal(201);
    } finally {
      await full.close();
    }
  });

  it('is taken by answers from the router as by tiles', async () => {
    const small = await run({ limits: { bufferedBytes: 100 } });
    try {
      for (const path of ['/tile/entries/000.p/1', '/api/v1/attestations/0', '/openapi.json']) {
        const answer = await ask(small, path);
        expect([answer.status, answer.json['code']], path).to.deep.equal([503, 'queue-full']);
      }
      for (const path of ['/healthz', '/checkpoint']) expect((await ask(small, path)).status).to.equal(200);
    } finally {
      await small.close();
    }
  });

  it('is not held for a line that was refused, but for its refusal', async () => {
    const rubbish = 'x'.repeat(10_000);
    // Three lines of this length come to more than the bound, and their refusals wait behind the first answer.
    const small = await run({ limits: { bufferedBytes: 110_000 } });
    try {
      small.publication.close();
      const answers = submitLines(small, [fixtures.build(), ...Array.from({ length: 20 }, () => rubbish)]);
      await small.publication.arrival();
      small.publication.open();
      const rightly = (await answers).filter(({ code }) => code === 'not-json');
      expect(rightly).to.have.length.above(6);
    } finally {
      await small.close();
    }
  });
});

describe('http: what is refused before it is a request', () => {
  let running: Running;

  before(async () => {
    running = await run();
  });

  after(() => running.close());

  it('a header beyond 8 KiB is answered with 431', async () => {
    const text = await raw(
      running,
      `GET /checkpoint HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(9_000)}\r\n\r\n`,
    );
    expect(outcome(text)).to.deep.equal([431, 'too-large']);
    const query = await raw(running, `GET /checkpoint?${'a'.repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(outcome(query)).to.deep.equal([431, 'too-large']);
  });

  it('what is not HTTP is answered with a problem', async () => {
    const text = await raw(running, 'EHLO mail.example\r\n\r\n');
    expect(outcome(text)).to.deep.equal([400, 'bad-request']);
    expect(text)
      .to.include('application/problem+json')
      .and.include('nosniff')
      .and.include('Connection: close');
  });
});

describe('http: bodies without a declared length', () => {
  it('are bounded as they arrive', async () => {
    const running = await run({ limits: { bodyBytes: 5_000, batchBytes: 10_000 } });
    try {
      const chunked = (body: string, type: string) =>
        ask(running, '/api/v1/attestations', {
          body,
          headers: { 'Content-Type': type, 'Transfer-Encoding': 'chunked' },
        });
      expect((await chunked(fromUtf8(fixtures.build()), 'application/json')).status).to.equal(201);
      const one = await chunked(' '.repeat(5_001), 'application/json');
      expect([one.status, one.json['code']]).to.deep.equal([413, 'too-large']);
      const many = await chunked(`x\n${'y'.repeat(10_000)}`, 'application/x-ndjson');
      expect(JSON.parse(many.text.trimEnd().split('\n').at(-1) ?? '')).to.include({
        status: 413,
        expected: 'at most 10000 bytes',
      });
    } finally {
      await running.close();
    }
  });
});

/** Memory on a disk that fails when it is told to. */
class Failing extends MemoryStorage {
  failing = false;

  override async commit(...parts: Parameters<MemoryStorage['commit']>): Promise<void> {
    if (this.failing) throw new Error('EIO on /var/lib/isal/db/000003.log');
    await super.commit(...parts);
  }
}

describe('http: health', () => {
  it('is well and ready while the ledger is', async () => {
    const running = await run();
    try {
      expect((await ask(running, '/healthz')).json).to.deep.equal({ status: 'ok' });
      expect((await ask(running, '/readyz')).json).to.deep.equal({ status: 'ready', size: 1 });
    } finally {
      await running.close();
    }
  });

  it('once it has stopped, does not wait for slow clients', async () => {
    const storage = new Failing();
    const running = await run({ storage, limits: { failedMs: 20 } });
    const slow = connect(running.server.port, '127.0.0.1');
    slow.on('error', () => {});
    const reading = new Promise((resolve) => slow.once('data', resolve));
    slow.write(post(100).replace('Host: x', 'Host: x\r\nExpect: 100-continue'));
    await reading;
    storage.failing = true;
    expect((await submit(running, fixtures.build())).status).to.equal(503);
    const cut = new Promise((resolve) => slow.once('close', resolve));
    await running.close();
    await cut;
  });

  it('is neither after a failed commit; nothing is acknowledged and nothing is told', async () => {
    const storage = new Failing();
    const running = await run({ storage });
    try {
      storage.failing = true;
      const answer = await submit(running, fixtures.build());
      expect(answer.status).to.equal(503);
      expect(answer.text).not.to.include('/var/lib').and.not.include('EIO');
      const [line] = await submitLines(running, [fixtures.build({ seq: 2 })]);
      expect(line?.['status']).to.equal(503);
      for (const path of ['/healthz', '/readyz']) {
        const health = await ask(running, path);
        expect(health.status, path).to.equal(503);
        expect(health.headers).to.have.property('retry-after');
        expect(health.text).not.to.include('/var/lib');
      }
      // The operator hears what clients do not.
      expect(running.log.some(({ event }) => event === 'error')).to.equal(true);
    } finally {
      await running.close();
    }
  });
});

describe('http: shutdown', () => {
  it('answers everything that was accepted, and takes nothing new', async () => {
    const running = await run();
    running.publication.close();
    const leaf = fixtures.build({ seq: 1 });
    const one = submit(running, leaf);
    await running.publication.arrival();
    const lines = submitLines(
      running,
      [2, 3].map((seq) => fixtures.build({ seq })),
    );
    await committed(running, 4);
    // A connection with a request that is torn in its header, to go on with later.
    const kept = connect(running.server.port, '127.0.0.1');
    let heard = '';
    const hears = (what: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => void (heard.includes(what) && resolve());
        kept.on('data', look);
        look();
      });
    kept.on('data', (part: Buffer) => (heard += part.toString()));
    const closed = new Promise((resolve) => kept.on('close', resolve));
    const late = fixtures.build({ seq: 4 });
    const request = post(late.length) + fromUtf8(late);
    kept.write(`GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n${request.slice(0, 30)}`);
    await hears('"ready"');

    const closing = running.server.close();
    expect(
      (await ask(running, '/healthz').catch((error: NodeJS.ErrnoException) => error)) as unknown,
    ).to.have.property('code', 'ECONNREFUSED');
    kept.write(request.slice(30));
    await hears('shutting-down');
    expect(heard).to.match(/HTTP\/1\.1 503 .*Connection: close/s);
    running.publication.open();
    expect((await one).status).to.equal(201);
    expect((await lines).map(({ status }) => status)).to.deep.equal([201, 201]);
    await closing;
    await running.ledger.close();
    await closed;
    expect(running.ledger.health().committedSize).to.equal(4);
  });

  it('refuses what comes on a connection that is still open, with 503', async () => {
    const running = await run();
    running.publication.close();
    const first = fromUtf8(fixtures.build({ seq: 1 }));
    const second = fromUtf8(fixtures.build({ seq: 2 }));
    const socket = connect(running.server.port, '127.0.0.1');
    const parts: Buffer[] = [];
    socket.on('data', (part: Buffer) => parts.push(part));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(post(100_000, 'application/x-ndjson') + `${first}\n`);
    await running.publication.arrival();
    const closing = running.server.close();
    socket.write(`${second}\n`);
    running.publication.open();
    socket.end();
    await closed;
    await closing;
    await running.ledger.close();
    const text = Buffer.concat(parts).toString();
    expect(text).to.include('"status":201');
    expect(text).not.to.match(/"status":201.*"status":201/s);
  });

  it('does not wait for connections that ask nothing', async () => {
    const running = await run();
    const silent = connect(running.server.port, '127.0.0.1');
    await new Promise((resolve) => silent.on('connect', resolve));
    expect((await ask(running, '/healthz')).status).to.equal(200);
    const closed = new Promise((resolve) => silent.on('close', resolve));
    silent.on('error', () => {});
    await running.close();
    await closed;
  });
});

describe('http: the log', () => {
  it('has one entry a request, without address, query or body', async () => {
    const running = await run();
    try {
      await submit(running, fixtures.build());
      await ask(running, `/api/v1/attestations?product=canary-product`);
      await ask(running, '/api/v1/attestations/0');
      await ask(running, '/tile/0/000.p/1', { headers: { 'User-Agent': 'canary-agent', Cookie: 'canary' } });
      await ask(running, '/canary-path?canary');
      await ask(running, '/api/v1/attestations', { body: 'canary-body', headers: json });
      await ask(running, '/api/v1/attestations', { body: 'canary-body', headers: ndjson });
      const entries = running.log.map(({ event, method, route, status, code }) => [
        event,
        method,
        route,
        status,
        code,
      ]);
      expect(entries).to.deep.equal([
        ['request', 'POST', '/api/v1/attestations', 201, undefined],
        ['request', 'GET', '/api/v1/attestations', 200, undefined],
        ['request', 'GET', '/api/v1/attestations/{id}', 200, undefined],
        ['request', 'GET', '/tile', 200, undefined],
        ['request', 'GET', '', 404, 'not-found'],
        ['request', 'POST', '/api/v1/attestations', 400, 'not-json'],
        ['request', 'POST', '/api/v1/attestations', 200, undefined],
      ]);
      expect(JSON.stringify(running.log)).not.to.include('canary').and.not.include('127.0.0.1');
      for (const { time, ms } of running.log) {
        expect(String(time)).to.match(/^\d{4}-\d\d-\d\dT/);
        expect(ms).to.be.a('number');
      }
    } finally {
      await running.close();
    }
  });
});

describe('http: faults of our own', () => {
  it('are 500 without a word of them, and the operator gets the stack', async () => {
    const running = await run();
    try {
      // The real ledger, with one method that breaks a promise.
      Object.defineProperty(running.ledger, 'authority', {
        value: () => {
          throw new TypeError(`secret ${fromUtf8(utf8('/var/lib'))}`);
        },
      });
      const answer = await ask(running, '/api/v1/authority');
      expect([answer.status, answer.json['code']]).to.deep.equal([500, 'internal']);
      expect(answer.text).not.to.include('secret').and.not.include('TypeError');
      const reported = running.log.find(({ event }) => event === 'error');
      expect(String(reported?.['error'])).to.include('secret /var/lib').and.include('limits.test');
    } finally {
      await running.close();
    }
  });
});
