/**
 * The thread that cosigns with an ML-DSA-44 key, a log's or a witness's: about
 * 9 ms of computing, which would otherwise hold up every request. The key
 * comes as workerData and stays here.
 */
import { workerData } from 'node:worker_threads';
import { cosign } from '../note/cosignature.ts';
import type { SignerKey } from '../note/key.ts';
import type { NoteSignature } from '../note/note.ts';
import { answerQuestions } from '../platform/thread.node.ts';

export interface CosignQuestion {
  /** The text of a checkpoint. */
  readonly text: string;
  /** In seconds. */
  readonly time: number;
}

const key = workerData as SignerKey;

answerQuestions(({ text, time }: CosignQuestion): NoteSignature => cosign({ key, text, time }));
