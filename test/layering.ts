/**
 * The floors of the house, lowest first, and the rule that imports only point
 * down. Kept apart from the test that runs it so that the rule itself can be
 * tested on made-up trees.
 */

/** Rooms, lowest floor first; rooms of one floor may not import each other. */
export const floors: readonly (readonly string[])[] = [
  ['errors.ts', 'defined.ts'],
  ['bytes.ts'],
  ['platform'],
  ['tlog'],
  ['note', 'seal'],
  ['attestation'],
  ['verifier', 'storage', 'rebuild'],
  ['words'],
  ['client', 'cosigner', 'admission', 'vault'],
  ['signer'],
  ['ledger', 'witness'],
  ['monitor'],
  ['http'],
  ['metrics'],
  ['cli/terminal'],
  ['demo'],
  ['cli'],
];

/**
 * Wings inside the big rooms, lowest first: folders, and files that lie in the
 * room itself. A file that is not listed stands above all of them.
 */
export const wings: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  [
    'verifier',
    [
      ['trust.ts', 'mark.ts'],
      ['proving'],
      ['authorising'],
      ['folds'],
      ['collecting'],
      ['judging', 'convicting'],
      ['answering'],
      ['index.ts'],
    ],
  ],
  [
    'ledger',
    [
      ['store'],
      [
        'witnessing',
        'archive.ts',
        'sequencer.ts',
        'reader.ts',
        'genesis.ts',
        'turnstile.ts',
        'slots.ts',
        'patience.ts',
        'time.ts',
      ],
      ['publisher.ts', 'intake.ts', 'conflicts', 'open.ts', 'check.ts', 'survey.ts'],
      ['searching'],
      ['parts.ts', 'published-log.ts'],
      ['ledger.ts'],
      ['scrub.ts'],
    ],
  ],
  [
    'storage',
    [
      ['storage.ts', 'fence.ts', 'sync-directory.ts'],
      ['commit-line.ts', 'write-whole.ts', 'leveldb'],
    ],
  ],
  ['http', [['bounds'], ['exchange'], ['routes', 'openapi.ts'], ['app.ts'], ['server.ts'], ['witness.ts']]],
  [
    'cli',
    [
      ['terminal'],
      ['online', 'help'],
      ['authority', 'verify'],
      ['attest'],
      ['access', 'demo', 'explain', 'monitor', 'serve', 'update'],
      ['signer', 'log', 'store', 'witness'],
      ['commands.ts'],
      ['isal.ts'],
      ['main.ts'],
    ],
  ],
]);

/** Rooms that run in a browser: no `node:` module and none of Node's globals. */
export const browserRooms: ReadonlySet<string> = new Set([
  'errors.ts',
  'defined.ts',
  'bytes.ts',
  'platform',
  'tlog',
  'note',
  'seal',
  'attestation',
  'verifier',
  'client',
  'words',
]);

/** Packages that one room has for itself. */
const packageOf: ReadonlyMap<string, string> = new Map([['prom-client', 'metrics']]);

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s+'([^']+)'/g;
const nodeGlobals = /(?<![\w.'"`])(?:Buffer|process|__dirname|setImmediate)\b(?=[.([])/;

const roomOf = (path: string): string => path.split('/')[0] ?? path;
const wingOf = (path: string): string => path.split('/')[1] ?? path;

/** The floor of a path: that of its wing where the wing has one of its own, else that of its room. */
function floorOf(path: string): number {
  const own = floors.findIndex((rooms) => rooms.includes(`${roomOf(path)}/${wingOf(path)}`));
  return own >= 0 ? own : floors.findIndex((rooms) => rooms.includes(roomOf(path)));
}

/** Whether one wing of a room may import another of the same. */
function reaches(from: string, to: string): boolean {
  const order = wings.get(roomOf(from));
  if (order === undefined || wingOf(from) === wingOf(to)) return true;
  const height = (path: string): number => {
    const found = order.findIndex((alike) => alike.includes(wingOf(path)));
    return found < 0 ? order.length : found;
  };
  return height(to) < height(from);
}

/** `#sha256` and `#ed25519` are conditions of package.json; both sides live in `platform`. */
function target(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return 'platform/';
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** One sentence for each broken rule in `files` (path below `src/` → source text). */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [path, source] of files) {
    const room = roomOf(path);
    const floor = floorOf(path);
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
      if (other === undefined) continue;
      if (roomOf(other) === room) {
        if (!reaches(path, other)) {
          found.push(`${path}: imports ${specifier} from the same wing floor or a higher one`);
        }
        continue;
      }
      if (floorOf(other) < 0) found.push(`${path}: imports ${specifier}, which stands on no floor`);
      else if (floorOf(other) >= floor) {
        found.push(`${path}: imports ${specifier} from the same floor or a higher one`);
      }
    }
    if (browser && nodeGlobals.test(code)) found.push(`${path}: uses a global of Node in the browser floor`);
  }
  return found;
}
