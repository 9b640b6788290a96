/**
 * LZMA2, the one compression of `.xz` files, decoded.
 *
 *     control 00            end
 *     control 01, 02        size-1 (2), that many plain bytes; 01 forgets the dictionary
 *     control 80…ff         size-1 (5 bits here, 2 bytes), packed size-1 (2), [properties], LZMA
 *                           bits 5–6: 0 go on, 1 new state, 2 new properties, 3 forget the dictionary
 *
 * The output is the dictionary. Each chunk says its size before it is decoded,
 * so the budget is asked first; nothing else is believed, and every distance is
 * checked against what is there.
 */
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';

const half = 1 << 10;
const top = 2 ** 24;
const malformed = (): never => {
  throw new Unreadable('xz: the LZMA2 stream is malformed');
};

const tree = (bits: number): Uint16Array => new Uint16Array(1 << bits).fill(half);
const table = (length: number): Uint16Array => new Uint16Array(length).fill(half);

/** Lengths of matches: up to 9, up to 17, up to 273, by the low bits of the position for the first two. */
class Lengths {
  readonly choice = table(2);
  readonly low = Array.from({ length: 16 }, () => tree(3));
  readonly mid = Array.from({ length: 16 }, () => tree(3));
  readonly high = tree(8);
}

/** The probabilities that a new state begins with. */
class Model {
  readonly isMatch = table(12 << 4);
  readonly isRep = table(12);
  readonly isRep0 = table(12);
  readonly isRep1 = table(12);
  readonly isRep2 = table(12);
  readonly isRep0Long = table(12 << 4);
  readonly slots = Array.from({ length: 4 }, () => tree(6));
  readonly special = table(115);
  readonly align = tree(4);
  readonly match = new Lengths();
  readonly rep = new Lengths();
  readonly literal: Uint16Array;
  state = 0;
  rep0 = 0;
  rep1 = 0;
  rep2 = 0;
  rep3 = 0;

  constructor(literalBits: number) {
    this.literal = table(0x300 << literalBits);
  }
}

export class Lzma2Decoder {
  readonly #input: Uint8Array;
  readonly #dictionaryBytes: number;
  readonly #budget: Budget;
  #at: number;
  #inputEnd = 0;
  #range = 0;
  #code = 0;
  #output = new Uint8Array(1 << 16);
  #length = 0;
  #dictionaryStart = 0;
  #model: Model | undefined;
  #lc = 0;
  #lp = 0;
  #pb = 0;

  /** `dictionaryBytes`: how far back a match may reach. */
  constructor(input: Uint8Array, at: number, dictionaryBytes: number, budget: Budget) {
    this.#input = input;
    this.#at = at;
    this.#dictionaryBytes = dictionaryBytes;
    this.#budget = budget;
  }

  /** The content, and the offset behind the stream. Throws `Unreadable`, `too-large`. */
  decode(): { content: Uint8Array; end: number } {
    let needsDictionary = true;
    let needsProperties = true;
    for (;;) {
      const control = this.#byte();
      if (control === 0) return { content: this.#output.subarray(0, this.#length), end: this.#at };
      if (control === 1 || control >= 0xe0) {
        needsDictionary = false;
        needsProperties = true;
        this.#dictionaryStart = this.#length;
      } else if (needsDictionary || (control > 2 && control < 0x80)) malformed();
      const low = this.#byte() * 256 + this.#byte() + 1;
      if (control < 0x80) {
        this.#plain(low);
        continue;
      }
      const size = ((control & 0x1f) << 16) + low;
      const packed = this.#byte() * 256 + this.#byte() + 1;
      if (control >= 0xc0) {
        this.#properties(this.#byte());
        needsProperties = false;
      } else if (needsProperties) malformed();
      if (control >= 0xa0) this.#model = new Model(this.#lc + this.#lp);
      this.#chunk(size, packed);
    }
  }

  #byte(): number {
    return this.#input[this.#at++] ?? malformed();
  }

  #properties(byte: number): void {
    if (byte >= 225) malformed();
    this.#lc = byte % 9;
    this.#lp = Math.floor(byte / 9) % 5;
    this.#pb = Math.floor(byte / 45);
    if (this.#lc + this.#lp > 4) malformed();
  }

  #reserve(size: number): void {
    this.#budget.takeBytes(size);
    const needed = this.#length + size;
    if (needed <= this.#output.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#output.length * 2));
    grown.set(this.#output.subarray(0, this.#length));
    this.#output = grown;
  }

  #plain(size: number): void {
    if (this.#at + size > this.#input.length) malformed();
    this.#reserve(size);
    this.#output.set(this.#input.subarray(this.#at, this.#at + size), this.#length);
    this.#at += size;
    this.#length += size;
  }

  #chunk(size: number, packed: number): void {
    const model = this.#model ?? malformed();
    this.#inputEnd = this.#at + packed;
    if (packed < 5 || this.#inputEnd > this.#input.length || this.#byte() !== 0) malformed();
    this.#range = 2 ** 32 - 1;
    this.#code = 0;
    for (let i = 0; i < 4; i++) this.#code = this.#code * 256 + this.#byte();
    this.#reserve(size);
    this.#symbols(model, this.#length + size);
    // A chunk that ends elsewhere than it said could hide bytes between this one and the next.
    if (this.#code !== 0 || this.#at !== this.#inputEnd) malformed();
  }

  #normalise(): void {
    if (this.#range >= top) return;
    if (this.#at >= this.#inputEnd) malformed();
    this.#range = this.#range * 256;
    this.#code = this.#code * 256 + this.#byte();
  }

  #bit(probabilities: Uint16Array, index: number): 0 | 1 {
    const probability = probabilities[index] as number;
    const bound = Math.floor(this.#range / 2048) * probability;
    let bit: 0 | 1;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
      bit = 0;
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    this.#normalise();
    return bit;
  }

  #tree(probabilities: Uint16Array, bits: number): number {
    let node = 1;
    for (let i = 0; i < bits; i++) node = node * 2 + this.#bit(probabilities, node);
    return node - (1 << bits);
  }

  #reverse(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.#bit(probabilities, base + node);
      node = node * 2 + bit;
      value += bit * 2 ** i;
    }
    return value;
  }

  #direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.#range = Math.floor(this.#range / 2);
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit === 1) this.#code -= this.#range;
      value = value * 2 + bit;
      this.#normalise();
    }
    return value;
  }

  #matchLength(lengths: Lengths, posState: number): number {
    if (this.#bit(lengths.choice, 0) === 0) return 2 + this.#tree(lengths.low[posState] as Uint16Array, 3);
    if (this.#bit(lengths.choice, 1) === 0) return 10 + this.#tree(lengths.mid[posState] as Uint16Array, 3);
    return 18 + this.#tree(lengths.high, 8);
  }

  #distance(model: Model, length: number): number {
    const slot = this.#tree(model.slots[Math.min(length - 2, 3)] as Uint16Array, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 + (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + this.#reverse(model.special, base - slot, bits);
    return base + this.#direct(bits - 4) * 16 + this.#reverse(model.align, 0, 4);
  }

  #literal(model: Model): void {
    const output = this.#output;
    const position = this.#length - this.#dictionaryStart;
    const before = position === 0 ? 0 : (output[this.#length - 1] as number);
    const base = 0x300 * (((position & ((1 << this.#lp) - 1)) << this.#lc) + (before >> (8 - this.#lc)));
    let symbol = 1;
    if (model.state >= 7) {
      let match = output[this.#length - model.rep0 - 1] as number;
      while (symbol < 0x100) {
        const expected = (match >> 7) & 1;
        match <<= 1;
        const bit = this.#bit(model.literal, base + ((1 + expected) << 8) + symbol);
        symbol = symbol * 2 + bit;
        if (bit !== expected) break;
      }
    }
    while (symbol < 0x100) symbol = symbol * 2 + this.#bit(model.literal, base + symbol);
    output[this.#length++] = symbol & 0xff;
    model.state = model.state < 4 ? 0 : model.state < 10 ? model.state - 3 : model.state - 6;
  }

  /** Which earlier distance is used again, moved to the front; false: the one-byte form. */
  #repeat(model: Model, posState: number): boolean {
    const { state } = model;
    if (this.#bit(model.isRep0, state) === 0) {
      return this.#bit(model.isRep0Long, (state << 4) + posState) === 1;
    }
    let distance: number;
    if (this.#bit(model.isRep1, state) === 0) distance = model.rep1;
    else {
      if (this.#bit(model.isRep2, state) === 0) distance = model.rep2;
      else {
        distance = model.rep3;
        model.rep3 = model.rep2;
      }
      model.rep2 = model.rep1;
    }
    model.rep1 = model.rep0;
    model.rep0 = distance;
    return true;
  }

  #symbols(model: Model, end: number): void {
    while (this.#length < end) {
      const posState = (this.#length - this.#dictionaryStart) & ((1 << this.#pb) - 1);
      if (this.#bit(model.isMatch, (model.state << 4) + posState) === 0) {
        this.#literal(model);
        continue;
      }
      let length = 1;
      if (this.#bit(model.isRep, model.state) === 0) {
        model.rep3 = model.rep2;
        model.rep2 = model.rep1;
        model.rep1 = model.rep0;
        length = this.#matchLength(model.match, posState);
        model.state = model.state < 7 ? 7 : 10;
        model.rep0 = this.#distance(model, length);
      } else if (this.#repeat(model, posState)) {
        length = this.#matchLength(model.rep, posState);
        model.state = model.state < 7 ? 8 : 11;
      } else model.state = model.state < 7 ? 9 : 11;
      this.#copy(model.rep0 + 1, length, end);
    }
  }

  #copy(distance: number, length: number, end: number): void {
    const from = this.#length - distance;
    if (from < this.#dictionaryStart || distance > this.#dictionaryBytes || this.#length + length > end) {
      malformed();
    }
    const output = this.#output;
    for (let i = 0; i < length; i++) output[this.#length + i] = output[from + i] as number;
    this.#length += length;
  }
}
