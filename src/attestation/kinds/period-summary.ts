/** How many accesses there were in a period, by two counts. */
import type { PeriodSummaryPredicate } from '../types.ts';
import { contradiction, requireAscending, requirePeriod } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { ofOrigin } from './shared/subject.ts';
import { dayBefore, originSubject, supervisedBy } from './shared/template.ts';

export const kind: Kind<'period-summary'> = {
  order: 80,
  predicateType: 'urn:isal:predicate:period-summary:v1',
  usual: { source: 'access-summaries', anyOf: [['access-gateway', 'vendor']] },
  supervision: atTop,
  subject: ofOrigin(({ ledger }) => ledger.origin),
  consistency: {
    refuses:
      'a period that does not end after it begins, a summary made before that end, a range of numbers that ends before it begins, and counts that do not add up to `gatewayCount`, or of which two differ by more than `unexplained`',
    check: checkSummary,
  },
  template: (parts) => ({
    subject: [originSubject(parts)],
    predicate: {
      ...supervisedBy(parts),
      period: dayBefore(parts),
      summarised: { source: 'access-gateway', seqFrom: 1, seqTo: 1 },
      counts: {
        byActivity: { store: 0, alter: 0, read: 0, disclose: 0, delete: 0, destroy: 0 },
        byCountry: [],
        byReason: { support: 0, service: 0, review: 0, 'legal-request': 0, alert: 0 },
      },
      gatewayCount: 0,
      vendorCount: 0,
      unexplained: 0,
      remarks: [],
    },
  }),
};

/** What adds up can still be untrue; what does not add up need not be compared with the log at all. */
function checkSummary(predicate: PeriodSummaryPredicate): void {
  const { occurredAt, period, summarised, gatewayCount, vendorCount, unexplained } = predicate;
  requirePeriod(period);
  if (Date.parse(occurredAt) < Date.parse(period.to)) {
    // Who signs ahead for a time to come has counted nothing.
    const message = 'a summary was made before its period ended';
    throw contradiction('/occurredAt', message, `${period.to} or later`, occurredAt);
  }
  if (summarised.seqTo < summarised.seqFrom) {
    const expected = `${summarised.seqFrom} or more`;
    throw contradiction('/summarised/seqTo', 'a range ends before it begins', expected, summarised.seqTo);
  }
  checkCounts(predicate);
  const difference = Math.abs(gatewayCount - vendorCount);
  if (unexplained < difference) {
    throw contradiction(
      '/unexplained',
      'the two counts differ by more than is said to be unexplained',
      `at least ${difference}`,
      unexplained,
    );
  }
}

function checkCounts({ counts, gatewayCount }: PeriodSummaryPredicate): void {
  requireAscending(
    counts.byCountry.map(({ country }) => country),
    '/counts/byCountry',
  );
  const ways = {
    byActivity: Object.values(counts.byActivity),
    byCountry: counts.byCountry.map(({ count }) => count),
    byReason: Object.values(counts.byReason),
  };
  for (const [way, some] of Object.entries(ways)) {
    const sum = some.reduce((total, count) => total + count, 0);
    if (sum === gatewayCount) continue;
    const message = 'the counts do not add up to gatewayCount';
    throw contradiction(`/counts/${way}`, message, `${gatewayCount} in all`, sum);
  }
}
