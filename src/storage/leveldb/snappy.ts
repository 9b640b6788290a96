/**
 * Snappy's raw format: the length of the text, then literals and copies of what
 * was written before. Nothing is allocated for a length that the compressed
 * bytes cannot have: the longest element, a copy of 64 bytes, takes three.
 */
import { Cursor } from './cursor.ts';
import { Damage } from './damage.ts';

/** `at`: where the bytes lie in their file. Throws `Damage`, also for a text longer than `limit`. */
export function uncompress(
  compressed: Uint8Array,
  { at, limit }: { readonly at: number; readonly limit: number },
): Uint8Array {
  const cursor = new Cursor(compressed, at);
  const length = cursor.varint();
  if (length > Math.min(compressed.length * 64, limit))
    throw new Damage(at, 'a compressed block claims an impossible length');
  const text = new Uint8Array(length);
  let done = 0;
  while (cursor.left > 0) {
    const tag = cursor.byte();
    if ((tag & 3) === 0) {
      const literal = cursor.take(literalLength(tag >> 2, cursor));
      if (literal.length > length - done) throw cursor.damage('a compressed block is longer than it says');
      text.set(literal, done);
      done += literal.length;
      continue;
    }
    const { size, back } = copyOf(tag, cursor);
    if (back === 0 || back > done) throw cursor.damage('a compressed block copies from before its beginning');
    if (size > length - done) throw cursor.damage('a compressed block is longer than it says');
    // Byte by byte where the copy overlaps itself: that is how a run is written.
    if (back >= size) text.copyWithin(done, done - back, done - back + size);
    else for (let i = done; i < done + size; i++) text[i] = text[i - back] as number;
    done += size;
  }
  if (done !== length) throw new Damage(at, 'a compressed block is shorter than it says');
  return text;
}

/** Up to 60 bytes are said in the tag; beyond, in one to four bytes after it. */
function literalLength(said: number, cursor: Cursor): number {
  if (said < 60) return said + 1;
  return littleEndian(cursor.take(said - 59)) + 1;
}

function copyOf(tag: number, cursor: Cursor): { size: number; back: number } {
  if ((tag & 3) === 1) return { size: 4 + ((tag >> 2) & 7), back: ((tag >> 5) << 8) | cursor.byte() };
  return { size: 1 + (tag >> 2), back: littleEndian(cursor.take((tag & 3) === 2 ? 2 : 4)) };
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
