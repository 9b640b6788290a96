/**
 * What the parts of a ledger know of their log, in one place. Each value has one
 * writer; every other part reads it here, and none holds on to another for it.
 *
 *     value               written by   when
 *     committed           sequencer    its batch is durable
 *     published           publisher    the cosigned checkpoint is durable
 *     quorumUnavailable   publisher    a round has failed, until one succeeds
 *
 * Nothing of it is durable by being here. A crash forgets all three, and the
 * next opening derives them anew from the store (`open.ts`); so a value is put
 * here only when what it says is on the disk.
 */
import { fromUtf8 } from '../../bytes.ts';
import { assert } from '../../errors.ts';
import type { LedgerError } from '../../errors.ts';
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import { parseCheckpoint, type Checkpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import type { Tree } from './tree.ts';

/** The log at one size: the tree, and the authority document in force for the next leaf. */
export interface LogState {
  readonly tree: Tree;
  readonly authority: AuthoritySnapshot;
}

/** What the world may see: one checkpoint, and the tree exactly as it states it. */
export interface PublishedTree {
  readonly state: { readonly tree: Tree };
  /** The bytes of the cosigned checkpoint, and the text that they are. */
  readonly note: Uint8Array;
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/** The same, and who may record what from there on. */
export interface Published extends PublishedTree {
  readonly state: LogState;
}

/** Decodes a note once for all the proofs that end in it. Throws `malformed-note`, `malformed-checkpoint`. */
export function publishedTree(tree: Tree, note: Uint8Array): PublishedTree {
  return { state: { tree }, note, text: fromUtf8(note), checkpoint: parseCheckpoint(parseNote(note).text) };
}

/** As `publishedTree`. */
export function publishedAs(state: LogState, note: Uint8Array): Published {
  return { ...publishedTree(state.tree, note), state };
}

export class LogStates {
  #committed: LogState;
  #published: Published | undefined;
  #quorumUnavailable: LedgerError | undefined;
  readonly #onCommitted: (() => void)[] = [];

  /** As an opening found them. */
  constructor({
    committed,
    published,
  }: {
    readonly committed: LogState;
    readonly published: Published | undefined;
  }) {
    this.#committed = committed;
    this.#published = published;
  }

  /** As of the last commit. */
  get committed(): LogState {
    return this.#committed;
  }

  /** Undefined until the first checkpoint is published. */
  get published(): Published | undefined {
    return this.#published;
  }

  /** The number of entries that are published. */
  get publishedSize(): number {
    return this.#published?.state.tree.size ?? 0;
  }

  /** Why no new entry may be recorded now: too few witnesses cosigned the newest checkpoint. */
  get quorumUnavailable(): LedgerError | undefined {
    return this.#quorumUnavailable;
  }

  /** Calls `listener` after every commit, in the order of the commits. It must not throw. */
  onCommitted(listener: () => void): void {
    this.#onCommitted.push(listener);
  }

  /** By the sequencer, once the commit that made `next` is durable. */
  advance(next: LogState): void {
    assert(next.tree.size > this.#committed.tree.size, 'a log only grows');
    this.#committed = next;
    for (const listener of this.#onCommitted) listener();
  }

  /** By the publisher, once the checkpoint is durable: served before, it would look like a rollback after a crash. */
  publish(next: Published): void {
    const { size } = next.state.tree;
    assert(size >= this.publishedSize, 'a published size is never taken back');
    assert(size <= this.#committed.tree.size, 'what is published is committed');
    this.#published = next;
  }

  /** By the publisher, when a round came to no quorum. */
  loseQuorum(reason: LedgerError): void {
    this.#quorumUnavailable = reason;
  }

  /** By the publisher, when a round came to one. */
  regainQuorum(): void {
    this.#quorumUnavailable = undefined;
  }
}
