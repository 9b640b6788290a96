/** `isal access open`: does an entry commit to the field that somebody has disclosed? */
import {
  commitmentsIn,
  maxDisclosureChars,
  openDisclosure,
  parseDisclosure,
} from '../../attestation/disclosure.ts';
import type { Disclosure } from '../../attestation/disclosure.ts';
import { fromUtf8, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { hopText } from '../../words/index.ts';
import { againstEntry } from '../../verifier/judging/one-entry.ts';
import { grouped } from '../../words/en/numbers.ts';
import type { VerifiedBundle } from '../../verifier/judging/verify-bundle.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { namedEntry, provenBundle, whichEntry } from './entry.ts';
import type { Which } from './entry.ts';
import { misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { hopLine, markLine } from '../terminal/marks.ts';
import { pinnedTrust } from '../online/trust.ts';

type Given = CommandGiven<typeof described.open>;

export async function open({ values, positionals: [path] }: Given, io: Io): Promise<ExitStatus> {
  const which = whichOf(values);
  const disclosure = await readDisclosure(path);
  const trust = await pinnedTrust(values.trust, io);
  const proven = await provenBundle(which, values, { trust, io });
  const { summary, walk } = proven;
  const entry = which === undefined ? committing(proven, disclosure) : namedEntry(proven, which);
  const at = openDisclosure(disclosure, entry.attestation);
  const corrected = againstEntry(entry, walk);
  const exit: ExitStatus = corrected.length === 0 ? 0 : 1;
  const { index, attestation } = entry;
  if (values.json) {
    const field = { at, name: disclosure.name, value: disclosure.value };
    const corrections = corrected.map((hop) => ({ index: hop.index, text: hopText(hop) }));
    const found = { index, leafHash: toHex(attestation.leafHash), type: attestation.type };
    io.stdout(`${JSON.stringify({ ...found, field, corrections, exit, checkpoint: summary })}\n`);
    return exit;
  }
  const { type, supervision } = attestation;
  const when = supervision === undefined ? '' : `, ${supervision.occurredAt}`;
  const where = `leaf ${grouped(index)} of ${grouped(summary.size)}: ${type}${when}`;
  io.stdout(markLine('proven', 'Recorded', where, io));
  const text = typeof disclosure.value === 'string' ? disclosure.value : JSON.stringify(disclosure.value);
  io.stdout(markLine('proven', 'Disclosed', `${at} is ${printable(text)}`, io));
  for (const hop of corrected) io.stdout(hopLine(hop, io));
  if (corrected.length === 0) {
    io.stdout(markLine('not-shown', 'Corrections', `none shown as of ${summary.size}`, io));
  }
  return exit;
}

function whichOf(values: Given['values']): Which | undefined {
  const which = whichEntry(values);
  if (which === undefined && values.bundle === undefined) {
    throw misused('name the entry by --index or --leaf, or give its --bundle');
  }
  return which;
}

async function readDisclosure(path: string): Promise<Disclosure> {
  const text = fromUtf8(await readSmall(path, maxDisclosureChars + 2));
  return parseDisclosure(text.replace(/\r?\n$/, ''));
}

function committing({ walk }: VerifiedBundle, disclosure: Disclosure): Entry {
  const found = walk.entries.find(({ attestation }) => commits(attestation, disclosure));
  if (found !== undefined) return found;
  throw new LedgerError('not-recorded', 'the bundle holds no such entry', {
    expected: 'an entry that commits to the disclosure',
  });
}

function commits(attestation: Entry['attestation'], disclosure: Disclosure): boolean {
  return commitmentsIn(attestation).some(({ digest }) => digest === disclosure.digest);
}
