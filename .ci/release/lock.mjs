// What runs with isal, by package-lock.json: every package but those that only
// build and test it. `npm sbom --omit dev` leaves out some that run (lru-cache
// among them, when this was written), so the lock file is read here.
import { readFileSync } from 'node:fs';

const top = new URL('../../', import.meta.url);

/** A JSON file of the checkout. */
export const readJson = (path) => JSON.parse(readFileSync(new URL(path, top), 'utf8'));

const inFolder = 'node_modules/';

/** Each once, though it may lie in several folders; in the order of names and versions. */
export function runtimePackages() {
  const { packages } = readJson('package-lock.json');
  const found = new Map();
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '' || entry.dev === true || entry.devOptional === true) continue;
    const name = path.slice(path.lastIndexOf(inFolder) + inFolder.length);
    const { version, license = 'NOASSERTION', integrity } = entry;
    const needs = needsOf(packages, path, entry);
    found.set(refOf(name, version), { name, version, license, integrity, needs });
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([ref, one]) => ({ ref, ...one }));
}

/** What isal itself asks for. */
export function ownNeeds() {
  const { packages } = readJson('package-lock.json');
  return needsOf(packages, '', { dependencies: readJson('package.json').dependencies });
}

/** The package URL of a version. */
function refOf(name, version) {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

/** Where Node would find what a package asks for: in its own folder, else in the ones around it. */
function needsOf(packages, path, { dependencies = {}, optionalDependencies = {} }) {
  return Object.keys({ ...dependencies, ...optionalDependencies })
    .flatMap((name) => {
      for (let around = path; ; around = around.slice(0, Math.max(0, around.lastIndexOf(`/${inFolder}`)))) {
        const place = `${around === '' ? '' : `${around}/`}${inFolder}${name}`;
        if (packages[place] !== undefined) return [refOf(name, packages[place].version)];
        if (around === '') return [];
      }
    })
    .toSorted();
}
