/**
 * A manifest: edits, each of which adds tables to levels and takes some away.
 * What is left after the last one are the tables of the database.
 */
import { compare } from '../../bytes.ts';
import { Cursor } from './cursor.ts';
import { Damage } from './damage.ts';
import { userKeyOf } from './internal-key.ts';
import type { LogRecord } from './log-file.ts';

const levels = 7;
const comparator = 'leveldb.BytewiseComparator';

export interface TableMeta {
  readonly number: number;
  readonly level: number;
  readonly size: number;
  /** Internal keys: the first and the last of the table. */
  readonly smallest: Uint8Array;
  readonly largest: Uint8Array;
}

export interface Version {
  /** By level; below the first level by their keys, in the first one from the newest to the oldest. */
  readonly levels: readonly (readonly TableMeta[])[];
  /** Logs with this number or a higher one are not in the tables yet; 0 in a database that is just being made. */
  readonly logNumber: number;
  /** An older log that is not in the tables either; 0 for none. */
  readonly previousLog: number;
}

const tags = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

export class VersionBuilder {
  readonly #levels: Map<number, TableMeta>[] = Array.from({ length: levels }, () => new Map());
  /** Undefined until an edit says it, as the first one of every manifest does. */
  #logNumber: number | undefined;
  #previousLog = 0;

  /** Throws `Damage`, and is then not to be used any more. */
  apply({ offset, bytes }: LogRecord): void {
    const cursor = new Cursor(bytes, offset);
    // As LevelDB does it: a table that one edit takes from a level and adds to it stays.
    const added: TableMeta[] = [];
    while (cursor.left > 0) {
      const tag = cursor.varint();
      if (tag === tags.comparator) requireComparator(cursor);
      else if (tag === tags.logNumber) this.#logNumber = cursor.varint();
      else if (tag === tags.previousLog) this.#previousLog = cursor.varint();
      else if (tag === tags.nextFile || tag === tags.lastSequence) cursor.varint();
      else if (tag === tags.compactPointer) {
        levelAt(cursor);
        cursor.sized();
      } else if (tag === tags.deletedFile) this.#levels[levelAt(cursor)]?.delete(cursor.varint());
      else if (tag === tags.newFile) added.push(tableAt(cursor));
      else throw cursor.damage(`an edit has the unknown tag ${tag}`);
    }
    for (const table of added) this.#levels[table.level]?.set(table.number, table);
  }

  /** Throws `Damage` for a manifest that has lost its beginning. */
  version(): Version {
    if (this.#logNumber === undefined) throw new Damage(0, 'the manifest does not say which logs are in use');
    const [newest = new Map(), ...sorted] = this.#levels;
    return {
      levels: [
        [...newest.values()].sort((a, b) => b.number - a.number),
        ...sorted.map((level) => [...level.values()].sort((a, b) => compare(a.smallest, b.smallest))),
      ],
      logNumber: this.#logNumber,
      previousLog: this.#previousLog,
    };
  }
}

function requireComparator(cursor: Cursor): void {
  const name = Buffer.from(cursor.sized()).toString('latin1');
  if (name !== comparator) throw cursor.damage('the rows are sorted by another order than LevelDB’s own');
}

function levelAt(cursor: Cursor): number {
  const level = cursor.varint();
  if (level >= levels) throw cursor.damage(`there is no level ${level}`);
  return level;
}

function tableAt(cursor: Cursor): TableMeta {
  const level = levelAt(cursor);
  const number = cursor.varint();
  const size = cursor.varint();
  const smallest = cursor.sized().slice();
  const largest = cursor.sized().slice();
  const table = { number, level, size, smallest, largest };
  for (const key of [smallest, largest]) userKeyOf(key, 0);
  return table;
}

/** The user keys between which a table has its rows. */
export function spanOf({ smallest, largest }: TableMeta): {
  readonly gte: Uint8Array;
  readonly lte: Uint8Array;
} {
  return { gte: userKeyOf(smallest, 0), lte: userKeyOf(largest, 0) };
}

/** Throws `Damage` where two tables of a sorted level overlap: LevelDB would miss rows of one of them. */
export function requireDisjoint({ levels: [, ...sorted] }: Version): void {
  for (const tables of sorted) {
    for (const [at, table] of tables.entries()) {
      const before = tables[at - 1];
      if (compare(spanOf(table).gte, spanOf(table).lte) > 0) {
        throw new Damage(0, `table ${table.number} begins behind its end`);
      }
      if (before === undefined || compare(spanOf(before).lte, spanOf(table).gte) <= 0) continue;
      throw new Damage(0, `tables ${before.number} and ${table.number} of one level overlap`);
    }
  }
}
