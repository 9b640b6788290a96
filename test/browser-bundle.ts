/** Bundles `isal/verifier` for browsers, as a web page would; prints its size. Fails on any `node:` module. */
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../src/verifier/index.js', import.meta.url));

export interface BrowserBundle {
  /** What a page loads at once, minified. */
  readonly first: Uint8Array;
  /** What it loads when there is a seal to judge. */
  readonly later: Uint8Array;
}

/** Throws when anything in it cannot run in a browser. */
export async function browserBundle(): Promise<BrowserBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    metafile: true,
    outdir: 'bundle',
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'silent',
  });
  // What the entry imports at the top of its file is loaded with it, and what that imports likewise.
  const outputs = Object.entries(metafile.outputs);
  const first = new Set(
    outputs.filter(([, { entryPoint }]) => entryPoint?.endsWith('verifier/index.js')).map(([path]) => path),
  );
  for (const path of first) {
    for (const { path: imported, kind } of metafile.outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') first.add(imported);
    }
  }
  const contents = (wanted: boolean): Uint8Array =>
    Buffer.concat(
      outputFiles
        .filter(({ path }) => [...first].some((one) => path.endsWith(one)) === wanted)
        .map((file) => file.contents),
    );
  return { first: contents(true), later: contents(false) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { first, later } = await browserBundle();
  const size = (bytes: Uint8Array): string => `${bytes.length} bytes, ${gzipSync(bytes).length} gzipped`;
  process.stdout.write(
    `isal/verifier for browsers: ${size(first)}; when there are seals: ${size(later)} more\n`,
  );
}
