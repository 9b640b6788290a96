/** The names of a database's files, and what each is for. */

export type FileName =
  | { readonly kind: 'table' | 'log' | 'manifest' | 'temporary'; readonly number: number }
  | { readonly kind: 'current' | 'lock' | 'text' };

const fixed: ReadonlyMap<string, 'current' | 'lock' | 'text'> = new Map([
  ['CURRENT', 'current'],
  ['LOCK', 'lock'],
  // What LevelDB tells of itself: read by nobody.
  ['LOG', 'text'],
  ['LOG.old', 'text'],
]);

const endings = { ldb: 'table', sst: 'table', log: 'log', dbtmp: 'temporary' } as const;

/** Undefined for a name that LevelDB gives to no file. */
export function parseName(name: string): FileName | undefined {
  const kind = fixed.get(name);
  if (kind !== undefined) return { kind };
  const match = /^(?:MANIFEST-(\d{1,15})|(\d{1,15})\.(ldb|sst|log|dbtmp))$/.exec(name);
  if (match === null) return undefined;
  const [, manifest, number, ending] = match;
  if (manifest !== undefined) return { kind: 'manifest', number: Number(manifest) };
  return { kind: endings[ending as keyof typeof endings], number: Number(number) };
}

/** A number as it stands in a name. */
export function numbered(number: number): string {
  return String(number).padStart(6, '0');
}
