// The files of src/attestation/kinds/, read as the code reads them, for the
// pages and lists that are made from them. Nothing that is generated is needed
// for that: a kind imports the generated types alone, which leave no trace when
// it runs.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const folder = 'src/attestation/kinds/';

/** `#sha256` names a file of the last build, and there need be none. */
const platform = (top) => ({
  name: 'platform',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^#/ }, ({ path }) => ({
      path: fileURLToPath(new URL(`src/platform/${path.slice(1)}.ts`, top)),
    })),
});

/** The kind of each of the types, with its type, in the order in which lists have them. `top`: URL of the repository. */
export async function readKinds(types, top) {
  const here = readdirSync(new URL(folder, top))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .map((file) => file.slice(0, -'.ts'.length));
  for (const type of types) {
    if (!here.includes(type))
      throw new Error(`schemas/${type}.json is a predicate: write ${folder}${type}.ts`);
  }
  for (const type of here) {
    if (!types.includes(type))
      throw new Error(`${folder}${type}.ts wants schemas/${type}.json, titled …Predicate`);
  }
  const lines = types.map((type, i) => `export { kind as kind${i} } from './${type}.ts';`);
  const { outputFiles } = await build({
    stdin: { contents: lines.join('\n'), resolveDir: fileURLToPath(new URL(folder, top)), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    plugins: [platform(top)],
    logLevel: 'silent',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  const kinds = await import(`data:text/javascript;base64,${code}`);
  return types
    .map((type, i) => ({ type, ...kinds[`kind${i}`] }))
    .toSorted((a, b) => a.order - b.order || (a.type < b.type ? -1 : 1));
}
