/**
 * All rows of a witness as one text of bytes, in the order of their keys: what
 * the root of its store is the hash of. Kept laid out, since a change is of one
 * row and there may be 10,000: sorting and joining them each time would cost
 * more than the cosignature.
 *
 *     hash of the origin (32 bytes) || row (48 bytes) || …
 */
import { sha256 } from '#sha256';
import { assert } from '../errors.ts';

export const hashBytes = 32;
export const rowBytes = 48;
const width = hashBytes + rowBytes;

export class Rows {
  #bytes: Uint8Array = new Uint8Array(0);
  #count = 0;

  set(hash: Uint8Array, row: Uint8Array): void {
    assert(hash.length === hashBytes && row.length === rowBytes, 'a row has its two lengths');
    const at = this.#placeOf(hash);
    if (at === this.#count || this.#compare(at, hash) !== 0) this.#open(at);
    this.#bytes.set(hash, at * width);
    this.#bytes.set(row, at * width + hashBytes);
  }

  /** The root of the store: SHA-256 over all rows. */
  root(): Uint8Array {
    return sha256(this.#bytes.subarray(0, this.#count * width));
  }

  /** The first place whose key is not below. */
  #placeOf(hash: Uint8Array): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(middle, hash) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(place: number, hash: Uint8Array): number {
    for (let i = 0; i < hashBytes; i++) {
      const difference = (this.#bytes[place * width + i] ?? 0) - (hash[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** Makes room for one row at a place. */
  #open(at: number): void {
    const used = this.#count * width;
    if (used + width > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(64 * width, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, used));
      this.#bytes = grown;
    }
    this.#bytes.copyWithin((at + 1) * width, at * width, used);
    this.#count++;
  }
}
