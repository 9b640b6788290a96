/**
 * The outside checker's memory: what a ledger has told anybody, one JSON
 * document a line, synced before anyone relies on it, on a path of its own.
 *
 *     {"kind":"ack","index":7,"leafHash":"ab…","status":201,"size":9,"root":"cd…","floor":{"size":5,"acknowledged":5}}
 *     {"kind":"checkpoint","size":9,"root":"cd…","floor":{"size":9,"acknowledged":8}}
 *     {"kind":"false-ack","index":7,"leafHash":"ab…","reason":"inclusion-failed: …"}
 *
 * `floor` is what had been seen when the request was sent: nothing that answers
 * it may be smaller.
 */
import { open, readFile, type FileHandle } from 'node:fs/promises';

export interface Floor {
  /** The largest size of a checkpoint. */
  readonly size: number;
  /** One above the largest acknowledged index. */
  readonly acknowledged: number;
}

/** An acknowledgement whose proof holds under its checkpoint, and the checkpoint under the policy. */
export interface Ack {
  readonly kind: 'ack';
  readonly index: number;
  readonly leafHash: string;
  readonly status: number;
  readonly size: number;
  readonly root: string;
  readonly floor: Floor;
}

/** A checkpoint that was served by itself and that the policy accepts. */
export interface Seen {
  readonly kind: 'checkpoint';
  readonly size: number;
  readonly root: string;
  readonly floor: Floor;
}

/** An acknowledgement that proves nothing. */
export interface FalseAck {
  readonly kind: 'false-ack';
  readonly index: number;
  readonly leafHash: string;
  readonly reason: string;
}

/** A checkpoint that the policy refuses. */
export interface FalseCheckpoint {
  readonly kind: 'false-checkpoint';
  readonly reason: string;
}

export type Line = Ack | Seen | FalseAck | FalseCheckpoint;

export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  #pending: string[] = [];
  /** The write that will take `#pending`; it begins when the running one has ended. */
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<Journal> {
    return new Journal(path, await open(path, 'ax'));
  }

  /** Resolves when the line is on the disk; lines that arrive during one sync share the next. */
  async append(line: Line): Promise<void> {
    this.#pending.push(`${JSON.stringify(line)}\n`);
    this.#next ??= this.#running.then(() => {
      this.#running = this.#write();
      return this.#running;
    });
    return this.#next;
  }

  async #write(): Promise<void> {
    const lines = this.#pending;
    this.#pending = [];
    this.#next = undefined;
    await this.#file.appendFile(lines.join(''));
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#next;
    await this.#running;
    await this.#file.close();
  }

  /** Every line that was synced; one that is still being written is not yet anything that anybody saw. */
  static async read(path: string): Promise<Line[]> {
    const text = await readFile(path, 'utf8');
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1);
    return lines.map((line) => JSON.parse(line) as Line);
  }
}
