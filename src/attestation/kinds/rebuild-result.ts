/** How a rebuild compared with what was published. */
import { compareDigests, sharedDigests } from '../digests.ts';
import type { RebuildResultPredicate } from '../types.ts';
import { contradiction } from './shared/consistency.ts';
import { type Kind, atTop } from './shared/kind.ts';
import { withDigestsOf } from './shared/subject.ts';
import { fileSubject, supervisedBy, zeros } from './shared/template.ts';

export const kind: Kind<'rebuild-result'> = {
  order: 50,
  predicateType: 'urn:isal:predicate:rebuild-result:v1',
  usual: { source: 'rebuilds', anyOf: [['rebuilder']] },
  supervision: atTop,
  subject: withDigestsOf('build.digest', ({ build }) => build.digest),
  consistency: { refuses: 'an *identical* rebuild with other digests', check: checkRebuild },
  refs: ({ build }) => [build.leafHash],
  template: (parts) => {
    const subject = fileSubject(parts);
    return {
      subject: [subject],
      predicate: {
        ...supervisedBy(parts),
        build: { leafHash: zeros, digest: subject.digest },
        candidate: { digest: { sha256: zeros }, obtainedFrom: 'WHO BUILT IT, FROM WHAT, ON WHAT' },
        environment: { sha256: zeros },
        independence: 'independent',
        verdict: 'different',
        normalisations: [],
        unexplainedBytes: 1,
        limitations: [],
      },
    };
  },
};

function checkRebuild({ verdict, build, candidate }: RebuildResultPredicate): void {
  if (verdict !== 'identical' || candidate === undefined) return;
  if (compareDigests(build.digest, candidate.digest) === 'same') return;
  const [differs] = sharedDigests(build.digest, candidate.digest).differing;
  throw contradiction(
    '/candidate/digest',
    'an identical artefact has the digests of the published one',
    differs === undefined ? 'a digest by the same algorithm as in /predicate/build/digest' : 'equal digests',
    differs === undefined ? undefined : `another ${differs}`,
  );
}
