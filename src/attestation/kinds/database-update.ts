/** One update of a database that customers are served. */
import { type Kind, atTop } from './shared/kind.ts';
import { withDigestsOf } from './shared/subject.ts';
import { fileSubject, supervisedBy } from './shared/template.ts';

export const kind: Kind<'database-update'> = {
  order: 60,
  predicateType: 'urn:isal:predicate:database-update:v1',
  usual: { source: 'database-release', anyOf: [['database-publisher', 'supervisor']] },
  supervision: atTop,
  subject: withDigestsOf('result', ({ result }) => result),
  sealable: true,
  names: ({ family, version }) => ({ family, version }),
  template: (parts) => {
    const subject = fileSubject(parts);
    return {
      subject: [subject],
      predicate: {
        ...supervisedBy(parts),
        family: 'family',
        platform: 'any',
        version: 'VERSION',
        kind: 'full',
        previous: null,
        result: subject.digest,
        urgency: 'routine',
        containsExecutable: false,
        rollout: { channels: ['stable'], regions: ['global'], percent: 100 },
        facility: 'FACILITY',
        country: 'CH',
        review: 'automated',
      },
    };
  },
};
