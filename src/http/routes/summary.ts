/** An entry in a list of entries. */
import type { Attestation } from '../../attestation/statement.ts';
import { toHex } from '../../bytes.ts';
import { defined } from '../../defined.ts';

/** What a list of entries says about each. */
export function summaryOf(index: number, attestation: Attestation): Record<string, unknown> {
  const { supervision, product, family, version } = attestation;
  return {
    index,
    leafHash: toHex(attestation.leafHash),
    type: attestation.type,
    subject: attestation.statement.subject,
    ...defined({ product, family, version }),
    ...defined({ occurredAt: supervision?.occurredAt, source: supervision?.source }),
    signers: attestation.envelope.signatures.map(({ keyid }) => keyid),
  };
}

/** What a view of an entry says of a correction of it; nothing of an entry that is none. */
export function correctionOf(index: number, attestation: Attestation): object[] {
  if (attestation.type !== 'correction') return [];
  const { kind, reason } = attestation.statement.predicate;
  return [{ index, leafHash: toHex(attestation.leafHash), kind, reason }];
}
