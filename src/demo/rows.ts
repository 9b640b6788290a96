/** Rows of JSON Lines files, plain or gzipped, one at a time so that a large file never lies in memory whole. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { LedgerError } from '../errors.ts';

/** Rows that come with the project; the compiled code lies one folder deeper than the sources. */
export function shippedRows(name: 'builds.jsonl' | 'updates.jsonl'): string {
  return fileURLToPath(new URL(`../../../src/demo/${name}`, import.meta.url));
}

/**
 * The rows, each an object that has a text under each of `names`. Throws
 * `file-unreadable`, or `not-json` and `schema-violation` naming the line.
 */
export async function* readRows<Name extends string>(
  path: string,
  names: readonly Name[],
): AsyncGenerator<Readonly<Record<Name, string>>> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line++;
      if (text === '') continue;
      const row = JSON.parse(text) as Record<Name, unknown> | null;
      const missing = names.find((name) => typeof row?.[name] !== 'string');
      if (missing !== undefined) {
        throw new LedgerError('schema-violation', `line ${line} of ${path} is not a row of this kind`, {
          expected: `an object with the texts ${names.join(', ')}`,
          got: `no text ${missing}`,
        });
      }
      yield row as Readonly<Record<Name, string>>;
    }
  } catch (cause) {
    if (cause instanceof LedgerError) throw cause;
    if (cause instanceof SyntaxError) {
      throw new LedgerError('not-json', `line ${line} of ${path} is not JSON`, { cause });
    }
    throw new LedgerError('file-unreadable', 'the rows cannot be read', { got: path, cause });
  }
}
