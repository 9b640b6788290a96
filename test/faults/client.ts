/** HTTP as anybody speaks it: the only way in which the outside checker touches a ledger. */
import { Agent, request } from 'node:http';
import { once } from 'node:events';

export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** No whole answer came: the connection was refused, broke, or took too long. What was sent may have been done. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const patienceMs = 40_000;
const maxAnswerBytes = 32 * 2 ** 20;

export class HttpClient {
  readonly url: string;
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 512 });

  constructor(url: string) {
    this.url = url;
  }

  async get(path: string): Promise<HttpAnswer> {
    return this.#send('GET', path);
  }

  /** The body of a 200, or an error that names what came instead. */
  async read(path: string): Promise<Uint8Array> {
    const { status, body } = await this.get(path);
    if (status !== 200)
      throw new Error(`${path}: status ${status} ${new TextDecoder().decode(body).slice(0, 300)}`);
    return body;
  }

  async post(path: string, body: Uint8Array): Promise<HttpAnswer> {
    return this.#send('POST', path, body);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body?: Uint8Array): Promise<HttpAnswer> {
    try {
      const message = request(`${this.url}/${path}`, {
        method,
        agent: this.#agent,
        timeout: patienceMs,
        headers:
          body === undefined ? {} : { 'content-type': 'application/json', 'content-length': body.length },
      });
      message.on('timeout', () => message.destroy(new Error('no answer in time')));
      message.end(body);
      const [response] = (await once(message, 'response')) as [
        AsyncIterable<Uint8Array> & { statusCode: number },
      ];
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of response) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > maxAnswerBytes) throw new Error('an endless answer');
      }
      return { status: response.statusCode, body: new Uint8Array(Buffer.concat(chunks)) };
    } catch (cause) {
      throw new NoAnswer(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }
}
