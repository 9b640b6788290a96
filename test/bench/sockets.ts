/**
 * An HTTP client that costs little. node's own takes as much processor as a
 * bare server, and on two processors a slow client makes every server look the
 * same. This one keeps its connections, sends requests that were put together
 * beforehand, and reads of an answer what tells where it ends.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';

export interface HttpAnswer {
  readonly status: number;
  /** As sent: a chunked body still has its chunk sizes in it. */
  readonly body: Buffer;
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

export function postRequest(url: URL, type: string, body: Uint8Array): Buffer {
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

export function getRequest(url: URL): Buffer {
  return Buffer.from(`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`);
}

export interface Traffic {
  readonly url: URL;
  readonly connections: number;
  /** The next request, or undefined at the end. */
  readonly next: () => Buffer | undefined;
  /** Told with the milliseconds since the request was sent. */
  readonly onAnswer: (answer: HttpAnswer, milliseconds: number) => void;
}

/** Keeps one request on its way on every connection until `next` has no more; gives the milliseconds it took. */
export async function drive({ url, connections, next, onAnswer }: Traffic): Promise<number> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
      await once(socket, 'connect');
      return socket;
    }),
  );
  try {
    const began = performance.now();
    await Promise.all(sockets.map((socket) => converse(socket, next, onAnswer)));
    return performance.now() - began;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function converse(
  socket: Socket,
  next: () => Buffer | undefined,
  onAnswer: Traffic['onAnswer'],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer[] = [];
    let length = 0;
    let headBytes = 0;
    /** Length of head and body; undefined while unknown, -1 for a chunked body. */
    let whole: number | undefined;
    let sentAt = 0;
    const send = (): void => {
      const request = next();
      if (request === undefined) return resolve();
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      length += chunk.length;
      if (whole === undefined) {
        const text = received.length === 1 ? chunk : Buffer.concat(received, length);
        received = [text];
        const end = text.indexOf(headEnd);
        if (end === -1) return;
        headBytes = end + headEnd.length;
        const declared = /\r\ncontent-length: *(\d+)/i.exec(text.toString('latin1', 0, headBytes))?.[1];
        whole = declared === undefined ? -1 : headBytes + Number(declared);
      }
      if (whole === -1 ? !endsChunked(received) : length < whole) return;
      const bytes = received.length === 1 ? (received[0] as Buffer) : Buffer.concat(received, length);
      received = [];
      length = 0;
      whole = undefined;
      const status = Number(bytes.toString('latin1', 9, 12));
      onAnswer({ status, body: bytes.subarray(headBytes) }, performance.now() - sentAt);
      send();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    send();
  });
}

/** No line of JSON has a carriage return, so only the end of a chunked answer looks like its last chunk. */
function endsChunked(received: readonly Buffer[]): boolean {
  const last = received.at(-1) ?? Buffer.alloc(0);
  const tail = last.length >= lastChunk.length ? last : Buffer.concat(received.slice(-lastChunk.length));
  return tail.subarray(-lastChunk.length).equals(lastChunk);
}
