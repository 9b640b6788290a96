/** `isal attest snapshot`: the manifest of a source tree with its git tree, and the statement for escrow. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { usualSource } from '../../attestation/kinds/index.ts';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import { toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { snapshotOfDirectory } from '../../rebuild/directory.ts';
import type { Snapshot } from '../../rebuild/manifest.ts';
import { snapshotOfCommit } from '../../rebuild/repository.ts';
import { sha256 } from '#sha256';
import { misused } from '../terminal/args.ts';
import type { Given as CommandGiven } from '../terminal/command.ts';
import { binding } from './binding.ts';
import type { described } from './commands.ts';
import { writeWhole } from '../terminal/files.ts';
import { unreadable } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, plainLine } from '../terminal/marks.ts';
import { formatStatement } from './statement-file.ts';

type Given = CommandGiven<typeof described.snapshot>;
type Values = Given['values'];

const needed = ['manifest', 'product', 'version', 'site', 'country'] as const;

type Stated = Values & { readonly [name in 'out' | (typeof needed)[number]]: string };

/** What a statement rests on, where one is wanted. */
function statedOf(values: Values): Stated | undefined {
  if (values.out === undefined) return undefined;
  const missing = needed.filter((name) => values[name] === undefined);
  if (missing.length > 0) throw misused(`--out needs ${missing.map((name) => `--${name}`).join(', ')}`);
  return values as Stated;
}

export async function snapshot({ values, positionals: [path] }: Given, io: Io): Promise<number> {
  const stated = statedOf(values);
  await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const began = io.now();
  let drawn = began;
  const onProgress = (files: number): void => {
    const now = io.now();
    if (!io.isTTY || now - began < 1_000 || now - drawn < 200) return;
    drawn = now;
    io.stderr(`\r${files} files`);
  };
  const taken: Snapshot & { readonly commit?: string } =
    values.commit === undefined
      ? await snapshotOfDirectory(path, onProgress)
      : await snapshotOfCommit(path, values.commit, onProgress);
  if (drawn > began) io.stderr('\r\u001b[K');
  const { manifest, files, bytes, tree, commit } = taken;
  const digest = {
    sha256: toHex(sha256(manifest)),
    sha512: createHash('sha512').update(manifest).digest('hex'),
  };
  const git = { ...defined({ commit }), tree };
  let statement: Uint8Array | undefined;
  if (stated !== undefined) {
    const bound = await binding(stated, usualSource('source-snapshot'), io);
    statement = formatStatement({
      _type: statementType,
      subject: [{ name: basename(stated.manifest), digest }],
      predicateType: predicateTypes['source-snapshot'],
      predicate: {
        ...bound,
        product: stated.product,
        version: stated.version,
        kind: stated.kind,
        manifest: digest,
        files,
        git,
        escrow: {
          site: stated.site,
          country: stated.country,
          receivedAt: bound.occurredAt,
        },
      },
    });
  }
  if (values.manifest !== undefined) await writeWhole(values.manifest, manifest);
  if (stated !== undefined && statement !== undefined) await writeWhole(stated.out, statement);
  if (values.json) {
    io.stdout(`${JSON.stringify({ manifest: digest, files, bytes, git })}\n`);
    return 0;
  }
  io.stdout(
    plainLine('Manifest', `sha256 ${digest.sha256}`) +
      plainLine('Files', `${files} (${byteCount(bytes)})`) +
      (commit === undefined ? '' : plainLine('Commit', commit)) +
      plainLine('Git tree', tree) +
      (values.manifest === undefined ? '' : `Manifest in ${printable(values.manifest)}\n`) +
      (values.out === undefined ? '' : `Statement in ${printable(values.out)}\n`),
  );
  return 0;
}
