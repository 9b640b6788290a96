/**
 * What is wrong with the files of a database, and where.
 *
 * Inside this wing damage is thrown as `Damage`, which knows the offset and not
 * yet the file; whoever reads the file makes a finding of it, or a coded error.
 */
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';

/**
 * - `damage`: bytes that LevelDB synced are other bytes now, or gone
 * - `unread`: the disk does not give them back (EIO), so nothing was learnt of what they are
 * - `last-record`: the last record of the newest log is there in full length and its checksum fails.
 *   A power cut leaves that on some file systems, a flipped bit too. LevelDB drops it without a word;
 *   whether anything that was signed is lost, the anchor tells
 * - `unfinished`: the newest log ends within a record, which is what a crash leaves
 * - `harmless`: nothing that is read; a file or bytes that belong to nothing
 */
export type FindingKind = 'damage' | 'unread' | 'last-record' | 'unfinished' | 'harmless';

/** User keys `gte <= key <= lte`. */
export interface KeySpan {
  readonly gte: Uint8Array;
  readonly lte: Uint8Array;
}

export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  /** Where in the file; 0 where all of it is meant. */
  readonly offset: number;
  readonly what: string;
  /** The rows that may be lost or wrong because of it; undefined where any may be, or none is. */
  readonly rows?: KeySpan;
}

export class Damage extends Error {
  override readonly name = 'Damage';
  readonly offset: number;
  /** Any other than `damage` is told by whoever reads the bytes, or the records of a log. */
  readonly kind: FindingKind;

  constructor(offset: number, what: string, kind: FindingKind = 'damage') {
    super(what);
    this.offset = offset;
    this.kind = kind;
  }
}

/** Runs `read`, and names damage that it throws after `file`; every other error goes on. */
export function findingOf(error: unknown, file: string, rows?: KeySpan): Finding {
  if (!(error instanceof Damage)) throw error;
  return defined({ kind: error.kind, file, offset: error.offset, what: error.message, rows });
}

/** Whether nothing may be built on a database with this finding. */
export function isGrave({ kind }: Finding): boolean {
  return kind === 'damage' || kind === 'unread';
}

/**
 * The refusal of whoever asked for a row that the finding hides: `store-corrupt`
 * where bytes are wrong, `store-unreadable` where the disk does not give them back.
 */
export function refusalOf({ kind, file, offset, what }: Finding): LedgerError {
  if (kind === 'unread') {
    return new LedgerError('store-unreadable', `the database file ${file} cannot be read at byte ${offset}`, {
      expected: 'a disk that gives back what was written to it',
      got: what,
      facts: { file, offset },
    });
  }
  return new LedgerError('store-corrupt', `the database file ${file} is damaged at byte ${offset}: ${what}`, {
    expected: 'bytes that have their checksum; isal store check DIR names what is damaged',
    facts: { file, offset },
  });
}
