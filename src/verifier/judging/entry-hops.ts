/** What an entry about a file says itself: where it stands, what it records, whose keys are on it. */
import { lookAlikesAmong } from '../../attestation/names/alike.ts';
import { toHex } from '../../bytes.ts';
import { assert } from '../../errors.ts';
import type { Entry } from '../authorising/walk.ts';
import type { BuiltHop, KeysHop, RecordedHop, UpdatedHop } from './hops/hop.ts';
import type { CheckpointSummary } from './verdict.ts';

/** That the entry is in the tree. */
export function recordedHop({ index, attestation }: Entry, checkpoint: CheckpointSummary): RecordedHop {
  return {
    hop: 'recorded',
    mark: 'proven',
    state: 'recorded',
    index,
    entry: index,
    leafHash: toHex(attestation.leafHash),
    size: checkpoint.size,
    witnesses: checkpoint.witnesses.length,
    witnessesListed: checkpoint.witnessesListed,
  };
}

/** The keys counted when the entry was recorded, or no walk would have let it pass. */
export function keysHop({ index, signers, authority }: Entry): KeysHop {
  const lookAlikes = lookAlikesAmong(signers.map(({ organisation }) => organisation));
  return {
    hop: 'keys',
    mark: 'proven',
    // Refused at admission today; of what was recorded before, a reader is told.
    ...(lookAlikes === undefined ? {} : { qualified: true, lookAlikes }),
    index,
    entry: index,
    signers: signers.map(({ name, organisation }) => ({ name, organisation })),
    authorityIndex: authority.index,
    authorityVersion: authority.version,
  };
}

/** What the entry says of the file: a build or an update. */
export function artefactHop({ index, attestation }: Entry): BuiltHop | UpdatedHop {
  const leafHash = toHex(attestation.leafHash);
  if (attestation.type === 'build') {
    const { product, version, facility, country, presence, occurredAt, deviations } =
      attestation.statement.predicate.isal_supervision;
    return {
      hop: 'built',
      mark: 'proven',
      ...(deviations.length === 0 ? {} : { qualified: true }),
      index,
      entry: index,
      leafHash,
      product,
      version,
      facility,
      country,
      presence,
      occurredAt,
      deviations: deviations.length,
    };
  }
  assert(attestation.type === 'database-update', 'an entry about a file is a build or an update');
  const { family, version, kind, previous, facility, country, occurredAt, review } =
    attestation.statement.predicate;
  return {
    hop: 'updated',
    mark: 'proven',
    index,
    entry: index,
    leafHash,
    family,
    version,
    kind,
    facility,
    country,
    occurredAt,
    review,
    previous: previous === null ? null : previous.version,
  };
}
