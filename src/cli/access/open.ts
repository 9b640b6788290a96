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
import { grouped } from '../../verifier/judging/hops.ts';
import type { VerifiedBundle } from '../../verifier/judging/verify-bundle.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { namedEntry, provenBundle, whichEntry } from './entry.ts';
import type { Which } from './entry.ts';
import { onePositional, parseCommand } from '../terminal/args.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { hopLine, markLine } from '../terminal/marks.ts';
import { pinnedTrust } from '../online/trust.ts';

export const usage: string = `isal access open FILE --index N|--leaf LEAFHASH    what a disclosure shows
  FILE             the disclosure, one line; it never leaves this machine
  --bundle FILE    the entry is in this .isal-bundle: no network, and no need to name it
  --trust FILE     the pinned trust file (default: ISAL_TRUST)
  --url URL        the ledger (default: the URL in the trust file)
  --max-age S      refuse witnesses' signatures older than S seconds
  --json           the answer as JSON`;

const options = {
  index: { type: 'string' },
  leaf: { type: 'string' },
  bundle: { type: 'string' },
  trust: { type: 'string' },
  url: { type: 'string' },
  'max-age': { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

export async function open(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  const path = onePositional(positionals, 'file with a disclosure', usage);
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

function whichOf(values: Values): Which | undefined {
  const which = whichEntry(values, { usage });
  if (which === undefined && values.bundle === undefined) {
    throw new LedgerError('usage', 'name the entry by --index or --leaf', { expected: usage });
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
