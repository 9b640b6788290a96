/** Bundles `isal/verifier` for browsers, as a web page would; prints its size. Fails on any `node:` module. */
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../src/verifier/index.js', import.meta.url));

/** The minified bundle. Throws when anything in it cannot run in a browser. */
export async function browserBundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error('esbuild wrote nothing');
  return file.contents;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bundle = await browserBundle();
  const packed = gzipSync(bundle).length;
  process.stdout.write(`isal/verifier for browsers: ${bundle.length} bytes, ${packed} gzipped\n`);
}
