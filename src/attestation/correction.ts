/**
 * Corrections: an entry that says that a leaf below it is not to be taken as
 * it stands.
 *
 *   { "target": "<leaf hash>", "kind": "retraction", "reason": "…" }
 *
 * Who may sign one depends on who signed the target, and a correction of what
 * was never recorded would be a rumour; so admission and verifiers look the
 * target up first. Nothing is ever removed: the target stays where it is, and every
 * view of it shows the correction.
 */
import { LedgerError } from '../errors.ts';
import { decodeEnvelope } from './statement.ts';
import type { Attestation } from './statement.ts';

/** The leaf hash, lowercase hex, of the leaf that a correction names; undefined for every other entry. */
export function targetOf(attestation: Attestation): string | undefined {
  return attestation.type === 'correction' ? attestation.statement.predicate.target : undefined;
}

/** The keyids on a leaf: who must sign for `target-signers`. None for bytes that are no envelope. */
export function keyidsOn(leaf: Uint8Array): ReadonlySet<string> {
  try {
    return new Set(decodeEnvelope(leaf).envelope.signatures.map(({ keyid }) => keyid));
  } catch (error) {
    if (error instanceof LedgerError) return new Set();
    throw error;
  }
}

/** No leaf with this hash stands below the correction. */
export function unknownTarget(): LedgerError {
  return new LedgerError('unknown-target', 'the leaf that a correction names is not recorded below it', {
    expected: 'the leaf hash of a leaf that is recorded already',
    got: 'a hash of none',
    at: '/predicate/target',
  });
}
