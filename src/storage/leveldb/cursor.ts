/**
 * A place in bytes of a database file. Whoever can write the file, and every
 * flipped bit, chooses the lengths in it: each is compared with what is there
 * before it is used.
 */
import { Damage } from './damage.ts';

export class Cursor {
  readonly #bytes: Uint8Array;
  /** Where the bytes begin in their file. */
  readonly #base: number;
  #at = 0;

  constructor(bytes: Uint8Array, base = 0) {
    this.#bytes = bytes;
    this.#base = base;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  uint32(): number {
    const bytes = this.take(4);
    return readUint32(bytes, 0);
  }

  /** Eight bytes, of a number that no database of ours reaches beyond 2^53. */
  uint64(): number {
    const low = this.uint32();
    const high = this.uint32();
    if (high >= 2 ** 21) throw this.damage('a number is larger than any database has');
    return high * 2 ** 32 + low;
  }

  /** A varint below 2^53. */
  varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      const digit = byte & 0x7f;
      if (factor > 2 ** 49 || (factor === 2 ** 49 && digit > 15)) throw this.damage('a number is too long');
      value += digit * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Bytes with their length before them. */
  sized(): Uint8Array {
    return this.take(this.varint());
  }

  /** The next `length` bytes, shared with what is read. */
  take(length: number): Uint8Array {
    if (length > this.left) throw this.damage('a length reaches beyond its end');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  damage(what: string): Damage {
    return new Damage(this.#base + this.#at, what);
  }
}

/** Four bytes at `at`, little-endian, which the caller knows to be there. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}
