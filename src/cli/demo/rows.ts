/** Rows of JSON Lines files, plain or gzipped, one at a time so that a large file never lies in memory whole. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { LedgerError } from '../../errors.ts';

/** Rows that come with the project; the compiled code lies one folder deeper than the sources. */
export function shippedRows(name: 'builds.jsonl' | 'updates.jsonl'): string {
  return fileURLToPath(new URL(`../../../../src/cli/demo/${name}`, import.meta.url));
}

/** Throws `file-unreadable`, or `not-json` naming the line. */
export async function* readRows<Row>(path: string): AsyncGenerator<Row> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? pipeline(file, createGunzip(), () => undefined) : file;
  let line = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Infinity })) {
      line++;
      if (text !== '') yield JSON.parse(text) as Row;
    }
  } catch (cause) {
    if (cause instanceof SyntaxError) {
      throw new LedgerError('not-json', `line ${line} of ${path} is not JSON`, { cause });
    }
    throw new LedgerError('file-unreadable', 'the rows cannot be read', { got: path, cause });
  }
}
