/** The near side of `cosign-worker.ts`: one thread for one key, started when it is first needed. */
import type { SignerKey } from '../note/key.ts';
import type { NoteSignature } from '../note/note.ts';
import { Thread } from '../platform/thread.node.ts';
import type { CosignQuestion } from './cosign-worker.ts';

export class CosignThread {
  readonly #thread: Thread<CosignQuestion, NoteSignature>;

  constructor(key: SignerKey) {
    const worker = new URL('./cosign-worker.js', import.meta.url);
    this.#thread = new Thread({ worker, data: key, what: 'cosigns checkpoints' });
  }

  /**
   * A cosignature of the checkpoint's text. `time` is in seconds; 0 is for a
   * log that signs its own head. Rejects with `internal` if the thread breaks.
   */
  cosign(text: string, time: number): Promise<NoteSignature> {
    return this.#thread.ask({ text, time });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
