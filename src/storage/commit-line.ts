/**
 * The line in which commits wait: shared by every Storage, so that all of them
 * compare heads, order commits and stop after a failure in the same way.
 */
import { LedgerError, assert } from '../errors.ts';
import { assertKey } from './storage.ts';
import type { Batch } from './storage.ts';
import { describeHead, sameHead, type Head } from '../tlog/head.ts';

export class CommitLine {
  /** Owned by the running commit: it alone moves the head, after the write succeeded. */
  #head: Head | undefined;
  /** Set once, by a failed commit or by `close`; never cleared. */
  #stopped: LedgerError | undefined;
  /** Settles when the last commit in line has; never rejects. */
  #last: Promise<void> = Promise.resolve();

  constructor(head: Head | undefined) {
    this.#head = head;
  }

  /** Throws what stopped the storage, if anything did. */
  check(): void {
    if (this.#stopped !== undefined) throw this.#stopped;
  }

  head(): Head | undefined {
    this.check();
    return this.#head;
  }

  /** Runs `write` in turn if the head is `expected` then; any error from it stops the storage. */
  async commit(
    batch: Batch,
    expected: Head | undefined,
    next: Head,
    write: () => void | Promise<void>,
  ): Promise<void> {
    for (const [key] of batch.puts) assertKey(key);
    for (const key of batch.deletes ?? []) assertKey(key);
    assert(
      expected === undefined || next.size > expected.size || sameHead(next, expected),
      'a head grows or stays as it is',
    );
    const turn = this.#last.then(() => this.#commit(expected, next, write));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #commit(expected: Head | undefined, next: Head, write: () => void | Promise<void>): Promise<void> {
    this.check();
    if (!sameHead(this.#head, expected)) {
      throw new LedgerError('head-conflict', 'the store has another head than the writer started from', {
        expected: describeHead(expected),
        got: describeHead(this.#head),
      });
    }
    try {
      await write();
    } catch (cause) {
      // Whether the rows are on the disk is unknown from here on: LevelDB was
      // seen to report an error and to show the record after re-opening.
      this.#stopped =
        cause instanceof LedgerError
          ? cause
          : new LedgerError(
              'store-failed',
              'a commit failed and may or may not be stored: the store must be opened anew',
              {
                expected: describeHead(next),
                got: cause instanceof Error ? cause.message : 'an error',
                cause,
              },
            );
      throw this.#stopped;
    }
    this.#head = { size: next.size, root: next.root.slice() };
  }

  /** Resolves when the commits that are in line now are done. */
  async idle(): Promise<void> {
    await this.#last;
  }

  /** Lets the commits in line finish, then stops. */
  async close(): Promise<void> {
    await this.#last;
    this.#stopped ??= new LedgerError('store-failed', 'the store is closed', { expected: 'an open store' });
  }
}
