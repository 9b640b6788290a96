/** Zstandard (RFC 8878), where this Node can read it (22.15 and later); elsewhere such streams stay closed. */
import * as zlib from 'node:zlib';
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';

type Decompress = (
  bytes: Uint8Array,
  options: { readonly info: true; readonly maxOutputLength: number },
) => { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

const decompress = (zlib as unknown as { readonly zstdDecompressSync?: Decompress }).zstdDecompressSync;

export const canReadZstd: boolean = decompress !== undefined;

export const isZstd = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;

/** Throws `Unreadable`, and `too-large` when the content would go beyond the budget. */
export function parseZstd(bytes: Uint8Array, budget: Budget): Uint8Array {
  if (decompress === undefined) throw new Unreadable('zstd: this version of Node cannot read it');
  let unpacked: ReturnType<Decompress>;
  try {
    unpacked = decompress(bytes, { info: true, maxOutputLength: Math.max(1, budget.bytes) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') budget.burst();
    throw new Unreadable('zstd: the stream is malformed');
  }
  // zlib ignores bytes behind the frame; an attacker could hide anything there.
  if (unpacked.engine.bytesWritten !== bytes.length) throw new Unreadable('zstd: bytes behind the stream');
  budget.takeBytes(unpacked.buffer.length);
  return unpacked.buffer;
}
