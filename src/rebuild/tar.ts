/**
 * tar, in the dialects that build tools write: ustar, GNU (with long names) and pax.
 *
 *     name(100) mode(8) uid(8) gid(8) size(12) mtime(12) checksum(8) type(1) link(100)
 *     "ustar\0" "00"  or  "ustar  \0"  uname(32) gname(32) major(8) minor(8) prefix(155) zeros
 *
 * Blocks have 512 bytes. An archive may carry one file to one reader and another
 * file to the next; so everything that is unusual is refused, and bytes that no
 * field claims must be zeros. An attacker who wants to hide something has no place left.
 */
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';

export interface TarEntry {
  /** One character a byte, as in the archive; also the other texts. */
  readonly path: string;
  /** '0' file, '1' hard link, '2' symbolic link, '3' and '4' devices, '5' directory, '6' pipe. */
  readonly type: string;
  readonly mode: number;
  /** Numbers and names of user and group. */
  readonly owner: string;
  /** Seconds since 1970 as pax writes them, with access and change times if there are any. */
  readonly times: string;
  readonly link: string;
  readonly device: string;
  /** All other pax records, in the order of their names. */
  readonly extra: string;
  readonly data: Uint8Array;
  /** Everything before the data, extension headers included. */
  readonly header: Uint8Array;
}

export interface Tar {
  readonly entries: readonly TarEntry[];
  /** Comments of the whole archive, as `git archive` writes them. */
  readonly comments: readonly string[];
  /** Zeros at the end, in bytes. */
  readonly trailer: number;
}

const block = 512;
const maxExtension = 1 << 20;
/** As long as a path can be on Linux. */
const maxPath = 4_096;

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);
const refuse = (why: string): never => {
  throw new Unreadable(`tar: ${why}`);
};

/** Text up to the first NUL; what stands behind it must be NULs too. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  if (end < 0) return latin1(field);
  if (!isZero(field.subarray(end))) refuse('bytes behind the end of a text');
  return latin1(field.subarray(0, end));
}

/** Octal digits, or GNU's base 256 for what they cannot hold. */
function number(field: Uint8Array): number {
  let value = 0;
  if (field[0] === 0x80) {
    for (const byte of field.subarray(1)) value = value * 256 + byte;
  } else {
    const digits = /^ *([0-7]*)[ \0]*$/.exec(latin1(field))?.[1] ?? refuse('a number is malformed');
    value = digits === '' ? 0 : Number.parseInt(digits, 8);
  }
  return Number.isSafeInteger(value) ? value : refuse('a number is too large');
}

export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 2 * block && latin1(bytes.subarray(257, 262)) === 'ustar';
}

function checkSum(header: Uint8Array): void {
  let sum = 8 * 0x20;
  for (let i = 0; i < block; i++) if (i < 148 || i >= 156) sum += header[i] as number;
  if (number(header.subarray(148, 156)) !== sum) refuse('the checksum of a header is another');
}

/** pax records, `LENGTH KEY=VALUE\n`; a key may stand there once. */
function paxRecords(data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  const all = latin1(data);
  let at = 0;
  while (at < all.length) {
    const length = Number(
      /^([1-9][0-9]{0,6}) /.exec(all.slice(at, at + 8))?.[1] ?? refuse('a pax record is malformed'),
    );
    const record = all.slice(at, at + length);
    const parts = /^[0-9]+ ([^=]+)=([\s\S]*)\n$/.exec(record) ?? refuse('a pax record is malformed');
    const [, key = '', value = ''] = parts;
    if (record.length !== length || records.has(key) || record.includes('\0'))
      refuse('a pax record is malformed');
    records.set(key, value);
    at += length;
  }
  return records;
}

const decimal = (value: string): number => {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(value) || !Number.isSafeInteger(Number(value))) {
    refuse('a number in a pax record is malformed');
  }
  return Number(value);
};

interface Header {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly link: string;
  readonly uname: string;
  readonly gname: string;
  readonly device: string;
  readonly fields: Uint8Array;
}

function parseHeader(fields: Uint8Array): Header {
  checkSum(fields);
  const part = (from: number, length: number): Uint8Array => fields.subarray(from, from + length);
  const kind = latin1(part(257, 8));
  const posix = kind === 'ustar\u000000';
  if (!posix && kind !== 'ustar  \0') refuse('a header of an unknown dialect');
  // In GNU's dialect times and sparse maps may stand where ustar has the prefix: not read.
  if (!isZero(posix ? part(500, 12) : part(345, 167))) refuse('bytes in the unused part of a header');
  const prefix = posix ? text(part(345, 155)) : '';
  const name = text(part(0, 100));
  const type = latin1(part(156, 1)).replace('\0', '0');
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type,
    size: number(part(124, 12)),
    link: text(part(157, 100)),
    uname: text(part(265, 32)),
    gname: text(part(297, 32)),
    device: `${number(part(329, 8))}:${number(part(337, 8))}`,
    fields,
  };
}

/** Every byte is in an entry, or is one that the format fixes. Throws `Unreadable`, `too-large`. */
export function parseTar(bytes: Uint8Array, budget: Budget): Tar {
  const entries: TarEntry[] = [];
  const comments: string[] = [];
  let longName: string | undefined;
  let longLink: string | undefined;
  let pax = new Map<string, string>();
  let begin = 0;
  let at = 0;
  for (;;) {
    if (at + block > bytes.length) refuse('the end is missing');
    const fields = bytes.subarray(at, at + block);
    if (isZero(fields)) break;
    budget.takeMember();
    const header = parseHeader(fields);
    const extension = 'LKxg'.includes(header.type);
    const paxSize = extension ? undefined : pax.get('size');
    const holds = extension || header.type === '0';
    const size = paxSize === undefined ? header.size : decimal(paxSize);
    // A size on an entry without content is read by some readers and ignored by others.
    if (!holds && size !== 0) refuse('an entry without content has a size');
    if (extension && size > maxExtension) refuse('an extension header is too long');
    const dataStart = at + block;
    const dataEnd = dataStart + size;
    const next = dataStart + Math.ceil(size / block) * block;
    if (next > bytes.length) refuse('an entry is cut off');
    if (!isZero(bytes.subarray(dataEnd, next))) refuse('bytes behind the end of a file');
    const data = bytes.subarray(dataStart, dataEnd);
    at = next;
    if (extension) {
      if (header.type === 'L') longName = longName === undefined ? text(data) : refuse('two long names');
      else if (header.type === 'K') longLink = longLink === undefined ? text(data) : refuse('two long links');
      else if (header.type === 'x') pax = pax.size === 0 ? paxRecords(data) : refuse('two pax headers');
      else comments.push(globalComment(data, entries.length));
      continue;
    }
    if (!'0123456'.includes(header.type)) refuse('an entry of an unknown type');
    if ((longName !== undefined || longLink !== undefined) && pax.size > 0) refuse('two kinds of extension');
    const { take, rest } = reader(pax);
    take('size');
    const uid = take('uid');
    const gid = take('gid');
    const path = take('path') ?? longName ?? header.name;
    const link = take('linkpath') ?? longLink ?? header.link;
    if (path.length > maxPath || link.length > maxPath) refuse('a path is too long');
    entries.push({
      path,
      type: header.type,
      mode: number(fields.subarray(100, 108)),
      owner: [
        uid === undefined ? number(fields.subarray(108, 116)) : decimal(uid),
        gid === undefined ? number(fields.subarray(116, 124)) : decimal(gid),
        take('uname') ?? header.uname,
        take('gname') ?? header.gname,
      ].join(':'),
      times: [take('mtime') ?? number(fields.subarray(136, 148)), take('atime'), take('ctime')].join(' '),
      link,
      device: header.device,
      extra: rest(),
      data,
      header: bytes.subarray(begin, dataStart),
    });
    longName = undefined;
    longLink = undefined;
    pax = new Map();
    begin = at;
  }
  if (begin !== at) refuse('an extension header without its entry');
  if (!isZero(bytes.subarray(at)) || bytes.length % block !== 0) refuse('bytes behind the end');
  return { entries, comments, trailer: bytes.length - at };
}

function globalComment(data: Uint8Array, entriesBefore: number): string {
  const records = paxRecords(data);
  if (entriesBefore > 0 || records.size !== 1) refuse('a global header that changes entries');
  return records.get('comment') ?? refuse('a global header that changes entries');
}

/** Takes records out one by one, so that those left over are known at the end. */
function reader(pax: Map<string, string>): { take: (key: string) => string | undefined; rest: () => string } {
  return {
    take: (key) => {
      const value = pax.get(key);
      pax.delete(key);
      return value;
    },
    rest: () =>
      [...pax]
        .map(([key, value]) => `${key}=${value}`)
        .toSorted()
        .join('\n'),
  };
}
