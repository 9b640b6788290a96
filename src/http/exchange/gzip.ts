/**
 * gzip for entry bundles. Full bundles never change, so their compressed form
 * is kept for a while; compression runs beside the event loop, few at a time.
 */
import { gzip as gzipCallback } from 'node:zlib';
import { promisify } from 'node:util';

const gzip = promisify(gzipCallback);

export interface GzipOptions {
  /** Bytes of compressed bundles to keep. */
  readonly cacheBytes?: number;
  /** Compressions at the same time; past it answers go out as they are. */
  readonly concurrent?: number;
}

export class Gzip {
  /** In the order of last use. Owned by `#keep` and `compress`. */
  readonly #kept = new Map<string, Uint8Array>();
  #keptBytes = 0;
  #running = 0;
  readonly #cacheBytes: number;
  readonly #concurrent: number;

  constructor({ cacheBytes = 32 * 1024 * 1024, concurrent = 2 }: GzipOptions = {}) {
    this.#cacheBytes = cacheBytes;
    this.#concurrent = concurrent;
  }

  /** The compressed bytes; undefined when too much is being compressed already. `key` only for bytes that never change. */
  async compress(bytes: Uint8Array, key?: string): Promise<Uint8Array | undefined> {
    const kept = key === undefined ? undefined : this.#kept.get(key);
    if (key !== undefined && kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    // The thread pool that compresses also syncs the store: a crowd asking
    // for bundles must not hold up commits.
    if (this.#running >= this.#concurrent) return undefined;
    this.#running += 1;
    try {
      const compressed = await gzip(bytes, { level: 6 });
      if (key !== undefined) this.#keep(key, compressed);
      return compressed;
    } finally {
      this.#running -= 1;
    }
  }

  #keep(key: string, compressed: Uint8Array): void {
    if (this.#kept.has(key) || compressed.length > this.#cacheBytes) return;
    this.#kept.set(key, compressed);
    this.#keptBytes += compressed.length;
    for (const [oldest, bytes] of this.#kept) {
      if (this.#keptBytes <= this.#cacheBytes) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= bytes.length;
    }
  }
}
