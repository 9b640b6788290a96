/**
 * The proof that a leaf is in a log (c2sp.org/tlog-proof), one text:
 *
 *     c2sp.org/tlog-proof@v1
 *     extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6
 *     index 73894
 *     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
 *     RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
 *
 *     example.com/fancylog
 *     109482
 *     sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
 *
 *     — example.com/fancylog hI2DJw…
 *
 * The line `extra` may be missing. The hashes go from the leaf's sibling up
 * to the child of the root; a tree of one leaf has none. Behind the first
 * empty line the checkpoint follows, byte for byte as the log issued it.
 */
import { fromBase64, fromUtf8, parseDecimal, toBase64 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import { defined } from '../defined.ts';
import { verifyInclusion } from '../tlog/inclusion.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { maxNoteBytes, parseNote } from './note.ts';
import { type Policy } from './policy.ts';
import { verifyCheckpoint, type VerifiedCheckpoint } from './quorum.ts';

export interface TlogProof {
  /**
   * Authenticated by nothing: only what is derived from it and then checked
   * may be used, as here the leaf whose hash is proven. Never empty.
   */
  readonly extra?: Uint8Array;
  /** Zero-based index of the leaf. */
  readonly index: number;
  /** The inclusion proof, 32 bytes each. */
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint as issued, signatures included. */
  readonly checkpoint: Uint8Array;
}

/** With its prefix and in base64 it stays under the 64 KiB at which other readers of lines stop. */
export const maxExtraBytes = 49_140;
/** The height of the highest tree that the format allows for. */
export const maxProofHashes = 63;

const firstLine = 'c2sp.org/tlog-proof@v1';
const extraPrefix = 'extra ';
const indexPrefix = 'index ';
const hashLineLength = 44;
const maxHeadBytes =
  firstLine.length +
  extraPrefix.length +
  (maxExtraBytes / 3) * 4 +
  32 +
  maxProofHashes * (hashLineLength + 1);
export const maxProofBytes: number = maxHeadBytes + maxNoteBytes;

/**
 * Parses a proof and checks the form of its checkpoint, no signature and no
 * hash. Throws `too-large`, `malformed-proof`, `malformed-note`,
 * `malformed-checkpoint`.
 */
export function parseProof(bytes: Uint8Array): TlogProof {
  if (bytes.length > maxProofBytes) {
    throw new LedgerError('too-large', 'the proof is too large', {
      expected: `at most ${maxProofBytes} bytes`,
      got: `${bytes.length} bytes`,
    });
  }
  const end = emptyLine(bytes);
  const [first, ...lines] = headLines(bytes.subarray(0, end));
  if (first !== firstLine) throw malformed('not a tlog-proof', firstLine, lengthOf(first ?? ''));
  const extra = lines[0]?.startsWith(extraPrefix) ? parseExtra(lines.shift() ?? '') : undefined;
  const indexLine = lines.shift() ?? '';
  if (!indexLine.startsWith(indexPrefix))
    throw malformed('no index line', 'index <decimal>', lengthOf(indexLine));
  const index = parse('the index', () => parseDecimal(indexLine.slice(indexPrefix.length)));
  // A proof that is longer than any tree is high would only cost hashing.
  if (lines.length > maxProofHashes) {
    throw malformed('too many hashes', `at most ${maxProofHashes}`, String(lines.length));
  }
  const hashes = lines.map((line) => parse('a hash', () => fromBase64(line, 32)));
  const checkpoint = bytes.slice(end + 1);
  parseCheckpoint(parseNote(checkpoint).text);
  return { ...defined({ extra }), index, hashes, checkpoint };
}

/** The text of a proof. Throws as `formatProofHead`, and what `parseProof` throws of a checkpoint. */
export function formatProof(proof: TlogProof): string {
  parseCheckpoint(parseNote(proof.checkpoint).text);
  return formatProofHead(proof) + fromUtf8(proof.checkpoint);
}

/**
 * The text of a proof up to and with its empty line; the checkpoint follows.
 * For a log that puts one checkpoint, which it made itself, behind many proofs.
 * Throws `malformed-proof` for an `extra` that is empty or too large.
 */
export function formatProofHead({ extra, index, hashes }: Omit<TlogProof, 'checkpoint'>): string {
  if (extra !== undefined) checkExtra(extra);
  assert(Number.isSafeInteger(index) && index >= 0, 'an index is a non-negative safe integer');
  assert(hashes.length <= maxProofHashes, 'a proof has at most 63 hashes');
  assert(
    hashes.every((hash) => hash.length === 32),
    'a hash has 32 bytes',
  );
  const lines = [
    firstLine,
    ...(extra === undefined ? [] : [extraPrefix + toBase64(extra)]),
    `${indexPrefix}${index}`,
    ...hashes.map(toBase64),
    '',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * Verifies that the leaf is in the tree of the proof's checkpoint, and that
 * the policy accepts the checkpoint. The leaf hash comes from what the caller
 * holds, never from the proof alone. Throws what `verifyCheckpoint` throws,
 * `out-of-range` and `inclusion-failed`.
 */
export function verifyProof(parts: {
  proof: TlogProof;
  leafHash: Uint8Array;
  policy: Policy;
  now?: number | undefined;
  maxAge?: number | undefined;
}): VerifiedCheckpoint {
  const { proof, leafHash, policy, now, maxAge } = parts;
  const verified = verifyCheckpoint({ note: proof.checkpoint, policy, now, maxAge });
  const { size, root } = verified.checkpoint;
  verifyInclusion({ index: proof.index, size, leafHash, root, proof: proof.hashes });
  return verified;
}

/** Offset of the newline that is the first empty line. */
function emptyLine(bytes: Uint8Array): number {
  for (let at = 1; at < bytes.length && at <= maxHeadBytes; at++) {
    if (bytes[at] === 0x0a && bytes[at - 1] === 0x0a) return at;
  }
  throw malformed('no empty line before the checkpoint', 'first line, index, hashes, empty line, checkpoint');
}

/** The lines before the empty line, each ended by a newline. */
function headLines(head: Uint8Array): string[] {
  return parse('the head', () => fromUtf8(head))
    .slice(0, -1)
    .split('\n');
}

function parseExtra(line: string): Uint8Array {
  const extra = parse('the extra line', () => fromBase64(line.slice(extraPrefix.length)));
  checkExtra(extra);
  return extra;
}

function checkExtra(extra: Uint8Array): void {
  if (extra.length === 0 || extra.length > maxExtraBytes) {
    throw malformed(
      'the extra data has a wrong length',
      `1 to ${maxExtraBytes} bytes`,
      `${extra.length} bytes`,
    );
  }
}

function parse<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw malformed(`${what} of the proof is malformed`, cause.expected ?? '', cause.got);
  }
}

function malformed(message: string, expected: string, got?: string): LedgerError {
  return new LedgerError('malformed-proof', message, {
    expected,
    got: got,
  });
}
