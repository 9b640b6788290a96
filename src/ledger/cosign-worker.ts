/**
 * The thread that cosigns with the log's ML-DSA-44 key: about 9 ms of
 * computing, which would otherwise hold up every request.
 *
 *   in   { id, text }               the text of a checkpoint
 *   out  { id, signature }          or { id, error }
 *
 * The key comes as workerData and stays here. `time` is 0: the log says that
 * it signed this head, not that it knows of no larger one.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../errors.ts';
import { cosign } from '../note/cosignature.ts';
import type { SignerKey } from '../note/key.ts';
import type { NoteSignature } from '../note/note.ts';

export interface CosignRequest {
  readonly id: number;
  readonly text: string;
}

export type CosignAnswer =
  | { readonly id: number; readonly signature: NoteSignature }
  | { readonly id: number; readonly error: string };

assert(parentPort !== null, 'this file runs as a worker thread');
const port = parentPort;
const key = workerData as SignerKey;

port.on('message', ({ id, text }: CosignRequest) => {
  try {
    port.postMessage({ id, signature: cosign({ key, text, time: 0 }) } satisfies CosignAnswer);
  } catch (error) {
    port.postMessage({ id, error: String(error) } satisfies CosignAnswer);
  }
});
