/** What one side of a comparison may cost: bounds that hold however the archives are nested. */
import { LedgerError } from '../errors.ts';

export interface Limits {
  /** Bytes that all decompressed streams of one side may have together. */
  readonly unpackedBytes: number;
  /** Members that all archives of one side may have together. */
  readonly members: number;
  /** How many archives and streams may lie in one another. */
  readonly depth: number;
}

export const usualLimits: Limits = { unpackedBytes: 1 << 30, members: 200_000, depth: 8 };

/**
 * Counts down for one side. An attacker who made the artefact chose its sizes
 * too: a few kilobytes can unpack to terabytes, and archives can hold themselves.
 */
export class Budget {
  readonly depth: number;
  #bytes: number;
  #members: number;
  readonly #limits: Limits;

  constructor(limits: Limits = usualLimits) {
    this.#limits = limits;
    this.#bytes = limits.unpackedBytes;
    this.#members = limits.members;
    this.depth = limits.depth;
  }

  /** Bytes that may still be unpacked. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `too-large`, before the bytes are made when their number is known. */
  takeBytes(count: number): void {
    this.#bytes -= count;
    if (this.#bytes < 0) this.burst();
  }

  takeMember(): void {
    this.#members--;
    if (this.#members >= 0) return;
    throw new LedgerError('too-large', 'the archives hold too many members', {
      expected: `at most ${this.#limits.members}`,
    });
  }

  burst(): never {
    throw new LedgerError('too-large', 'the archives unpack to too many bytes', {
      expected: `at most ${this.#limits.unpackedBytes}`,
    });
  }
}

/**
 * A reader's refusal: the bytes are not, to the letter, what their first bytes
 * say. It is no refusal of the comparison: such bytes are compared as they stand.
 */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
