/** `isal access vault`: the gateway puts disclosures in, the supervisor hands them out, or erases them. */
import { randomBytes } from 'node:crypto';
import {
  makeDisclosure,
  maxDisclosureChars,
  parseDisclosures,
  saltBytes,
} from '../attestation/disclosure.ts';
import type { Disclosure } from '../attestation/disclosure.ts';
import { fromHex, fromUtf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { formatVaultKey, parseVaultKey, vaultKeyBytes } from '../vault/key.ts';
import { Vault, maxDisclosures } from '../vault/vault.ts';
import { onePositional, parseCommand } from './args.ts';
import type { ExitStatus } from './exit.ts';
import { readSmall } from './files.ts';
import type { Io } from './io.ts';
import { readSecret, writeSecret } from './secret-file.ts';

export const usage: string = `isal access vault init DIR --key FILE     an empty vault, and its key, to be kept apart from it
isal access vault put DIR --key FILE --record ID --in FILE
  --record ID      event id of an access event, leaf hash of another entry: 64 hexadecimal digits
  --in FILE        disclosures, one a line; with --field the text of one field, of which
                   a disclosure is made, kept, and its digest printed for _sd
  --field NAME     for example identity, detail, approver
isal access vault get DIR --key FILE --record ID [--field NAME] [--out FILE]
isal access vault erase DIR --key FILE --record ID [--field NAME]
                   for good: returns when no file of the vault holds it any more`;

const options = {
  key: { type: 'string' },
  record: { type: 'string' },
  field: { type: 'string' },
  in: { type: 'string' },
  out: { type: 'string' },
} as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

const verbs: Readonly<Record<string, (vault: Vault, values: Values, io: Io) => Promise<void>>> = {
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
  const opened = await Vault.open(dir, {
    key: parseVaultKey(await readSecret(values.key)),
    now: () => io.now(),
  });
  try {
    await run(opened, values, io);
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

async function put(opened: Vault, values: Values, io: Io): Promise<void> {
  const record = recordOf(values);
  if (values.in === undefined) throw refused('name the file to read', 'no --in');
  const disclosures = await disclosuresIn(values.in, values.field);
  await opened.put(record, disclosures);
  for (const { digest } of disclosures) io.stdout(`${digest}\n`);
}

/** From a file and never from the command line, which other users of the machine can read. */
async function disclosuresIn(path: string, name: string | undefined): Promise<Disclosure[]> {
  if (name === undefined) {
    return parseDisclosures(await readSmall(path, maxDisclosures * (maxDisclosureChars + 1)));
  }
  const value = fromUtf8(await readSmall(path, maxDisclosureChars)).replace(/\r?\n$/, '');
  return [makeDisclosure({ salt: new Uint8Array(randomBytes(saltBytes)), name, value })];
}

async function get(opened: Vault, values: Values, io: Io): Promise<void> {
  const found = await opened.get(recordOf(values), { name: values.field });
  const lines = found.map(({ text }) => `${text}\n`).join('');
  if (values.out === undefined) io.stdout(lines);
  else await writeSecret(values.out, lines);
}

async function erase(opened: Vault, values: Values, io: Io): Promise<void> {
  const count = await opened.erase(recordOf(values), { name: values.field });
  io.stdout(
    `erased ${count} disclosure${count === 1 ? '' : 's'}; no file of the vault holds them any more\n`,
  );
}

function recordOf({ record }: Values): Uint8Array {
  if (record === undefined) throw refused('name the record', 'no --record');
  if (!/^[0-9a-f]{64}$/.test(record))
    throw refused('--record is 64 lowercase hexadecimal digits', 'another text');
  return fromHex(record, 32);
}
