/** `isal access disclose`: a disclosure of one field, made before the entry that commits to it. */
import { randomBytes } from 'node:crypto';
import { makeDisclosure, maxDisclosureChars, saltBytes } from '../../attestation/disclosure.ts';
import type { Disclosure } from '../../attestation/disclosure.ts';
import { fromUtf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { parseCommand } from '../terminal/args.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { writeSecret } from '../terminal/secret-file.ts';

export const usage: string = `isal access disclose --field NAME --in FILE --out DISCLOSURE    a disclosure, and its digest for _sd
  --in FILE        the text of the field; under a fresh salt it becomes the disclosure, for an
                   entry that has no event id: vault put --leaf keeps it when that is recorded`;

const options = { field: { type: 'string' }, in: { type: 'string' }, out: { type: 'string' } } as const;

export async function disclose(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  const { field, in: path, out } = values;
  if (field === undefined || path === undefined || out === undefined || positionals.length > 0) {
    throw new LedgerError('usage', 'name the field, the file of its text and the file to write', {
      expected: usage,
    });
  }
  const { text, digest } = await disclosureOf(path, field);
  // The file first: a digest whose disclosure is lost commits to nothing.
  await writeSecret(out, `${text}\n`);
  io.stdout(`${digest}\n`);
  return 0;
}

/** Of the text in a file, and never of one on the command line, which other users of the machine can read. */
export async function disclosureOf(path: string, name: string): Promise<Disclosure> {
  const value = fromUtf8(await readSmall(path, maxDisclosureChars)).replace(/\r?\n$/, '');
  return makeDisclosure({ salt: new Uint8Array(randomBytes(saltBytes)), name, value });
}
