/**
 * Statements made from rows of public package indexes. The rows are real; the
 * parties that sign here are not: every statement says so in a field that its
 * readers see.
 */
import { randomBytes } from 'node:crypto';
import { predicateTypes, statementType } from '../attestation/types.ts';
import type {
  BuildPredicate,
  DataAccessPredicate,
  DatabaseUpdatePredicate,
  Statement,
} from '../attestation/types.ts';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../bytes.ts';

/** One binary package and the source it was built from, as a package index states it. */
export type BuildRow = Readonly<Record<(typeof buildColumns)[number], string>>;

export const buildColumns = [
  'package',
  'version',
  'architecture',
  'file',
  'sha256',
  'source',
  'sourceVersion',
  'dscFile',
  'dscSha256',
] as const;

/** One release of a regularly published data package. */
export type UpdateRow = Readonly<Record<(typeof updateColumns)[number], string>>;

export const updateColumns = ['family', 'version', 'file', 'sha512'] as const;

/** The place of a statement: its ledger, the authority in force, its number in its stream, its time. */
export interface StatementContext {
  readonly origin: string;
  readonly authority: string;
  readonly seq: number;
  readonly occurredAt: string;
}

const remark =
  'Demonstration: the row is real, but the keys were made by isal demo; the publisher signed nothing.';

export function buildStatement(row: BuildRow, place: StatementContext): Statement {
  const predicate: BuildPredicate = {
    buildDefinition: {
      buildType: 'urn:isal:demo:debian-binary-package:v1',
      externalParameters: { architecture: row.architecture, package: row.package, version: row.version },
      resolvedDependencies: [{ name: row.dscFile, digest: { sha256: row.dscSha256 } }],
    },
    runDetails: { builder: { id: 'urn:isal:demo:builder' } },
    isal_supervision: {
      ledger: { origin: place.origin, authority: place.authority },
      occurredAt: place.occurredAt,
      source: { id: 'build-conveyor', seq: place.seq },
      product: row.package,
      version: row.version,
      facility: 'Demonstration',
      country: 'CH',
      presence: 'automated',
      hermetic: false,
      deviations: [remark],
    },
  };
  return {
    _type: statementType,
    subject: [{ name: row.file, digest: { sha256: row.sha256 } }],
    predicateType: predicateTypes.build,
    predicate: { ...predicate },
  };
}

export function updateStatement(
  row: UpdateRow,
  previous: UpdateRow | undefined,
  place: StatementContext,
): Statement {
  const predicate: DatabaseUpdatePredicate = {
    ledger: { origin: place.origin, authority: place.authority },
    occurredAt: place.occurredAt,
    source: { id: 'database-release', seq: place.seq },
    family: row.family,
    platform: 'any',
    version: row.version,
    kind: 'full',
    previous:
      previous === undefined ? null : { version: previous.version, result: { sha512: previous.sha512 } },
    result: { sha512: row.sha512 },
    urgency: 'routine',
    containsExecutable: false,
    rollout: { channels: ['demonstration'], regions: ['global'], percent: 100 },
    facility: 'Demonstration',
    country: 'CH',
    review: 'automated',
  };
  return {
    _type: statementType,
    subject: [{ name: row.file, digest: { sha512: row.sha512 } }],
    predicateType: predicateTypes['database-update'],
    predicate: { ...predicate },
  };
}

/** The digest of an RFC 9901 disclosure of one committed field, under a fresh salt that is thrown away. */
export function commitment(name: string, value: string): string {
  const disclosure = Buffer.from(JSON.stringify([randomBytes(16).toString('base64url'), name, value]));
  return Buffer.from(sha256(utf8(disclosure.toString('base64url')))).toString('base64url');
}

const accessCases = [
  { activity: 'read', outcome: 'allowed', reason: 'support', volume: '2-10', decision: 'granted' },
  { activity: 'read', outcome: 'denied', reason: 'service', volume: 'none', decision: 'denied' },
  { activity: 'delete', outcome: 'allowed', reason: 'service', volume: '11-100', decision: 'granted' },
  { activity: 'disclose', outcome: 'denied', reason: 'review', volume: 'none', decision: 'denied' },
] as const;

/** An access event that the demonstration makes up, with its personal fields committed, not published. */
export function accessStatement(place: StatementContext): Statement {
  const event = accessCases[place.seq % accessCases.length] ?? accessCases[0];
  const eventId = randomBytes(32);
  const predicate: DataAccessPredicate = {
    ledger: { origin: place.origin, authority: place.authority },
    occurredAt: place.occurredAt,
    source: { id: 'access-gateway', seq: place.seq },
    eventId: eventId.toString('hex'),
    activity: event.activity,
    outcome: event.outcome,
    initiation: 'human',
    store: { id: 'telemetry-eu', country: 'CH' },
    categories: ['telemetry'],
    dataRegion: 'europe',
    volume: event.volume,
    actor: {
      employer: 'Demonstration',
      role: 'support-engineer',
      officeCountry: 'CH',
      physicalCountry: 'CH',
      _sd: [commitment('identity', `made-up person ${place.seq}`)],
    },
    reason: { type: event.reason, _sd: [commitment('detail', `made-up ticket ${place.seq}`)] },
    approval: { required: true, decision: event.decision },
    destinationCountry: 'CH',
    safeguards: [],
    customerTags: [],
  };
  return {
    _type: statementType,
    subject: [{ digest: { sha256: toHex(sha256(eventId)) } }],
    predicateType: predicateTypes['data-access'],
    predicate: { ...predicate },
  };
}
