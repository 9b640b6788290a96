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
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { decodeEnvelope } from '../../attestation/statement.ts';
import type { LedgerConfig } from '../../attestation/types.ts';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { formatSignerKey } from '../../note/key.ts';
import type { SignerKey } from '../../note/key.ts';
import { syncDirectory } from '../../storage/sync-directory.ts';
import { emptyRoot } from '../../tlog/hash.ts';
import { parseTrust, type Trust } from '../../verifier/trust.ts';
import { modeOf, requireKept } from '../terminal/modes.ts';
import { writeSecret } from '../terminal/secret-file.ts';
import { logKeyFiles, readConfig, readPart } from './log-keys.ts';

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
export interface LedgerDirectory {
  readonly path: string;
  readonly config: LedgerConfig;
  readonly genesis: Uint8Array;
  /** What verifiers pin; its policy rules the ledger too. */
  readonly trust: Trust;
  readonly database: string;
  readonly anchor: string;
  readonly evidence: string;
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

/** A new file for whoever may look into its directory, under any umask. */
export async function writePublic(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content, { flush: true });
  await chmod(path, modeOf.public);
}

/** Makes a ledger's directory, as `makeDirectory` does. */
export async function createDirectory(path: string, parts: LedgerParts): Promise<void> {
  await makeDirectory(path, async (temporary) => {
    await mkdir(join(temporary, 'keys'), { mode: modeOf.directory });
    await writePublic(join(temporary, 'config.json'), `${JSON.stringify(parts.config, null, 2)}\n`);
    await writePublic(join(temporary, 'genesis.json'), parts.genesis);
    await writePublic(join(temporary, 'trust.json'), parts.trust);
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

async function readGenesis(path: string): Promise<Uint8Array> {
  const leaf = await readFile(path);
  decodeEnvelope(leaf);
  return leaf;
}

/**
 * All but the keys, which the signer has (log-keys.ts). Throws `store-missing`,
 * `schema-violation`, `not-json`, `file-writable-by-others`, `malformed-trust`,
 * `malformed-policy`.
 */
export async function openDirectory(path: string): Promise<LedgerDirectory> {
  const directory = await openPublicDirectory(path);
  await requireKept('ledger', directory.path);
  return directory;
}

/** For looking, at a backup too: whoever could change it is none of its business. Throws as `openDirectory`, but for modes. */
export async function openPublicDirectory(path: string): Promise<LedgerDirectory> {
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
