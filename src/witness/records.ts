/**
 * What a witness remembers of every log, in one store. A log is known by the
 * SHA-256 hash of its origin.
 *
 *     key    01 || hash of the origin
 *     value  size (uint64) || root (32 bytes) || time (uint64, seconds)
 *            the largest head that may have been cosigned, and the latest time
 *
 *     key    02 || hash of the origin
 *     value  the last cosigned checkpoint, a note, as the monitoring retrieval serves it
 *
 * LevelDB can lose its newest rows without a word when a bit of its files
 * flips, and then a witness would cosign a smaller head after a larger one. So
 * every change of a record is counted: the store's own head has the number of
 * changes as its size, and as its root the hash over all rows of the first
 * kind in the order of their keys. That head is anchored in another directory
 * (`cosigner/anchor.ts`) after each change, and at the opening it must be the
 * store's, or the store is refused.
 *
 * Everything is written in one line, a step after the other:
 *
 * 1. the row and the new head are committed. After a crash here the store is
 *    one change ahead of the anchor, and no log was told of it: the opening
 *    anchors it;
 * 2. the new head is anchored. After a crash here a head is remembered that
 *    was not cosigned, or not with that time: it can be asked for again;
 * 3. the signatures are made, and the note is committed with them. After a
 *    crash here the answer was not sent: the same head can be asked for again.
 */
import { sha256 } from '#sha256';
import { concat, equal, fromHex, readUint64, toHex, uint64, utf8 } from '../bytes.ts';
import type { AnchorState } from '../cosigner/cosigner.ts';
import { LedgerError, assert } from '../errors.ts';
import { futureTolerance } from '../note/quorum.ts';
import { formatHead, parseHead } from '../storage/storage.ts';
import type { Batch, Storage } from '../storage/storage.ts';
import { describeHead, sameHead, type Head } from '../tlog/head.ts';
import { emptyRoot } from '../tlog/hash.ts';
import { Rows, hashBytes, rowBytes } from './rows.ts';

const recordPrefix = 1;
const notePrefix = 2;

interface Remembered {
  readonly head: Head;
  /** Seconds since 1970; no later cosignature may have an earlier one. */
  readonly time: number;
}

const nothing: Remembered = { head: { size: 0, root: emptyRoot }, time: 0 };

export class Records {
  readonly #storage: Storage;
  readonly #anchor: AnchorState;
  /** By the hash of the origin in hex. Owned by `#change`. */
  readonly #remembered: Map<string, Remembered>;
  /** The same, laid out. Ahead of the store during a change, and of no use after one that failed. */
  readonly #rows: Rows;
  /** The store's head; undefined before the first change. Owned by `#change`. */
  #head: Head | undefined;
  /** Settles when the last step in line has; never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  /** Set once, when a step failed: what is stored is unknown, so nothing more is remembered or signed. */
  #stopped: LedgerError | undefined;
  #stop: (error: LedgerError) => void = () => {};
  /** Resolves, once, with the error that stopped the records. Only a new opening tells what is stored. */
  readonly failed: Promise<LedgerError> = new Promise((resolve) => (this.#stop = resolve));

  private constructor(
    storage: Storage,
    anchor: AnchorState,
    remembered: Map<string, Remembered>,
    rows: Rows,
    head: Head | undefined,
  ) {
    this.#storage = storage;
    this.#anchor = anchor;
    this.#remembered = remembered;
    this.#rows = rows;
    this.#head = head;
  }

  /**
   * Reads everything and compares it with the anchor. Throws `store-corrupt`
   * for rows that do not belong to the store's head, `store-behind-anchor`
   * when the store is not the anchored one.
   */
  static async open(storage: Storage, anchor: AnchorState): Promise<Records> {
    const remembered = new Map<string, Remembered>();
    const rows = new Rows();
    for await (const [key, row] of storage.range(rangeOf(recordPrefix))) {
      remembered.set(toHex(key.subarray(1)), parseRow(key, row));
      rows.set(key.subarray(1), row);
    }
    const head = await storage.head();
    const root = rows.root();
    if (!equal(root, head?.root ?? emptyRoot)) {
      throw new LedgerError('store-corrupt', 'the rows in the witness’s store do not match its last change', {
        expected: toHex(head?.root ?? emptyRoot),
        got: toHex(root),
      });
    }
    const now = head ?? nothing.head;
    // The change of a crash between commit and anchor: whole, and told to no log.
    if (now.size === anchor.head.size + 1) await anchor.advance(now);
    if (!sameHead(now, anchor.head)) {
      throw new LedgerError(
        'store-behind-anchor',
        'the witness’s store and its anchor are from different times',
        {
          expected: `change ${describeHead(anchor.head)}`,
          got: `change ${describeHead(now)}`,
        },
      );
    }
    return new Records(storage, anchor, remembered, rows, head);
  }

  /** What is remembered of the log of this origin. `clock` gives seconds since 1970. */
  of(origin: string, clock: () => number): LogRecord {
    const name = hashOfOrigin(origin);
    return new LogRecord({
      clock,
      remembered: () => this.#remembered.get(name) ?? nothing,
      remember: (next) => this.#inLine(() => this.#change(name, next)),
      keep: (note) => this.#inLine(() => this.#commit({ puts: [[keyOf(notePrefix, name), note]] })),
    });
  }

  /** The kept notes, with the hash of their origin in hex. */
  async *notes(): AsyncGenerator<readonly [hash: string, note: Uint8Array], void, undefined> {
    for await (const [key, note] of this.#storage.range(rangeOf(notePrefix))) {
      yield [toHex(key.subarray(1)), note];
    }
  }

  /** Waits for the steps in line, then releases the store. */
  async close(): Promise<void> {
    await this.#last;
    await this.#storage.close();
  }

  #inLine(step: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(async () => {
      if (this.#stopped !== undefined) throw this.#stopped;
      try {
        await step();
      } catch (error) {
        this.#stopped = asLedgerError(error);
        this.#stop(this.#stopped);
        throw this.#stopped;
      }
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #change(name: string, next: Remembered): Promise<void> {
    const before = this.#remembered.get(name) ?? nothing;
    assert(next.head.size >= before.head.size && next.time >= before.time, 'a record only grows');
    const row = formatRow(next);
    this.#rows.set(fromHex(name), row);
    const head = { size: (this.#head?.size ?? 0) + 1, root: this.#rows.root() };
    await this.#commit({ puts: [[keyOf(recordPrefix, name), row]] }, head);
    await this.#anchor.advance(head);
    this.#remembered.set(name, next);
  }

  /** Without `next` the head stays: such rows are not counted. */
  async #commit(batch: Batch, next: Head | undefined = this.#head): Promise<void> {
    assert(next !== undefined, 'a note is kept after its head');
    await this.#storage.commit(batch, this.#head, next);
    this.#head = next;
  }
}

interface RecordSteps {
  readonly clock: () => number;
  readonly remembered: () => Remembered;
  readonly remember: (next: Remembered) => Promise<void>;
  readonly keep: (note: Uint8Array) => Promise<void>;
}

/** The memory of one log, as its cosigner sees it. One caller at a time moves it. */
export class LogRecord implements AnchorState {
  readonly #steps: RecordSteps;

  constructor(steps: RecordSteps) {
    this.#steps = steps;
  }

  get head(): Head {
    return this.#steps.remembered().head;
  }

  /** The latest time of a cosignature, in seconds; 0 before the first one. */
  get time(): number {
    return this.#steps.remembered().time;
  }

  async advance(next: Head): Promise<void> {
    await this.#steps.remember({
      head: { size: next.size, root: next.root.slice() },
      time: Math.max(this.#steps.clock(), this.time),
    });
  }

  /** Throws `clock-behind` while the clock is more than five minutes behind `time`. */
  checkClock(): void {
    const now = this.#steps.clock();
    // Small steps back are a clock's daily life; a time far ahead of the clock would be a false one.
    if (now >= 1 && now >= this.time - futureTolerance) return;
    throw new LedgerError('clock-behind', 'the clock is behind the time of an earlier witness cosignature', {
      expected: `a time not before ${this.time}`,
      got: String(now),
    });
  }

  /** Remembers and returns the time of the cosignatures that are about to be made. Throws `clock-behind`. */
  async stamp(): Promise<number> {
    this.checkClock();
    const time = Math.max(this.#steps.clock(), this.time);
    if (time > this.time) await this.#steps.remember({ head: this.head, time });
    return time;
  }

  /** Keeps the cosigned checkpoint of the remembered head. */
  async keep(note: Uint8Array): Promise<void> {
    await this.#steps.keep(note);
  }
}

/** How rows and paths name the log of this origin: SHA-256 in lowercase hexadecimal. */
export function hashOfOrigin(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

function formatRow({ head, time }: Remembered): Uint8Array {
  return concat(formatHead(head), uint64(time));
}

function parseRow(key: Uint8Array, row: Uint8Array): Remembered {
  if (
    key.length !== 1 + hashBytes ||
    row.length !== rowBytes ||
    (row[40] ?? 0) !== 0 ||
    (row[41] ?? 0) > 0x1f
  ) {
    throw new LedgerError('store-corrupt', 'a row of the witness is damaged', {
      expected: `a key of 33 and a value of ${rowBytes} bytes`,
      got: `${key.length} and ${row.length} bytes`,
    });
  }
  return { head: parseHead(row.subarray(0, 40)), time: readUint64(row, 40) };
}

function asLedgerError(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  return new LedgerError('store-failed', 'the witness stopped on an unexpected error', {
    got: error instanceof Error ? error.message : String(error),
    cause: error,
  });
}

function keyOf(prefix: number, name: string): Uint8Array {
  return concat(Uint8Array.of(prefix), fromHex(name));
}

function rangeOf(prefix: number): { gte: Uint8Array; lt: Uint8Array } {
  return { gte: Uint8Array.of(prefix), lt: Uint8Array.of(prefix + 1) };
}
