import { expect } from 'chai';
import { fromUtf8, utf8 } from '../../src/bytes.ts';
import { maxAddCheckpointBytes } from '../../src/note/add-checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { startWitnessServer } from '../../src/http/witness.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { LedgerError } from '../../src/errors.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { hashOfOrigin } from '../../src/witness/records.ts';
import type { Witness } from '../../src/witness/witness.ts';
import { caseLog, witnessCases } from '../witness/cases.ts';
import { WitnessedLog } from '../witness/log.ts';
import { WitnessSite, cosignaturesIn, ed25519Key, mldsaKey } from '../witness/site.ts';

const log = new WitnessedLog();
const policy = `${log.line}quorum none\n`;

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
  readonly headers: Headers;
}

describe('http: a witness', () => {
  let site: WitnessSite;
  let witness: Witness;
  let server: RunningServer;
  let entries: Readonly<Record<string, unknown>>[];

  const start = async (
    parts: Parameters<WitnessSite['open']>[1] = {},
    logs: string = policy,
  ): Promise<void> => {
    witness = await site.open(logs, parts);
    server = await startWitnessServer(witness, {
      host: '127.0.0.1',
      port: 0,
      prefix: '/w',
      log: (entry) => entries.push(entry),
    });
  };

  const stop = async (): Promise<void> => {
    await server.close();
    await witness.close();
  };

  beforeEach(async () => {
    site = new WitnessSite();
    entries = [];
    await start();
  });

  afterEach(stop);

  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${server.url}${path}`, init);
    const { status, headers } = response;
    return { status, type: headers.get('Content-Type'), body: await response.text(), headers };
  };

  const post = async (body: Uint8Array | string): Promise<Answer> =>
    ask('/add-checkpoint', { method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body) });

  const monitoring = `/${hashOfOrigin(log.origin)}/checkpoint`;

  it('answers with one signature line for each of its keys', async () => {
    await stop();
    await start({ keys: [ed25519Key, mldsaKey] });
    const { status, type, body } = await post(await log.body(0, 5));
    expect([status, type]).to.deep.equal([200, 'text/plain; charset=utf-8']);
    expect(body).to.match(/^(?:— witness\.example\/w1 [A-Za-z0-9+/]+=*\n){2}$/);
    expect(cosignaturesIn(body, log.text(5)).map(({ type: keyType }) => keyType)).to.deep.equal([4, 6]);
    // As the specification lets a client do it: note and answer together are a note.
    expect(parseNote(utf8(fromUtf8(log.checkpoint(5)) + body)).signatures).to.have.length(3);
  });

  it('answers every case of the specification as it says', async () => {
    await stop();
    site = new WitnessSite();
    await start({}, `${caseLog.line}quorum none\n`);
    for (const { what, body, status, remembered, cosigns } of await witnessCases()) {
      const answer = await post(body);
      expect([what, answer.status]).to.deep.equal([what, status]);
      if (cosigns !== undefined) expect(cosignaturesIn(answer.body, cosigns), what).to.have.length(1);
      else if (remembered !== undefined) expect(answer.body, what).to.equal(remembered);
      else expect(JSON.parse(answer.body), what).to.include({ status });
    }
  });

  it('answers a conflict with the remembered size, to the byte', async () => {
    for (const [from, to, size] of [
      [3, 5, '0'],
      [0, 5, undefined],
      [0, 8, '5'],
      [4, 8, '5'],
    ] as const) {
      const answer = await post(await log.body(from, to));
      if (size === undefined) expect(answer.status).to.equal(200);
      else {
        expect([answer.status, answer.type, answer.body]).to.deep.equal([
          409,
          'text/x.tlog.size',
          `${size}\n`,
        ]);
      }
    }
    expect(entries.filter(({ code }) => code === 'size-conflict')).to.have.length(3);
  });

  it('serves the last cosigned checkpoint by the hash of its origin', async () => {
    expect((await ask(monitoring)).status).to.equal(404);
    const { body: lines } = await post(await log.body(0, 5));
    const { status, type, body, headers } = await ask(monitoring);
    expect([status, type]).to.deep.equal([200, 'text/plain; charset=utf-8']);
    expect(body).to.equal(fromUtf8(log.checkpoint(5)) + lines);
    expect(headers.get('Access-Control-Allow-Origin')).to.equal('*');
    const head = await ask(monitoring, { method: 'HEAD' });
    expect([head.status, head.body]).to.deep.equal([200, '']);
    expect(head.headers.get('Content-Length')).to.equal(String(utf8(body).length));
    for (const path of [monitoring.toUpperCase(), `${monitoring}/`, '/00/checkpoint', '/checkpoint']) {
      expect((await ask(path)).status, path).to.equal(404);
    }
  });

  it('takes each path with its method alone, below its prefix alone', async () => {
    for (const [path, method, allow] of [
      ['/add-checkpoint', 'GET', 'POST, OPTIONS'],
      ['/add-checkpoint', 'PUT', 'POST, OPTIONS'],
      [monitoring, 'POST', 'GET, HEAD, OPTIONS'],
      ['/healthz', 'DELETE', 'GET, HEAD, OPTIONS'],
    ] as const) {
      const { status, headers } = await ask(path, { method });
      expect([path, method, status, headers.get('Allow')]).to.deep.equal([path, method, 405, allow]);
    }
    expect((await ask('/add-checkpoint', { method: 'OPTIONS' })).status).to.equal(204);
    expect((await fetch(`${server.url.replace(/\/w$/, '')}/add-checkpoint`)).status).to.equal(404);
  });

  it('reads no more than the largest request', async () => {
    expect((await post('')).status).to.equal(400);
    expect((await post(new Uint8Array(maxAddCheckpointBytes))).status).to.equal(400);
    expect((await post(new Uint8Array(maxAddCheckpointBytes + 1))).status).to.equal(413);
  });

  it('needs no media type and takes any', async () => {
    const answer = await ask('/add-checkpoint', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(await log.body(0, 5)),
    });
    expect(answer.status).to.equal(200);
  });

  it('says when it cannot sign: its clock, or its store', async () => {
    await post(await log.body(0, 5));
    expect((await ask('/healthz')).status).to.equal(200);
    site.time -= 1000;
    const late = await post(await log.body(5, 6));
    expect([late.status, late.headers.get('Retry-After')]).to.deep.equal([503, '60']);
    site.time += 2000;

    await stop();
    const storage = new MemoryStorage(site.image);
    storage.commit = async () => {
      throw new LedgerError('store-failed', 'EIO: secret details');
    };
    await start({ storage });
    for (const answer of [await post(await log.body(5, 6)), await post(await log.body(5, 6))]) {
      expect(answer.status).to.equal(503);
      expect(answer.body).not.to.contain('secret');
    }
    expect((await ask('/healthz')).status).to.equal(503);
    expect((await witness.failed).code).to.equal('store-failed');
    // What was cosigned before is still served.
    expect((await ask(monitoring)).body).to.contain(`${log.origin}\n5\n`);
  });

  it('logs routes and codes, never what was sent', async () => {
    await post(await log.body(0, 5));
    await post('old 0\n\nsecret\n');
    await ask(`${monitoring}?secret=1`);
    expect(entries.map(({ route, status, code }) => [route, status, code])).to.deep.equal([
      ['/add-checkpoint', 200, undefined],
      ['/add-checkpoint', 400, 'malformed-note'],
      ['/{origin}/checkpoint', 200, undefined],
    ]);
    expect(JSON.stringify(entries)).not.to.contain('secret');
  });
});
