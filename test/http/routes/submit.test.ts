/** Recording over a socket: one by one, by lines, and when somebody goes away. */
import { connect } from 'node:net';
import { request } from 'node:http';
import { expect } from 'chai';
import { fromHex, fromUtf8, toHex, utf8 } from '../../../src/bytes.ts';
import { parseProof, verifyProof } from '../../../src/note/proof.ts';
import * as fixtures from '../../fixtures/attestations.ts';
import type { Running } from '../harness.ts';
import { ask, json, ndjson, run, submit, submitLines } from '../harness.ts';

function statusLines(answers: readonly Record<string, unknown>[]): unknown[] {
  return answers.map(({ status, code }) => (code === undefined ? status : code));
}

describe('http: recording', () => {
  let running: Running;

  beforeEach(async () => {
    running = await run();
  });

  afterEach(() => running.close());

  it('answers 201 with a proof that verifies and brings the leaf, then 200 with the same place', async () => {
    const leaf = fixtures.build();
    const first = await submit(running, leaf);
    expect(first.status).to.equal(201);
    expect(first.headers.location).to.equal('/api/v1/attestations/1');
    const leafHash = fixtures.leafHashOf(leaf);
    expect(first.json).to.include({ index: 1, leafHash });
    expect(Object.keys(first.json)).to.deep.equal(['index', 'leafHash', 'proof']);

    await submit(running, fixtures.build({ seq: 2 }));
    const second = await submit(running, leaf);
    expect(second.status).to.equal(200);
    expect(second.json).to.include({ index: 1, leafHash });

    for (const [answer, size] of [
      [first, 2],
      [second, 3],
    ] as const) {
      const proof = parseProof(utf8(String(answer.json['proof'])));
      expect(toHex(proof.extra ?? new Uint8Array())).to.equal(toHex(leaf));
      const { checkpoint } = verifyProof({ proof, leafHash: fromHex(leafHash), policy: running.policy });
      expect(checkpoint.size).to.equal(size);
    }
  });

  it('keeps the bytes that were sent', async () => {
    const leaf = fixtures.build();
    await submit(running, leaf);
    expect(toHex(await running.ledger.entry(1))).to.equal(toHex(leaf));
  });

  it('answers lines in their order, each on its own merits', async () => {
    const good = [1, 2, 3].map((seq) => fixtures.build({ seq }));
    const answers = await submitLines(running, [
      good[0]!,
      'not json',
      good[1]!,
      '',
      fixtures.build({ seq: 9, authority: fixtures.digest('x') }),
      'x'.repeat(70_000),
      good[0]!,
      good[2]!,
      fixtures.build({ seq: 3, file: 'other.deb' }),
    ]);
    expect(statusLines(answers)).to.deep.equal([
      201,
      'not-json',
      201,
      'empty',
      'authority-superseded',
      'too-large',
      200,
      201,
      'source-conflict',
    ]);
    expect([0, 2, 6, 7].map((line) => answers[line]?.['index'])).to.deep.equal([1, 2, 1, 3]);
    expect(answers[1]).to.include({ status: 400, type: 'urn:isal:error:not-json' });
    for (const line of [0, 2, 6, 7]) {
      const proof = parseProof(utf8(String(answers[line]?.['proof'])));
      verifyProof({ proof, leafHash: fromHex(String(answers[line]?.['leafHash'])), policy: running.policy });
    }
  });

  it('records the lines of a batch in their order, however long each takes to admit', async () => {
    // Large and small, with two signatures and with one, good and bad, so that admission overtakes.
    const leaves = Array.from({ length: 120 }, (_, i) =>
      i % 3 === 0
        ? fixtures.build({
            seq: i + 1,
            change: ({ predicate }) =>
              Object.assign(predicate.buildDefinition.externalParameters, { a: 'x'.repeat(15_000) }),
          })
        : fixtures.dataAccess({ seq: i + 1 }),
    );
    const answers = await submitLines(
      running,
      leaves.flatMap((leaf, i) => (i % 10 === 0 ? [leaf, '{'] : [leaf])),
    );
    const recorded = answers.filter(({ status }) => status === 201);
    expect(recorded.map(({ index }) => index)).to.deep.equal(leaves.map((_, i) => i + 1));
  });

  it('says media type and status of a batch, and gives each refusal to come back its seconds', async () => {
    const answer = await ask(running, '/api/v1/attestations', { headers: ndjson, body: fixtures.build() });
    expect(answer.status).to.equal(200);
    expect(answer.headers['content-type']).to.equal('application/x-ndjson');
    expect(answer.text.endsWith('\n')).to.equal(true);
  });

  it('refuses a batch without lines, and with too many lines or bytes', async () => {
    const none = await ask(running, '/api/v1/attestations', { headers: ndjson, body: '' });
    expect([none.status, none.json['code']]).to.deep.equal([400, 'empty']);

    const lines = await ask(running, '/api/v1/attestations', { headers: ndjson, body: '0\n'.repeat(1_001) });
    const codes = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { code: string }).code);
    expect(codes.length).to.equal(1_001);
    expect(codes.at(-2)).to.equal('schema-violation');
    expect(codes.at(-1)).to.equal('too-large');

    const declared = await ask(running, '/api/v1/attestations', {
      headers: { ...ndjson, 'Content-Length': 8 * 1024 * 1024 + 1 },
      body: new Uint8Array(8 * 1024 * 1024 + 1),
    });
    expect([declared.status, declared.json['code']]).to.deep.equal([413, 'too-large']);
  });

  it('answers a line before the next one is sent', async () => {
    const { port } = running.server;
    const answers: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const sending = request(
        {
          port,
          host: '127.0.0.1',
          path: '/api/v1/attestations',
          method: 'POST',
          headers: ndjson,
          agent: false,
        },
        (response) => {
          response.setEncoding('utf8');
          response.on('data', (text: string) => {
            answers.push(...text.trimEnd().split('\n'));
            if (answers.length < 3)
              sending.write(Buffer.concat([fixtures.build({ seq: answers.length + 1 }), utf8('\n')]));
            else sending.end();
          });
          response.on('end', resolve);
        },
      );
      sending.on('error', reject);
      sending.write(Buffer.concat([fixtures.build({ seq: 1 }), utf8('\n')]));
    });
    expect(answers.map((line) => (JSON.parse(line) as { index: number }).index)).to.deep.equal([1, 2, 3]);
  });

  it('acknowledges nothing before it is published', async () => {
    running.publication.close();
    let answered = false;
    const answer = submit(running, fixtures.build()).finally(() => (answered = true));
    await running.publication.arrival();
    // Other requests are served meanwhile, and the submission is not among what is answered.
    expect((await ask(running, '/checkpoint')).text).to.match(/\n1\n/);
    expect(answered).to.equal(false);
    running.publication.open();
    expect((await answer).status).to.equal(201);
  });

  it('a client that goes away in the middle of an append undoes nothing', async () => {
    const leaf = fixtures.build();
    for (const gate of [running.commits, running.publication]) {
      gate.close();
      const socket = connect(running.server.port, '127.0.0.1');
      const head = `POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${leaf.length}\r\n\r\n`;
      socket.write(head + fromUtf8(leaf));
      if (gate === running.commits) await gate.arrival();
      const gone = new Promise((resolve) => socket.on('close', resolve));
      socket.destroy();
      await gone;
      gate.open();
    }
    const answer = await submit(running, leaf);
    expect([answer.status, answer.json['index']]).to.deep.equal([200, 1]);
    expect(running.log.filter(({ event }) => event === 'error')).to.deep.equal([]);
  });

  it('a batch that breaks off has recorded its whole lines and not the torn one', async () => {
    const [one, two] = [fixtures.build({ seq: 1 }), fixtures.build({ seq: 2 })];
    running.commits.close();
    const socket = connect(running.server.port, '127.0.0.1');
    socket.write(
      'POST /api/v1/attestations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nContent-Length: 99999\r\n\r\n',
    );
    socket.write(Buffer.concat([one, utf8('\n'), two]));
    await running.commits.arrival();
    const gone = new Promise((resolve) => socket.on('close', resolve));
    socket.destroy();
    await gone;
    running.commits.open();
    expect((await submit(running, one)).status).to.equal(200);
    expect((await submit(running, two)).status).to.equal(201);
  });

  it('asks for the body only when it wants it', async () => {
    const asking = (
      headers: Record<string, string | number>,
    ): Promise<{ status: number; continued: boolean }> =>
      new Promise((resolve, reject) => {
        let continued = false;
        const sending = request(
          {
            port: running.server.port,
            host: '127.0.0.1',
            path: '/api/v1/attestations',
            method: 'POST',
            headers: { Expect: '100-continue', ...headers },
            agent: false,
          },
          (response) => {
            response.resume();
            response.on('end', () => resolve({ status: response.statusCode ?? 0, continued }));
            if (!continued) sending.destroy();
          },
        );
        sending.on('continue', () => {
          continued = true;
          sending.end(fixtures.build());
        });
        sending.on('error', reject);
        sending.flushHeaders();
      });
    const length = fixtures.build().length;
    expect(await asking({ ...json, 'Content-Length': length })).to.deep.equal({
      status: 201,
      continued: true,
    });
    expect(await asking({ ...json, 'Content-Length': 10_000_000 })).to.deep.equal({
      status: 413,
      continued: false,
    });
    expect(await asking({ 'Content-Type': 'text/plain', 'Content-Length': 5 })).to.deep.equal({
      status: 415,
      continued: false,
    });
  });
});

describe('http: recording at the limits', () => {
  it('answers what is committed and not published in time with its index, and the retry with 200', async () => {
    const running = await run({ limits: { requestMs: 400 } });
    try {
      running.publication.close();
      const leaf = fixtures.build();
      const waiting = submit(running, leaf);
      await running.publication.arrival();
      const lines = await submitLines(running, [fixtures.build({ seq: 2 }), 'x']);
      const answer = await waiting;
      expect(answer.status).to.equal(503);
      expect(answer.json).to.include({ code: 'recorded-not-published', index: 1 });
      expect(Number(answer.headers['retry-after'])).to.equal(answer.json['retryAfter']).and.be.greaterThan(0);
      expect(statusLines(lines)).to.deep.equal(['recorded-not-published', 'not-json']);
      expect(lines[0]).to.include({ index: 2, status: 503, retryAfter: 5 });
      running.publication.open();
      const retried = await submit(running, leaf);
      expect([retried.status, retried.json['index']]).to.deep.equal([200, 1]);
    } finally {
      await running.close();
    }
  });

  it('pushes back when the line is full, and loses nothing', async () => {
    const running = await run({ ledger: { limits: { waitingEntries: 1 } } });
    try {
      running.publication.close();
      const leaves = [1, 2, 3].map((seq) => fixtures.build({ seq }));
      const first = submit(running, leaves[0]!);
      await running.publication.arrival();
      const refused = await submit(running, leaves[1]!);
      expect([refused.status, refused.json['code']]).to.deep.equal([503, 'queue-full']);
      expect(refused.headers['retry-after']).to.equal('1');
      expect(statusLines(await submitLines(running, leaves.slice(1)))).to.deep.equal([
        'queue-full',
        'queue-full',
      ]);
      running.publication.open();
      expect((await first).status).to.equal(201);
      for (const leaf of leaves.slice(1)) expect((await submit(running, leaf)).status).to.equal(201);
    } finally {
      await running.close();
    }
  });

  it('bounds what all bodies together hold in memory', async () => {
    const running = await run({ limits: { bufferedBytes: 1_000 } });
    try {
      const answer = await submit(running, new Uint8Array(2_000));
      expect([answer.status, answer.json['code']]).to.deep.equal([503, 'queue-full']);
      const [line] = await submitLines(running, [fixtures.build()]);
      expect(line).to.include({ status: 503, code: 'queue-full' });
      // What was refused has been given back.
      expect((await submit(running, new Uint8Array(900))).json['code']).to.equal('not-json');
      expect((await submit(running, new Uint8Array(900))).json['code']).to.equal('not-json');
    } finally {
      await running.close();
    }
  });
});
