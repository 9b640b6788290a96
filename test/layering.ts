/**
 * The floors of the house, lowest first, and the rule that imports only point
 * down. Kept apart from the test that runs it so that the rule itself can be
 * tested on made-up trees.
 */

/** Rooms, lowest floor first; rooms of one floor may not import each other. */
export const floors: readonly (readonly string[])[] = [
  ['errors.ts'],
  ['bytes.ts'],
  ['platform'],
  ['tlog'],
  ['note', 'seal'],
  ['attestation'],
  ['verifier', 'storage', 'rebuild'],
  ['cosigner', 'admission', 'vault'],
  ['ledger', 'witness'],
  ['monitor'],
  ['http'],
  ['metrics'],
  ['cli'],
];

/** Rooms that run in a browser: no `node:` module and none of Node's globals. */
export const browserRooms: ReadonlySet<string> = new Set([
  'errors.ts',
  'bytes.ts',
  'platform',
  'tlog',
  'note',
  'seal',
  'attestation',
  'verifier',
]);

/** Packages that one room has for itself. */
const packageOf: ReadonlyMap<string, string> = new Map([['prom-client', 'metrics']]);

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;
const nodeGlobals = /(?<![\w.'"`])(?:Buffer|process|__dirname|setImmediate)\b(?=[.([])/;

const roomOf = (path: string): string => path.split('/')[0] ?? path;
const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** `#sha256` and `#ed25519` are conditions of package.json; both sides live in `platform`. */
function target(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return 'platform';
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return roomOf(parts.join('/'));
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** One sentence for each broken rule in `files` (path below `src/` → source text). */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [path, source] of files) {
    const room = roomOf(path);
    const floor = floorOf(room);
    if (floor < 0) {
      found.push(`${path}: the room ${room} stands on no floor`);
      continue;
    }
    const onlyNode = path.endsWith('.node.ts');
    const browser = browserRooms.has(room) && !onlyNode;
    const code = withoutComments(source);
    for (const match of code.matchAll(importPattern)) {
      const specifier = match[1] ?? match[2] ?? match[3] ?? '';
      if (browser && (specifier.startsWith('node:') || specifier.endsWith('.node.ts'))) {
        found.push(`${path}: imports ${specifier} in the browser floor`);
      }
      const only = packageOf.get(specifier);
      if (only !== undefined && only !== room)
        found.push(`${path}: imports ${specifier}, which is for ${only} alone`);
      const other = target(path, specifier);
      if (other === undefined || other === room) continue;
      if (floorOf(other) < 0) found.push(`${path}: imports ${specifier}, which stands on no floor`);
      else if (floorOf(other) >= floor) {
        found.push(`${path}: imports ${specifier} from the same floor or a higher one`);
      }
    }
    if (browser && nodeGlobals.test(code)) found.push(`${path}: uses a global of Node in the browser floor`);
  }
  return found;
}
