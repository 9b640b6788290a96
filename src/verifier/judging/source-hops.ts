/**
 * The source of a file in escrow, and the reviews of it. What falls short is a
 * member of the hop: a review has its depth and coverage, a snapshot says
 * whether it is the source of this file or only of its build scripts.
 */
import { defined } from '../../defined.ts';
import type { Entry } from '../authorising/walk.ts';
import { inputsOf } from '../folds/supervision.ts';
import type { Linked, SourceLink } from '../folds/supervision.ts';
import { leafOf } from '../folds/supporting.ts';
import type { EntryOf } from '../folds/supporting.ts';
import type { HopFinding } from './finding.ts';
import type { ReviewedHop, SnapshotOf, SourceHop } from './hops/hop.ts';
import { against, byMaker, isBuild, none } from './scope.ts';
import type { Scope } from './scope.ts';

/** One source after the other, each with its reviews; that there is none where there is none. */
export function sourceFindings(entry: Entry, sources: readonly SourceLink[], scope: Scope): HopFinding[] {
  if (sources.length === 0) return noSource(entry, scope);
  return sources.flatMap((source) => [sourceFinding(entry, source), ...reviewFindings(entry, source, scope)]);
}

const kindOfEntry = (entry: Entry): 'build' | 'update' => (isBuild(entry) ? 'build' : 'update');

function noSource(entry: Entry, scope: Scope): HopFinding[] {
  const inputs = inputsOf(entry.attestation).flatMap(({ name, digest }) =>
    Object.entries(digest).map(([algorithm, value]) => ({ name, algorithm, value })),
  );
  const [first] = inputs;
  const { index } = entry;
  const source: SourceHop = {
    hop: 'source',
    mark: 'not-shown',
    ...none(scope, 'snapshots'),
    index,
    entry: index,
    leafHash: leafOf(entry).leafHash,
    of: kindOfEntry(entry),
    inputs: inputs.length,
    ...defined({ input: first?.name, algorithm: first?.algorithm, digest: first?.value }),
  };
  const reviewed: ReviewedHop = {
    hop: 'reviewed',
    mark: 'not-shown',
    ...none(scope, 'reviews'),
    entry: index,
  };
  return [{ hop: source }, { hop: reviewed }];
}

function sourceFinding(entry: Entry, { snapshot, agreement, input }: SourceLink): HopFinding {
  const { index } = snapshot;
  const { product, version, kind, files, escrow, manifest } = snapshot.attestation.statement.predicate;
  const [[algorithm, value] = ['', '']] = digestPairs(manifest);
  const shown = {
    hop: 'source',
    mark: 'proven',
    index,
    entry: entry.index,
    leafHash: leafOf(snapshot).leafHash,
    ...snapshotOf(entry, snapshot),
    files,
    algorithm,
    value,
  } as const;
  if (agreement === 'conflict') {
    return against(
      { ...shown, state: 'conflict' },
      {
        code: 'subject-mismatch',
        message: 'the input and the snapshot cannot both be what their entries say',
        expected: digestText(input.digest),
        got: digestText(manifest),
      },
    );
  }
  const recordedAfter = index > entry.index;
  const hop = {
    ...shown,
    state: 'snapshot',
    version,
    site: escrow.site,
    country: escrow.country,
    suits: suits(entry, kind),
    ofProduct: ofProduct(entry, product),
    of: kindOfEntry(entry),
    recordedAfter,
  } as const;
  return { hop: hop.suits && hop.ofProduct && !recordedAfter ? hop : { ...hop, qualified: true } };
}

function digestPairs(digest: object): [string, string][] {
  return Object.entries(digest).map(([algorithm, value]) => [algorithm, String(value)]);
}

function digestText(digest: object): string {
  return digestPairs(digest)
    .map((pair) => pair.join(' '))
    .join(', ');
}

/** What a snapshot is of, and whether that is what the file was made from. */
function snapshotOf(entry: Entry, snapshot: EntryOf<'source-snapshot'>): SnapshotOf {
  const { product, kind } = snapshot.attestation.statement.predicate;
  return {
    snapshot: snapshot.index,
    product,
    kind,
    own: suits(entry, kind) && ofProduct(entry, product),
  };
}

/** The scripts that build a product are among its inputs, and are not its source. */
function suits(entry: Entry, kind: SnapshotOf['kind']): boolean {
  return isBuild(entry) ? kind === 'product' || kind === 'cloud' : kind === 'rules';
}

function ofProduct(entry: Entry, product: string): boolean {
  return !isBuild(entry) || entry.attestation.product === product;
}

function reviewFindings(entry: Entry, { snapshot, reviews }: SourceLink, scope: Scope): HopFinding[] {
  if (reviews.length > 0) return reviews.map((review) => reviewFinding(entry, snapshot, review));
  const hop: ReviewedHop = {
    hop: 'reviewed',
    mark: 'not-shown',
    ...none(scope, 'reviews'),
    entry: entry.index,
    snapshot: snapshot.index,
  };
  return [{ hop }];
}

function reviewFinding(
  entry: Entry,
  snapshot: EntryOf<'source-snapshot'>,
  { entry: review, agreement }: Linked<EntryOf<'source-review'>>,
): HopFinding {
  const { depth, coverage, result, findings, presence, limitations } = review.attestation.statement.predicate;
  const { filesCovered, filesTotal } = coverage;
  const { files } = snapshot.attestation.statement.predicate;
  const maker = byMaker(entry, review);
  const hop: Extract<ReviewedHop, { readonly state: 'review' }> = {
    hop: 'reviewed',
    mark: 'proven',
    state: 'review',
    index: review.index,
    entry: entry.index,
    leafHash: leafOf(review).leafHash,
    ...snapshotOf(entry, snapshot),
    agreement,
    depth,
    result,
    presence,
    // A reviewer who counts fewer files than the snapshot has could call a part of it the whole.
    whole: depth === 'full' && filesCovered >= files,
    filesCovered,
    filesTotal,
    snapshotFiles: files,
    findings: Object.values(findings).reduce((sum, some) => sum + some, 0),
    severities: findings,
    limitations: limitations.length,
    byMaker: maker === 'same',
    ...(maker === 'alike' ? { likeMaker: true } : {}),
  };
  if (agreement === 'conflict') {
    return against(hop, {
      code: 'subject-mismatch',
      message: 'two entries give two digests of one snapshot',
    });
  }
  if (agreement !== 'same' || result === 'refused' || result === 'inconclusive') {
    return { hop: { ...hop, mark: 'not-shown' } };
  }
  const short = !hop.whole || hop.findings > 0 || filesTotal !== files || !hop.own || maker !== 'other';
  return { hop: short ? { ...hop, qualified: true } : hop };
}
