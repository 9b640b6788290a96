/**
 * What `isal witness init DIR` lays down and `isal witness run DIR` picks up:
 *
 *     policy.txt               tlog-policy text: the `log` lines are the logs that are cosigned
 *     for-policies.txt         its `witness` lines, to be handed on
 *     keys/                    mode 0700; every file in it 0600
 *       witness-ed25519.key    signed-note key text (0x04)
 *       witness-mldsa44.key    signed-note key text (0x06), unless switched off
 *     db/                      LevelDB: what was cosigned, for each log
 *     anchor/                  the anchor of db/, never inside it
 *     forks/                   what was refused and may be a fork; see forks.ts
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Anchor } from '../../cosigner/anchor.ts';
import { LedgerError } from '../../errors.ts';
import { formatSignerKey, formatVerifierKey, parseSignerKey, verifierOf } from '../../note/key.ts';
import type { SignerKey } from '../../note/key.ts';
import { formatPolicy, parsePolicy } from '../../note/policy.ts';
import type { Policy } from '../../note/policy.ts';
import { openLevel } from '../../storage/level.ts';
import { syncDirectory } from '../../storage/sync-directory.ts';
import { emptyRoot } from '../../tlog/hash.ts';
import { witnessPolicyBounds } from '../../witness/witness.ts';
import { makeDirectory, writePublic } from '../serve/directory.ts';
import { readSmall } from '../terminal/files.ts';
import { modeOf, requireKept, type ModeOptions } from '../terminal/modes.ts';
import { readSecret, writeSecret } from '../terminal/secret-file.ts';

/** Beside the policy by which it is run, which is another. */
export const policyLinesFile = 'for-policies.txt';

/** By the type of the key. */
const keyFiles: readonly (readonly [type: number, file: string])[] = [
  [4, 'witness-ed25519.key'],
  [6, 'witness-mldsa44.key'],
];

export interface WitnessDirectory {
  readonly policy: Policy;
  readonly keys: readonly SignerKey[];
  readonly database: string;
  readonly anchor: string;
  readonly forks: string;
}

/** Throws `store-exists` if there is anything at `path`. A crash leaves a directory of a temporary name. */
export async function createWitnessDirectory(
  path: string,
  parts: { readonly policy: Policy; readonly keys: readonly SignerKey[]; readonly url?: string | undefined },
): Promise<void> {
  await makeDirectory(path, async (temporary) => {
    await mkdir(join(temporary, 'keys'), { mode: modeOf.directory });
    await mkdir(join(temporary, 'forks'));
    await writePublic(join(temporary, 'policy.txt'), formatPolicy(parts.policy, witnessPolicyBounds));
    await writePublic(join(temporary, policyLinesFile), policyLines(parts.keys, parts.url));
    for (const key of parts.keys) {
      const [, file = ''] = keyFiles.find(([type]) => type === key.type) ?? [];
      await writeSecret(join(temporary, 'keys', file), `${formatSignerKey(key)}\n`);
    }
    await syncDirectory(join(temporary, 'keys'));
    await (await openLevel(join(temporary, 'db'), { create: true })).close();
    await Anchor.create(join(temporary, 'anchor'), { size: 0, root: emptyRoot });
  });
}

/** Throws `store-missing`, `malformed-policy`, `key-readable-by-others`, `file-writable-by-others`, `bad-key`. */
export async function openWitnessDirectory(
  path: string,
  options: ModeOptions = {},
): Promise<WitnessDirectory> {
  const full = resolve(path);
  const policyPath = join(full, 'policy.txt');
  await readFile(policyPath).catch((cause: unknown) => {
    throw new LedgerError('store-missing', 'this is not a witness’s directory, or a part of it is missing', {
      expected: 'a directory that `isal witness init DIR` made',
      got: `no ${policyPath}`,
      cause,
    });
  });
  await requireKept('witness', full, options);
  const keys: SignerKey[] = [];
  for (const [type, file] of keyFiles) {
    const secret = await readSecret(join(full, 'keys', file), options).catch((error: unknown) => {
      // A witness may have one of the two keys; whether it has any is asked when it is opened.
      if (error instanceof LedgerError && isMissing(error.cause)) return undefined;
      throw error;
    });
    if (secret === undefined) continue;
    const key = parseSignerKey(secret.trimEnd());
    if (key.type !== type) {
      throw new LedgerError('bad-key', `the key in ${file} is of another type`, {
        expected: `type ${type}`,
        got: `type ${key.type}`,
      });
    }
    keys.push(key);
  }
  return {
    policy: parsePolicy(await readSmall(policyPath, witnessPolicyBounds.bytes), witnessPolicyBounds),
    keys,
    database: join(full, 'db'),
    anchor: join(full, 'anchor'),
    forks: join(full, 'forks'),
  };
}

/**
 * The `witness` lines for policies, one for each key. All but the first are
 * comments: a witness has one voice, however many of its keys are listed.
 */
export function policyLines(keys: readonly SignerKey[], url?: string): string {
  return keys
    .map((key, at) => {
      const line = [
        'witness',
        key.name,
        formatVerifierKey(verifierOf(key)),
        ...(url === undefined ? [] : [url]),
      ];
      return `${at === 0 ? '' : '# '}${line.join(' ')}\n`;
    })
    .join('');
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
