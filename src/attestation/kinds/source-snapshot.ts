/** A state of source code, or of the rules that databases are made by, taken into escrow. */
import { type Kind, atTop } from './shared/kind.ts';
import { withDigestsOf } from './shared/subject.ts';
import { fileSubject, supervisedBy } from './shared/template.ts';

export const kind: Kind<'source-snapshot'> = {
  order: 20,
  predicateType: 'urn:isal:predicate:source-snapshot:v1',
  usual: { source: 'source-escrow', anyOf: [['source-custodian', 'supervisor']] },
  supervision: atTop,
  subject: withDigestsOf('manifest', ({ manifest }) => manifest),
  names: ({ product, version }) => ({ product, version }),
  template: (parts) => {
    const subject = fileSubject(parts);
    return {
      subject: [subject],
      predicate: {
        ...supervisedBy(parts),
        product: 'PRODUCT',
        version: 'VERSION',
        kind: 'product',
        manifest: subject.digest,
        files: 1,
        escrow: { site: 'SITE', country: 'CH', receivedAt: parts.occurredAt },
      },
    };
  },
};
