/**
 * Authenticode: the signature block of a Windows program (PE format).
 *
 *     'MZ' … offset of 'PE\0\0' at 0x3c … optional header: CheckSum at 64,
 *     fifth data directory: offset and size of the certificate table, which ends the file:
 *     length(4) revision(2) type(2) PKCS#7 SignedData (DER), zeros to a multiple of 8
 *
 * What the signature covers is the file without checksum, directory entry and
 * table (Microsoft, "Windows Authenticode Portable Executable Signature Format").
 */

const peOffsetAt = 0x3c;

export interface Unsigned {
  /** The file as the signature covers it, zeros added to a multiple of 8. */
  readonly content: Uint8Array;
  /** Bytes of the certificate table; 0 if there is none. */
  readonly tableBytes: number;
}

/** Bytes of a DER value that begins at `at`, header included; NaN if it has no plain length. */
function derLength(view: DataView, at: number): number {
  const first = view.getUint8(at + 1);
  if (first < 0x80) return 2 + first;
  const digits = first - 0x80;
  if (digits < 1 || digits > 4) return Number.NaN;
  let length = 0;
  for (let i = 0; i < digits; i++) length = length * 256 + view.getUint8(at + 2 + i);
  return 2 + digits + length;
}

/**
 * Whether the table is nothing but signatures. Bytes that no signature covers
 * have been used to carry code in signed files, so none may be left over.
 */
function plainTable(view: DataView, from: number): boolean {
  let at = from;
  while (at < view.byteLength) {
    if (at + 16 > view.byteLength) return false;
    const length = view.getUint32(at, true);
    const end = at + Math.ceil(length / 8) * 8;
    if (length < 16 || end > view.byteLength || view.getUint8(at + 8) !== 0x30) return false;
    const derEnd = at + 8 + derLength(view, at + 8);
    if (!(derEnd <= at + length && end - derEnd < 16)) return false;
    for (let i = derEnd; i < end; i++) if (view.getUint8(i) !== 0) return false;
    at = end;
  }
  return true;
}

/** A program without what signing changes; undefined if it is none, or has a table that is more than signatures. */
export function withoutAuthenticode(bytes: Uint8Array): Unsigned | undefined {
  if (bytes.length < 0x40 || bytes[0] !== 0x4d || bytes[1] !== 0x5a) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const optional = view.getUint32(peOffsetAt, true) + 24;
  if (optional + 240 > bytes.length || view.getUint32(optional - 24, true) !== 0x4550) return undefined;
  const kind = view.getUint16(optional, true);
  if (kind !== 0x10b && kind !== 0x20b) return undefined;
  const directories = optional + (kind === 0x10b ? 96 : 112);
  if (view.getUint32(directories - 4, true) < 5) return undefined;
  const entry = directories + 4 * 8;
  const from = view.getUint32(entry, true);
  const size = view.getUint32(entry + 4, true);
  const signed = from !== 0 || size !== 0;
  if (signed && (from < entry + 8 || from % 8 !== 0 || size === 0 || from + size !== bytes.length))
    return undefined;
  if (signed && !plainTable(view, from)) return undefined;
  const kept = signed ? from : bytes.length;
  const content = new Uint8Array(Math.ceil(kept / 8) * 8);
  content.set(bytes.subarray(0, kept));
  content.fill(0, optional + 64, optional + 68);
  content.fill(0, entry, entry + 8);
  return { content, tableBytes: bytes.length - kept };
}
