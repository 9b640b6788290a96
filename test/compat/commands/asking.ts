/** What the kept commands are made of: the shape of one, and what stands in the fixture to be asked about. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fixture } from '../place.ts';

/** How an answer is printed: one JSON value, one to a line, or words for people. */
export type Output = 'json' | 'lines' | 'text';

export interface Command {
  readonly argv: readonly string[];
  readonly output: Output;
}

export interface Place {
  readonly index: number;
  readonly leafHash: string;
}

export const trustFile = (name: string): string => `{dir}/trust/${name}`;
export const artefact = (name: string): string => `{dir}/artefacts/${name}`;
export const bundle = (name: string): string => `{dir}/bundles/${name}.isal-bundle`;

export interface Asked {
  readonly trust?: string;
  readonly output?: Output;
}

export function ask(argv: readonly string[], { trust = 'trust.json', output = 'json' }: Asked = {}): Command {
  const json = output === 'text' ? [] : ['--json'];
  return { argv: [...argv, '--trust', trustFile(trust), ...json], output };
}

export function plain(argv: readonly string[], output: Output = 'text'): Command {
  return { argv: output === 'text' ? argv : [...argv, '--json'], output };
}

/** What the fixture holds, as far as commands are made of it. */
export interface Contents {
  readonly places: Readonly<Record<string, Place>>;
  readonly artefacts: readonly string[];
  /** Names without `.isal-bundle`. */
  readonly bundles: readonly string[];
  readonly parts: readonly string[];
  readonly early: readonly string[];
  readonly damaged: readonly string[];
  readonly proofs: readonly string[];
  readonly damagedProofs: readonly string[];
  readonly evidence: readonly string[];
  readonly statements: readonly string[];
  readonly badStatements: readonly string[];
  readonly envelopes: readonly string[];
  readonly trust: readonly string[];
  /** Evidence that the ledger has kept itself. */
  readonly kept: string;
  /** Event id of the first access. */
  readonly event: string;
  /** Id of a key that was stolen. */
  readonly stolen: string;
}

export async function contentsOf(): Promise<Contents> {
  const list = async (folder: string, ending = ''): Promise<string[]> =>
    (await readdir(join(fixture, folder), { withFileTypes: true }))
      .filter((one) => one.isFile() && one.name.endsWith(ending))
      .map(({ name }) => name.slice(0, name.length - ending.length))
      .toSorted();
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(fixture, name), 'utf8'));
  const places = (await read('places.json')) as Contents['places'];
  const { predicate: access } = (await read('statements/data-access.json')) as {
    readonly predicate: { readonly eventId: string };
  };
  const { predicate: authority } = (await read('statements/authority.json')) as {
    readonly predicate: { readonly revocations: readonly { readonly keyid: string }[] };
  };
  const [bundles, parts, early, damaged] = await Promise.all(
    ['bundles', 'bundles/parts', 'bundles/early', 'bundles/damaged'].map((folder) =>
      list(folder, '.isal-bundle'),
    ),
  );
  return {
    places,
    artefacts: (await list('artefacts')).filter((name) => !name.startsWith('broken-')),
    bundles: bundles ?? [],
    parts: parts ?? [],
    early: early ?? [],
    damaged: damaged ?? [],
    proofs: await list('proofs', '.tlog-proof'),
    damagedProofs: await list('proofs/damaged', '.tlog-proof'),
    evidence: await list('evidence'),
    statements: await list('statements'),
    badStatements: await list('statements/bad'),
    envelopes: await list('envelopes'),
    trust: await list('trust'),
    kept: (await list('ledger/evidence'))[0] ?? '',
    event: access.eventId,
    stolen: authority.revocations.at(-1)?.keyid ?? '',
  };
}

export function placeOf({ places }: Contents, label: string): Place {
  const place = places[label];
  if (place === undefined) throw new Error(`the fixture has no entry ${label}`);
  return place;
}
