/**
 * Submits leaves and reads checkpoints as a stranger does: believes nothing
 * that does not verify under the pinned policy, and writes down everything that
 * it was told before it acts on it.
 */
import { hashLeaf } from '#sha256';
import { equal, toHex, utf8 } from '../../src/bytes.ts';
import { type Policy } from '../../src/note/policy.ts';
import { verifyCheckpoint } from '../../src/note/quorum.ts';
import type { Checkpoint } from '../../src/note/checkpoint.ts';
import { parseProof } from '../../src/note/proof.ts';
import { verifyInclusion } from '../../src/tlog/inclusion.ts';
import type { HttpClient } from './client.ts';
import type { Floor, Journal } from './journal.ts';

export interface Told {
  readonly status: number;
  /** Of an acknowledgement, or of a refusal that names one. */
  readonly index?: number;
  /** Of a refusal. */
  readonly code?: string;
  /** The whole answer. */
  readonly body: Readonly<Record<string, unknown>>;
}

export class Observer {
  readonly #policy: Policy;
  readonly #journal: Journal;
  /** The checkpoint that was verified last: most acknowledgements of one moment share it. */
  #verified: { readonly note: Uint8Array; readonly checkpoint: Checkpoint } | undefined;
  #floor: Floor = { size: 0, acknowledged: 0 };
  /** Acknowledgements that hold, by the index that they name. */
  readonly acknowledged: Map<string, number> = new Map();
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  #acks = 0;

  constructor(policy: Policy, journal: Journal) {
    this.#policy = policy;
    this.#journal = journal;
  }

  /** Acknowledgements so far, repeated ones counted too. */
  get acks(): number {
    return this.#acks;
  }

  /** Resolves when there are that many acknowledgements. */
  async reaches(count: number): Promise<void> {
    if (this.#acks >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  /** Submits one leaf, once. Rejects with `NoAnswer`. */
  async submit(client: HttpClient, leaf: Uint8Array): Promise<Told> {
    const floor = this.#floor;
    const { status, body } = await client.post('api/v1/attestations', leaf);
    const told = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    if (status !== 200 && status !== 201) return refusal(status, told);
    const leafHash = hashLeaf(leaf);
    const index = Number(told['index']);
    try {
      const proof = parseProof(utf8(String(told['proof'])));
      const { size, root } = this.#verify(proof.checkpoint);
      if (proof.index !== index) throw new Error(`index ${index}, but the proof is of ${proof.index}`);
      if (told['leafHash'] !== toHex(leafHash)) throw new Error('the answer is about another leaf');
      verifyInclusion({ index, size, leafHash, root, proof: proof.hashes });
      this.#raise(size, index + 1);
      const seen = { size, root: toHex(root), floor };
      await this.#journal.append({ kind: 'ack', index, leafHash: toHex(leafHash), status, ...seen });
    } catch (error) {
      await this.#journal.append({
        kind: 'false-ack',
        index,
        leafHash: toHex(leafHash),
        reason: String(error),
      });
    }
    this.acknowledged.set(toHex(leafHash), index);
    this.#acks += 1;
    for (const { count, resolve } of this.#waiting) if (this.#acks >= count) resolve();
    return { status, index, body: told };
  }

  /** Reads `/checkpoint`. Rejects with `NoAnswer`. */
  async look(client: HttpClient): Promise<Checkpoint | undefined> {
    const floor = this.#floor;
    const { status, body } = await client.get('checkpoint');
    if (status !== 200) return undefined;
    try {
      const checkpoint = this.#verify(body);
      this.#raise(checkpoint.size, 0);
      await this.#journal.append({
        kind: 'checkpoint',
        size: checkpoint.size,
        root: toHex(checkpoint.root),
        floor,
      });
      return checkpoint;
    } catch (error) {
      await this.#journal.append({ kind: 'false-checkpoint', reason: String(error) });
      return undefined;
    }
  }

  #verify(note: Uint8Array): Checkpoint {
    if (this.#verified === undefined || !equal(this.#verified.note, note)) {
      this.#verified = { note, checkpoint: verifyCheckpoint({ note, policy: this.#policy }).checkpoint };
    }
    return this.#verified.checkpoint;
  }

  #raise(size: number, acknowledged: number): void {
    this.#floor = {
      size: Math.max(size, this.#floor.size),
      acknowledged: Math.max(acknowledged, this.#floor.acknowledged),
    };
  }
}

function refusal(status: number, body: Record<string, unknown>): Told {
  const { code, index } = body;
  return {
    status,
    body,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof index === 'number' ? { index } : {}),
  };
}
