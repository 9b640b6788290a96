/**
 * What a log asks a witness (c2sp.org/tlog-witness, "add-checkpoint"), one text:
 *
 *     old 20852014
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
 *     jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
 *     5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
 *     /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=
 *
 *     example.com/behind-the-sofa
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *     — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 *
 * The size that the witness is believed to remember, the consistency proof
 * from that size (none from size 0, nor to the same size), an empty line, and
 * the log's signed checkpoint, byte for byte. The answer is one or more
 * signature lines: `parseSignatureLines` of note.ts.
 */
import { concat, fromBase64, fromUtf8, parseDecimal, toBase64, utf8 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { maxNoteBytes } from './note.ts';

export interface AddCheckpoint {
  /** The size of the checkpoint that the witness last cosigned for this log; 0 for none. */
  readonly oldSize: number;
  /** The consistency proof from `oldSize` to the checkpoint's size, 32 bytes each, at most 63. */
  readonly proof: readonly Uint8Array[];
  /** The checkpoint as the log signed it: a signed note, not looked into here. */
  readonly checkpoint: Uint8Array;
}

/** More the specification does not allow: no tree is higher. */
export const maxConsistencyHashes = 63;

const oldPrefix = 'old ';
const hashLineLength = 44;
const maxHeadBytes = oldPrefix.length + 16 + 1 + maxConsistencyHashes * (hashLineLength + 1) + 1;
/** The largest request that is read: every proof line, and the largest note. */
export const maxAddCheckpointBytes: number = maxHeadBytes + maxNoteBytes;

/**
 * Parses a request; of the checkpoint nothing is read. Throws `too-large` and
 * `malformed-add-checkpoint`.
 */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > maxAddCheckpointBytes) {
    throw new LedgerError('too-large', 'the request is too large', {
      expected: `at most ${maxAddCheckpointBytes} bytes`,
      got: `${bytes.length} bytes`,
    });
  }
  const end = emptyLine(bytes);
  const [first = '', ...lines] = headLines(bytes.subarray(0, end));
  if (!first.startsWith(oldPrefix)) throw malformed('no old size line', 'old <decimal>', lengthOf(first));
  const oldSize = parse('the old size', () => parseDecimal(first.slice(oldPrefix.length)));
  const proof = lines.map((line) => parse('a hash', () => fromBase64(line, 32)));
  return { oldSize, proof, checkpoint: bytes.slice(end + 1) };
}

/** The bytes of a request. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array {
  assert(Number.isSafeInteger(oldSize) && oldSize >= 0, 'a tree size is a non-negative safe integer');
  assert(proof.length <= maxConsistencyHashes, 'a consistency proof has at most 63 hashes');
  assert(
    proof.every((hash) => hash.length === 32),
    'a hash has 32 bytes',
  );
  const lines = [`${oldPrefix}${oldSize}`, ...proof.map(toBase64), ''];
  return concat(utf8(lines.map((line) => `${line}\n`).join('')), checkpoint);
}

/**
 * Offset of the newline that is the first empty line. It is looked for where 63
 * hashes can have put it: a sender of more wants to keep this witness busy hashing.
 */
function emptyLine(bytes: Uint8Array): number {
  for (let at = 1; at < bytes.length && at < maxHeadBytes; at++) {
    if (bytes[at] === 0x0a && bytes[at - 1] === 0x0a) return at;
  }
  throw malformed(
    'no empty line before the checkpoint',
    `old size, at most ${maxConsistencyHashes} hashes, empty line, checkpoint`,
  );
}

/** The lines before the empty line, each ended by a newline. */
function headLines(head: Uint8Array): string[] {
  return parse('the head', () => fromUtf8(head))
    .slice(0, -1)
    .split('\n');
}

function parse<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw malformed(`${what} of the request is malformed`, cause.expected ?? '', cause.got);
  }
}

function malformed(message: string, expected: string, got?: string): LedgerError {
  return new LedgerError('malformed-add-checkpoint', message, {
    expected,
    got,
  });
}
