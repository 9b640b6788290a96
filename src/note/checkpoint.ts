/**
 * Checkpoints (c2sp.org/tlog-checkpoint): the note text that states a tree head.
 *
 *     example.com/behind-the-sofa
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 * Lines: origin; tree size in decimal; root hash in base64; then any number
 * of non-empty extension lines, which this ledger never writes.
 */
import { fromBase64, parseDecimal, toBase64 } from '../bytes.ts';
import { LedgerError, assert, lengthOf } from '../errors.ts';
import type { Head } from '../tlog/head.ts';
import { checkNoteText } from './note.ts';

/** A tree head, and whose it is. */
export interface Checkpoint extends Head {
  /** The log's identity: non-empty, one line. */
  readonly origin: string;
  /** Opaque and non-empty lines. An ML-DSA-44 signature does not cover them. */
  readonly extensions: readonly string[];
}

/** Parses the text of a note, its final newline included. Throws `malformed-checkpoint`. */
export function parseCheckpoint(text: string): Checkpoint {
  checkText(text);
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', size = '', root = '', ...extensions] = lines;
  if (lines.length < 3 || lines.includes('')) {
    throw new LedgerError('malformed-checkpoint', 'a checkpoint is three or more non-empty lines', {
      expected: 'origin, size, root hash and perhaps extension lines, none empty',
      got: lengthOf(text),
    });
  }
  return {
    origin,
    size: field('tree size', () => parseDecimal(size)),
    root: field('root hash', () => fromBase64(root, 32)),
    extensions,
  };
}

/** The note text of a checkpoint. Throws `malformed-checkpoint` for lines that could not be parsed again. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  for (const line of [origin, ...extensions]) {
    if (line === '' || line.includes('\n')) {
      throw new LedgerError('malformed-checkpoint', 'an origin or extension is exactly one line', {
        expected: 'a non-empty text without newline',
        got: lengthOf(line),
      });
    }
  }
  assert(Number.isSafeInteger(size) && size >= 0, 'a tree size is a non-negative safe integer');
  assert(root.length === 32, 'a root hash has 32 bytes');
  const text = [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');
  checkText(text);
  return text;
}

function checkText(text: string): void {
  try {
    checkNoteText(text);
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw again(cause, cause.message);
  }
}

function field<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw again(cause, `the ${what} of the checkpoint is malformed`);
  }
}

function again(cause: LedgerError, message: string): LedgerError {
  return new LedgerError('malformed-checkpoint', message, {
    expected: cause.expected,
    got: cause.got,
    cause,
  });
}
