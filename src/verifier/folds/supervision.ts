/**
 * What supervises a file: the way from its entry through the log.
 *
 *   file ── digest ──► build ── digest of an input ──► source-snapshot ◄── leaf hash ── source-review
 *                        ▲
 *                        └── leaf hash ── rebuild-result
 *   file ── digest ──► database-update ── rulesSnapshot ──► source-snapshot ◄── source-review
 *                        └── previous ──► database-update ── previous ──► … the first
 *
 * A link by leaf hash names one leaf and no other. A link by digest holds if
 * one digest is equal and none that both sides have differs; where one is
 * equal and another differs, one of the two signed for what is not so.
 */
import type { Attestation } from '../../attestation/statement.ts';
import { compareDigests } from '../../attestation/digests.ts';
import type { Agreement } from '../../attestation/digests.ts';
import type { Digests } from './subject.ts';
import { isOfType, leafOf, chainedUpdate } from './supporting.ts';
import type { ChainedUpdate, EntryOf, Leaf, Supporting } from './supporting.ts';
import { verdictBehind } from './chain-verdict.ts';
import type { ChainVerdict } from './chain-verdict.ts';
import { linkUpdates } from './update-chain.ts';
import type { ChainFields, UpdateLink } from './update-chain.ts';
import type { Entry } from '../authorising/walk.ts';

/** A review or a rebuild that names the leaf, and whether its digests are those of that leaf. */
export interface Linked<E> {
  readonly entry: E;
  readonly agreement: Agreement;
}

export interface SourceLink {
  readonly snapshot: EntryOf<'source-snapshot'>;
  readonly agreement: 'same' | 'conflict';
  /** The input by which the entry about the file names it. */
  readonly input: Input;
  readonly reviews: readonly Linked<EntryOf<'source-review'>>[];
}

export type ChainLink = UpdateLink<Leaf, ChainFields>;

/** The updates from the one about the file back, itself first, and what is to be said of that way. */
export interface ChainBack {
  readonly path: readonly [ChainLink, ...ChainLink[]];
  readonly verdict: ChainVerdict<ChainLink>;
}

/** All that bears on one entry about the file. */
export interface SupervisedEntry {
  readonly entry: Entry;
  readonly sources: readonly SourceLink[];
  readonly rebuilds: readonly Linked<EntryOf<'rebuild-result'>>[];
  readonly chain?: ChainBack;
}

/** Something that a file was made from, as its entry names it. */
export interface Input {
  readonly name?: string | undefined;
  readonly digest: Readonly<Record<string, string>>;
}

/** What a build or an update names as its source; none for other types. */
export function inputsOf({ type, statement }: Attestation): Input[] {
  if (type === 'build') {
    return statement.predicate.buildDefinition.resolvedDependencies.flatMap(({ name, digest }) =>
      digest === undefined ? [] : [{ name, digest: textsOf(digest) }],
    );
  }
  const rules = type === 'database-update' ? statement.predicate.rulesSnapshot : undefined;
  return rules === undefined ? [] : [{ digest: textsOf(rules) }];
}

function textsOf(digest: object): Record<string, string> {
  return Object.fromEntries(Object.entries(digest).map(([name, value]) => [name, String(value)]));
}

/**
 * The digests of the file as far as its entry gives them: those that were
 * computed, and by other algorithms those of the subject that is the file.
 */
export function knownDigests({ statement }: Attestation, digests: Digests): Digests {
  const subject = statement.subject.find(({ digest }) => compareDigests(digest, digests) === 'same');
  return { ...subject?.digest, ...digests };
}

export interface Looking {
  readonly digests: Digests;
  readonly supporting: Supporting;
  /** Whether the updates are all that the log holds. */
  readonly whole: boolean;
}

/**
 * The chains that were linked already, by family and platform: linking one
 * takes time, and a state that is gone back to has several entries.
 */
export type Families = Map<string, readonly ChainLink[]>;

/** Follows the links of each of the entries about a file. */
export function supervisionsOf(
  entries: readonly Entry[],
  looking: Looking,
  families: Families = new Map(),
): SupervisedEntry[] {
  return entries.map((entry) => supervisionOf(entry, looking, families));
}

/** Follows the links of one entry about a file. */
export function supervisionOf(
  entry: Entry,
  { digests, supporting, whole }: Looking,
  families: Families = new Map(),
): SupervisedEntry {
  const { attestation } = entry;
  const { leafHash } = leafOf(entry);
  const known = knownDigests(attestation, digests);
  const rebuilds = supporting.rebuilds
    .filter((rebuild) => rebuild.attestation.statement.predicate.build.leafHash === leafHash)
    .map((rebuild) => ({
      entry: rebuild,
      agreement: compareDigests(rebuild.attestation.statement.predicate.build.digest, known),
    }))
    // A build may have several artefacts, and this is a rebuild of another one.
    .filter(({ agreement }) => agreement !== 'different');
  const supervision = { entry, sources: sourcesOf(attestation, supporting), rebuilds };
  if (!isOfType(entry, 'database-update')) return supervision;
  const { family, platform } = entry.attestation.statement.predicate;
  const name = `${family} ${platform}`;
  const links = families.get(name) ?? chainLinks(supporting.updates, { family, platform });
  families.set(name, links);
  return { ...supervision, chain: chainBack(chainedUpdate(entry), links, whole) };
}

function sourcesOf(attestation: Attestation, { snapshots, reviews }: Supporting): SourceLink[] {
  const inputs = inputsOf(attestation);
  return snapshots.flatMap((snapshot): SourceLink[] => {
    const { manifest } = snapshot.attestation.statement.predicate;
    const compared = inputs.map((input) => ({ input, agreement: compareDigests(input.digest, manifest) }));
    const found =
      compared.find(({ agreement }) => agreement === 'conflict') ??
      compared.find(({ agreement }) => agreement === 'same');
    if (found === undefined) return [];
    const { leafHash } = leafOf(snapshot);
    const own = reviews
      .filter((review) => review.attestation.statement.predicate.snapshot.leafHash === leafHash)
      .map((review) => ({
        entry: review,
        agreement: compareDigests(review.attestation.statement.predicate.snapshot.digest, manifest),
      }));
    const agreement = found.agreement === 'conflict' ? 'conflict' : 'same';
    return [{ snapshot, agreement, input: found.input, reviews: own }];
  });
}

function chainLinks(
  updates: readonly ChainedUpdate[],
  { family, platform }: { readonly family: string; readonly platform: string },
): ChainLink[] {
  return linkUpdates(
    updates.filter(({ predicate }) => predicate.family === family && predicate.platform === platform),
  );
}

/** The chain behind one update, of the links of its family and platform. */
function chainBack(own: ChainedUpdate, links: readonly ChainLink[], whole: boolean): ChainBack {
  const link = links.find(({ entry }) => entry.index === own.entry.index);
  // A replay keeps so many updates and no more; of what it has no room for, nothing is known.
  if (link === undefined) {
    return { path: [{ ...own, link: 'skips' }], verdict: { end: 'open', qualifiedBy: [] } };
  }
  return verdictBehind(link, links, { whole });
}

/** Every leaf that the answer about this entry rests on; the updates before it apart, since they may be many. */
export function leavesOf({ entry, sources, rebuilds, chain }: SupervisedEntry): {
  readonly own: readonly Leaf[];
  readonly before: readonly Leaf[];
} {
  return {
    own: [
      leafOf(entry),
      ...sources.flatMap(({ snapshot, reviews }) => [
        leafOf(snapshot),
        ...reviews.map((review) => leafOf(review.entry)),
      ]),
      ...rebuilds.map((rebuild) => leafOf(rebuild.entry)),
    ],
    before: chain?.path.slice(1).map((update) => update.entry) ?? [],
  };
}
