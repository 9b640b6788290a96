/** Small archives, made by hand so that a test can say each field. */
import { concat, utf8 } from '../../src/bytes.ts';

export interface Member {
  readonly name: string;
  readonly data: Uint8Array;
  readonly time?: number;
  readonly owner?: number;
  readonly mode?: string;
}

export function ar(members: readonly Member[]): Uint8Array {
  const parts = members.map(({ name, data, time = 0, owner = 0, mode = '100644' }) => {
    const header = [
      name.padEnd(16),
      String(time).padEnd(12),
      String(owner).padEnd(6),
      String(owner).padEnd(6),
      mode.padEnd(8),
      String(data.length).padEnd(10),
      '`\n',
    ].join('');
    return concat(utf8(header), data, utf8(data.length % 2 === 1 ? '\n' : ''));
  });
  return concat(utf8('!<arch>\n'), ...parts);
}

export interface Entry {
  readonly path: string;
  readonly data?: Uint8Array;
  readonly type?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly user?: string;
  readonly time?: number;
  readonly link?: string;
  readonly gnu?: boolean;
  /** Bytes set after the checksum was made good for them too: offset → byte. */
  readonly set?: Readonly<Record<number, number>>;
  /** The size that the header says, if not the true one. */
  readonly size?: number;
}

export function tarHeader(entry: Entry): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string): void => header.set(Buffer.from(text, 'latin1'), at);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const { uid = 0, user = 'root', data = new Uint8Array() } = entry;
  put(0, entry.path);
  put(100, octal(entry.mode ?? 0o644, 8));
  put(108, octal(uid, 8));
  put(116, octal(uid, 8));
  put(124, octal(entry.size ?? data.length, 12));
  put(136, octal(entry.time ?? 0, 12));
  put(156, entry.type ?? '0');
  put(157, entry.link ?? '');
  put(257, entry.gnu === true ? 'ustar  \0' : 'ustar\u000000');
  put(265, user);
  put(297, user);
  for (const [at, byte] of Object.entries(entry.set ?? {})) header[Number(at)] = byte;
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

export function tar(entries: readonly Entry[], trailer = 1024): Uint8Array {
  const parts = entries.flatMap((entry) => {
    const data = entry.data ?? new Uint8Array();
    return [tarHeader(entry), data, new Uint8Array((512 - (data.length % 512)) % 512)];
  });
  return concat(...parts, new Uint8Array(trailer));
}

export function pax(records: Readonly<Record<string, string>>, type = 'x'): Entry {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    return `${length}${rest}`;
  });
  return { path: 'PaxHeaders/x', type, data: utf8(lines.join('')) };
}
