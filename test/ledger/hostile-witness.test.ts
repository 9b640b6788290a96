import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import {
  WitnessClient,
  type Submission,
  type WitnessAnswer,
} from '../../src/ledger/witnessing/witness-client.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { cosign } from '../../src/note/cosignature.ts';
import { signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import { formatNote, formatSignatureLine, signNote, type NoteSignature } from '../../src/note/note.ts';
import { parseAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { utf8 } from '../../src/bytes.ts';
import { appendAll, ed25519Key as logKey, leaves, origin, Site, until } from './site.ts';
import { WitnessStand, policyOf, type Behaviour } from './witnesses.ts';
import type { Head } from '../../src/tlog/head.ts';

const timeoutMs = 400;
const head: Head = { size: 9, root: new Uint8Array(32).fill(9) };
const text = formatCheckpoint({ origin, ...head, extensions: [] });
const submission: Submission = {
  head,
  text,
  note: utf8(formatNote(signNote(text, [logKey]))),
  prove: async (from) => [new Uint8Array(32).fill(from)],
};

const present = (): number => Math.floor(Date.now() / 1000);
const line = (signature: NoteSignature): string => `${formatSignatureLine(signature)}\n`;
const stranger = signerKey({ name: 'witness.example/other', type: 4, seed: new Uint8Array(32).fill(77) });

/** Writes until the other side has gone; gives the number of bytes that it took. */
async function pour(response: ServerResponse, chunk: Uint8Array | string): Promise<number> {
  let poured = 0;
  const gone = once(response, 'close');
  response.setMaxListeners(0);
  while (!response.destroyed) {
    const goesOn = response.write(chunk);
    poured += chunk.length;
    if (!goesOn) await Promise.race([once(response, 'drain'), gone]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  return poured;
}

describe('a hostile witness', () => {
  let stand: WitnessStand;
  let client: WitnessClient;
  let key: SignerKey;

  beforeEach(async () => {
    stand = await WitnessStand.start(1, [4, 6]);
    key = stand.keys[0] as SignerKey;
    client = new WitnessClient({
      url: stand.url,
      witnesses: stand.keys.map((signer, i) => ({ name: `W1-${i}`, key: verifierOf(signer) })),
      origin,
      timeoutMs,
      now: Date.now,
    });
  });

  afterEach(async () => {
    await client.close();
    await stand.stop();
  });

  function ask(behaviour: Behaviour): Promise<WitnessAnswer> {
    stand.behaviour = behaviour;
    return client.ask(submission, new AbortController().signal);
  }

  function says(body: string | Uint8Array, status = 200): Behaviour {
    return (_, response) => void response.writeHead(status).end(body);
  }

  async function fault(behaviour: Behaviour): Promise<LedgerError> {
    const answer = await ask(behaviour);
    if (answer.kind !== 'failed') throw new Error(`taken as ${answer.kind}`);
    return answer.error;
  }

  const good = (): string => line(cosign({ key, text, time: present() }));

  describe('with its cosignatures', () => {
    const otherText = formatCheckpoint({ origin, size: 9, root: new Uint8Array(32).fill(1), extensions: [] });
    const cases: Record<string, readonly [string, () => string | Uint8Array]> = {
      'of another root': ['bad-signature', () => line(cosign({ key, text: otherText, time: present() }))],
      'of another key ID': [
        'no-known-signature',
        () => line({ ...cosign({ key, text, time: present() }), id: (key.id ^ 1) >>> 0 }),
      ],
      'of another name': [
        'no-known-signature',
        () => line({ ...cosign({ key, text, time: present() }), name: 'witness.example/x' }),
      ],
      'of another witness': [
        'no-known-signature',
        () => line(cosign({ key: stranger, text, time: present() })),
      ],
      'without a time': [
        'bad-signature',
        () => line(cosign({ key: stand.keys[1] as SignerKey, text, time: 0 })),
      ],
      'of a time six minutes ahead': [
        'stale-checkpoint',
        () => line(cosign({ key, text, time: present() + 360 })),
      ],
      'of a time six minutes back': [
        'stale-checkpoint',
        () => line(cosign({ key, text, time: present() - 360 })),
      ],
      'of which the first of one key does not hold': [
        'bad-signature',
        () => line(cosign({ key, text: otherText, time: present() })) + good(),
      ],
      'of which there are none': ['malformed-note', () => ''],
      'as no text': ['bad-utf8', () => Uint8Array.of(0xff, 0xfe)],
      'cut off': ['malformed-note', () => good().slice(0, -1)],
      'as a page': ['malformed-note', () => '<html>200 OK</html>\n'],
      'hidden among seventeen': ['too-large', () => good().repeat(17)],
    };
    for (const [name, [code, body]] of Object.entries(cases)) {
      it(`${name} gets nowhere: ${code}`, async () => {
        expect((await fault(says(body()))).code).to.equal(code);
      });
    }

    it('repeated counts once', async () => {
      const answer = await ask(says(good().repeat(5)));
      expect(answer.kind === 'cosigned' && answer.cosignatures.map(({ name }) => name)).to.deep.equal([
        'W1-0',
      ]);
    });

    it('among those of strangers is found', async () => {
      const strange = line(cosign({ key: stranger, text, time: present() }));
      const answer = await ask(says(strange + good() + strange));
      expect(answer.kind === 'cosigned' && answer.cosignatures).to.have.length(1);
    });
  });

  describe('with its size', () => {
    it('in a loop is asked twice', async () => {
      let size = 9;
      expect((await fault((_, response) => void response.writeHead(409).end(`${--size}\n`))).code).to.equal(
        'size-conflict',
      );
      expect(stand.asked).to.have.length(2);
    });

    it('that is the one it was asked from is not asked again', async () => {
      expect((await fault(says('9\n', 409))).code).to.equal('size-conflict');
      expect(stand.asked).to.have.length(1);
    });

    it('repaired, is asked from there', async () => {
      const asked: number[] = [];
      const answer = await ask(({ body }, response) => {
        asked.push(parseAddCheckpoint(body).oldSize);
        if (asked.length === 1) response.writeHead(409).end('4\n');
        else response.end(good());
      });
      expect(answer.kind).to.equal('cosigned');
      expect(asked).to.deep.equal([9, 4]);
    });

    for (const body of ['-1\n', '1e3\n', '007\n', '99999999999999999\n', 'many\n', '']) {
      it(`written as ${JSON.stringify(body)} is no size`, async () => {
        expect((await fault(says(body, 409))).code).to.be.oneOf(['bad-number', 'too-large']);
        expect(stand.asked).to.have.length(1);
      });
    }
  });

  describe('that has no time', () => {
    const later = (header?: string): Behaviour => {
      return (_, response) =>
        void response.writeHead(429, header === undefined ? {} : { 'retry-after': header }).end();
    };
    /** Milliseconds since the epoch, by the ledger's clock. */
    let clock: number;
    beforeEach(async () => {
      clock = Date.now();
      await client.close();
      client = new WitnessClient({
        url: stand.url,
        witnesses: stand.keys.map((signer, i) => ({ name: `W1-${i}`, key: verifierOf(signer) })),
        origin,
        timeoutMs,
        now: () => clock,
      });
    });

    it('is not asked again before it said', async () => {
      expect((await fault(later('7'))).code).to.equal('too-many-requests');
      clock += 6_999;
      expect((await fault(says(good()))).code).to.equal('too-many-requests');
      expect(stand.asked).to.have.length(1);
      clock += 1;
      expect((await ask(says(good()))).kind).to.equal('cosigned');
    });

    it('cannot send us away for longer than a minute', async () => {
      expect((await fault(later('86400'))).code).to.equal('too-many-requests');
      clock += 60_000;
      expect((await ask(says(good()))).kind).to.equal('cosigned');
    });

    it('and does not say how long is asked in the next round', async () => {
      expect((await fault(later())).code).to.equal('too-many-requests');
      expect((await ask(says(good()))).kind).to.equal('cosigned');
    });
  });

  describe('with the length of its answer', () => {
    for (const [name, status] of [
      ['a cosignature', 200],
      ['a size', 409],
    ] as const) {
      it(`gives ${name} without end, and is cut off`, async () => {
        let poured: Promise<number> | undefined;
        const error = await fault((_, response) => {
          response.writeHead(status);
          poured = pour(response, 'x'.repeat(16_384));
        });
        expect(error.code).to.equal('too-large');
        // What was on its way when the connection ended; a reader of everything would take gigabytes.
        expect(await poured).to.be.below(16 * 2 ** 20);
      });
    }

    it('packs much into little, and is cut off', async () => {
      const bomb = gzipSync(new Uint8Array(64 * 2 ** 20));
      expect(
        (await fault((_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)))
          .code,
      ).to.equal('too-large');
    });

    it('sends headers without end, and is cut off', async () => {
      const error = await fault(async (_, response) => {
        response.socket?.write('HTTP/1.1 200 OK\r\n');
        while (response.socket?.destroyed === false) {
          response.socket.write(`X-Filler: ${'x'.repeat(1000)}\r\n`);
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      expect(error.code).to.equal('unreachable');
    });

    it('shows a checkpoint without end for its claim, which is then no proof', async () => {
      let poured: Promise<number> | undefined;
      const answer = await ask(({ path }, response) => {
        response.writeHead(path === '/add-checkpoint' ? 422 : 200);
        if (path === '/add-checkpoint') response.end('no\n');
        else poured = pour(response, 'x'.repeat(16_384));
      });
      expect(answer).to.deep.equal({ kind: 'disputes', held: undefined });
      expect(await poured).to.be.below(16 * 2 ** 20);
    });
  });

  describe('with our time', () => {
    const cases: Record<string, Behaviour> = {
      'does not answer': () => undefined,
      'stops in the middle': (_, response) => void response.writeHead(200).write('— '),
      'sends a byte now and then': (_, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('x'), 20);
        response.on('close', () => clearInterval(drip));
      },
      'hangs up': (_, response) => void response.destroy(),
    };
    for (const [name, behaviour] of Object.entries(cases)) {
      it(`${name}, and is given up`, async () => {
        const started = performance.now();
        expect((await fault(behaviour)).code).to.equal('unreachable');
        expect(performance.now() - started).to.be.below(timeoutMs * 5);
      });
    }

    it('is asked one thing at a time, and not what nobody wants any more', async () => {
      stand.behaviour = () => undefined;
      const unwanted = new AbortController();
      const first = client.ask(submission, unwanted.signal);
      const others = [1, 2, 3].map(() => client.ask(submission, unwanted.signal));
      await until(() => stand.asked.length === 1);
      unwanted.abort();
      expect((await first).kind).to.equal('failed');
      expect((await Promise.all(others)).map(({ kind }) => kind)).to.deep.equal(Array(3).fill('skipped'));
      expect(stand.asked).to.have.length(1);
    });
  });

  it('that sends us elsewhere is not followed', async () => {
    const elsewhere = await WitnessStand.start(2);
    for (const status of [301, 302, 307, 308]) {
      const error = await fault(
        (_, response) =>
          void response.writeHead(status, { location: `${elsewhere.url}/add-checkpoint` }).end(),
      );
      expect(error).to.include({ code: 'server-error', got: `status ${status}` });
    }
    expect(elsewhere.asked).to.deep.equal([]);
    await elsewhere.stop();
  });

  it('is not blamed for a proof that our own store cannot give', async () => {
    stand.behaviour = says('4\n', 409);
    const damaged = {
      ...submission,
      prove: () => Promise.reject(new LedgerError('store-corrupt', 'damaged')),
    };
    const error: unknown = await client
      .ask(damaged, new AbortController().signal)
      .catch((cause: unknown) => cause);
    expect(error).to.include({ code: 'store-corrupt' });
  });

  for (const status of [400, 403, 404, 429, 500, 503, 204]) {
    it(`that answers ${status} has not cosigned`, async () => {
      expect((await fault((_, response) => void response.writeHead(status).end())).code).to.equal(
        status === 429 ? 'too-many-requests' : 'server-error',
      );
    });
  }

  it('of three does not hold the ledger up, whatever it does', async () => {
    const stands = [await WitnessStand.start(11), await WitnessStand.start(12), await WitnessStand.start(13)];
    const hostile: readonly Behaviour[] = [
      says(good()),
      says('5\n', 409),
      says('no\n', 422),
      () => undefined,
      (_, response) => void response.destroy(),
      async (_, response) => void (await pour(response, 'x'.repeat(16_384))),
    ];
    const [, , liar] = stands as [WitnessStand, WitnessStand, WitnessStand];
    const ledger = await new Site().open({
      policy: policyOf(stands, 2),
      witnessing: { timeoutMs, times: { refreshMs: 3_600_000 } },
    });
    for (const [i, behaviour] of hostile.entries()) {
      liar.behaviour = behaviour;
      const receipts = await appendAll(ledger, leaves(2 * i + 2).slice(2 * i));
      expect(receipts.map(({ status }) => status)).to.deep.equal(['new', 'new']);
    }
    expect(ledger.ready).to.equal(true);
    await ledger.close();
    await Promise.all(stands.map((some) => some.stop()));
  });
});
