/**
 * gzip (RFC 1952): header, deflate stream, CRC-32 and length; members may follow one another.
 *
 *     1f 8b 08 FLG MTIME(4) XFL OS  [extra] [name] [comment] [CRC-16]
 *     deflate …  CRC-32(4) ISIZE(4)
 *
 * The header is read here and not by zlib, which drops it, and which takes no
 * notice of bytes behind the last member: they could carry anything.
 */
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';

export interface Gzip {
  /** The headers of all members, one after the other. */
  readonly headers: Uint8Array;
  readonly content: Uint8Array;
}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Offset behind the header that begins at `from`. */
function headerEnd(bytes: Uint8Array, from: number): number {
  const flags = bytes[from + 3] ?? 0;
  if (bytes[from] !== 0x1f || bytes[from + 1] !== 0x8b || bytes[from + 2] !== 8 || (flags & 0xe0) !== 0) {
    throw new Unreadable('gzip: a header is malformed');
  }
  let at = from + 10;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + (bytes[at + 1] ?? 0) * 256;
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const zero = bytes.indexOf(0, at);
    if (zero < 0) throw new Unreadable('gzip: a name does not end');
    at = zero + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  return at;
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

/** Throws `Unreadable`, and `too-large` when the content would go beyond the budget. */
export function parseGzip(bytes: Uint8Array, budget: Budget): Gzip {
  const headers: Uint8Array[] = [];
  const contents: Uint8Array[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  do {
    // Members of no content cost two dozen bytes each; they count like members of an archive.
    budget.takeMember();
    const begin = headerEnd(bytes, at);
    headers.push(bytes.subarray(at, begin));
    const { buffer, engine } = inflate(bytes.subarray(begin), budget);
    budget.takeBytes(buffer.length);
    const trailer = begin + engine.bytesWritten;
    if (trailer + 8 > bytes.length) throw new Unreadable('gzip: the trailer is cut off');
    if (
      view.getUint32(trailer, true) !== crc32(buffer) ||
      view.getUint32(trailer + 4, true) !== buffer.length % 2 ** 32
    ) {
      throw new Unreadable('gzip: the checksum is another');
    }
    contents.push(buffer);
    at = trailer + 8;
  } while (at < bytes.length);
  return { headers: Buffer.concat(headers), content: Buffer.concat(contents) };
}

function inflate(bytes: Uint8Array, budget: Budget): Inflated {
  try {
    return inflateRawSync(bytes, {
      info: true,
      // zlib wants at least 1; a stream of no content may still have its place.
      maxOutputLength: Math.max(1, budget.bytes),
      finishFlush: constants.Z_FINISH,
    }) as unknown as Inflated;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') budget.burst();
    throw new Unreadable('gzip: the deflate stream is malformed');
  }
}
