// Makes the bill of materials that a package carries: CycloneDX 1.6, as JSON,
// of everything that runs with isal, with the hashes that
// package-lock.json pins. The same lock file gives the same bytes, so anybody
// can make the file again and compare.
//
//   node .ci/release/sbom.mjs             writes dist/sbom.cdx.json (npm pack does)
//   node .ci/release/sbom.mjs --print     prints it
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { ownNeeds, readJson, runtimePackages } from './lock.mjs';

const { name, version, description, license } = readJson('package.json');
const own = `pkg:npm/${name}@${version}`;
const packages = runtimePackages();

/** One name of the SPDX list, or an expression over them. */
const licensed = (text) =>
  /^[A-Za-z0-9.+-]+$/.test(text) ? [{ license: { id: text } }] : [{ expression: text }];

/** `sha512-` and base64, as the lock file has it. */
function hashesOf(integrity = '') {
  return integrity
    .split(' ')
    .filter((one) => one.startsWith('sha512-'))
    .map((one) => ({ alg: 'SHA-512', content: Buffer.from(one.slice(7), 'base64').toString('hex') }));
}

const component = ({ ref, name, version, license, integrity }) => ({
  type: 'library',
  'bom-ref': ref,
  name,
  version,
  scope: 'required',
  hashes: hashesOf(integrity),
  licenses: licensed(license),
  purl: ref,
});

const contents = {
  version: 1,
  metadata: {
    lifecycles: [{ phase: 'build' }],
    tools: { components: [{ type: 'application', name: 'isal .ci/release/sbom.mjs' }] },
    component: {
      type: 'application',
      'bom-ref': own,
      name,
      version,
      description,
      licenses: licensed(license),
      purl: own,
    },
  },
  components: packages.map(component),
  dependencies: [
    { ref: own, dependsOn: ownNeeds() },
    ...packages.map(({ ref, needs }) => ({ ref, dependsOn: needs })),
  ],
};

/** Of the contents, in the form of a UUID (RFC 9562, version 8): a number of its own would differ from run to run. */
function serialNumber(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`;
}

const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: serialNumber(JSON.stringify(contents)),
  ...contents,
};
const text = `${JSON.stringify(bom, null, 2)}\n`;
if (process.argv.includes('--print')) process.stdout.write(text);
else writeFileSync(new URL('../../dist/sbom.cdx.json', import.meta.url), text);
