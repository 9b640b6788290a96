/** What the supervisor concludes about a period. */
import { requirePeriod } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { ofOrigin } from './shared/subject.ts';
import { dayBefore, originSubject, supervisedBy } from './shared/template.ts';

export const kind: Kind<'supervisor-statement'> = {
  order: 100,
  predicateType: 'urn:isal:predicate:supervisor-statement:v1',
  usual: { source: 'supervision', anyOf: [['supervisor']] },
  supervision: atTop,
  subject: ofOrigin(({ ledger }) => ledger.origin),
  consistency: {
    refuses: 'a period that does not end after it begins',
    check: ({ period }) => requirePeriod(period),
  },
  template: (parts) => ({
    subject: [originSubject(parts)],
    predicate: {
      ...supervisedBy(parts),
      kind: 'periodic',
      period: dayBefore(parts),
      scope: ['SCOPE'],
      conclusion: 'unable',
      limitations: [],
    },
  }),
};
