/** Compressed streams: which one it is, and what is in it. */
import type { Budget } from './budget.ts';
import { isGzip, parseGzip } from './gzip.ts';
import { isXz, parseXz } from './xz.ts';
import { isZstd, parseZstd } from './zstd.ts';

export interface Unpacked {
  readonly content: Uint8Array;
  /** Of gzip; empty for the others. */
  readonly headers: Uint8Array;
}

export interface Stream {
  readonly name: 'gzip' | 'xz' | 'zstd';
  /** What file names end with. */
  readonly suffix: string;
  /** Throws `Unreadable`, `too-large`. */
  readonly unpack: (bytes: Uint8Array, budget: Budget) => Unpacked;
}

const noHeaders = new Uint8Array();

const streams: readonly (Stream & { readonly is: (bytes: Uint8Array) => boolean })[] = [
  { name: 'gzip', suffix: '.gz', is: isGzip, unpack: parseGzip },
  {
    name: 'xz',
    suffix: '.xz',
    is: isXz,
    unpack: (bytes, budget) => ({ content: parseXz(bytes, budget), headers: noHeaders }),
  },
  {
    name: 'zstd',
    suffix: '.zst',
    is: isZstd,
    unpack: (bytes, budget) => ({ content: parseZstd(bytes, budget), headers: noHeaders }),
  },
];

export function streamOf(bytes: Uint8Array): Stream | undefined {
  return streams.find(({ is }) => is(bytes));
}

/** First bytes (hex) of formats that are known by sight but not opened. */
const closed: readonly (readonly [string, string])[] = [
  ['425a68', 'a bzip2 stream'],
  ['4c5a4950', 'an lzip stream'],
  ['504b0304', 'a zip archive'],
  ['377abcaf271c', 'a 7z archive'],
  ['4d534346', 'a cabinet'],
  ['526172211a07', 'a rar archive'],
  ['d0cf11e0a1b11ae1', 'an OLE compound file'],
];

/** What the bytes are, if they hold others that are not looked at. */
export function closedFormat(bytes: Uint8Array): string | undefined {
  const begin = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return closed.find(([magic]) => begin.startsWith(magic))?.[1];
}
