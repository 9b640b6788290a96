/**
 * The one way into the store. The sequencer commits entries with a new head,
 * the publisher commits cosigned checkpoints with the head unchanged; here they
 * stand in one line, so that each names the head that is really there. A
 * `head-conflict` can then only mean another writer.
 */
import type { Row, Storage } from '../../storage/storage.ts';
import type { Head } from '../../tlog/head.ts';
import type { Failure } from './failure.ts';

export class Committer {
  readonly #storage: Storage;
  readonly #failure: Failure;
  /** The head of the last commit; changed here alone. */
  #head: Head | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(storage: Storage, head: Head | undefined, failure: Failure) {
    this.#storage = storage;
    this.#head = head;
    this.#failure = failure;
  }

  /**
   * Commits `puts` with the head `next`, or with the head as it is. A crash
   * before this resolves leaves the whole commit or none of it. Any error stops
   * the ledger, because it leaves open which of the two it was. Throws the damage
   * that forbids to write, if any was met.
   */
  commit(puts: readonly Row[], next?: Head): Promise<void> {
    const turn = this.#last.then(() => this.#commit(puts, next));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #commit(puts: readonly Row[], next: Head | undefined): Promise<void> {
    this.#failure.checkWriting();
    const head = next ?? this.#head;
    if (head === undefined) throw new Error('broken invariant: the first commit brings a head');
    try {
      await this.#storage.commit({ puts }, this.#head, head);
    } catch (error) {
      throw this.#failure.stop(error);
    }
    this.#head = head;
  }
}
