/**
 * Who signed which leaf, by leaf hash: what an audit needs to judge corrections.
 *
 * A replay keeps it for every leaf of the log, so it is kept close: 32 bytes
 * for the hash, and a small number for the set of signers, which are few.
 */
import { equal, fromHex } from '../../bytes.ts';
import { assert } from '../../errors.ts';

/** Where an audit notes the signers of each leaf, in order, and asks for those of leaves below. */
export interface LeafSigners {
  /** Notes the leaf at `index`, the next one. */
  add(leafHash: Uint8Array, keyids: ReadonlySet<string>, index: number): void;
  /** The keyids on a leaf that was added before this call; undefined if there is none with that hash. */
  find(leafHash: string): ReadonlySet<string> | undefined | Promise<ReadonlySet<string> | undefined>;
}

const hashSize = 32;
const firstCapacity = 1024;

/** In memory. Of equal leaves it keeps the first. */
export class SignersByLeaf implements LeafSigners {
  #count = 0;
  /** Leaf hashes one after the other, in the order in which they were added. */
  #hashes = new Uint8Array(firstCapacity * hashSize);
  /** For each leaf, the position of its signers in `#sets`. */
  #signers = new Uint32Array(firstCapacity);
  /** Open addressing: one more than the position of a leaf; 0 for a free slot. At most half are taken. */
  #slots = new Uint32Array(2 * firstCapacity);
  readonly #sets: ReadonlySet<string>[] = [];
  readonly #known = new Map<string, number>();

  add(leafHash: Uint8Array, keyids: ReadonlySet<string>): void {
    assert(leafHash.length === hashSize, 'a leaf hash has 32 bytes');
    const slot = this.#slotOf(leafHash);
    if (this.#slots[slot] !== 0) return;
    if (this.#count === this.#signers.length) {
      this.#grow();
      return this.add(leafHash, keyids);
    }
    const name = [...keyids].join(' ');
    let set = this.#known.get(name);
    if (set === undefined) {
      set = this.#sets.push(keyids) - 1;
      this.#known.set(name, set);
    }
    this.#hashes.set(leafHash, this.#count * hashSize);
    this.#signers[this.#count] = set;
    this.#count += 1;
    this.#slots[slot] = this.#count;
  }

  find(leafHash: string): ReadonlySet<string> | undefined {
    const taken = this.#slots[this.#slotOf(fromHex(leafHash, hashSize))] ?? 0;
    return taken === 0 ? undefined : this.#sets[this.#signers[taken - 1] ?? 0];
  }

  /** The slot of this leaf hash, or the free one where it would go. */
  #slotOf(leafHash: Uint8Array): number {
    const slots = this.#slots.length;
    // The first bytes of a hash are as good as random; an attacker who grinds for collisions costs us a few steps more.
    const start = new DataView(leafHash.buffer, leafHash.byteOffset).getUint32(0);
    for (let slot = start % slots; ; slot = (slot + 1) % slots) {
      const taken = this.#slots[slot] ?? 0;
      if (taken === 0 || equal(this.#hashAt(taken - 1), leafHash)) return slot;
    }
  }

  #hashAt(position: number): Uint8Array {
    return this.#hashes.subarray(position * hashSize, (position + 1) * hashSize);
  }

  #grow(): void {
    const hashes = new Uint8Array(2 * this.#hashes.length);
    const signers = new Uint32Array(2 * this.#signers.length);
    hashes.set(this.#hashes);
    signers.set(this.#signers);
    this.#hashes = hashes;
    this.#signers = signers;
    this.#slots = new Uint32Array(2 * this.#slots.length);
    for (let position = 0; position < this.#count; position++) {
      this.#slots[this.#slotOf(this.#hashAt(position))] = position + 1;
    }
  }
}
