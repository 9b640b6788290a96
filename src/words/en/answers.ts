/** The answer in one English sentence: what the hops come to, and above all what they fall short of. */
import type { Answer } from '../../verifier/judging/answer.ts';
import type { Shortcoming } from '../shortcomings.ts';

export const answers: Readonly<Record<Answer | 'requirement-not-met', string>> = {
  proven: 'recorded and supervised',
  contradicted: 'CONTRADICTED: do not rely on this file.',
  'not-proven': 'not proven. Nothing that was shown proves that this file is recorded.',
  policy: 'not accepted. A signature, a quorum or a date that the trust file asks for is missing.',
  'requirement-not-met': 'not accepted. The file is recorded, and lacks what you require.',
};

export const shortcomings: Readonly<Record<Shortcoming, string>> = {
  deviations: 'the build departed from procedure',
  'chain-open': 'the updates before it not all shown',
  'no-source': 'source not shown',
  'no-review': 'no review of the source shown',
  'partly-reviewed': 'source only partly reviewed',
  'review-findings': 'the review has findings',
  'seal-unproven': 'its seal not proven',
  'no-rebuild': 'no rebuild shown',
  'rebuilt-by-vendor': 'not rebuilt independently of the vendor',
};
