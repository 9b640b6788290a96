/** `isal attest snapshot`: the manifest of a source tree with its git tree, and the statement for escrow. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { usualSource } from '../../attestation/kinds/index.ts';
import { predicateTypes, statementType } from '../../attestation/types.ts';
import { toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { defined } from '../../defined.ts';
import { snapshotOfDirectory } from '../../rebuild/directory.ts';
import type { Snapshot } from '../../rebuild/manifest.ts';
import { snapshotOfCommit } from '../../rebuild/repository.ts';
import { sha256 } from '#sha256';
import { onePositional, parseCommand } from '../terminal/args.ts';
import { binding, bindingOptions } from './binding.ts';
import { writeWhole } from '../terminal/files.ts';
import { unreadable } from '../terminal/hash-file.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { byteCount, plainLine } from '../terminal/marks.ts';
import { formatStatement } from './statement-file.ts';

export const usage: string = `isal attest snapshot DIR            manifest of all files of DIR (without .git), and its git tree
isal attest snapshot GIT --commit REV
                                   the same of a commit in a repository (needs the git program)
  --manifest FILE   keep the manifest: it goes into escrow with the source
  --out STATEMENT   write the source-snapshot too, to sign; it needs --manifest and
    --product P --version V --site SITE --country CC
    --kind KIND            product (default), cloud, rules or build-scripts
  --url URL or --trust FILE, or --origin ORIGIN, --authority LEAFHASH and --seq N;
  --source ID; --json`;

const text = { type: 'string' } as const;
const options = {
  ...bindingOptions,
  commit: text,
  manifest: text,
  out: text,
  product: text,
  version: text,
  site: text,
  country: text,
  kind: text,
  json: { type: 'boolean', default: false },
} as const;

const kinds = ['product', 'cloud', 'rules', 'build-scripts'];
const needed = ['manifest', 'product', 'version', 'site', 'country'] as const;

type Values = ReturnType<typeof parseCommand<typeof options>>['values'];

function required(values: Values, name: (typeof needed)[number]): string {
  const value = values[name];
  if (value !== undefined) return value;
  throw new LedgerError('usage', `a statement needs --${name}`, { expected: usage });
}

export async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommand(args, options, usage);
  const path = onePositional(positionals, 'directory', usage);
  const kind = values.kind ?? 'product';
  if (values.out !== undefined) {
    for (const name of needed) required(values, name);
    if (!kinds.includes(kind)) {
      throw new LedgerError('usage', '--kind is none of the kinds', {
        expected: kinds.join(', '),
        got: kind,
      });
    }
  }
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
  const snapshot: Snapshot & { readonly commit?: string } =
    values.commit === undefined
      ? await snapshotOfDirectory(path, onProgress)
      : await snapshotOfCommit(path, values.commit, onProgress);
  if (drawn > began) io.stderr('\r\u001b[K');
  const { manifest, files, bytes, tree, commit } = snapshot;
  const digest = {
    sha256: toHex(sha256(manifest)),
    sha512: createHash('sha512').update(manifest).digest('hex'),
  };
  const git = { ...defined({ commit }), tree };
  let statement: Uint8Array | undefined;
  if (values.out !== undefined) {
    const bound = await binding(values, usualSource('source-snapshot'), io);
    statement = formatStatement({
      _type: statementType,
      subject: [{ name: basename(required(values, 'manifest')), digest }],
      predicateType: predicateTypes['source-snapshot'],
      predicate: {
        ...bound,
        product: required(values, 'product'),
        version: required(values, 'version'),
        kind,
        manifest: digest,
        files,
        git,
        escrow: {
          site: required(values, 'site'),
          country: required(values, 'country'),
          receivedAt: bound.occurredAt,
        },
      },
    });
  }
  if (values.manifest !== undefined) await writeWhole(values.manifest, manifest);
  if (values.out !== undefined && statement !== undefined) await writeWhole(values.out, statement);
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
