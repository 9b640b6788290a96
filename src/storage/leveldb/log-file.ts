/**
 * LevelDB's log format, of its write-ahead logs and of its manifests: blocks of
 * 32 KiB with records in them, and a record that does not fit is in fragments.
 *
 *     checksum (4) length (2) type (1) bytes
 *
 * LevelDB drops what it cannot read, to the end of the block, and goes on. What
 * is wrong is told apart here by what comes after it: this project syncs every
 * commit before it begins the next one, so a record that begins after the wrong
 * place proves that the wrong place was on the disk once, and is damaged now. Without such a
 * record the wrong place is the last write. It may have been torn by a crash,
 * and then nobody was told of it; the anchor knows whether anybody was.
 */
import { crc32c, maskCrc } from './crc32c.ts';
import { readUint32 } from './cursor.ts';
import { Damage } from './damage.ts';

const blockSize = 32768;
const headerSize = 7;

const full = 1;
const first = 2;
const last = 4;

export interface LogRecord {
  /** Of its first fragment, in the file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface ReadLog {
  readonly records: readonly LogRecord[];
  readonly damages: readonly Damage[];
}

/** A fragment whose checksum holds. */
interface Fragment {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Of what comes after it. */
  readonly next: number;
}

/** All that can be read of a log, and each place that cannot. */
export function readLog(log: Uint8Array): ReadLog {
  const records: LogRecord[] = [];
  const damages: Damage[] = [];
  const lastStart = lastReachable(log);
  let begun: { readonly offset: number; readonly parts: Uint8Array[] } | undefined;
  for (let at = 0; at < log.length;) {
    const left = toBlockEnd(at);
    if (left < headerSize) {
      if (!allZero(log.subarray(at, at + left)))
        damages.push(new Damage(at, 'the filler of a block is not zero', 'harmless'));
      at += left;
      continue;
    }
    const fragment = fragmentAt(log, at);
    if (typeof fragment === 'string') {
      const damage = judge(log, at, fragment, lastStart);
      damages.push(damage);
      begun = undefined;
      if (damage.kind !== 'damage') break;
      at += left;
      continue;
    }
    const { type, bytes, next } = fragment;
    const begins = type === full || type === first;
    if (begins === (begun !== undefined)) {
      // After damage the rest of a record has no beginning; that was reported there.
      if (damages.length === 0)
        damages.push(new Damage(at, 'the fragments of a record do not belong together'));
      begun = undefined;
    }
    if (begins) begun = { offset: at, parts: [] };
    begun?.parts.push(bytes);
    if (begun !== undefined && (type === full || type === last)) {
      records.push({ offset: begun.offset, bytes: joined(begun.parts) });
      begun = undefined;
    }
    at = next;
  }
  if (begun !== undefined)
    damages.push(new Damage(begun.offset, 'the log ends within a record', 'unfinished'));
  return { records, damages };
}

/** The fragment at `at`, or what is wrong with it. */
function fragmentAt(log: Uint8Array, at: number): Fragment | string {
  if (log.length - at < headerSize) return 'the log ends within the header of a record';
  const length = (log[at + 4] as number) | ((log[at + 5] as number) << 8);
  const type = log[at + 6] as number;
  const next = at + headerSize + length;
  if (length > toBlockEnd(at) - headerSize) return 'the length of a record reaches beyond its block';
  if (next > log.length) return 'the log ends within a record';
  if (!holds(log, at, next)) return 'the checksum of a record fails';
  if (type < full || type > last) return `a record is of unknown type ${type}`;
  return { type, bytes: log.subarray(at + headerSize, next), next };
}

/** Whether the checksum at `at` is that of the type and the bytes up to `end`. */
function holds(log: Uint8Array, at: number, end: number): boolean {
  return readUint32(log, at) === maskCrc(crc32c(log, at + 6, end));
}

function judge(log: Uint8Array, at: number, what: string, lastStart: number): Damage {
  if (lastStart > at || recordHiddenAfter(log, at)) return new Damage(at, what);
  const end = Math.min(at + toBlockEnd(at), log.length);
  // The length is not under the checksum: with its true length this record would be whole.
  if (end - at > headerSize && holds(log, at, end)) return new Damage(at, 'the length of a record is wrong');
  const torn = what.startsWith('the log ends') || allZero(log.subarray(at));
  return new Damage(at, what, torn ? 'unfinished' : 'last-record');
}

/** Where the last record begins that can be reached, each block taken for itself after a wrong place; -1 if none. */
function lastReachable(log: Uint8Array): number {
  let found = -1;
  for (let at = 0; at < log.length;) {
    const fragment = toBlockEnd(at) < headerSize ? '' : fragmentAt(log, at);
    if (typeof fragment === 'string') {
      at += toBlockEnd(at);
      continue;
    }
    if (fragment.type === full || fragment.type === first) found = at;
    at = fragment.next;
  }
  return found;
}

/** Bytes that the search for a hidden record may check: whoever writes the file could make each step of it long. */
const searchBudget = 2 ** 26;

/**
 * Whether a record begins behind `at` in the same block. Every byte is tried,
 * since the length that leads to the next record may be what is wrong.
 */
function recordHiddenAfter(log: Uint8Array, at: number): boolean {
  const end = Math.min(at + toBlockEnd(at), log.length);
  let spent = 0;
  for (let place = at + 1; place + headerSize <= end; place++) {
    const type = log[place + 6] as number;
    if (type !== full && type !== first) continue;
    if (typeof fragmentAt(log, place) !== 'string') return true;
    spent += (log[place + 4] as number) | ((log[place + 5] as number) << 8);
    // Commits of ours do not look like that: no crash has left it.
    if (spent > searchBudget) return true;
  }
  return false;
}

function toBlockEnd(at: number): number {
  return blockSize - (at % blockSize);
}

function allZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  return new Uint8Array(Buffer.concat(parts));
}
