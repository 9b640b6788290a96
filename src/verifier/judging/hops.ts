/** The hops of a verdict in words: where the entry about a file stands, what it says, whose keys are on it. */
import { toHex } from '../../bytes.ts';
import { assert, excerpt } from '../../errors.ts';
import type { AttestationOf } from '../../attestation/statement.ts';
import type { BuildPredicate } from '../../attestation/types.ts';
import type { CheckpointSummary, Hop } from './verdict.ts';
import type { Entry } from '../authorising/walk.ts';

/** 48211 → "48,211". */
export function grouped(value: number): string {
  return String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** 2, "entry", "entries" → "2 entries". */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** That the entry is in the tree. */
export function recordedHop({ index, attestation }: Entry, checkpoint: CheckpointSummary): Hop {
  return {
    hop: 'recorded',
    mark: 'proven',
    text: `leaf ${grouped(index)} of ${grouped(checkpoint.size)}; ${witnessText(checkpoint)}`,
    index,
    entry: index,
    facts: { size: checkpoint.size, leafHash: toHex(attestation.leafHash) },
  };
}

/** The keys counted when the entry was recorded, or no walk would have let it pass. */
export function keysHop({ index, signers, authority }: Entry): Hop {
  return {
    hop: 'keys',
    mark: 'proven',
    text:
      `${signers.map(({ name, organisation }) => `${name} (${organisation})`).join(' and ')}: in force when ` +
      `recorded, by the authority the signers named (version ${authority.version}, leaf ${grouped(authority.index)})`,
    index,
    entry: index,
    facts: { authorityIndex: authority.index, authorityVersion: authority.version },
  };
}

function witnessText({ witnesses, witnessesListed }: CheckpointSummary): string {
  return witnessesListed === 0
    ? 'no witnesses in the trust file'
    : `${witnesses.length} of ${witnessesListed} witnesses`;
}

/** What the entry says of the file: a build or an update. */
export function artefactHop({ index, attestation }: Entry): Hop {
  if (attestation.type === 'build') return buildHop(index, attestation);
  assert(attestation.type === 'database-update', 'an entry about a file is a build or an update');
  return updateHop(index, attestation);
}

const presences: Readonly<Record<BuildPredicate['isal_supervision']['presence'], string>> = {
  onsite: 'supervisor on site',
  remote: 'supervisor at a distance',
  automated: 'supervised by machinery, no inspector',
};

function buildHop(index: number, attestation: AttestationOf<'build'>): Hop {
  const { product, version, facility, country, presence, occurredAt, deviations } =
    attestation.statement.predicate.isal_supervision;
  return {
    hop: 'built',
    mark: 'proven',
    ...(deviations.length === 0 ? {} : { qualified: true }),
    text:
      `${product} ${version}: ${facility} ${country}, ${occurredAt.slice(0, 10)}, ${presences[presence]}` +
      (deviations.length === 0 ? '' : `; ${counted(deviations.length, 'deviation')} from procedure declared`),
    index,
    entry: index,
    facts: { product, version, facility, country, presence, occurredAt, deviations: deviations.length },
  };
}

function updateHop(index: number, attestation: AttestationOf<'database-update'>): Hop {
  const { family, version, kind, previous, facility, country, occurredAt, review } =
    attestation.statement.predicate;
  return {
    hop: 'updated',
    mark: 'proven',
    text:
      `${family} ${version} (${kind}): ${facility} ${country}, ${occurredAt.slice(0, 10)}, ` +
      (previous === null ? 'the first of its family' : `after ${previous.version}`),
    index,
    entry: index,
    facts: { family, version, kind, facility, country, occurredAt, review },
  };
}

/** A digest or an identifier, cut where it is long. */
export function shortened(value: string): string {
  return value.length > 16 ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
}

/** SLSA lets the name of a dependency hold anything, also a newline and what looks like a hop of its own. */
export function oneLine(name: string): string {
  return excerpt(name.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' '));
}
