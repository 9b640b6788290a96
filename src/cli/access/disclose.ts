/** `isal access disclose`: a disclosure of one field, made before the entry that commits to it. */
import { randomBytes } from 'node:crypto';
import { makeDisclosure, maxDisclosureChars, saltBytes } from '../../attestation/disclosure.ts';
import type { Disclosure } from '../../attestation/disclosure.ts';
import { fromUtf8 } from '../../bytes.ts';
import type { Given } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { writeSecret } from '../terminal/secret-file.ts';

export async function disclose(
  { values: { field, in: path, out } }: Given<typeof described.disclose>,
  io: Io,
): Promise<ExitStatus> {
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
