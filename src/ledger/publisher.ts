/**
 * The publisher takes the newest committed head to the signer, commits the
 * cosigned checkpoint, serves it, and so releases every acknowledgement below
 * its size. Commits may run ahead of it; it publishes one head after the other,
 * and a head that grew meanwhile is published in one go.
 *
 *   newest head ─► sign (anchor first) ─► commit the checkpoint ─► published
 *
 * What a crash leaves: before the signature, a head that is committed and
 * perhaps anchored; before the commit, one that is signed and served to nobody.
 * Either is signed and published at the next opening. Nobody was told.
 */
import { fromUtf8 } from '../bytes.ts';
import type { Head } from '../storage/storage.ts';
import { parseCheckpoint, type Checkpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import { proveConsistency } from '../tlog/consistency.ts';
import type { Archive } from './archive.ts';
import { promiseWithResolvers, type Failure, type Resolvers } from './failure.ts';
import type { LogState } from './sequencer.ts';
import type { Signer } from './signer.ts';
import type { TileStore } from './tile-store.ts';

/** What the world may see: one checkpoint, and the log exactly as it states it. */
export interface Published {
  readonly state: LogState;
  /** The bytes of the cosigned checkpoint, and the text that they are. */
  readonly note: Uint8Array;
  readonly text: string;
  readonly checkpoint: Checkpoint;
}

/** Decodes a note once for all the proofs that end in it. Throws `malformed-note`, `malformed-checkpoint`. */
export function publishedAs(state: LogState, note: Uint8Array): Published {
  return { state, note, text: fromUtf8(note), checkpoint: parseCheckpoint(parseNote(note).text) };
}

/** What the ledger asks of its publisher. */
export interface Publication {
  /** Undefined until the first checkpoint is published. */
  readonly published: Published | undefined;
  /** Size of the largest head that may have been signed, at least the published one. */
  readonly signedSize: number;
  /** A newly committed state. */
  announce(state: LogState): void;
  /** Resolves when `size` entries are published; rejects with the error that stopped the ledger. */
  reached(size: number): Promise<Published>;
  /** Resolves when the newest announced state is published, or the ledger has stopped. */
  idle(): Promise<void>;
}

export interface PublisherParts {
  readonly signer: Pick<Signer, 'anchored' | 'sign'>;
  readonly tiles: TileStore;
  readonly archive: Archive;
  readonly failure: Failure;
  /** As recovered: the committed state, and what was published last. */
  readonly newest: LogState;
  readonly published: Published | undefined;
}

interface Waiting extends Resolvers<Published> {
  readonly size: number;
}

export class Publisher implements Publication {
  readonly #parts: PublisherParts;
  /** Set by `announce`. */
  #newest: LogState;
  /** Set by the running round, when the checkpoint is durable. */
  #published: Published | undefined;
  #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#newest = parts.newest;
    this.#published = parts.published;
    void parts.failure.failed.then((error) => this.#refuseAll(error));
  }

  get published(): Published | undefined {
    return this.#published;
  }

  /** The anchor moves before a signature is made, so it bounds what others may hold a checkpoint of. */
  get signedSize(): number {
    return this.#parts.signer.anchored.size;
  }

  announce(state: LogState): void {
    this.#newest = state;
    this.#running ??= this.#run();
  }

  async reached(size: number): Promise<Published> {
    const published = this.#published;
    if (published !== undefined && published.state.tree.size >= size) return published;
    this.#parts.failure.check();
    const waiting: Waiting = { size, ...promiseWithResolvers<Published>() };
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await Promise.resolve();
      while (this.#newest.tree.size > (this.#published?.state.tree.size ?? 0)) {
        this.#parts.failure.check();
        await this.#publish(this.#newest);
      }
    } catch (error) {
      this.#refuseAll(this.#parts.failure.stop(error));
    } finally {
      this.#running = undefined;
    }
  }

  async #publish(state: LogState): Promise<void> {
    const note = await this.#sign(state);
    // Served only when it is durable: a checkpoint that a restart forgot would look like a rollback.
    await this.#parts.archive.publish(note);
    const published = publishedAs(state, note);
    this.#published = published;
    const reached = this.#waiting.filter(({ size }) => size <= state.tree.size);
    this.#waiting = this.#waiting.filter(({ size }) => size > state.tree.size);
    for (const waiting of reached) waiting.resolve(published);
  }

  async #sign({ tree }: LogState): Promise<Uint8Array> {
    const { signer, tiles } = this.#parts;
    const head: Head = { size: tree.size, root: tree.root };
    const proof = await proveConsistency({ from: signer.anchored.size, to: head.size }, tiles.reader(tree));
    return signer.sign(head, proof);
  }

  #refuseAll(error: unknown): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting = [];
  }
}
