/**
 * Parts of a ledger that are broken on purpose, one promise each. A harness that
 * does not see them fail would see nothing.
 */
import type { AnchorState } from '../../src/cosigner/cosigner.ts';
import type { LedgerError } from '../../src/errors.ts';
import { promiseWithResolvers, type Resolvers } from '../../src/ledger/store/failure.ts';
import { Publisher, type Publication } from '../../src/ledger/publisher.ts';
import type { PublisherParts } from '../../src/ledger/publisher.ts';
import { LogStates, type LogState, type Published } from '../../src/ledger/store/log-states.ts';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import type { SignerKey } from '../../src/note/key.ts';
import { formatNote, signNote } from '../../src/note/note.ts';
import { utf8 } from '../../src/bytes.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { firstKey } from '../../src/storage/storage.ts';
import type { Batch, Range, Row, Storage } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';

/**
 * A store that says "written" and keeps its last commits in memory, as a disk
 * does with what nobody syncs. A crash loses them.
 */
export class LaggingStorage implements Storage {
  readonly #memory: MemoryStorage;
  readonly #disk: Storage;
  readonly #lag: number;
  #held: (() => Promise<void>)[] = [];

  private constructor(memory: MemoryStorage, disk: Storage, lag: number) {
    this.#memory = memory;
    this.#disk = disk;
    this.#lag = lag;
  }

  /** Keeps back the last `lag` commits. */
  static async over(disk: Storage, lag: number): Promise<LaggingStorage> {
    const memory = new MemoryStorage();
    const head = await disk.head();
    if (head !== undefined) {
      const puts: Row[] = [];
      for await (const row of disk.range({ gte: firstKey, lt: Uint8Array.of(0xff) })) puts.push(row);
      await memory.commit({ puts }, undefined, head);
    }
    return new LaggingStorage(memory, disk, lag);
  }

  async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    await this.#memory.commit(batch, expected, next);
    this.#held.push(() => this.#disk.commit(batch, expected, next));
    if (this.#held.length > this.#lag) await this.#held.shift()?.();
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#memory.get(key);
  }

  getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#memory.getMany(keys);
  }

  range(range: Range): AsyncIterable<Row> {
    return this.#memory.range(range);
  }

  head(): Promise<Head | undefined> {
    return this.#memory.head();
  }

  async close(): Promise<void> {
    await this.#memory.close();
    await this.#disk.close();
  }
}

/** An anchor that takes whatever the store holds for what was signed. */
export class ForgetfulAnchor implements AnchorState {
  head: Head;

  constructor(stored: Head | undefined) {
    this.head = stored ?? { size: 0, root: emptyRoot };
  }

  async advance(next: Head): Promise<void> {
    this.head = next;
  }
}

/** What a publisher sees that is one commit behind; what it says itself holds for all. */
class StatesBehind extends LogStates {
  readonly #true: PublisherParts['states'];

  constructor(states: PublisherParts['states']) {
    super({ committed: states.committed, published: states.published });
    this.#true = states;
  }

  override publish(next: Published): void {
    super.publish(next);
    this.#true.publish(next);
  }

  override loseQuorum(reason: LedgerError): void {
    super.loseQuorum(reason);
    this.#true.loseQuorum(reason);
  }

  override regainQuorum(): void {
    super.regainQuorum();
    this.#true.regainQuorum();
  }
}

/**
 * A publisher that acknowledges what is committed, under a checkpoint signed
 * past the anchor, and publishes it only when the next batch comes.
 */
export class EagerPublisher implements Publication {
  readonly #states: PublisherParts['states'];
  readonly #behind: StatesBehind;
  readonly #real: Publisher;
  readonly #origin: string;
  readonly #key: SignerKey;
  #newest: Published;
  #waiting: ({ readonly size: number } & Resolvers<Published>)[] = [];

  constructor(parts: PublisherParts, origin: string, key: SignerKey) {
    this.#states = parts.states;
    this.#behind = new StatesBehind(parts.states);
    this.#real = new Publisher({ ...parts, states: this.#behind });
    this.#origin = origin;
    this.#key = key;
    this.#newest = this.#promise(parts.states.committed);
    parts.states.onCommitted(() => this.#acknowledge(parts.states.committed));
  }

  start(): void {
    this.#real.start();
  }

  async reached(size: number): Promise<Published> {
    // The opening itself is honest: a server that served no checkpoint at all would not be ready.
    if (this.#states.published === undefined) return this.#real.reached(size);
    if (size <= this.#newest.state.tree.size) return this.#newest;
    const waiting = { size, ...promiseWithResolvers<Published>() };
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  idle(): Promise<void> {
    return this.#real.idle();
  }

  finish(): void {
    this.#real.finish();
  }

  #acknowledge(state: LogState): void {
    const before = this.#newest.state;
    if (before.tree.size > this.#behind.committed.tree.size) this.#behind.advance(before);
    this.#newest = this.#promise(state);
    const { size } = state.tree;
    for (const waiting of this.#waiting) if (waiting.size <= size) waiting.resolve(this.#newest);
    this.#waiting = this.#waiting.filter((waiting) => waiting.size > size);
  }

  #promise(state: LogState): Published {
    const { size, root } = state.tree;
    const checkpoint = { origin: this.#origin, size, root, extensions: [] };
    const text = formatNote(signNote(formatCheckpoint(checkpoint), [this.#key]));
    return { state, note: utf8(text), text, checkpoint };
  }
}
