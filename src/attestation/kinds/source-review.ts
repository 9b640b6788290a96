/** What reviewers found in a source snapshot. */
import type { SourceReviewPredicate } from '../types.ts';
import { contradiction, requireAscending } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { withDigestsOf } from './shared/subject.ts';
import { disclosureOf, fileSubject, supervisedBy, zeros } from './shared/template.ts';

export const kind: Kind<'source-review'> = {
  order: 30,
  predicateType: 'urn:isal:predicate:source-review:v1',
  usual: { source: 'source-reviews', anyOf: [['reviewer', 'supervisor']] },
  supervision: atTop,
  subject: withDigestsOf('snapshot.digest', ({ snapshot }) => snapshot.digest),
  consistency: {
    refuses:
      'a review that covers more files than there are, a *full* one that covers fewer, and a result that contradicts the number of findings',
    check: checkReview,
  },
  refs: ({ snapshot }) => [snapshot.leafHash],
  template: (parts) => {
    const subject = fileSubject(parts);
    return {
      subject: [subject],
      predicate: {
        ...supervisedBy(parts),
        snapshot: { leafHash: zeros, digest: subject.digest },
        depth: 'overview',
        scope: ['SCOPE'],
        coverage: { filesCovered: 0, filesTotal: 1 },
        activities: ['code-reading'],
        presence: 'onsite',
        result: 'inconclusive',
        findings: { critical: 0, high: 0, medium: 0, low: 0 },
        limitations: [],
        reviewers: { count: 1, _sd: [disclosureOf('reviewer')] },
      },
    };
  },
};

/** "Reviewed in full" is what customers read first, so it may not stand beside a part. */
function checkReview({ depth, coverage, result, findings, reviewers }: SourceReviewPredicate): void {
  const { filesCovered, filesTotal } = coverage;
  const at = '/coverage/filesCovered';
  if (filesCovered > filesTotal) {
    throw contradiction(at, 'more files were covered than there are', `at most ${filesTotal}`, filesCovered);
  }
  if (depth === 'full' && filesCovered < filesTotal) {
    throw contradiction(at, 'a full review covers every file', `${filesTotal}`, filesCovered);
  }
  const count = Object.values(findings).reduce((sum, some) => sum + some, 0);
  if (result === 'findings' ? count === 0 : result !== 'inconclusive' && count > 0) {
    throw contradiction(
      '/findings',
      'the result and the findings contradict each other',
      result === 'findings' ? 'at least one finding' : `no findings, as the result is ${result}`,
      count,
    );
  }
  requireAscending(reviewers._sd, '/reviewers/_sd');
}
