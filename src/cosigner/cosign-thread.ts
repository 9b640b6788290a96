/** The near side of `cosign-worker.ts`: one thread for one key, started when it is first needed. */
import { Worker } from 'node:worker_threads';
import { LedgerError } from '../errors.ts';
import type { SignerKey } from '../note/key.ts';
import type { NoteSignature } from '../note/note.ts';
import type { CosignAnswer, CosignRequest } from './cosign-worker.ts';

interface Waiting {
  readonly resolve: (signature: NoteSignature) => void;
  readonly reject: (error: LedgerError) => void;
}

export class CosignThread {
  readonly #key: SignerKey;
  #worker: Worker | undefined;
  #lastId = 0;
  /** Requests without an answer, by id. */
  readonly #waiting = new Map<number, Waiting>();

  constructor(key: SignerKey) {
    this.#key = key;
  }

  /**
   * A cosignature of the checkpoint's text. `time` is in seconds; 0 is for a
   * log that signs its own head. Rejects with `internal` if the thread breaks.
   */
  cosign(text: string, time: number): Promise<NoteSignature> {
    const worker = (this.#worker ??= this.#start());
    const request: CosignRequest = { id: ++this.#lastId, text, time };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      // Only a signature that is awaited keeps the process alive.
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./cosign-worker.js', import.meta.url), { workerData: this.#key });
    worker.on('message', (answer: CosignAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('error' in answer) waiting?.reject(broken(answer.error));
      else waiting?.resolve(answer.signature);
    });
    worker.on('error', (error) => this.#refuseAll(broken(String(error))));
    worker.on('exit', () => {
      // A request to a thread that has ended would wait for ever; the next one starts another.
      if (this.#worker === worker) this.#worker = undefined;
      this.#refuseAll(broken('the thread has ended'));
    });
    return worker;
  }

  #refuseAll(error: LedgerError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function broken(got: string): LedgerError {
  return new LedgerError('internal', 'the thread that cosigns checkpoints failed', { got });
}
