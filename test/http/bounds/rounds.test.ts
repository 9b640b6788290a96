import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { run } from '../harness.ts';
import type { Running } from '../harness.ts';

const request = 'GET /checkpoint HTTP/1.1\r\nhost: ledger.example\r\n\r\n';

/** A client that asks again as soon as it is answered, for as long as it is let. */
class Restless {
  readonly #socket: Socket;
  answers = 0;
  going = true;

  constructor(port: number, ahead = 1) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      const answered = chunk.toString('latin1').split('HTTP/1.1 200 ').length - 1;
      this.answers += answered;
      if (this.going) this.#socket.write(request.repeat(answered));
    });
    this.#socket.on('error', () => undefined);
    this.#socket.once('connect', () => this.#socket.write(request.repeat(ahead)));
  }

  get connected(): Promise<unknown> {
    return once(this.#socket, 'connect');
  }

  end(): void {
    this.going = false;
    this.#socket.destroy();
  }
}

describe('connections that ask without a pause', function () {
  this.timeout(60_000);
  let running: Running;
  let clients: Restless[];
  beforeEach(async () => {
    running = await run();
    clients = [];
  });
  afterEach(async () => {
    for (const client of clients) client.end();
    await running.close();
  });

  const answers = (): number => clients.reduce((sum, client) => sum + client.answers, 0);

  async function busy(connections: number, ahead?: number): Promise<void> {
    clients = Array.from({ length: connections }, () => new Restless(running.server.port, ahead));
    await Promise.all(clients.map(({ connected }) => connected));
    while (!clients.every((client) => client.answers > 0)) await new Promise((go) => setImmediate(go));
  }

  /** How many answers the others got while `newcomers` connected, asked and were answered. */
  async function meanwhile(newcomers: number): Promise<number> {
    const before = answers();
    const fresh = Array.from({ length: newcomers }, () => new Restless(running.server.port));
    for (const one of fresh) one.going = false;
    while (!fresh.every((one) => one.answers > 0)) await new Promise((go) => setImmediate(go));
    const after = answers();
    for (const one of fresh) one.end();
    return after - before;
  }

  it('leave room for newcomers, of whom one is accepted each time the loop goes round', async () => {
    await busy(400);
    // Without turns, all 400 are answered for each newcomer that is accepted.
    expect(await meanwhile(20)).to.be.below(20 * 150);
  });

  it('leave it also where each asks many times ahead', async () => {
    await busy(200, 16);
    expect(await meanwhile(20)).to.be.below(20 * 1_000);
  });

  it('are all answered, and as often as each other', async () => {
    await busy(200);
    const from = clients.map((client) => client.answers);
    const enough = answers() + 4_000;
    while (answers() < enough) await new Promise((go) => setImmediate(go));
    const each = clients.map((client, i) => client.answers - (from[i] ?? 0));
    expect(Math.min(...each)).to.be.above(Math.max(...each) / 4);
  });
});
