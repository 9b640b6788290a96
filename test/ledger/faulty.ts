/** Parts that hold, fail or cheat: what a ledger is put together with to see what it, or a check of it, does. */
import { LedgerError } from '../../src/errors.ts';
import { promiseWithResolvers } from '../../src/ledger/store/failure.ts';
import { publishedAs, type LogStates, type Published } from '../../src/ledger/store/log-states.ts';
import { Publisher, type PublisherParts } from '../../src/ledger/publisher.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { utf8 } from '../../src/bytes.ts';
import type { Batch, Range, Row, Storage } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { MemoryAnchor, ed25519Key, origin } from './site.ts';

/** Something that can be kept waiting. */
export class Gate {
  #open: Promise<void> = Promise.resolve();
  #release: () => void = () => {};
  /** How many have come to it. */
  passed = 0;

  close(): void {
    const { promise, resolve } = promiseWithResolvers<void>();
    this.#open = promise;
    this.#release = () => resolve();
  }

  open(): void {
    this.#release();
  }

  async pass(): Promise<void> {
    this.passed += 1;
    await this.#open;
  }
}

export class GatedAnchor extends MemoryAnchor {
  readonly gate: Gate = new Gate();

  override async advance(next: Head): Promise<void> {
    await this.gate.pass();
    await super.advance(next);
  }
}

/** Hands everything on to another storage; subclasses spoil one thing. */
export class Wrapped implements Storage {
  readonly inner: Storage;

  constructor(inner: Storage) {
    this.inner = inner;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.inner.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.inner.getMany(keys);
  }

  range(range: Range): AsyncIterable<Row> {
    return this.inner.range(range);
  }

  head(): Promise<Head | undefined> {
    return this.inner.head();
  }

  commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    return this.inner.commit(batch, expected, next);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

export class GatedStorage extends Wrapped {
  readonly gate: Gate = new Gate();
  /** Commits of a checkpoint leave the head as it is. */
  readonly checkpoints: Gate = new Gate();

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    await this.gate.pass();
    if (expected?.size === next.size) await this.checkpoints.pass();
    await super.commit(batch, expected, next);
  }
}

/** Fails at commit `at` (from 1) and at all later ones; that one commit is lost, or is on the disk all the same. */
export class FailingStorage extends Wrapped {
  readonly #at: number;
  readonly #kept: boolean;
  #commits = 0;

  constructor(inner: Storage, { at, kept }: { readonly at: number; readonly kept: boolean }) {
    super(inner);
    this.#at = at;
    this.#kept = kept;
  }

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    this.#commits += 1;
    if (this.#commits < this.#at) return super.commit(batch, expected, next);
    if (this.#commits === this.#at && this.#kept) await super.commit(batch, expected, next);
    throw new LedgerError('store-failed', 'the disk said no');
  }
}

/** Acknowledges what is committed and not yet published: what a checker must be able to notice. */
export class EagerPublisher extends Publisher {
  readonly #states: Pick<LogStates, 'committed'>;

  constructor(parts: PublisherParts) {
    super(parts);
    this.#states = parts.states;
  }

  override async reached(size: number): Promise<Published> {
    const state = this.#states.committed;
    if (state.tree.size < size || state.tree.size === 1) return super.reached(size);
    const checkpoint = { origin, size: state.tree.size, root: state.tree.root, extensions: [] };
    const note = utf8(formatNote(signNote(formatCheckpoint(checkpoint), [ed25519Key])));
    return publishedAs(state, note);
  }
}
