/**
 * What a log's signer needs of a ledger's directory, and a server must not
 * read: the keys. It is loaded in a process of its own, so it imports little.
 */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { validateSchema } from '../../attestation/schema.ts';
import { parseJson } from '../../attestation/canonical.ts';
import type { LedgerConfig } from '../../attestation/types.ts';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { parseSignerKey, type SignerKey } from '../../note/key.ts';
import type { Served } from '../../signer/serving.ts';
import { requireLogKeys } from '../../signer/signer.ts';
import { reasonOf } from '../terminal/hash-file.ts';
import { requireKept, type ModeOptions } from '../terminal/modes.ts';
import { readSecret } from '../terminal/secret-file.ts';

export const logKeyFiles = ['log-ed25519.key', 'log-mldsa44.key'] as const;

/**
 * The keys, and the anchor for when it is wanted. Throws `store-missing`,
 * `schema-violation`, `not-json`, `key-readable-by-others`,
 * `file-writable-by-others`, `file-unreadable`, `bad-key`, `origin-mismatch`.
 */
export async function openSignerDirectory(path: string, options: ModeOptions = {}): Promise<Served> {
  const full = resolve(path);
  const { origin, postQuantum } = await readPart(join(full, 'config.json'), readConfig);
  await requireKept('signer', full, options);
  const keys: SignerKey[] = [];
  for (const name of postQuantum ? logKeyFiles : logKeyFiles.slice(0, 1)) {
    keys.push(await readPart(join(full, 'keys', name), (file) => readLogKey(file, origin, options)));
  }
  requireLogKeys(keys, origin);
  return { origin, keys, openAnchor: () => Anchor.open(join(full, 'anchor')) };
}

/** What `read` makes of a part of the directory; an error names the part. */
export async function readPart<T>(path: string, read: (path: string) => T | Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (cause) {
    if (cause instanceof LedgerError) {
      const { code, message, expected, got, at } = cause;
      throw new LedgerError(code, `${path}: ${message}`, { expected, got, at, cause });
    }
    throw new LedgerError('store-missing', 'this is not a ledger’s directory, or a part of it is missing', {
      expected: 'a directory that `isal init DIR` made',
      got: `${path}: ${reasonOf(cause) ?? 'unreadable'}`,
      cause,
    });
  }
}

export async function readConfig(path: string): Promise<LedgerConfig> {
  const config: unknown = parseJson(await readFile(path), { maxBytes: 65536, maxDepth: 8 });
  validateSchema('config', config);
  return config;
}

async function readLogKey(path: string, origin: string, options: ModeOptions): Promise<SignerKey> {
  const key = parseSignerKey((await readSecret(path, options)).trimEnd());
  if (key.name === origin) return key;
  throw new LedgerError('origin-mismatch', 'the log key has another name than the origin', {
    expected: origin,
    got: key.name,
  });
}
