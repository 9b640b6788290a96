/**
 * gzip for entry bundles. Full bundles never change, so their compressed form
 * is kept for a while; compression runs beside the event loop, few at a time.
 */
import { gzip as gzipCallback } from 'node:zlib';
import { promisify } from 'node:util';
import { LRUCache } from 'lru-cache';

const gzip = promisify(gzipCallback);

export interface GzipOptions {
  /** Bytes of compressed bundles to keep. */
  readonly cacheBytes?: number;
  /** Compressions at the same time; past it answers go out as they are. */
  readonly concurrent?: number;
}

export class Gzip {
  /** Owned by `compress`. */
  readonly #kept: LRUCache<string, Uint8Array>;
  #running = 0;
  readonly #concurrent: number;

  constructor({ cacheBytes = 32 * 1024 * 1024, concurrent = 2 }: GzipOptions = {}) {
    this.#kept = new LRUCache({ maxSize: cacheBytes, sizeCalculation: ({ length }) => length });
    this.#concurrent = concurrent;
  }

  /** The compressed bytes; undefined when too much is being compressed already. `key` only for bytes that never change. */
  async compress(bytes: Uint8Array, key?: string): Promise<Uint8Array | undefined> {
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (kept !== undefined) return kept;
    // The thread pool that compresses also syncs the store: a crowd asking
    // for bundles must not hold up commits.
    if (this.#running >= this.#concurrent) return undefined;
    this.#running += 1;
    try {
      const compressed = await gzip(bytes, { level: 6 });
      if (key !== undefined) this.#kept.set(key, compressed);
      return compressed;
    } finally {
      this.#running -= 1;
    }
  }
}
