import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string): unknown => JSON.parse(read(path));
const print = (script: string): string =>
  execFileSync(process.execPath, [join(root, '.ci/release', script), '--print'], { encoding: 'utf8' });

/** Licences that somebody has looked at: each lets isal be handed on under its own. */
const known = ['Apache-2.0', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT'];

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly integrity?: string;
}

/** What runs, by place in `node_modules`. */
const running = Object.entries(
  (json('package-lock.json') as { packages: Readonly<Record<string, Locked>> }).packages,
).filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true);

interface Bom {
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: { readonly 'bom-ref': string; readonly version: string } };
  readonly components: readonly {
    readonly 'bom-ref': string;
    readonly name: string;
    readonly version: string;
    readonly hashes: readonly { readonly content: string }[];
    readonly licenses: readonly { readonly license: { readonly id: string } }[];
  }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

describe('what isal runs with', () => {
  it('is listed with its licences in docs/licences.md, which npm run generate writes', () => {
    expect(print('licences.mjs')).to.equal(read('docs/licences.md'));
  });

  it('is under licences that somebody has looked at, and says of itself what the lock file says', () => {
    expect(running).to.have.length.above(40);
    for (const [path, { license }] of running) {
      expect(license, path).to.be.oneOf(known);
      expect((json(join(path, 'package.json')) as Locked).license, path).to.equal(license);
    }
  });

  it('stands whole in the bill of materials, with the hashes of the lock file', () => {
    const { specVersion, metadata, components, dependencies } = JSON.parse(print('sbom.mjs')) as Bom;
    expect(specVersion).to.equal('1.6');
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`));
    const expected = new Set(
      running.map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`),
    );
    expect(listed).to.deep.equal(expected);
    const integrities = new Set(running.map(([, { integrity }]) => integrity));
    for (const { hashes, name } of components) {
      const [hash] = hashes;
      const text = `sha512-${Buffer.from(hash?.content ?? '', 'hex').toString('base64')}`;
      expect(integrities, name).to.include(text);
    }
    const { dependencies: asked } = json('package.json') as { dependencies: object };
    const [own] = dependencies;
    expect(own?.ref).to.equal(metadata.component['bom-ref']);
    expect(own?.dependsOn).to.have.length(Object.keys(asked).length);
    // Whatever is in the bill is there because something asks for it, and whatever is asked for is there.
    const refs = new Set(components.map((component) => component['bom-ref']));
    expect(new Set(dependencies.flatMap(({ dependsOn }) => dependsOn))).to.deep.equal(refs);
  });

  it('gives the same bill each time, and another serial number for another content', () => {
    const first = print('sbom.mjs');
    expect(print('sbom.mjs')).to.equal(first);
    expect((JSON.parse(first) as Bom).serialNumber).to.match(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
