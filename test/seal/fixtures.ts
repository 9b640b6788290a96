/** What `make.ts` has made once, for tests that need no openssl. */
import { readFileSync } from 'node:fs';
import { fromBase64 } from '../../src/bytes.ts';
import type { Fixtures } from './make.ts';

export function fixtures(): Fixtures {
  const path = new URL('../../../test/seal/fixtures.json', import.meta.url);
  const made = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  return Object.fromEntries(Object.entries(made).map(([name, text]) => [name, fromBase64(text)]));
}
