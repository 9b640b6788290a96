/**
 * The .xz container (tukaani.org, "The .xz File Format" 1.2), as Debian's packages use it.
 *
 *     stream:  fd '7zXZ' 00  flags(2)  CRC-32(4)
 *              block …  index  CRC-32(4) backward-size(4) flags(2) 'YZ'
 *     block:   size/4-1  flags  [packed size] [size]  filters  zeros  CRC-32(4)
 *              LZMA2 …  zeros to a multiple of 4  check
 *     index:   00  count  (unpadded size, size) …  zeros  CRC-32(4)
 *
 * Every field is checked, so that a file that this reader opens is one that
 * others open to the same content. Filters other than LZMA2 are not read.
 */
import { crc32 } from 'node:zlib';
import { sha256 } from '#sha256';
import { concat, equal } from '../bytes.ts';
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';
import { Lzma2Decoder } from './lzma2.ts';

const magic = Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00);
const lzma2Filter = 0x21;
/** Bytes of the checks that are read: none, CRC-32, CRC-64, SHA-256. */
const checkBytes: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8, 10: 32 };

export const isXz = (bytes: Uint8Array): boolean => equal(bytes.subarray(0, magic.length), magic);

const crc64Tables = ((): { low: Uint32Array; high: Uint32Array } => {
  const low = new Uint32Array(256);
  const high = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let [l, h] = [byte, 0];
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h >>>= 1;
      if (odd === 1) {
        l = (l ^ 0xd7870f42) >>> 0;
        h = (h ^ 0xc96c5795) >>> 0;
      }
    }
    low[byte] = l;
    high[byte] = h;
  }
  return { low, high };
})();

/** CRC-64 of ECMA-182 as xz writes it: 8 bytes, little-endian. */
function crc64(bytes: Uint8Array): Uint8Array {
  const { low, high } = crc64Tables;
  let l = 0xffffffff;
  let h = 0xffffffff;
  for (const byte of bytes) {
    const index = (l ^ byte) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ (low[index] as number);
    h = (h >>> 8) ^ (high[index] as number);
  }
  const out = new Uint8Array(8);
  const view = new DataView(out.buffer);
  view.setUint32(0, ~l >>> 0, true);
  view.setUint32(4, ~h >>> 0, true);
  return out;
}

function crc32Bytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, crc32(bytes), true);
  return out;
}

const checkOf = (kind: number, content: Uint8Array): Uint8Array => {
  if (kind === 1) return crc32Bytes(content);
  if (kind === 4) return crc64(content);
  return kind === 10 ? sha256(content) : new Uint8Array();
};

class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  take(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.bytes.length) throw new Unreadable('xz: the file is cut off');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  /** A number in groups of seven bits, at most 2^53 - 1. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 56; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if ((byte === 0 && shift > 0) || !Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new Unreadable('xz: a number is malformed');
  }

  must(expected: Uint8Array, what: string): void {
    if (!equal(this.take(expected.length), expected)) throw new Unreadable(`xz: ${what}`);
  }

  zerosTo(multiple: number, from: number): void {
    while ((this.at - from) % multiple !== 0) {
      if (this.byte() !== 0) throw new Unreadable('xz: a filling byte is not zero');
    }
  }
}

interface Block {
  readonly unpadded: number;
  readonly content: Uint8Array;
}

function dictionaryBytes(property: number): number {
  if (property > 40) throw new Unreadable('xz: the dictionary is malformed');
  return property === 40 ? 2 ** 32 - 1 : (2 + (property & 1)) * 2 ** ((property >> 1) + 11);
}

function parseBlock(cursor: Cursor, check: number, budget: Budget): Block {
  const begin = cursor.at;
  const headerBytes = (cursor.byte() + 1) * 4;
  cursor.at = begin;
  const header = new Cursor(cursor.take(headerBytes - 4), 1);
  cursor.must(crc32Bytes(header.bytes), 'the checksum of a block header is another');
  const flags = header.byte();
  const packed = (flags & 0x40) === 0 ? undefined : header.number();
  const size = (flags & 0x80) === 0 ? undefined : header.number();
  if ((flags & 0x3f) !== 0 || header.number() !== lzma2Filter || header.number() !== 1) {
    throw new Unreadable('xz: a filter other than LZMA2');
  }
  const dictionary = dictionaryBytes(header.byte());
  header.zerosTo(header.bytes.length, 0);
  const dataStart = cursor.at;
  const { content, end } = new Lzma2Decoder(cursor.bytes, dataStart, dictionary, budget).decode();
  if ((packed ?? end - dataStart) !== end - dataStart || (size ?? content.length) !== content.length) {
    throw new Unreadable('xz: a block has another size than it says');
  }
  cursor.at = end;
  cursor.zerosTo(4, dataStart);
  cursor.must(checkOf(check, content), 'the checksum is another');
  return { unpadded: headerBytes + (end - dataStart) + (checkBytes[check] ?? 0), content };
}

function parseStream(cursor: Cursor, budget: Budget): Uint8Array[] {
  cursor.must(magic, 'no signature');
  const flags = cursor.take(2);
  cursor.must(crc32Bytes(flags), 'the checksum of the header is another');
  const check = flags[1] ?? 0;
  if (flags[0] !== 0 || checkBytes[check] === undefined) throw new Unreadable('xz: an unknown check');
  const blocks: Block[] = [];
  while (cursor.bytes[cursor.at] !== 0) {
    budget.takeMember();
    blocks.push(parseBlock(cursor, check, budget));
  }
  const begin = cursor.at;
  cursor.byte();
  if (cursor.number() !== blocks.length) throw new Unreadable('xz: the index counts other blocks');
  for (const { unpadded, content } of blocks) {
    if (cursor.number() !== unpadded || cursor.number() !== content.length) {
      throw new Unreadable('xz: the index has other sizes');
    }
  }
  cursor.zerosTo(4, begin);
  cursor.must(crc32Bytes(cursor.bytes.subarray(begin, cursor.at)), 'the checksum of the index is another');
  const tail = new Uint8Array(6);
  new DataView(tail.buffer).setUint32(0, (cursor.at - begin) / 4 - 1, true);
  tail.set(flags, 4);
  cursor.must(concat(crc32Bytes(tail), tail, Uint8Array.of(0x59, 0x5a)), 'the footer is another');
  return blocks.map(({ content }) => content);
}

/** The content of all streams. Throws `Unreadable`, and `too-large` when it would go beyond the budget. */
export function parseXz(bytes: Uint8Array, budget: Budget): Uint8Array {
  const cursor = new Cursor(bytes, 0);
  const contents: Uint8Array[] = [];
  do {
    budget.takeMember();
    for (const content of parseStream(cursor, budget)) contents.push(content);
    while (cursor.at < bytes.length && bytes[cursor.at] === 0) cursor.must(new Uint8Array(4), 'odd padding');
  } while (cursor.at < bytes.length);
  return contents.length === 1 ? (contents[0] as Uint8Array) : concat(...contents);
}
