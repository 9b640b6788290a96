/** `isal access vault`: the gateway puts disclosures in, the supervisor hands them out, or erases them. */
import { randomBytes } from 'node:crypto';
import { maxDisclosureChars, openDisclosure, parseDisclosures } from '../../attestation/disclosure.ts';
import type { Disclosure } from '../../attestation/disclosure.ts';
import { fromHex } from '../../bytes.ts';
import { formatVaultKey, parseVaultKey, vaultKeyBytes } from '../../vault/key.ts';
import { Vault, maxDisclosures } from '../../vault/vault.ts';
import type { Entry } from '../../verifier/authorising/walk.ts';
import { disclosureOf } from './disclose.ts';
import { namedEntry, provenBundle, recordOfEntry, whichEntry } from './entry.ts';
import { misused } from '../terminal/args.ts';
import type { Given, ValuesOf } from '../terminal/command.ts';
import type { described } from './commands.ts';
import type { ExitStatus } from '../terminal/exit.ts';
import { readSmall } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { requireKept } from '../terminal/modes.ts';
import { readSecret, writeSecret } from '../terminal/secret-file.ts';
import { pinnedTrust } from '../online/trust.ts';

/** What names the vault, and the record in it. */
type Place = ValuesOf<typeof described.vaultErase>;

/** Under what the vault keeps disclosures, and the entry that it was found by, where it was. */
interface Found {
  readonly record: Uint8Array;
  readonly entry?: Entry;
}

/** With the vault open, and closed again however that ends. */
async function withVault(
  dir: string,
  values: Place,
  { io, work }: { readonly io: Io; readonly work: (vault: Vault, found: Found) => Promise<void> },
): Promise<ExitStatus> {
  const found = await recordOf(values, io);
  await requireKept('vault', dir);
  const opened = await Vault.open(dir, {
    key: parseVaultKey(await readSecret(values.key, { readable: values['readable-keys'] })),
    now: () => io.now(),
  });
  try {
    await work(opened, found);
  } finally {
    await opened.close();
  }
  return 0;
}

export async function init(
  { values: { key: keyFile }, positionals: [dir] }: Given<typeof described.vaultInit>,
  io: Io,
): Promise<ExitStatus> {
  const key = new Uint8Array(randomBytes(vaultKeyBytes));
  // The key first: a crash here leaves a key that opens nothing, never a vault without a key.
  await writeSecret(keyFile, formatVaultKey(key));
  await (await Vault.create(dir, { key, now: () => io.now() })).close();
  io.stdout(`made the vault ${dir} and its key ${keyFile}; keep copies of the key, without it all is lost\n`);
  return 0;
}

export function put(
  { values, positionals: [dir] }: Given<typeof described.vaultPut>,
  io: Io,
): Promise<ExitStatus> {
  const work = async (vault: Vault, { record, entry }: Found): Promise<void> => {
    const disclosures = await disclosuresIn(values.in, values.field);
    // A recorded entry cannot commit to anything any more: what it does not commit to would prove nothing for ever.
    if (entry !== undefined) for (const one of disclosures) openDisclosure(one, entry.attestation);
    await vault.put(record, disclosures);
    for (const { digest } of disclosures) io.stdout(`${digest}\n`);
  };
  return withVault(dir, values, { io, work });
}

/** Those in the file, a line each; or, of a field, one made of the text in it. */
async function disclosuresIn(path: string, name: string | undefined): Promise<Disclosure[]> {
  if (name === undefined) {
    return parseDisclosures(await readSmall(path, maxDisclosures * (maxDisclosureChars + 1)));
  }
  return [await disclosureOf(path, name)];
}

export function get(
  { values, positionals: [dir] }: Given<typeof described.vaultGet>,
  io: Io,
): Promise<ExitStatus> {
  const work = async (vault: Vault, { record }: Found): Promise<void> => {
    const found = await vault.get(record, { name: values.field });
    const lines = found.map(({ text }) => `${text}\n`).join('');
    if (values.out === undefined) io.stdout(lines);
    else await writeSecret(values.out, lines);
  };
  return withVault(dir, values, { io, work });
}

export function erase(
  { values, positionals: [dir] }: Given<typeof described.vaultErase>,
  io: Io,
): Promise<ExitStatus> {
  const work = async (vault: Vault, { record }: Found): Promise<void> => {
    const count = await vault.erase(record, { name: values.field });
    io.stdout(
      `erased ${count} disclosure${count === 1 ? '' : 's'}; no file of the vault holds them any more\n`,
    );
  };
  return withVault(dir, values, { io, work });
}

async function recordOf(values: Place, io: Io): Promise<Found> {
  const { record, trust, url, bundle } = values;
  const which = whichEntry(values);
  if (which !== undefined) {
    const proven = await provenBundle(which, values, { trust: await pinnedTrust(trust, io), io });
    const entry = namedEntry(proven, which);
    return { record: recordOfEntry(entry), entry };
  }
  if (record === undefined || !/^[0-9a-f]{64}$/.test(record)) {
    throw misused('--record is 64 lowercase hexadecimal digits');
  }
  // Somebody who gives a ledger expects to be told whether the record is in it.
  if ([trust, url, bundle].some((option) => option !== undefined)) {
    throw misused('--record asks no ledger and reads no bundle');
  }
  return { record: fromHex(record, 32) };
}
