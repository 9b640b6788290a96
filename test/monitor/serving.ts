/** What a monitor talks to, over real sockets: a log's tiles, and a webhook that is not always there. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { LedgerError } from '../../src/errors.ts';
import type { Finding } from '../../src/monitor/finding.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';

export class Site {
  readonly #server: Server;
  readonly url: string;

  protected constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Site> {
    const server = createServer(answer);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Site(server);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Serves what `fetchPath` gives under `/`; what it refuses is 404. */
export function serveLog(fetchPath: FetchPath): Promise<Site> {
  return Site.listen((request, response) => {
    fetchPath((request.url ?? '/').slice(1), Number.MAX_SAFE_INTEGER).then(
      (bytes) => response.end(bytes),
      (error: unknown) => {
        response.statusCode = error instanceof LedgerError && error.code === 'not-found' ? 404 : 500;
        response.end();
      },
    );
  });
}

/** Takes findings, and answers what `status` says at the moment; 200 has taken it. */
export class Receiver {
  readonly taken: Finding[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  status: () => number = () => 200;
  #site: Site | undefined;

  static async listen(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#site = await Site.listen((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        response.statusCode = receiver.status();
        receiver.headers.push(request.headers);
        if (response.statusCode === 200) receiver.taken.push(JSON.parse(body) as Finding);
        response.end('thank you');
      });
    });
    return receiver;
  }

  get url(): string {
    return `${this.#site?.url ?? ''}/hook`;
  }

  async close(): Promise<void> {
    await this.#site?.close();
  }
}
