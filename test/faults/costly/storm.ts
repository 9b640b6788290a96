/**
 * Clients by the thousand: each keeps one request on its way on its connection,
 * never waits between two, and throws the answer away as it comes.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export interface StormJob {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** In base64; sent in turn, from the first again after the last. */
  readonly requests: readonly string[];
  /** Requests after which no further one is sent; no bound where absent. */
  readonly count?: number;
}

export interface StormReport {
  readonly sent: number;
  /** Answers by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** What those refusals said last that said when to come back, by status. */
  readonly retryAfter: Readonly<Record<string, string>>;
  /** Connections that ended without the answer that they waited for. */
  readonly broken: number;
  readonly bytes: number;
}

const reconnectMs = 100;
const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');
/** One memory for all connections: what is read is looked at before anything else is read. */
const shared = Buffer.alloc(256 * 1024);

export class Storm {
  readonly #job: StormJob;
  readonly #requests: readonly Buffer[];
  readonly #sockets = new Set<Socket>();
  readonly #answers = new Map<string, number>();
  readonly #retryAfter = new Map<string, string>();
  #sent = 0;
  #answered = 0;
  #broken = 0;
  #bytes = 0;
  #open = 0;
  #begun = false;
  #ended = false;
  #resolveDone: () => void = () => {};
  /** Resolves when `count` requests are answered. */
  readonly done: Promise<void> = new Promise((resolve) => (this.#resolveDone = resolve));

  constructor(job: StormJob) {
    this.#job = job;
    this.#requests = job.requests.map((request) => Buffer.from(request, 'base64'));
  }

  /** Resolves with the number of open connections when each is connected, or was refused. */
  async connect(): Promise<number> {
    await Promise.all(Array.from({ length: this.#job.connections }, () => this.#converse()));
    return this.#open;
  }

  begin(): void {
    this.#begun = true;
    for (const socket of this.#sockets) socket.emit('begin');
  }

  end(): StormReport {
    this.#ended = true;
    for (const socket of this.#sockets) socket.destroy();
    return {
      sent: this.#sent,
      answers: Object.fromEntries(this.#answers),
      retryAfter: Object.fromEntries(this.#retryAfter),
      broken: this.#broken,
      bytes: this.#bytes,
    };
  }

  /** One client; resolves when it is connected, or was refused. */
  #converse(): Promise<void> {
    return new Promise((resolve) => {
      const { host, port } = this.#job;
      const answer = new Answer();
      let waiting = false;
      let isHead = false;
      const socket = connect({
        host,
        port,
        onread: {
          buffer: shared,
          callback: (length, buffer) => {
            this.#bytes += length;
            const status = answer.take(Buffer.from(buffer.buffer, buffer.byteOffset, length), isHead);
            if (status !== undefined) {
              waiting = false;
              if (answer.retryAfter !== undefined) this.#retryAfter.set(status, answer.retryAfter);
              this.#count(status);
              send();
            }
            return true;
          },
        },
      });
      const send = (): void => {
        const request = this.#next();
        if (request === undefined) return;
        waiting = true;
        isHead = request.toString('latin1', 0, 4) === 'HEAD';
        socket.write(request);
      };
      this.#sockets.add(socket);
      socket.once('connect', () => {
        this.#open += 1;
        resolve();
        if (this.#begun) send();
        else socket.once('begin', send);
      });
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        resolve();
        if (this.#ended) return;
        if (waiting) this.#broken += 1;
        // An attacker comes again; without a pause, a server that is gone would cost us the processor.
        setTimeout(() => void (this.#ended || this.#converse()), reconnectMs);
      });
    });
  }

  #next(): Buffer | undefined {
    const { count = Infinity } = this.#job;
    if (this.#ended || this.#sent >= count) return undefined;
    return this.#requests[this.#sent++ % this.#requests.length];
  }

  #count(status: string): void {
    this.#answers.set(status, (this.#answers.get(status) ?? 0) + 1);
    this.#answered += 1;
    if (this.#answered === this.#job.count) this.#resolveDone();
  }
}

/** Where an answer on one connection ends: nothing of it is kept but what tells that. */
class Answer {
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are yet to come; undefined within the head, infinite for a chunked one. */
  #left: number | undefined;
  #tail: Buffer = Buffer.alloc(0);
  #status = '';
  retryAfter: string | undefined;

  /** The status, when these bytes end an answer. */
  take(bytes: Buffer, isHead: boolean): string | undefined {
    let body = bytes;
    if (this.#left === undefined) {
      const head = Buffer.concat([this.#head, bytes]);
      const end = head.indexOf(headEnd);
      this.#head = head;
      if (end === -1) return undefined;
      const text = head.toString('latin1', 0, end + 2);
      this.#status = text.slice(9, 12);
      this.retryAfter = /\r\nretry-after: *(\S+)/i.exec(text)?.[1];
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      const empty = isHead || this.#status === '304' || this.#status === '204';
      this.#left = empty ? 0 : length === undefined ? Infinity : Number(length);
      body = head.subarray(end + headEnd.length);
      // The end of the head looks like the one of a line, where a chunked body is empty.
      this.#tail = Buffer.from('\r\n');
    }
    if (this.#left === Infinity) {
      this.#tail = Buffer.concat([this.#tail, body]).subarray(-lastChunk.length);
      if (!this.#tail.equals(lastChunk)) return undefined;
    } else {
      this.#left -= body.length;
      if (this.#left > 0) return undefined;
    }
    this.#left = undefined;
    this.#head = Buffer.alloc(0);
    return this.#status;
  }
}
