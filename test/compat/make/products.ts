/** Builds, and what supervises them: sources in escrow, reviews, rebuilds, seals. */
import { toBase64 } from '../../../src/bytes.ts';
import type {
  RebuildResultPredicate,
  SourceReviewPredicate,
  StatementOf,
} from '../../../src/attestation/types.ts';
import {
  build,
  buildSource,
  builder,
  digest,
  escrowSource,
  rebuildResult,
  rebuildSource,
  rebuilder,
  reviewSource,
  reviewer,
  sourceReview,
  sourceSnapshot,
  supervisor,
} from '../../fixtures/attestations.ts';
import type { BuildOptions, Party, SnapshotOptions } from '../../fixtures/attestations.ts';
import { fixtures } from '../../seal/fixtures.ts';
import { content as sealedContent } from '../../seal/make.ts';
import type { Book, Numbered } from './book.ts';
import { builder2, rebuilder2, vendorRebuilder, vendorReviewer } from './parties.ts';

type BuildStatement = StatementOf<'build'>;
type BuildChange = (statement: BuildStatement) => void;

export const sealedFile = 'sealed.bin';

/** The key of the builder, which is another one from the second authority document on. */
function builderOf(book: Book): Party {
  return book.places().has('authority 2') ? builder2 : builder;
}

/** A build of a file whose content is its name. */
export function addBuild(book: Book, file: string, options: Partial<BuildOptions> = {}): void {
  const name = options.file ?? file;
  book.file(name);
  const leaf = build({
    ...book.next(buildSource),
    product: 'setup',
    version: '1.0',
    file: name,
    sourceSha256: digest(`source of ${name}`),
    signedBy: [builderOf(book), supervisor],
    ...options,
  });
  book.add(`build ${file}`, leaf);
}

export function addSnapshot(book: Book, file: string, options: Partial<SnapshotOptions> = {}): void {
  const leaf = sourceSnapshot({
    ...book.next(escrowSource),
    product: 'setup',
    manifestSha256: digest(`source of ${file}`),
    ...options,
  });
  book.add(`snapshot ${file}`, leaf);
}

const noFindings = { critical: 0, high: 0, medium: 0, low: 0 };
const full: Partial<SourceReviewPredicate> = {
  depth: 'full',
  coverage: { filesCovered: 9310, filesTotal: 9310 },
  result: 'no-findings',
  findings: noFindings,
  limitations: [],
};

export function addReview(
  book: Book,
  file: string,
  {
    fields = {},
    by = reviewer,
    label = file,
  }: { readonly fields?: Partial<SourceReviewPredicate>; readonly by?: Party; readonly label?: string } = {},
): void {
  const { leafHash } = book.place(`snapshot ${file}`);
  const leaf = sourceReview({
    ...book.next(reviewSource),
    snapshot: { leafHash, sha256: digest(`source of ${file}`) },
    change: ({ predicate }: StatementOf<'source-review'>) => void Object.assign(predicate, fields),
    signedBy: [by, supervisor],
  });
  book.add(`review ${label}`, leaf);
}

const identicalTo = (file: string): Partial<RebuildResultPredicate> => ({
  verdict: 'identical',
  normalisations: [],
  candidate: { digest: { sha256: digest(file) }, obtainedFrom: 'built from the snapshot' },
});

export function addRebuild(
  book: Book,
  file: string,
  {
    fields = {},
    by = rebuilder,
    label = file,
  }: { readonly fields?: Partial<RebuildResultPredicate>; readonly by?: Party; readonly label?: string } = {},
): void {
  const { leafHash } = book.place(`build ${file}`);
  const leaf = rebuildResult({
    ...book.next(rebuildSource),
    build: { leafHash, sha256: digest(file) },
    change: ({ predicate }: StatementOf<'rebuild-result'>) => {
      if (fields.verdict === 'not-rebuildable') {
        delete predicate.candidate;
        delete predicate.environment;
      }
      Object.assign(predicate, fields);
    },
    signedBy: [by],
  });
  book.add(`rebuild ${label}`, leaf);
}

/** Source, review, build and rebuild of one file, all of them in good order. */
function addSupervised(
  book: Book,
  file: string,
  parts: {
    readonly review?: Partial<SourceReviewPredicate>;
    readonly rebuild?: Partial<RebuildResultPredicate>;
    readonly change?: BuildChange;
  } = {},
): void {
  addSnapshot(book, file);
  addReview(book, file, { fields: parts.review ?? full });
  addBuild(book, file, parts.change === undefined ? {} : { change: parts.change });
  addRebuild(book, file, { fields: parts.rebuild ?? identicalTo(file) });
}

const supervision = ({ predicate }: BuildStatement) => predicate.isal_supervision;

/** Signed by the builder's first key. */
export function firstBuilds(book: Book): void {
  addBuild(book, 'plain.bin');
  addSupervised(book, 'whole.bin');
  // As the makers have them: a targeted review with findings, an equivalent rebuild.
  addSupervised(book, 'findings.bin', { review: {}, rebuild: {} });
  addSupervised(book, 'overview.bin', {
    review: {
      depth: 'overview',
      coverage: { filesCovered: 12, filesTotal: 9310 },
      result: 'no-findings',
      findings: noFindings,
    },
    rebuild: { independence: 'vendor-toolchain' },
  });
  addSupervised(book, 'refused.bin', {
    review: {
      depth: 'overview',
      coverage: { filesCovered: 0, filesTotal: 9310 },
      result: 'refused',
      findings: noFindings,
    },
    rebuild: { verdict: 'not-rebuildable', normalisations: [], unexplainedBytes: 0 },
  });
  addSupervised(book, 'inconclusive.bin', {
    review: { result: 'inconclusive', findings: noFindings },
    rebuild: { ...identicalTo('inconclusive.bin'), independence: 'vendor-machines' },
  });
  addSupervised(book, 'differs.bin', { rebuild: { verdict: 'different', unexplainedBytes: 412 } });
  addOwnReviews(book);
  addPlacesAndDeviations(book);
}

/** Looked at by the vendor's own people, who are said to be what they are not. */
function addOwnReviews(book: Book): void {
  const file = 'own-people.bin';
  addSnapshot(book, file);
  addReview(book, file, { fields: full, by: vendorReviewer });
  addBuild(book, file);
  addRebuild(book, file, { fields: identicalTo(file), by: vendorRebuilder });
  addRebuild(book, file, {
    fields: { ...identicalTo(file), independence: 'vendor' },
    by: vendorRebuilder,
    label: `${file} again`,
  });
}

function addPlacesAndDeviations(book: Book): void {
  addSupervised(book, 'deviation.bin', {
    change: (statement) => {
      supervision(statement).deviations = ['The second person arrived late.', 'A proxy was used.'];
    },
  });
  addBuild(book, 'remote.bin', {
    change: (statement) =>
      void Object.assign(supervision(statement), { presence: 'remote', country: 'DE', facility: 'Munich' }),
  });
  addBuild(book, 'automated.bin', {
    change: (statement) => void Object.assign(supervision(statement), { presence: 'automated' }),
  });
}

/** Sources that are more, less or other than their builds say. */
export function sourcesAndSubjects(book: Book): void {
  addBuild(book, 'late-source.bin');
  addSnapshot(book, 'late-source.bin');
  addSnapshot(book, 'other-product.bin', { product: 'another product' });
  addReview(book, 'other-product.bin', { fields: full });
  addBuild(book, 'other-product.bin');
  addTwoSources(book);
  addBuild(book, 'by-commit.bin', {
    change: ({ predicate }) => {
      const digestSet = { gitCommit: 'a'.repeat(40) };
      predicate.buildDefinition.resolvedDependencies = [{ name: 'setup', digest: digestSet }];
    },
  });
  book.file('pair-b.bin');
  addBuild(book, 'pair-a.bin', {
    change: (statement) => {
      statement.subject.push({ name: 'pair-b.bin', digest: { sha256: digest('pair-b.bin') } });
    },
  });
  // One file, recorded twice: with its source and without.
  addSupervised(book, 'twice.bin');
  addBuild(book, 'twice.bin again', { file: 'twice.bin', sourceSha256: digest('another source') });
  addBuild(book, 'mismatch.bin', {
    change: (statement) => {
      const sha256 = digest('mismatch.bin');
      statement.subject = [{ name: 'mismatch.bin', digest: { sha256, sha512: '0'.repeat(128) } }];
    },
  });
  book.file('unrecorded.bin');
  // A review that names the leaf of a snapshot and the digests of another one.
  addSnapshot(book, 'astray.bin');
  addBuild(book, 'astray.bin');
  const { leafHash } = book.place('snapshot astray.bin');
  const astray = sourceReview({
    ...book.next(reviewSource),
    snapshot: { leafHash, sha256: digest('not the manifest') },
    signedBy: [reviewer, supervisor],
  });
  book.add('review astray.bin', astray);
}

/** Made from two sources, of which the one was reviewed. */
function addTwoSources(book: Book): void {
  const file = 'two-sources.bin';
  addSnapshot(book, file);
  addReview(book, file, { fields: full });
  addSnapshot(book, `${file} library`, { manifestSha256: digest('source of the library') });
  addBuild(book, file, {
    change: ({ predicate }) => {
      predicate.buildDefinition.resolvedDependencies.push({
        name: 'library.dsc',
        digest: { sha256: digest('source of the library') },
      });
    },
  });
}

/** Files of which something is taken back later. */
export function toBeCorrected(book: Book): void {
  for (const file of [
    'build-corrected.bin',
    'review-corrected.bin',
    'snapshot-corrected.bin',
    'correction-corrected.bin',
  ]) {
    addSupervised(book, file);
  }
  const differs = { verdict: 'different', unexplainedBytes: 9 } as const;
  addSupervised(book, 'rebuild-retracted.bin', { rebuild: differs });
  addSupervised(book, 'retracted-twice.bin', { rebuild: differs });
}

/** Rebuilt by one whose key turns out to have been stolen. */
export function stolenRebuild(book: Book): void {
  const file = 'stolen-rebuild.bin';
  addSnapshot(book, file);
  addReview(book, file, { fields: full });
  addBuild(book, file);
  addRebuild(book, file, { fields: identicalTo(file), by: rebuilder2 });
}

/** Signed by the builder's second key. */
export function laterBuilds(book: Book): void {
  addSupervised(book, 'new-key.bin');
  addBuild(book, 'newest.bin');
}

type Sealing = readonly [label: string, cms: string, timestamp?: string];

/** Seals over one and the same file, an entry each. */
const seals: readonly Sealing[] = [
  ['good', 'good', 'good'],
  ['undated', 'good'],
  ['of another file', 'other'],
];

/** Too many to be judged together again and again: they stand in a log of their own. */
const moreSeals: readonly Sealing[] = [
  ['revoked', 'revoked', 'revoked'],
  ['revoked later', 'revoked-later', 'revoked-later'],
  ['of a stranger', 'stranger', 'stranger'],
  ['of two signers', 'two-signers', 'two-signers'],
  ['stamped by a stranger', 'good', 'good-tsa-stranger'],
];

function sealedBuild(numbered: Numbered, [, cms, timestamp]: Sealing): Uint8Array {
  const made = fixtures();
  const bytes = (name: string): string => toBase64(made[name] ?? new Uint8Array());
  const sha256 = digest(sealedContent);
  const seal = {
    subject: { sha256 },
    cms: bytes(`${cms}.p7s`),
    ...(timestamp === undefined ? {} : { timestamp: bytes(`${timestamp}.tst`) }),
  };
  return build({
    ...numbered,
    product: 'sealed setup',
    version: '1.0',
    file: sealedFile,
    sha256,
    change: (statement: BuildStatement) => void (supervision(statement).seals = [seal]),
    signedBy: [builder, supervisor],
  });
}

/** Signed by the builder's first key. */
export function sealedBuilds(book: Book): void {
  book.file(sealedFile, sealedContent);
  for (const sealing of seals) {
    book.add(`build sealed ${sealing[0]}`, sealedBuild(book.next(buildSource), sealing));
  }
}

/** Label → a sealed build, for a log that has nothing but these. */
export function otherSealedBuilds(authority: string): Map<string, Uint8Array> {
  const all = [...seals, ...moreSeals].map((sealing, at): [string, Uint8Array] => [
    sealing[0],
    sealedBuild({ authority, source: buildSource, seq: at + 1 }, sealing),
  ]);
  return new Map(all);
}
