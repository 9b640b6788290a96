/** The answers that a server owes: to requests that it has begun to read, by connection. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export class OwedAnswers {
  readonly #bySocket = new Map<Socket, Set<ServerResponse>>();
  /** Called when the last one is given, or its client has left. */
  #onNone: () => void = () => {};

  /** Counts an answer until its connection is done with it. */
  add({ socket }: IncomingMessage, response: ServerResponse): void {
    const responses = this.#bySocket.get(socket) ?? new Set();
    this.#bySocket.set(socket, responses.add(response));
    response.once('close', () => {
      responses.delete(response);
      if (responses.size === 0) this.#bySocket.delete(socket);
      if (this.#bySocket.size === 0) this.#onNone();
    });
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

  /** Resolves when none is owed. */
  async none(): Promise<void> {
    if (this.#bySocket.size > 0) await new Promise<void>((resolve) => (this.#onNone = resolve));
  }
}
