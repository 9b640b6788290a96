/**
 * A thread for work that would hold up every request: started when it is first
 * asked, and asked again after it broke.
 *
 *   near side   const thread = new Thread<Question, Answer>({ worker, data, what });
 *               await thread.ask(question);
 *   far side    answerQuestions((question: Question): Answer => …);
 *
 * Questions and answers are copied between the two as structured clones.
 */
import { Worker, parentPort } from 'node:worker_threads';
import { LedgerError, assert } from '../errors.ts';

interface Asked<Q> {
  readonly id: number;
  readonly question: Q;
}

type Answered<A> =
  { readonly id: number; readonly answer: A } | { readonly id: number; readonly error: string };

export interface ThreadOptions {
  /** The file of the far side. */
  readonly worker: URL;
  /** What the far side finds in `workerData`. */
  readonly data?: unknown;
  /** What the thread does, for the error when it fails. */
  readonly what: string;
  /** Of the far side's own heap, at which it ends; as node has it unless given. */
  readonly heapMiB?: number;
}

export class Thread<Q, A> {
  readonly #options: ThreadOptions;
  #worker: Worker | undefined;
  #lastId = 0;
  /** Questions without an answer, by id. */
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: A) => void; readonly reject: (error: LedgerError) => void }
  >();

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** The answer of the far side. Rejects with `internal` if it throws, or if the thread breaks. */
  ask(question: Q): Promise<A> {
    const worker = (this.#worker ??= this.#start());
    const asked: Asked<Q> = { id: ++this.#lastId, question };
    return new Promise((resolve, reject) => {
      this.#waiting.set(asked.id, { resolve, reject });
      // Only an answer that is awaited keeps the process alive.
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(asked);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const { worker: file, data, heapMiB } = this.#options;
    const resourceLimits = heapMiB === undefined ? {} : { maxOldGenerationSizeMb: heapMiB };
    const worker = new Worker(file, { workerData: data, resourceLimits });
    worker.on('message', (answered: Answered<A>) => {
      const waiting = this.#waiting.get(answered.id);
      this.#waiting.delete(answered.id);
      if (this.#waiting.size === 0) worker.unref();
      if ('error' in answered) waiting?.reject(this.#broken(answered.error));
      else waiting?.resolve(answered.answer);
    });
    worker.on('error', (error) => this.#refuseAll(String(error)));
    worker.on('exit', () => {
      // A question to a thread that has ended would wait for ever; the next one starts another.
      if (this.#worker === worker) this.#worker = undefined;
      this.#refuseAll('the thread has ended');
    });
    return worker;
  }

  #refuseAll(got: string): void {
    for (const { reject } of this.#waiting.values()) reject(this.#broken(got));
    this.#waiting.clear();
  }

  #broken(got: string): LedgerError {
    return new LedgerError('internal', `the thread that ${this.#options.what} failed`, { got });
  }
}

/** The far side: answers every question. What it throws becomes a rejection. */
export function answerQuestions(answer: (question: never) => unknown): void {
  assert(parentPort !== null, 'this file runs as a worker thread');
  const port = parentPort;
  const respond = async ({ id, question }: Asked<never>): Promise<void> => {
    try {
      port.postMessage({ id, answer: await answer(question) } satisfies Answered<unknown>);
    } catch (error) {
      port.postMessage({ id, error: String(error) } satisfies Answered<unknown>);
    }
  };
  port.on('message', (asked: Asked<never>) => void respond(asked));
}
