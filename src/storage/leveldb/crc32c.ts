/**
 * CRC-32C (Castagnoli), and the mask under which LevelDB stores it. Eight bytes
 * at a time: the opening of a store checks all of its blocks.
 */

/** Eight tables of 256: table k holds the checksum of a byte with k zero bytes behind it. */
const tables = makeTables();

function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
    made[byte] = crc;
  }
  for (let i = 256; i < made.length; i++) {
    const before = made[i - 256] as number;
    made[i] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}

/** The checksum of `bytes` from `from` up to `to`, as an unsigned number. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  const t = tables;
  let crc = -1;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    crc ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    crc =
      (t[1792 + (crc & 0xff)] as number) ^
      (t[1536 + ((crc >>> 8) & 0xff)] as number) ^
      (t[1280 + ((crc >>> 16) & 0xff)] as number) ^
      (t[1024 + (crc >>> 24)] as number) ^
      (t[768 + (bytes[at + 4] as number)] as number) ^
      (t[512 + (bytes[at + 5] as number)] as number) ^
      (t[256 + (bytes[at + 6] as number)] as number) ^
      (t[bytes[at + 7] as number] as number);
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

const maskDelta = 0xa282ead8;

/** As LevelDB writes a checksum, so that the checksum of bytes that hold checksums is no fixed point. */
export function maskCrc(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + maskDelta) >>> 0;
}
