/** The fixture while it is made: a directory, the ledger in it, and the clock of both. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asOf } from '../place.ts';
import { Book } from './book.ts';
import { Live } from './live.ts';
import { firstAuthority } from './parties.ts';

export class Making {
  readonly root: string;
  readonly genesis: Uint8Array = firstAuthority();
  /** Checkpoints by their size. */
  readonly notes: Map<number, Uint8Array> = new Map();
  /** Milliseconds; of the ledger and its witnesses. */
  time: number = Date.UTC(2026, 10, 3, 10);
  #book: Book | undefined;

  constructor(root: string) {
    this.root = root;
  }

  path(...names: readonly string[]): string {
    return join(this.root, ...names);
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content);
  }

  get book(): Book {
    if (this.#book === undefined) throw new Error('the ledger was not opened yet');
    return this.#book;
  }

  /** Opens the ledger for some of its story, and closes it cleanly. */
  async during(third: boolean, work: (live: Live, book: Book) => Promise<void>): Promise<void> {
    const live = await Live.open(this.root, () => this.time, { third });
    try {
      this.#book ??= new Book(live.ledger, this.genesis);
      this.#book.ledger = live.ledger;
      await work(live, this.#book);
    } finally {
      await live.close();
    }
  }

  /** Records what was added to the book, some hours later than what was recorded before. */
  async record(live: Live, hours = 7): Promise<void> {
    this.time = Math.min(this.time + hours * 3_600_000, asOf);
    await this.book.record();
    const { note, checkpoint } = live.ledger.checkpoint() ?? {};
    if (note !== undefined && checkpoint !== undefined) this.notes.set(checkpoint.size, note);
  }
}
