/** Request bodies, read as bytes and never beyond a bound. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LedgerError } from '../../errors.ts';
import type { Budget } from '../bounds/budget.ts';

/** What is read and thrown away of a refused body, so that the client gets to read the refusal. */
const discardedBytes = 1024 * 1024;

export interface BodyOptions {
  readonly maxBytes: number;
  readonly budget: Budget;
}

export interface Body {
  readonly bytes: Uint8Array;
  /** Gives the bytes back to the budget. */
  readonly release: () => void;
}

/** The whole body. Throws `too-large`, `empty`, `queue-full`, or `bad-request` when it breaks off. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, budget }: BodyOptions,
): Promise<Body> {
  checkDeclared(request, maxBytes);
  const parts: Uint8Array[] = [];
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const give of releases) give();
  };
  let length = 0;
  try {
    for await (const chunk of bodyChunks(request, response)) {
      length += chunk.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      releases.push(budget.take(chunk.length));
      parts.push(chunk);
    }
    if (length === 0) throw new LedgerError('empty', 'the request has no body', { expected: 'an envelope' });
    return { bytes: Buffer.concat(parts, length), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** Refuses a body that says itself that it is too long, before any of it is read. */
export function checkDeclared(request: IncomingMessage, maxBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/** The body as it arrives. Leaving the loop early does not close the connection. */
export async function* bodyChunks(
  request: IncomingMessage,
  response: ServerResponse,
): AsyncGenerator<Uint8Array, void, void> {
  // The client asked whether to send the body at all; until here it could be refused unsent.
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Uint8Array;
  } catch (cause) {
    throw new LedgerError('bad-request', 'the connection ended before the body did', { cause });
  }
}

/**
 * Reads the rest of a refused body into nothing. A sender that goes on beyond
 * the bound is cut off; its time is bounded by the server's request limit.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let left = discardedBytes;
  request.on('data', (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) request.socket.destroy();
  });
  request.on('error', () => request.socket.destroy());
}

export function tooLarge(maxBytes: number): LedgerError {
  return new LedgerError('too-large', 'the body, or a line of it, is larger than this route reads', {
    expected: `at most ${maxBytes} bytes`,
  });
}
