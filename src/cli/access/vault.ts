/** `isal access vault`: the gateway puts disclosures in, the supervisor hands them out, or erases them. */
import { randomBytes } from 'node:crypto';
import { maxDisclosureChars, openDisclosure, parseDisclosures } from '../../attestation/disclosure.ts';
import type { Disclosure } from '../../attestation/disclosure.ts';
import { fromHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { formatVaultKey, parseVaultKey, vaultKeyBytes } from '../../vault/key.ts';
import { Vault, maxDisclosures } from '../../vault/vault.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { disclosureOf } from './disclose.ts';
import { namedEntry, provenBundle, recordOfEntry, whichEntry } from './entry.ts';
import { onePositional, parseCommand } from '../terminal/args.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { readSecret, writeSecret } from '../terminal/secret-file.ts';
import { pinnedTrust } from '../online/trust.ts';

export const usage: string = `isal access vault init DIR --key FILE     an empty vault, and its key, to be kept apart from it
isal access vault put DIR --key FILE RECORD --in FILE
  RECORD           --record ID: event id of an access event, leaf hash of another entry, 64
                   hexadecimal digits; nothing is asked
                   --index N or --leaf LEAFHASH: of an entry that is recorded; the ledger is
                   asked for it, and learns which one, unless --bundle FILE has it; takes
                   --trust, --url and --max-age
  --in FILE        disclosures, one a line; with --field the text of one field, of which
                   a disclosure is made, kept, and its digest printed for _sd
  --field NAME     for example identity, detail, approver
isal access vault get DIR --key FILE RECORD [--field NAME] [--out FILE]
isal access vault erase DIR --key FILE RECORD [--field NAME]
                   for good: returns when no file of the vault holds it any more`;

const options = {
  key: { type: 'string' },
  record: { type: 'string' },
  index: { type: 'string' },
  leaf: { type: 'string' },
  bundle: { type: 'string' },
  trust: { type: 'string' },
  url: { type: 'string' },
  'max-age': { type: 'string' },
  field: { type: 'string' },
  in: { type: 'string' },
  out: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

/** Under what the vault keeps disclosures, and the entry that it was found by, where it was. */
interface Found {
  readonly record: Uint8Array;
  readonly entry?: Entry;
}

type Verb = (vault: Vault, found: Found, values: Values, io: Io) => Promise<void>;

const verbs: Readonly<Record<string, Verb>> = {
  put,
  get,
  erase,
};

export async function vault(args: readonly string[], io: Io): Promise<ExitStatus> {
  const [verb = '', ...rest] = args;
  const { values, positionals } = parseCommand(rest, options, usage);
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (run === undefined && verb !== 'init') throw refused('there is no such vault command', verb);
  const dir = onePositional(positionals, 'directory of a vault', usage);
  if (values.key === undefined) throw refused('name the key file', 'no --key');
  if (run === undefined) return init(dir, values.key, io);
  const found = await recordOf(values, io);
  const opened = await Vault.open(dir, {
    key: parseVaultKey(await readSecret(values.key)),
    now: () => io.now(),
  });
  try {
    await run(opened, found, values, io);
  } finally {
    await opened.close();
  }
  return 0;
}

function refused(message: string, got: string): LedgerError {
  return new LedgerError('usage', message, { expected: usage, got });
}

async function init(dir: string, keyFile: string, io: Io): Promise<ExitStatus> {
  const key = new Uint8Array(randomBytes(vaultKeyBytes));
  // The key first: a crash here leaves a key that opens nothing, never a vault without a key.
  await writeSecret(keyFile, formatVaultKey(key));
  await (await Vault.create(dir, { key, now: () => io.now() })).close();
  io.stdout(`made the vault ${dir} and its key ${keyFile}; keep copies of the key, without it all is lost\n`);
  return 0;
}

async function put(opened: Vault, { record, entry }: Found, values: Values, io: Io): Promise<void> {
  if (values.in === undefined) throw refused('name the file to read', 'no --in');
  const disclosures = await disclosuresIn(values.in, values.field);
  // A recorded entry cannot commit to anything any more: what it does not commit to would prove nothing for ever.
  if (entry !== undefined) for (const one of disclosures) openDisclosure(one, entry.attestation);
  await opened.put(record, disclosures);
  for (const { digest } of disclosures) io.stdout(`${digest}\n`);
}

/** Those in the file, a line each; or, of a field, one made of the text in it. */
async function disclosuresIn(path: string, name: string | undefined): Promise<Disclosure[]> {
  if (name === undefined) {
    return parseDisclosures(await readSmall(path, maxDisclosures * (maxDisclosureChars + 1)));
  }
  return [await disclosureOf(path, name)];
}

async function get(opened: Vault, { record }: Found, values: Values, io: Io): Promise<void> {
  const found = await opened.get(record, { name: values.field });
  const lines = found.map(({ text }) => `${text}\n`).join('');
  if (values.out === undefined) io.stdout(lines);
  else await writeSecret(values.out, lines);
}

async function erase(opened: Vault, { record }: Found, values: Values, io: Io): Promise<void> {
  const count = await opened.erase(record, { name: values.field });
  io.stdout(
    `erased ${count} disclosure${count === 1 ? '' : 's'}; no file of the vault holds them any more\n`,
  );
}

async function recordOf(values: Values, io: Io): Promise<Found> {
  const { record, trust, url, bundle } = values;
  const which = whichEntry(values, { usage });
  if (which !== undefined) {
    if (record !== undefined) throw refused('--record excludes --index and --leaf', 'both');
    const proven = await provenBundle(which, values, { trust: await pinnedTrust(trust, io), io });
    const entry = namedEntry(proven, which);
    return { record: recordOfEntry(entry), entry };
  }
  if (record === undefined) throw refused('name the record', 'no --record, --index or --leaf');
  if (!/^[0-9a-f]{64}$/.test(record)) {
    throw refused('--record is 64 lowercase hexadecimal digits', 'another text');
  }
  // Somebody who gives a ledger expects to be told whether the record is in it.
  if ([trust, url, bundle].some((option) => option !== undefined)) {
    throw refused('--record asks no ledger and reads no bundle', 'a ledger or a bundle beside it');
  }
  return { record: fromHex(record, 32) };
}
