/**
 * The thread that cosigns with an ML-DSA-44 key, a log's or a witness's: about
 * 9 ms of computing, which would otherwise hold up every request.
 *
 *   in   { id, text, time }         the text of a checkpoint, seconds
 *   out  { id, signature }          or { id, error }
 *
 * The key comes as workerData and stays here.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../errors.ts';
import { cosign } from '../note/cosignature.ts';
import type { SignerKey } from '../note/key.ts';
import type { NoteSignature } from '../note/note.ts';

export interface CosignRequest {
  readonly id: number;
  readonly text: string;
  readonly time: number;
}

export type CosignAnswer =
  | { readonly id: number; readonly signature: NoteSignature }
  | { readonly id: number; readonly error: string };

assert(parentPort !== null, 'this file runs as a worker thread');
const port = parentPort;
const key = workerData as SignerKey;

port.on('message', ({ id, text, time }: CosignRequest) => {
  try {
    port.postMessage({ id, signature: cosign({ key, text, time }) } satisfies CosignAnswer);
  } catch (error) {
    port.postMessage({ id, error: String(error) } satisfies CosignAnswer);
  }
});
