/**
 * The files of a database, opened to be read and for nothing else: on a medium
 * that cannot be written, and beside a server that is writing.
 *
 * What is there and wrong is `Damage`: other bytes, too few, a directory in the
 * place of a file. What access, the disk or a lack of means keeps from being read
 * is `store-unreadable`: nothing was learnt, so nothing is said against the database.
 */
import { constants } from 'node:fs';
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerError } from '../../errors.ts';
import { Damage } from './damage.ts';
import type { ByteSource } from './table.ts';

/** No log or manifest comes near it; what is longer was made to fill memory. */
const maxWholeFile = 2 ** 28;

/** A table, under the one of its two names that it has. */
export class TableFile implements ByteSource {
  readonly name: string;
  readonly size: number;
  readonly #dir: string;
  /** Undefined where too many are held already: the file is then opened for each read. */
  #held: FileHandle | undefined;

  private constructor(dir: string, name: string, size: number, held: FileHandle | undefined) {
    this.#dir = dir;
    this.name = name;
    this.size = size;
    this.#held = held;
  }

  /** Undefined if there is no such file. A file that is held can be read also after LevelDB has removed it. */
  static async open(dir: string, name: string, { hold }: { hold: boolean }): Promise<TableFile | undefined> {
    const handle = await openToRead(dir, name);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      return new TableFile(dir, name, size, hold ? handle : undefined);
    } finally {
      if (!hold) await handle.close();
    }
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#held !== undefined) return readAt(this.#held, offset, length);
    const handle = await openToRead(this.#dir, this.name);
    if (handle === undefined) {
      throw new LedgerError('store-unreadable', `the table ${this.name} was removed while it was read`, {
        expected: 'a database that changes less; stop the server, or look again',
        facts: { removed: this.name },
      });
    }
    try {
      return await readAt(handle, offset, length);
    } finally {
      await handle.close();
    }
  }

  async close(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    await held?.close();
  }
}

/** Whether `error` is that a table, not held open, was removed since it was listed: what was in it is in newer tables. */
export function wasRemoved(error: unknown): boolean {
  return error instanceof LedgerError && error.facts['removed'] !== undefined;
}

/** All bytes of a small file; undefined if there is none of that name. Throws `Damage`, `store-unreadable`. */
export async function readWhole(dir: string, name: string): Promise<Uint8Array | undefined> {
  const handle = await openToRead(dir, name);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > maxWholeFile) throw new Damage(0, `a file of ${size} bytes, which LevelDB never writes`);
    return await readAt(handle, 0, size);
  } finally {
    await handle.close();
  }
}

export async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') {
      throw new LedgerError('store-missing', `there is no database in ${dir}`, { expected: 'a database' });
    }
    throw unreadable(dir, cause);
  }
}

/** Without waiting: who can write the directory could put a pipe in the place of a file, and nobody would ever write to it. */
const reading = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Throws `Damage` for what is no file. */
async function openToRead(dir: string, name: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(join(dir, name), reading);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(join(dir, name), cause);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Damage(0, 'there is something else in the place of a file');
}

async function readAt(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle
      .read(bytes, done, length - done, offset + done)
      .catch((cause: unknown) => {
        // One sector that the disk cannot give back hides no other, so a look goes on behind it.
        if (codeOf(cause) === 'EIO') {
          throw new Damage(offset + done, 'the disk cannot read it (EIO)', 'unread');
        }
        throw unreadable('the database', cause);
      });
    if (bytesRead === 0) throw new Damage(offset + done, 'the file ends too early');
    done += bytesRead;
  }
  return bytes;
}

function unreadable(what: string, cause: unknown): LedgerError {
  return new LedgerError('store-unreadable', `${what} cannot be read`, {
    got: cause instanceof Error ? cause.message : 'an error',
    cause,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
