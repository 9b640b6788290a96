/** The rebuilds of a build: whether building again gave the same, and who did it. */
import { sharedDigests } from '../../attestation/digests.ts';
import type { Entry } from '../authorising/walk.ts';
import type { Linked } from '../folds/supervision.ts';
import { leafOf } from '../folds/supporting.ts';
import type { EntryOf } from '../folds/supporting.ts';
import type { Digests } from '../folds/subject.ts';
import type { HopFinding } from './finding.ts';
import type { RebuiltHop } from './hops/hop.ts';
import { against, byMaker, isBuild, none } from './scope.ts';
import type { Scope } from './scope.ts';

/** Each rebuild; that there is none, of a build that has none. `digests` are those known of the file. */
export function rebuildFindings(
  entry: Entry,
  rebuilds: readonly Linked<EntryOf<'rebuild-result'>>[],
  digests: Digests,
  scope: Scope,
): HopFinding[] {
  if (rebuilds.length > 0) return rebuilds.map((rebuild) => rebuildFinding(entry, rebuild, digests));
  if (!isBuild(entry)) return [];
  return [{ hop: { hop: 'rebuilt', mark: 'not-shown', ...none(scope, 'rebuilds'), entry: entry.index } }];
}

function rebuildFinding(
  about: Entry,
  { entry, agreement }: Linked<EntryOf<'rebuild-result'>>,
  digests: Digests,
): HopFinding {
  const { index } = entry;
  const { verdict, unexplainedBytes, normalisations, candidate, limitations, independence } =
    entry.attestation.statement.predicate;
  const maker = byMaker(about, entry);
  const hop: Extract<RebuiltHop, { readonly state: 'rebuild' }> = {
    hop: 'rebuilt',
    mark: 'proven',
    state: 'rebuild',
    index,
    entry: about.index,
    leafHash: leafOf(entry).leafHash,
    agreement,
    verdict,
    unexplainedBytes,
    independence: maker === 'same' ? 'vendor' : independence,
    stated: independence,
    ...(maker === 'alike' ? { likeMaker: true } : {}),
    normalisations: normalisations.map(({ name }) => name),
    limitations: limitations.length,
  };
  if (agreement === 'conflict') {
    return against(hop, { code: 'subject-mismatch', message: 'two entries give two digests of one file' });
  }
  if (agreement !== 'same') return { hop: { ...hop, mark: 'not-shown' } };
  if (verdict === 'different') {
    return against(hop, {
      ...differs,
      expected: 'an identical or equivalent rebuild',
      got: `${unexplainedBytes} bytes unexplained, at leaf ${index}`,
    });
  }
  if (verdict === 'not-rebuildable') return { hop: { ...hop, mark: 'not-shown' } };
  // Said to be byte for byte the same, and by some digest it is not: recomputed here, whatever the rebuilder signed.
  const [wrong] = verdict === 'identical' ? sharedDigests(candidate?.digest ?? {}, digests).differing : [];
  if (wrong !== undefined) {
    return against(
      { ...hop, wrong },
      {
        ...differs,
        expected: `${wrong} ${digests[wrong]}`,
        got: `${wrong} ${candidate?.digest[wrong]}`,
      },
    );
  }
  const plain = hop.independence === 'independent' && maker === 'other';
  return { hop: plain ? hop : { ...hop, qualified: true } };
}

const differs = { code: 'rebuild-differs', message: 'rebuilding gave another artefact' } as const;
