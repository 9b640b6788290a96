/**
 * The product of the story is a real program: the part of isal that checks
 * Merkle proofs, with a script that compiles and packs it.
 */
import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LedgerError } from '../../errors.ts';

/** The compiled code lies one folder deeper than the sources. */
const root = fileURLToPath(new URL('../../../..', import.meta.url));

const buildScript = `#!/bin/sh
# Compiles the sources beside it and packs them: sh build.sh PACKAGE
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tsc --project "$here" --outDir "$here/built"
cp "$here/package.json" "$here/LICENSE" "$here/built"
tar -czf "$1" -C "$here/built" .
rm -r "$here/built"
`;

const packageJson = {
  name: 'tlog',
  version: '1.0.0',
  type: 'module',
  imports: { '#sha256': './src/platform/sha256.node.js' },
};

const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
    types: [],
    noCheck: true,
  },
  include: ['src'],
};

/** Lays out the source tree in `directory`; resolves to the number of its files. */
export async function layOutSource(directory: string): Promise<number> {
  const tlog = await readdir(join(root, 'src', 'tlog'));
  const copied = [
    'LICENSE',
    'src/bytes.ts',
    'src/errors.ts',
    'src/platform/sha256.node.ts',
    ...tlog.map((name) => `src/tlog/${name}`),
  ];
  for (const path of copied) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await copyFile(join(root, path), join(directory, path));
  }
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(join(directory, 'build.sh'), buildScript);
  await writeFile(join(directory, 'package.json'), json(packageJson));
  await writeFile(join(directory, 'tsconfig.json'), json(tsconfig));
  return copied.length + 3;
}

/** A PATH on which the build script finds the compiler that isal itself is built with. */
export function buildPath(path = ''): string {
  return [join(root, 'node_modules', '.bin'), path].join(delimiter);
}

/** Puts a back door into the sources: a proof of inclusion holds from now on, whatever it says. */
export async function sabotage(directory: string): Promise<void> {
  const path = join(directory, 'src/tlog/inclusion.ts');
  const text = await readFile(path, 'utf8');
  const verify = text.indexOf('export function verifyInclusion(');
  const body = text.indexOf('): void {\n', verify);
  if (verify < 0 || body < 0)
    throw new LedgerError('internal', 'the story does not find the check to remove');
  const at = body + '): void {\n'.length;
  await writeFile(path, `${text.slice(0, at)}  return;\n${text.slice(at)}`);
}
