/** How long one request waits for its receipts. What is recorded by then stays so. */
import { setMaxListeners } from 'node:events';

export class ReceiptWait {
  /** Given when it runs out; every line of a batch listens to it. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number) {
    const controller = new AbortController();
    this.signal = controller.signal;
    setMaxListeners(0, this.signal);
    this.#timer = setTimeout(() => controller.abort(), milliseconds).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
