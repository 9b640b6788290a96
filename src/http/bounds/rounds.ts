/**
 * Connections that ask again and again take turns. The event loop accepts one
 * new connection for each time that it goes round, and each time answers every
 * connection that has asked: a thousand that ask without a pause would leave
 * room for a handful of newcomers in a second, whatever the answers cost. So
 * after its answer a connection is not read again until its turn comes, and
 * only so many have one each time the loop goes round.
 *
 *     loop    │ accept │ read, answer │ rounds: the next may be read again │ accept …
 */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Connections that are read again in one round, while a round is short. */
const mostAtOnce = 32;
/** A round that takes longer is made smaller: requests sent ahead, or dear ones, count as what they take. */
const longMs = 10;

export class Rounds {
  /** All owned by `after` and `#next`. */
  readonly #waiting = new Set<Socket>();
  #answered = 0;
  #atOnce = mostAtOnce;
  #scheduledAt: number | undefined;

  /** The connection waits for its turn when this answer is over; where few ask, none is kept waiting. */
  after(response: ServerResponse, socket: Socket): void {
    // Earlier than that, the end of the request would have the connection read again.
    response.once('close', () => {
      if (socket.destroyed) return;
      this.#schedule();
      this.#answered += 1;
      if (this.#waiting.size === 0 && this.#answered <= this.#atOnce) return;
      socket.pause();
      this.#waiting.add(socket);
    });
  }

  #schedule(): void {
    if (this.#scheduledAt !== undefined) return;
    this.#scheduledAt = performance.now();
    setImmediate(() => this.#next());
  }

  #next(): void {
    const took = performance.now() - (this.#scheduledAt ?? 0);
    this.#scheduledAt = undefined;
    this.#answered = 0;
    this.#atOnce = took > longMs ? Math.ceil(this.#atOnce / 2) : Math.min(mostAtOnce, this.#atOnce + 1);
    let left = this.#atOnce;
    for (const socket of this.#waiting) {
      if (left === 0) break;
      left -= 1;
      this.#waiting.delete(socket);
      socket.resume();
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}
