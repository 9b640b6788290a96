/**
 * A ledger's directory, as `isal init` makes it and `isal serve` opens it:
 *
 *     config.json              origin and where to listen (schemas/config.json)
 *     genesis.json             leaf 0, the first authority document, signed
 *     trust.json               what verifiers pin; published out of band. Its policy is also
 *                              the ledger's own: these witnesses it asks, and this quorum it needs
 *     keys/log-ed25519.key     the log's key (0x01), mode 0600
 *     keys/log-mldsa44.key     the log's post-quantum key (0x06), unless switched off
 *     db/                      LevelDB, made by the first `serve`
 *     anchor/                  what this ledger has committed itself to; never inside db/
 *     evidence/                against sources that used a number twice; made by `serve`
 */
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { parseJson } from '../../attestation/canonical.ts';
import { decodeEnvelope } from '../../attestation/statement.ts';
import { validateSchema } from '../../attestation/schema.ts';
import type { LedgerConfig } from '../../attestation/types.ts';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { formatSignerKey, parseSignerKey } from '../../note/key.ts';
import type { SignerKey } from '../../note/key.ts';
import { syncDirectory } from '../../storage/sync-directory.ts';
import { emptyRoot } from '../../tlog/hash.ts';
import { parseTrust, type Trust } from '../../verifier/trust.ts';
import { reasonOf } from '../terminal/hash-file.ts';
import { readSecret, writeSecret } from '../terminal/secret-file.ts';

const logKeyFiles = ['log-ed25519.key', 'log-mldsa44.key'] as const;

export interface LedgerParts {
  readonly config: LedgerConfig;
  readonly genesis: Uint8Array;
  readonly trust: string;
  /** Ed25519 first; ML-DSA-44 second where there is one. */
  readonly logKeys: readonly SignerKey[];
  /** Further key files by name, for the parties that `init` makes keys for. */
  readonly partyKeys: ReadonlyMap<string, string>;
}

/** All of a ledger's directory but its secrets: what a command needs that signs nothing. */
export interface PublicDirectory {
  readonly path: string;
  readonly config: LedgerConfig;
  readonly genesis: Uint8Array;
  /** What verifiers pin; its policy rules the ledger too. */
  readonly trust: Trust;
  readonly database: string;
  readonly anchor: string;
  readonly evidence: string;
}

export interface LedgerDirectory extends PublicDirectory {
  readonly logKeys: readonly SignerKey[];
}

/**
 * Makes a directory. Everything is written beside `path` and renamed into
 * place at the end, so a crash leaves a directory with a temporary name and
 * never half of one. Throws `store-exists` if there is anything at `path`,
 * `file-unreadable` when it cannot be made.
 */
export async function makeDirectory(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  const full = resolve(path);
  const present = await readdir(full).catch(() => undefined);
  const taken =
    present === undefined
      ? await stat(full).then(
          () => true,
          () => false,
        )
      : present.length > 0;
  if (taken) {
    throw new LedgerError('store-exists', 'there is already something in that place', {
      expected: 'a path that does not exist yet, or an empty directory',
      got: full,
    });
  }
  let temporary: string | undefined;
  try {
    await mkdir(dirname(full), { recursive: true });
    temporary = await mkdtemp(join(dirname(full), `.${basename(full)}.init-`));
    await fill(temporary);
    await syncDirectory(temporary);
    await rename(temporary, full);
    await syncDirectory(dirname(full));
  } catch (error) {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    if (error instanceof LedgerError) throw error;
    throw new LedgerError('file-unreadable', 'the directory cannot be made', {
      expected: 'a place whose parent you may write to, and which is not itself a mount',
      got: error instanceof Error ? error.message : full,
      cause: error,
    });
  }
}

/** Makes a ledger's directory, as `makeDirectory` does. */
export async function createDirectory(path: string, parts: LedgerParts): Promise<void> {
  await makeDirectory(path, async (temporary) => {
    await mkdir(join(temporary, 'keys'), { mode: 0o700 });
    await writeFile(join(temporary, 'config.json'), `${JSON.stringify(parts.config, null, 2)}\n`, {
      flush: true,
    });
    await writeFile(join(temporary, 'genesis.json'), parts.genesis, { flush: true });
    await writeFile(join(temporary, 'trust.json'), parts.trust, { flush: true });
    for (const [i, key] of parts.logKeys.entries()) {
      await writeSecret(
        join(temporary, 'keys', logKeyFiles[i] ?? `log-${i}.key`),
        `${formatSignerKey(key)}\n`,
      );
    }
    for (const [name, pem] of parts.partyKeys) await writeSecret(join(temporary, 'keys', name), pem);
    await Anchor.create(join(temporary, 'anchor'), { size: 0, root: emptyRoot });
    await syncDirectory(join(temporary, 'keys'));
  });
}

/** What `read` makes of a part of the directory; an error names the part. */
async function readPart<T>(path: string, read: (path: string) => T | Promise<T>): Promise<T> {
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

async function readConfig(path: string): Promise<LedgerConfig> {
  const config: unknown = parseJson(await readFile(path), { maxBytes: 65536, maxDepth: 8 });
  validateSchema('config', config);
  return config;
}

async function readLogKey(path: string, origin: string): Promise<SignerKey> {
  const key = parseSignerKey((await readSecret(path)).trimEnd());
  if (key.name === origin) return key;
  throw new LedgerError('origin-mismatch', 'the log key has another name than the origin', {
    expected: origin,
    got: key.name,
  });
}

async function readGenesis(path: string): Promise<Uint8Array> {
  const leaf = await readFile(path);
  decodeEnvelope(leaf);
  return leaf;
}

/**
 * Throws `store-missing`, `schema-violation`, `not-json`, `key-readable-by-others`,
 * `bad-key`, `origin-mismatch`, `malformed-trust`, `malformed-policy`.
 */
export async function openDirectory(path: string): Promise<LedgerDirectory> {
  const open = await openPublicDirectory(path);
  const { config } = open;
  const logKeys: SignerKey[] = [];
  for (const name of config.postQuantum ? logKeyFiles : logKeyFiles.slice(0, 1)) {
    logKeys.push(await readPart(join(open.path, 'keys', name), (file) => readLogKey(file, config.origin)));
  }
  return { ...open, logKeys };
}

/** Reads no key: whoever looks at a backup or refills a store need not be able to sign. Throws as `openDirectory`. */
export async function openPublicDirectory(path: string): Promise<PublicDirectory> {
  const full = resolve(path);
  return {
    path: full,
    config: await readPart(join(full, 'config.json'), readConfig),
    genesis: await readPart(join(full, 'genesis.json'), readGenesis),
    trust: await readPart(join(full, 'trust.json'), async (file) => parseTrust(await readFile(file))),
    database: join(full, 'db'),
    anchor: join(full, 'anchor'),
    evidence: join(full, 'evidence'),
  };
}
