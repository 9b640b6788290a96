import { expect } from 'chai';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hashLeaf } from '#sha256';
import { toBase64, toHex, utf8 } from '../../src/bytes.ts';
import { LedgerClient } from '../../src/client/client.ts';
import { errorTable } from '../../src/errors.ts';
import { log } from '../../src/cli/log/commands.ts';
import { proof, verify } from '../../src/cli/verify/commands.ts';
import { build, builder, databaseUpdate, digest, genesis } from '../fixtures/attestations.ts';
import { ed25519Key } from '../ledger/site.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import { refusal } from '../note/refusal.ts';
import { rejection } from '../verifier/rejection.ts';
import { SampleLog } from '../verifier/sample-log.ts';
import { Desk } from '../cli/desk.ts';

type Answer = (path: string, response: ServerResponse) => Promise<void> | void;

/** A server that answers as it likes. */
class Hostile {
  answer: Answer = () => undefined;
  readonly #server: Server = createServer((request, response) => {
    void this.answer((request.url ?? '').slice(1), response);
  });
  url = '';

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    return this;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function json(value: unknown, status = 200): Answer {
  return (_, response) => void response.writeHead(status).end(JSON.stringify(value));
}

describe('LedgerClient', () => {
  let server: Hostile;
  let client: LedgerClient;
  before(async () => {
    server = await new Hostile().open();
    client = new LedgerClient(server.url, { timeoutMs: 300 });
  });
  after(() => server.close());

  it('takes http and https URLs with a path, and nothing else', () => {
    for (const url of ['ledger.example', 'file:///etc/passwd', 'http://x/?y', '']) {
      expect(refusal(() => new LedgerClient(url)).code).to.equal('usage');
    }
  });

  it('stops reading where an answer is longer than it can be', async () => {
    server.answer = (_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more);
      };
      more();
    };
    expect((await rejection(() => client.fetchPath('checkpoint', 1_000))).code).to.equal('server-error');
  });

  it('gives up on a server that does not answer, or stalls in the middle', async () => {
    for (const answer of [
      () => undefined,
      (_: string, response: ServerResponse) => void response.writeHead(200).write('{'),
    ]) {
      server.answer = answer;
      expect((await rejection(() => client.authority())).code).to.equal('unreachable');
    }
  });

  it('relays what a server may say about reading, and nothing that would be a verdict', async () => {
    for (const [code, expected] of [
      ['not-found', 'not-found'],
      ['out-of-range', 'out-of-range'],
      ['not-ready', 'not-ready'],
      ['inclusion-failed', 'server-error'],
      ['usage', 'server-error'],
      ['made-up', 'server-error'],
    ]) {
      server.answer = json({ code, detail: 'because', expected: 'a', got: 'b', at: '/c', index: 7 }, 422);
      expect((await rejection(() => client.authority())).code).to.equal(expected);
    }
    server.answer = (_, response) => void response.writeHead(404).end('<html>');
    expect((await rejection(() => client.authority())).code).to.equal('not-found');
    server.answer = (_, response) => void response.writeHead(502).end('<html>');
    expect((await rejection(() => client.authority())).code).to.equal('server-error');
  });

  it('takes a server that could not look at its word for that alone, whoever asks', async () => {
    const sayings: readonly (readonly [status: number, code: string | undefined, expected: string])[] = [
      [429, undefined, 'too-many-requests'],
      [429, 'too-many-requests', 'too-many-requests'],
      [429, 'not-found', 'too-many-requests'],
      [429, 'out-of-range', 'too-many-requests'],
      [503, undefined, 'server-error'],
      [503, 'queue-full', 'queue-full'],
      [503, 'not-found', 'server-error'],
      [502, 'out-of-range', 'server-error'],
      [500, 'not-recorded', 'server-error'],
    ];
    const calls: readonly (() => Promise<unknown>)[] = [
      () => client.authority(),
      () => client.fetchPath('checkpoint', 1_000),
      () => client.append(utf8('{}')),
      () => client.artifact(`sha256:${digest('a file')}`),
    ];
    for (const [status, code, expected] of sayings) {
      server.answer = (_, response) =>
        void response.writeHead(status).end(code === undefined ? '' : JSON.stringify({ code, detail: 'x' }));
      for (const call of calls) {
        const error = await rejection(call);
        expect(error.code, `${status} ${code}`).to.equal(expected);
        expect(errorTable[error.code].exit, `${status} ${code}`).to.equal(5);
      }
    }
    // What it says of its own store is no verdict on what was submitted.
    for (const code of ['store-failed', 'store-locked', 'quorum-not-met']) {
      server.answer = json({ code, detail: 'x' }, 503);
      expect((await rejection(() => client.append(utf8('{}')))).code, code).to.equal('server-error');
    }
  });

  describe('told when to come back', () => {
    const waits: number[] = [];
    let patient: LedgerClient;
    beforeEach(() => {
      waits.length = 0;
      const wait = async (milliseconds: number): Promise<void> => void waits.push(milliseconds);
      patient = new LedgerClient(server.url, { patienceMs: 10_000, wait });
    });

    /** Says so these times, then answers. */
    const later = (...headers: readonly (string | undefined)[]): Answer => {
      let asked = 0;
      return (_, response) => {
        const header = headers[asked++];
        if (asked > headers.length) response.end('text');
        else response.writeHead(429, header === undefined ? {} : { 'retry-after': header }).end();
      };
    };
    const read = (): Promise<Uint8Array> => patient.fetchPath('checkpoint', 1_000);

    it('comes back then, for reading and for recording', async () => {
      server.answer = later('3', '2');
      expect(await read()).to.deep.equal(utf8('text'));
      expect(waits).to.deep.equal([3_000, 2_000]);
      server.answer = later('4');
      expect((await rejection(() => patient.append(utf8('{}')))).code).to.equal('server-error');
      expect(waits).to.deep.equal([3_000, 2_000, 4_000]);
    });

    it('reads a date, and takes one that is over for soon', async () => {
      server.answer = later(new Date(Date.now() + 5_000).toUTCString(), 'Thu, 01 Jan 1970 00:00:00 GMT', '0');
      await read();
      expect(waits[0]).to.be.within(2_000, 5_000);
      expect(waits.slice(1)).to.deep.equal([1_000, 1_000]);
    });

    it('gives up on a server that says so for too long, or does not say how long', async () => {
      for (const headers of [['11'], ['4', '4', '4'], [undefined], ['soon'], ['-1'], ['99999999999']]) {
        server.answer = later(...headers);
        expect((await rejection(read)).code, headers.join()).to.equal('too-many-requests');
      }
      expect(waits).to.deep.equal([4_000, 4_000]);
    });

    it('does not wait where the server has another reason', async () => {
      server.answer = (_, response) => void response.writeHead(503, { 'retry-after': '1' }).end();
      expect((await rejection(read)).code).to.equal('server-error');
      expect(waits).to.deep.equal([]);
    });
  });

  it('follows no redirect, whatever is asked', async () => {
    const asked: string[] = [];
    for (const status of [301, 302, 303, 307, 308]) {
      server.answer = (path, response) => {
        asked.push(path);
        if (path === 'elsewhere') response.end('{}');
        else response.writeHead(status, { location: `${server.url}elsewhere` }).end('{}');
      };
      for (const call of [
        () => client.fetchPath('checkpoint', 1_000),
        () => client.authority(),
        () => client.append(utf8('{}')),
      ]) {
        const error = await rejection(call);
        expect(error.code).to.equal('server-error');
        expect(error.got).to.equal(`status ${status} to ${server.url}elsewhere`);
      }
    }
    expect(asked).to.have.length(15).and.not.to.include('elsewhere');
    server.answer = (_, response) => void response.writeHead(302).end();
    expect((await rejection(() => client.authority())).got).to.equal('status 302 to nowhere');
  });

  it('has no bundle where the server says that there is none, and refuses what is none', async () => {
    const artifact = (): Promise<unknown> => client.artifact(`sha256:${digest('a file')}`);
    for (const code of ['not-recorded', 'not-found']) {
      server.answer = json({ code, detail: 'none' }, 404);
      expect(await artifact()).to.equal(undefined);
    }
    server.answer = json({ format: 'isal-bundle/v1' });
    expect((await rejection(artifact)).code).to.equal('server-error');
    server.answer = json({ code: 'queue-full', detail: 'later' }, 503);
    expect((await rejection(artifact)).code).to.equal('queue-full');
  });

  it('tells a submitter the code of the refusal, and where', async () => {
    server.answer = json(
      { code: 'missing-role', detail: 'nobody', expected: 'a', got: 'b', at: '/c', index: 7 },
      422,
    );
    const error = await rejection(() => client.append(utf8('{}')));
    expect(error).to.include({ code: 'missing-role', expected: 'a', got: 'b', at: '/c', index: 7 });
    server.answer = json({ index: 4, proof: 'text' }, 201);
    expect(await client.append(utf8('{}'))).to.deep.equal({ index: 4, proof: 'text', isNew: true });
    server.answer = json({ index: 4, proof: 'text' }, 200);
    expect((await client.append(utf8('{}'))).isNew).to.equal(false);
  });

  const shapes: readonly (readonly [string, unknown, (one: LedgerClient) => Promise<unknown>])[] = [
    ['an array for an answer', [], (one) => one.authority()],
    ['no document', { leafHash: 'a', index: 0, version: 1 }, (one) => one.authority()],
    ['a text for an index', { index: '1' }, (one) => one.inclusion({ index: 1 }, 2)],
    ['a negative index', { index: -1 }, (one) => one.inclusion({ index: 1 }, 2)],
    ['a loose leaf', { index: 1, leaf: 'A', hashes: [] }, (one) => one.inclusion({ index: 1 }, 2)],
    ['no hashes', { index: 1, leaf: 'AAAA' }, (one) => one.inclusion({ index: 1 }, 2)],
    ['numbers for hashes', { index: 1, leaf: 'AAAA', hashes: [1] }, (one) => one.inclusion({ index: 1 }, 2)],
    ['short hashes', { index: 1, leaf: 'AAAA', hashes: ['AAAA'] }, (one) => one.inclusion({ index: 1 }, 2)],
    [
      'more hashes than any tree has',
      { index: 1, leaf: 'AAAA', hashes: Array.from({ length: 200 }, () => '') },
      (one) => one.inclusion({ index: 1 }, 2),
    ],
    ['no roots', { hashes: [] }, (one) => one.consistency({ from: 1, to: 2 })],
    ['no items', { size: 3, next: null }, (one) => one.search({}, { limit: 3 })],
    ['items that are none', { items: [3], next: null }, (one) => one.search({}, { limit: 3 })],
    [
      'items in circles',
      { items: [{ index: 5 }, { index: 5 }], next: 5 },
      (one) => one.search({}, { limit: 9 }),
    ],
  ];
  for (const [what, answer, call] of shapes) {
    it(`refuses ${what}`, async () => {
      server.answer = json(answer);
      expect((await rejection(() => call(client))).code).to.equal('server-error');
    });
  }

  it('pages through a search, no further than its limit', async () => {
    server.answer = (path, response) => {
      const query = new URLSearchParams(path.split('?')[1]);
      const after = Number(query.get('after') ?? '-1');
      const items = [1, 2].map((step) => ({ index: after + step }));
      response.end(JSON.stringify({ size: 100, items, next: after + 2 }));
    };
    expect(await client.search({ type: 'build' }, { limit: 5 })).to.deep.equal([0, 1, 2, 3, 4]);
    expect(await client.search({}, { limit: 2, after: 7 })).to.deep.equal([8, 9]);
    server.answer = json({ size: 100, items: [], next: 4 });
    expect(await client.search({}, { limit: 5 })).to.deep.equal([]);
  });
});

describe('a command at a hostile ledger', () => {
  const file = 'hello_1.1.deb';
  const sample = new SampleLog([genesis(), build({ seq: 1, file }), build({ seq: 2 }), databaseUpdate()]);
  const honest = sample.serve({ keys: [ed25519Key], cosigners: [] });
  let server: Hostile;
  let desk: Desk;
  /** What the search answers. */
  let found: number[] = [];
  /** The leaf that is handed out for an index. */
  let handedOut = (index: number): number => index;
  /** Whether the bytes of another leaf are handed out under the index that was asked for. */
  let forged = false;

  async function answerOf(path: string): Promise<string | Uint8Array> {
    const [name = '', query] = path.split('?');
    switch (name) {
      case 'api/v1/attestations':
        // It has no corrections to show, whatever else it makes up.
        if (new URLSearchParams(query).get('type') === 'correction') return '{"items":[],"next":null}';
        return JSON.stringify({ items: found.map((index) => ({ index })), next: null });
      case 'api/v1/authority': {
        const leafHash = toHex(hashLeaf(genesis()));
        return JSON.stringify({ index: 0, leafHash, version: 1, document: { origin: 'x' } });
      }
      case 'api/v1/proofs/inclusion': {
        const index = handedOut(Number(new URLSearchParams(query).get('index') ?? '0'));
        const { leaf, proof: hashes } = await sample.source().byIndex(forged ? 2 : index);
        return JSON.stringify({ index, leaf: toBase64(leaf), hashes: hashes.map((hash) => toBase64(hash)) });
      }
      case 'api/v1/proofs/consistency': {
        const [fromRoot, toRoot] = [toBase64(await sample.root(1)), toBase64(await sample.root())];
        const hashes = await proveConsistency({ from: 2, to: sample.size }, sample.reader);
        return JSON.stringify({ fromRoot, toRoot, hashes: hashes.map((hash) => toBase64(hash)) });
      }
      default:
        return honest(name, 1 << 20);
    }
  }

  before(async () => {
    desk = await Desk.open([]);
    server = await new Hostile().open();
    server.answer = async (path, response) => {
      const answer = await answerOf(path).catch(() => undefined);
      if (answer === undefined) response.writeHead(404);
      response.end(answer);
    };
  });
  after(async () => {
    await server.close();
    await desk.close();
  });

  const at = (): string[] => ['--trust', desk.path('trust.json'), '--url', server.url];

  it('is shown another entry for the one it asked for', async () => {
    found = [1];
    handedOut = () => 2;
    expect((await desk.run(log, 'search', ...at())).error?.code).to.equal('leaf-mismatch');
    expect((await desk.run(log, 'entry', '1', ...at())).error?.code).to.equal('leaf-mismatch');
    expect((await desk.run(log, 'entry', digest('x'), ...at())).error?.code).to.equal('leaf-mismatch');
    handedOut = (index) => index;
  });

  it('is shown the bytes of another entry under the index that it asked for', async () => {
    forged = true;
    const { status, error } = await desk.run(log, 'entry', '1', ...at());
    forged = false;
    expect(status).to.equal(1);
    expect(error?.code).to.equal('inclusion-failed');
  });

  it('is shown a tree that is smaller than one already known', async () => {
    const trust = await desk.write('larger.json', desk.trust({ minSize: 5 }));
    const { error } = await desk.run(log, 'checkpoint', '--trust', trust, '--url', server.url);
    expect(error?.code).to.equal('checkpoint-too-small');
  });

  it('is shown entries of another type than it searched for', async () => {
    found = [1, 3];
    const { error, status } = await desk.run(log, 'search', '--type', 'build', ...at());
    expect(status).to.equal(1);
    expect(error).to.include({ code: 'leaf-mismatch', index: 3 });
  });

  it('is told of entries about its file that are about others', async () => {
    found = [2, 3];
    const path = await desk.write('file.bin', 'some file');
    const { status, stdout } = await desk.run(verify, path, ...at());
    expect(status, stdout).to.equal(2);
    expect(stdout).to.contain('not-recorded');
  });

  it('is told that sizes are consistent by a proof from another root', async () => {
    const { status, error } = await desk.run(proof, 'consistency', '--from', '2', ...at());
    expect(status).to.equal(1);
    expect(error?.code).to.equal('consistency-failed');
  });

  it('finds by fsck a leaf that was not entitled to stand where it stands', async () => {
    const intruder = new SampleLog([...sample.leaves, build({ seq: 4, signedBy: [builder] })]);
    const serve = intruder.serve({ keys: [ed25519Key], cosigners: [] });
    const other = await new Hostile().open();
    other.answer = async (path, response) => void response.end(await serve(path, 1 << 20));
    const args = ['fsck', other.url, '--trust', desk.path('trust.json')];
    const { status, stdout } = await desk.run(log, ...args);
    const answer = JSON.parse((await desk.run(log, ...args, '--json')).stdout) as object;
    await other.close();
    expect(status).to.equal(1);
    expect(stdout).to.match(/^✗ Finding +leaf 4: .*\(missing-role\)$/m);
    expect(stdout).to.match(/^✗ Authorised +1 of 5 leaves were not$/m);
    expect(answer).to.deep.include({ exit: 1, findingCount: 1 });
  });

  it('is not led beyond the checkpoint by a search', async () => {
    found = [1, 900];
    const { status, stdout } = await desk.run(log, 'search', '--json', ...at());
    expect(status).to.equal(0);
    expect(stdout.trim().split('\n')).to.have.length(1);
  });
});
