/** `isal access open`: does an entry commit to the field that somebody has disclosed? */
import {
  commitmentsIn,
  maxDisclosureChars,
  openDisclosure,
  parseDisclosure,
} from '../attestation/disclosure.ts';
import type { Disclosure } from '../attestation/disclosure.ts';
import { hashLeaf } from '#sha256';
import { fromUtf8, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { maxBundleBytes, parseBundle } from '../verifier/bundle.ts';
import type { Bundle } from '../verifier/bundle.ts';
import { correctedHops, correctionsAmong } from '../verifier/corrections.ts';
import { leafOf } from '../verifier/supporting.ts';
import type { Trust } from '../verifier/trust.ts';
import { verifyBundle } from '../verifier/verify.ts';
import type { VerifiedBundle } from '../verifier/verify.ts';
import type { Entry } from '../verifier/walk.ts';
import { numberOption, onePositional, parseCommand } from './args.ts';
import { entryLine } from './entry-text.ts';
import type { ExitStatus } from './exit.ts';
import { readSmall } from './files.ts';
import { printable } from './io.ts';
import type { Io } from './io.ts';
import { hopLine, markLine } from './marks.ts';
import { connect, fetchBundle, provenLeaf } from './online.ts';
import { pinnedTrust } from './trust.ts';

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
type Which = { readonly index: number } | { readonly leafHash: string };

/** The most corrections of one entry that are asked for. */
const maxCorrections = 16;

export async function open(args: readonly string[], io: Io): Promise<ExitStatus> {
  const { values, positionals } = parseCommand(args, options, usage);
  const path = onePositional(positionals, 'file with a disclosure', usage);
  const which = whichOf(values);
  const disclosure = await readDisclosure(path);
  const trust = await pinnedTrust(values.trust, io);
  const { summary, walk } = await proven(which, values, trust, io);
  const entry = walk.entries.find((one) => isMeant(one, which, disclosure));
  if (entry === undefined) {
    throw new LedgerError('not-recorded', 'the bundle holds no such entry', {
      expected: which === undefined ? 'an entry that commits to the disclosure' : 'the entry that was named',
    });
  }
  const at = openDisclosure(disclosure, entry.attestation);
  requireKeys(entry, walk);
  const corrected = correctedHops([leafOf(entry)], correctionsAmong(walk.entries));
  const exit: ExitStatus = corrected.length === 0 ? 0 : 1;
  const { index, attestation } = entry;
  if (values.json) {
    const field = { at, name: disclosure.name, value: disclosure.value };
    const corrections = corrected.map(({ index: by, text }) => ({ index: by, text }));
    const found = { index, leafHash: toHex(attestation.leafHash), type: attestation.type };
    io.stdout(`${JSON.stringify({ ...found, field, corrections, exit, checkpoint: summary })}\n`);
    return exit;
  }
  io.stdout(markLine('proven', 'Recorded', `${entryLine(index, attestation)}, of ${summary.size}`, io));
  const text = typeof disclosure.value === 'string' ? disclosure.value : JSON.stringify(disclosure.value);
  io.stdout(markLine('proven', 'Disclosed', `${at} is ${printable(text)}`, io));
  for (const hop of corrected) io.stdout(hopLine(hop, io));
  if (corrected.length === 0) {
    io.stdout(markLine('not-shown', 'Corrections', `none shown as of ${summary.size}`, io));
  }
  return exit;
}

function whichOf({ index, leaf, bundle, url }: Values): Which | undefined {
  const refuse = (message: string): never => {
    throw new LedgerError('usage', message, { expected: usage });
  };
  if (index !== undefined && leaf !== undefined) refuse('--index and --leaf exclude each other');
  if (bundle !== undefined && url !== undefined) refuse('--bundle judges without the ledger');
  if (index !== undefined) {
    return { index: numberOption('index', index, { min: 0, max: Number.MAX_SAFE_INTEGER }) };
  }
  if (leaf === undefined) {
    return bundle === undefined ? refuse('name the entry by --index or --leaf') : undefined;
  }
  if (!/^[0-9a-f]{64}$/.test(leaf)) refuse('--leaf is a leaf hash: 64 lowercase hexadecimal digits');
  return { leafHash: leaf };
}

async function readDisclosure(path: string): Promise<Disclosure> {
  const text = fromUtf8(await readSmall(path, maxDisclosureChars + 2));
  return parseDisclosure(text.replace(/\r?\n$/, ''));
}

async function proven(
  which: Which | undefined,
  values: Values,
  trust: Trust,
  io: Io,
): Promise<VerifiedBundle> {
  if (values.bundle !== undefined) {
    const bundle = parseBundle(await readSmall(values.bundle, maxBundleBytes));
    const age =
      values['max-age'] === undefined
        ? {}
        : {
            now: Math.floor(io.now() / 1_000),
            maxAge: numberOption('max-age', values['max-age'], { min: 1, max: 10 * 366 * 86_400 }),
          };
    return verifyBundle({ bundle, trust, ...age });
  }
  if (which === undefined) throw new Error('broken invariant: without a bundle the entry is named');
  return verifyBundle({ bundle: await fetched(which, values, trust, io), trust });
}

/** Only the number or the hash of the leaf goes to the ledger, nothing of the disclosure. */
async function fetched(which: Which, values: Values, trust: Trust, io: Io): Promise<Bundle> {
  const online = await connect({ url: values.url, maxAge: values['max-age'], trust, io });
  const { index, leaf } = await provenLeaf(online, which);
  const filters = { subject: `sha256:${toHex(hashLeaf(leaf))}`, type: 'correction' };
  const corrections = await online.client.search(filters, { limit: maxCorrections });
  return fetchBundle(online, [index, ...corrections], trust);
}

function isMeant({ index, attestation }: Entry, which: Which | undefined, disclosure: Disclosure): boolean {
  if (which === undefined) return commits(attestation, disclosure);
  return 'index' in which ? index === which.index : toHex(attestation.leafHash) === which.leafHash;
}

function commits(attestation: Entry['attestation'], disclosure: Disclosure): boolean {
  return commitmentsIn(attestation).some(({ digest }) => digest === disclosure.digest);
}

/** A later document may say that the key was already stolen when this was signed. */
function requireKeys(entry: Entry, { newest }: VerifiedBundle['walk']): void {
  const reached = entry.signers.find(({ keyid }) => newest.statusOf(keyid, entry.index) !== 'in-force');
  if (reached === undefined) return;
  throw new LedgerError('key-not-in-force', `the key of ${reached.name} is not in force as of this leaf`, {
    expected: 'keys that no later authority document revokes back to this leaf',
    got: `${newest.statusOf(reached.keyid, entry.index)}, by the document at leaf ${newest.index}`,
    index: entry.index,
  });
}
