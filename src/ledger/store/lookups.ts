/**
 * Look-ups of single rows, many at a time: what is asked while one read is
 * running goes together into the next. A read of one row costs nearly as much
 * as one of a hundred, and every submission begins with one.
 */
import type { StorageReader } from '../../storage/storage.ts';
import { promiseWithResolvers, type Resolvers } from './failure.ts';

interface PendingLookup extends Resolvers<Uint8Array | undefined> {
  readonly key: Uint8Array;
}

/** Keys in one read, so that none waits for a very long one. */
const keysAtOnce = 256;

export class Lookups {
  readonly #storage: Pick<StorageReader, 'getMany'>;
  #waiting: PendingLookup[] = [];
  #reading = false;

  constructor(storage: Pick<StorageReader, 'getMany'>) {
    this.#storage = storage;
  }

  get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const waiting: PendingLookup = { key, ...promiseWithResolvers<Uint8Array | undefined>() };
    this.#waiting.push(waiting);
    if (!this.#reading) void this.#read();
    return waiting.promise;
  }

  async #read(): Promise<void> {
    this.#reading = true;
    // What is asked in this very turn shares the first read.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, keysAtOnce);
      try {
        const rows = await this.#storage.getMany(some.map(({ key }) => key));
        for (const [position, { resolve }] of some.entries()) resolve(rows[position]);
      } catch (error) {
        for (const { reject } of some) reject(error);
      }
    }
    this.#reading = false;
  }
}
