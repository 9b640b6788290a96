/** Where data of a region is kept, and that it moves. */
import { type Kind, atTop } from './shared/kind.ts';
import { ofOrigin } from './shared/subject.ts';
import { originSubject, supervisedBy } from './shared/template.ts';

export const kind: Kind<'residency'> = {
  order: 90,
  predicateType: 'urn:isal:predicate:residency:v1',
  usual: { source: 'residency', anyOf: [['vendor', 'supervisor']] },
  supervision: atTop,
  subject: ofOrigin(({ ledger }) => ledger.origin),
  template: (parts) => ({
    subject: [originSubject(parts)],
    predicate: {
      ...supervisedBy(parts),
      region: 'europe',
      categories: ['telemetry'],
      from: ['CH'],
      to: ['CH'],
      phase: 'announced',
      effectiveAt: parts.occurredAt,
      residualCopies: [],
      exceptions: [],
    },
  }),
};
