/**
 * The ar archive, as `.deb` packages and static libraries use it.
 *
 *     !<arch>\n
 *     debian-binary   1700000000  0     0     100644  4         `\n
 *     2.0\n
 *     control.tar.xz  1700000000  0     0     100644  1340      `\n
 *     ...
 *
 * A header has 60 bytes: name 16, time 12, user 6, group 6, mode 8 (octal),
 * size 10, and the two bytes of the end. Members begin at even offsets; the byte
 * that fills is a newline. Names are kept as they stand, so the two long-name
 * tables (`//` and `#1/`) are members or bytes like others and hide nothing.
 */
import { Unreadable } from './budget.ts';
import type { Budget } from './budget.ts';

export interface ArMember {
  /** As in the header, without the spaces at its end; one character a byte. */
  readonly name: string;
  readonly time: string;
  readonly owner: string;
  readonly mode: string;
  readonly data: Uint8Array;
}

const magic = '!<arch>\n';
const headerBytes = 60;

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');

export function isAr(bytes: Uint8Array): boolean {
  return bytes.length >= magic.length && latin1(bytes, 0, magic.length) === magic;
}

/** Every byte of the archive is in a member or is one that the format fixes. Throws `Unreadable`, `too-large`. */
export function parseAr(bytes: Uint8Array, budget: Budget): ArMember[] {
  if (!isAr(bytes)) throw new Unreadable('ar: no signature');
  const members: ArMember[] = [];
  let at = magic.length;
  while (at < bytes.length) {
    budget.takeMember();
    const end = at + headerBytes;
    if (end > bytes.length) throw new Unreadable('ar: a header is cut off');
    const field = (from: number, to: number): string => latin1(bytes, at + from, at + to).replace(/ +$/, '');
    const sizeText = field(48, 58);
    if (latin1(bytes, at + 58, end) !== '`\n' || !/^(?:0|[1-9][0-9]*)$/.test(sizeText)) {
      throw new Unreadable('ar: a header is malformed');
    }
    const dataEnd = end + Number(sizeText);
    if (dataEnd > bytes.length) throw new Unreadable('ar: a member is cut off');
    members.push({
      name: field(0, 16),
      time: field(16, 28),
      owner: `${field(28, 34)}:${field(34, 40)}`,
      mode: field(40, 48),
      data: bytes.subarray(end, dataEnd),
    });
    at = dataEnd;
    if (dataEnd % 2 === 1) {
      if (bytes[dataEnd] !== 0x0a) throw new Unreadable('ar: a filling byte is not a newline');
      at++;
    }
  }
  return members;
}
