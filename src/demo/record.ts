/** Records envelopes over HTTP in batches and checks every proof that comes back. */
import { hashLeaf } from '#sha256';
import { equal, fromUtf8, toBase64, toHex } from '../bytes.ts';
import { LedgerError, excerpt } from '../errors.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { Policy } from '../note/policy.ts';
import { parseProof } from '../note/proof.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';

/** Envelopes in one request; the server takes up to 1,000. */
const batchSize = 256;

export interface Recorded {
  readonly index: number;
  readonly leafHash: string;
}

interface AnswerLine {
  readonly status: number;
  readonly index?: number;
  readonly proof?: string;
  readonly code?: string;
  readonly detail?: string;
}

export interface Recorder {
  readonly url: string;
  readonly policy: Policy;
  /** Called after each batch with the number of entries recorded by this call so far. */
  readonly onProgress?: (done: number) => void;
}

/**
 * Yields where each leaf was recorded, in order. Throws for the first refusal,
 * and `inclusion-failed` or `leaf-mismatch` for an answer whose proof does not
 * hold: an acknowledgement is believed for its proof, not for its status.
 */
export async function* record(
  leaves: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  recorder: Recorder,
): AsyncGenerator<Recorded> {
  let done = 0;
  let batch: Uint8Array[] = [];
  const seen = checkpoints(recorder.policy);
  const flush = async (): Promise<Recorded[]> => {
    const recorded = await send(batch, recorder.url, seen);
    done += batch.length;
    batch = [];
    recorder.onProgress?.(done);
    return recorded;
  };
  for await (const leaf of leaves) {
    batch.push(leaf);
    if (batch.length === batchSize) yield* await flush();
  }
  if (batch.length > 0) yield* await flush();
}

/** Verifies checkpoints under the policy; one that was just verified is not verified again for its next proof. */
function checkpoints(policy: Policy): (note: Uint8Array) => Checkpoint {
  let last: { note: Uint8Array; checkpoint: Checkpoint } | undefined;
  return (note) => {
    if (last === undefined || !equal(last.note, note)) {
      last = { note, checkpoint: verifyCheckpoint({ note, policy }).checkpoint };
    }
    return last.checkpoint;
  };
}

async function send(
  batch: readonly Uint8Array[],
  url: string,
  verified: (note: Uint8Array) => Checkpoint,
): Promise<Recorded[]> {
  const response = await fetch(new URL('api/v1/attestations', `${url}/`), {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: batch.map((leaf) => `${fromUtf8(leaf)}\n`).join(''),
  });
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  if (response.status !== 200 || lines.length !== batch.length) {
    throw new LedgerError('server-error', 'the ledger did not answer every line of the batch', {
      expected: `status 200 and ${batch.length} lines`,
      got: `status ${response.status}, ${lines.length} lines: ${excerpt(lines[0] ?? '', 300)}`,
    });
  }
  return batch.map((leaf, i) => {
    const answer = JSON.parse(lines[i] ?? '') as AnswerLine;
    if (answer.proof === undefined || (answer.status !== 200 && answer.status !== 201)) {
      throw new LedgerError(
        'server-error',
        `the ledger refused an entry: ${answer.detail ?? 'no reason given'}`,
        {
          got: `status ${answer.status}, code ${answer.code ?? 'none'}`,
        },
      );
    }
    const proof = parseProof(Buffer.from(answer.proof));
    const checkpoint = verified(proof.checkpoint);
    const leafHash = hashLeaf(leaf);
    if (proof.index !== answer.index) {
      throw new LedgerError('leaf-mismatch', 'the answer and its proof name different indices', {
        expected: String(proof.index),
        got: `${answer.index} (leaf ${toBase64(leafHash)})`,
      });
    }
    const { size, root } = checkpoint;
    verifyInclusion({ index: proof.index, size, leafHash, root, proof: proof.hashes });
    return { index: proof.index, leafHash: toHex(leafHash) };
  });
}
