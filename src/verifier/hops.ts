/** The hops of a verdict in words: what the entry about a file says, and what it leaves open. */
import { toHex } from '../bytes.ts';
import { excerpt } from '../errors.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import type { Attestation, AttestationOf } from '../attestation/statement.ts';
import type { BuildPredicate } from '../attestation/types.ts';
import type { CheckpointSummary, Hop } from './verdict.ts';
import type { Entry } from './walk.ts';

/** 48211 → "48,211". */
export function grouped(value: number): string {
  return String(value).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** 2, "entry", "entries" → "2 entries". */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** The hops of one entry about the file: recorded, what it says, its source, its keys. */
export function entryHops(entry: Entry, checkpoint: CheckpointSummary): Hop[] {
  const { index, attestation } = entry;
  return [
    {
      hop: 'recorded',
      mark: 'proven',
      text: `leaf ${grouped(index)} of ${grouped(checkpoint.size)}; ${witnessText(checkpoint)}`,
      index,
      facts: { size: checkpoint.size, leafHash: toHex(attestation.leafHash) },
    },
    ...artefactHops(index, attestation, checkpoint),
    keysHop(entry),
  ];
}

/** The keys counted when the entry was recorded, or there would be no such hop. */
function keysHop({ index, signers, authority }: Entry): Hop {
  return {
    hop: 'keys',
    mark: 'proven',
    text:
      `${signers.map(({ name, organisation }) => `${name} (${organisation})`).join(' and ')}: in force when ` +
      `recorded, by the authority the signers named (version ${authority.version}, leaf ${grouped(authority.index)})`,
    index,
    facts: { authorityIndex: authority.index, authorityVersion: authority.version },
  };
}

export interface OpenQuestions {
  readonly size: number;
  /** The newest authority document that was shown. */
  readonly newest: AuthoritySnapshot;
  readonly entries: readonly Entry[];
}

/**
 * What stays open without a replay of the log. A key that was replaced or
 * revoked since takes nothing back, and is told, since who relies on the next
 * file by that key has to know; it is told here, because a server that
 * withholds the later document withholds it from no line that is ticked.
 */
export function openHops({ size, newest, entries }: OpenQuestions): Hop[] {
  const signers = new Map(entries.flatMap((entry) => entry.signers).map((signer) => [signer.keyid, signer]));
  const since = [...signers.values()]
    .map(({ name, keyid }) => ({ name, keyid, status: newest.statusOf(keyid, size) }))
    .filter(({ status }) => status !== 'in-force');
  const told = since.map(({ name, status }) => `the key of ${name} is ${status} by now; `).join('');
  const facts: Record<string, string> = {};
  for (const { keyid, status } of since) {
    facts[status] = facts[status] === undefined ? keyid : `${facts[status]},${keyid}`;
  }
  return [
    {
      hop: 'revocations',
      mark: 'not-shown',
      text: `${told}${told === '' ? 'none' : 'no other'} shown after the authority document at leaf ${grouped(newest.index)}, as of ${grouped(size)} (--replay proves it)`,
      facts: { size, newestAuthority: newest.index, ...facts },
    },
    {
      hop: 'corrections',
      mark: 'not-shown',
      text: `none shown as of ${grouped(size)} (--replay proves it)`,
      facts: { size },
    },
  ];
}

function witnessText({ witnesses, witnessesListed }: CheckpointSummary): string {
  return witnessesListed === 0
    ? 'no witnesses in the trust file'
    : `${witnesses.length} of ${witnessesListed} witnesses`;
}

function artefactHops(index: number, attestation: Attestation, checkpoint: CheckpointSummary): Hop[] {
  if (attestation.type === 'build') return buildHops(index, attestation, checkpoint);
  return attestation.type === 'database-update' ? updateHops(index, attestation, checkpoint) : [];
}

const presences: Readonly<Record<BuildPredicate['isal_supervision']['presence'], string>> = {
  onsite: 'supervisor on site',
  remote: 'supervisor at a distance',
  automated: 'supervised by machinery, no inspector',
};

function buildHops(index: number, attestation: AttestationOf<'build'>, { size }: CheckpointSummary): Hop[] {
  const { buildDefinition, isal_supervision: supervision } = attestation.statement.predicate;
  const { product, version, facility, country, presence, occurredAt, deviations } = supervision;
  const inputs = buildDefinition.resolvedDependencies.flatMap(({ name, digest }) =>
    digestsOf(digest).map((one) => ({ name, ...one })),
  );
  const [source] = inputs;
  return [
    {
      hop: 'built',
      mark: 'proven',
      text:
        `${product} ${version}: ${facility} ${country}, ${occurredAt.slice(0, 10)}, ${presences[presence]}` +
        (deviations.length === 0
          ? ''
          : `; ${counted(deviations.length, 'deviation')} from procedure declared`),
      index,
      facts: { product, version, facility, country, presence, occurredAt, deviations: deviations.length },
    },
    {
      hop: 'source',
      mark: 'not-shown',
      text:
        `names ${sourceText(source)}${inputs.length > 1 ? ` and ${inputs.length - 1} more` : ''}; ` +
        `its escrowed snapshot, review and rebuild not shown as of ${grouped(size)}`,
      index,
      facts: source === undefined ? {} : { algorithm: source.algorithm, digest: source.value },
    },
  ];
}

function updateHops(
  index: number,
  attestation: AttestationOf<'database-update'>,
  { size }: CheckpointSummary,
): Hop[] {
  const { family, version, kind, previous, facility, country, occurredAt, review, rulesSnapshot } =
    attestation.statement.predicate;
  const [rules] = digestsOf(rulesSnapshot);
  return [
    {
      hop: 'updated',
      mark: 'proven',
      text:
        `${family} ${version} (${kind}): ${facility} ${country}, ${occurredAt.slice(0, 10)}, ` +
        (previous === null ? 'the first of its family' : `after ${previous.version}`),
      index,
      facts: { family, version, kind, facility, country, occurredAt, review },
    },
    {
      hop: 'source',
      mark: 'not-shown',
      text:
        rules === undefined
          ? `the update names no rules snapshot; none shown as of ${grouped(size)}`
          : `names ${sourceText(rules)}; its rules snapshot and review not shown as of ${grouped(size)}`,
      index,
      facts: rules === undefined ? {} : { algorithm: rules.algorithm, digest: rules.value },
    },
  ];
}

function digestsOf(digest: object = {}): { algorithm: string; value: string }[] {
  return Object.entries(digest).map(([algorithm, value]) => ({ algorithm, value: String(value) }));
}

function sourceText(
  source: { name?: string | undefined; algorithm: string; value: string } | undefined,
): string {
  if (source === undefined) return 'no digest';
  const { name, algorithm, value } = source;
  const short = value.length > 16 ? `${value.slice(0, 8)}…${value.slice(-4)}` : value;
  return `${name === undefined ? '' : `${oneLine(name)}, `}${algorithm} ${short}`;
}

/** SLSA lets the name of a dependency hold anything, also a newline and what looks like a hop of its own. */
function oneLine(name: string): string {
  return excerpt(name.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' '));
}
