/** The answers that a server owes: to requests that it has begun to read, by connection. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class OwedAnswers {
  readonly #bySocket = new Map<Socket, Set<ServerResponse>>();
  /** Of every connection that has asked, also while nothing is owed on it. */
  readonly #known = new WeakMap<Socket, Set<ServerResponse>>();
  /** Called when the last one is given, or its client has left. */
  #onNone: () => void = () => {};

  /** Counts an answer until its connection is done with it. */
  add({ socket }: IncomingMessage, response: ServerResponse): void {
    const responses = this.#responsesOf(socket);
    this.#bySocket.set(socket, responses.add(response));
    response.once('close', () => {
      responses.delete(response);
      if (responses.size === 0) this.#bySocket.delete(socket);
      if (this.#bySocket.size === 0) this.#onNone();
    });
  }

  #responsesOf(socket: Socket): Set<ServerResponse> {
    let responses = this.#known.get(socket);
    if (responses === undefined) {
      const fresh = new Set<ServerResponse>();
      socket.once('close', () => endAll(fresh));
      this.#known.set(socket, fresh);
      responses = fresh;
    }
    return responses;
  }

  /** Those of one connection, in the order of its requests. */
  on(socket: Socket): readonly ServerResponse[] {
    return [...(this.#bySocket.get(socket) ?? [])];
  }

  /** Each that has not begun becomes the last one of its connection. */
  endConnections(): void {
    for (const responses of this.#bySocket.values()) {
      for (const response of responses) if (!response.headersSent) response.setHeader('Connection', 'close');
    }
  }

  /** Closes the connections on which nothing but reads is waited for. */
  giveUpReads(): void {
    for (const [socket, responses] of this.#bySocket) {
      if ([...responses].every(({ req }) => req.method !== 'POST')) socket.destroy();
    }
  }

  /** Resolves when none is owed. */
  async none(): Promise<void> {
    if (this.#bySocket.size > 0) await new Promise<void>((resolve) => (this.#onNone = resolve));
  }
}

/**
 * Node tells the first answer in a connection's line that the connection is
 * over, and none of those behind it: what is held for them, memory most of all,
 * would be held for ever, and whoever sends requests ahead and leaves would use
 * all of it up.
 */
function endAll(responses: ReadonlySet<ServerResponse>): void {
  for (const response of responses) {
    response.destroy();
    response.emit('close');
  }
}
