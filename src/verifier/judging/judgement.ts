/**
 * The judgement of a file, hop by hop, once every entry that is looked at has
 * been authorised: by a bundle, which shows some of the log, or by a replay,
 * which has read all of it.
 *
 *   recorded, built | updated, chain, source, reviewed, rebuilt, keys    for each entry about the file
 *   revocations, corrections                                            for the whole answer
 */
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import type { Entry } from '../authorising/walk.ts';
import { knownDigests, leavesOf, supervisionsOf } from '../folds/supervision.ts';
import type { Families, SupervisedEntry } from '../folds/supervision.ts';
import type { Digests } from '../folds/subject.ts';
import type { Complete, Leaf, Supporting } from '../folds/supporting.ts';
import { chainFinding } from './chain-hop.ts';
import { correctedHops, correctionFindings, correctionsAmong } from './corrections.ts';
import type { CorrectionHop } from './corrections.ts';
import { artefactHop, keysHop, recordedHop } from './entry-hops.ts';
import type { HopFinding } from './finding.ts';
import { rebuildFindings } from './rebuilt-hops.ts';
import type { RevocationsHop } from './hops/hop.ts';
import type { Scope } from './scope.ts';
import { sourceFindings } from './source-hops.ts';
import { signedWith, spoiledBy, stolenAmong, withoutIgnored } from './spoilt.ts';
import type { SpoiltLeaves } from './spoilt.ts';
import type { CheckpointSummary } from './verdict.ts';

export interface Judging {
  /** The entries about the file, by index. */
  readonly matches: readonly Entry[];
  readonly digests: Digests;
  readonly supporting: Supporting;
  /** The newest authority document known. */
  readonly newest: AuthoritySnapshot;
  readonly checkpoint: CheckpointSummary;
  /** Where every leaf of the tree has been read: of which kinds all are among `supporting`. */
  readonly complete?: Complete | undefined;
  /** Shared by several judgements with one and the same `supporting`. */
  readonly families?: Families;
}

/** Everything that is to be said of the file and its entries. */
export function judge(judging: Judging): HopFinding[] {
  const { newest, checkpoint, complete } = judging;
  const scope: Scope = { size: checkpoint.size, complete };
  const { supervisions, leaves, corrected } = followed(judging);
  const spoilt = { corrected, stolen: stolenAmong(leaves, newest) };
  const own = supervisions.flatMap((supervision) => entryFindings(supervision, judging, scope, spoilt));
  return [
    ...own,
    ...revocationFindings({ scope, newest, leaves, stolen: spoilt.stolen.size > 0 }),
    ...(corrected.length === 0 ? [noCorrections(scope)] : correctionFindings(withoutIgnored(corrected, own))),
  ];
}

type Following = Pick<Judging, 'matches' | 'digests' | 'supporting' | 'complete' | 'families'>;

interface Followed {
  readonly supervisions: readonly SupervisedEntry[];
  /** Each leaf once: first what is nearest to the entries about the file. */
  readonly leaves: readonly Leaf[];
  readonly corrected: readonly CorrectionHop[];
}

function followed({ matches, digests, supporting, complete, families }: Following): Followed {
  const whole = complete?.updates === true;
  const supervisions = supervisionsOf(matches, { digests, supporting, whole }, families);
  const rested = supervisions.map(leavesOf);
  const all = [...rested.flatMap(({ own }) => own), ...rested.flatMap(({ before }) => before)];
  const leaves = [...new Map(all.map((leaf) => [leaf.index, leaf])).values()];
  return {
    supervisions,
    leaves,
    corrected: correctedHops(leaves, correctionsAmong(supporting.corrections)),
  };
}

/** Indices of the leaves that a judgement rests on, and of the corrections of those; the entries about the file first. */
export function leavesBehind(following: Following): number[] {
  const { leaves, corrected } = followed(following);
  const own = following.matches.map(({ index }) => index);
  return [...new Set([...own, ...[...corrected, ...leaves].map(({ index }) => index)])];
}

function entryFindings(
  supervision: SupervisedEntry,
  { digests, checkpoint }: Judging,
  scope: Scope,
  spoilt: SpoiltLeaves,
): HopFinding[] {
  const { entry, sources, rebuilds, chain } = supervision;
  const known = knownDigests(entry.attestation, digests);
  const stolen = spoilt.stolen.get(entry.index);
  const before = leavesOf(supervision).before.map(({ index }) => index);
  // The keys of the entry itself are the matter of the hop `keys`.
  const others = {
    ...spoilt,
    stolen: new Map([...spoilt.stolen].filter(([index]) => index !== entry.index)),
  };
  const onItsLeaf = (finding: HopFinding): HopFinding =>
    spoiledBy(finding, finding.hop.index === undefined ? [] : [finding.hop.index], others);
  return [
    { hop: recordedHop(entry, checkpoint) },
    onItsLeaf({ hop: artefactHop(entry) }),
    // A chain rests on the updates before; the one about the file has hops of its own.
    ...(chain === undefined ? [] : [spoiledBy(chainFinding(entry, chain, scope), before, others)]),
    ...sourceFindings(entry, sources, scope).map(onItsLeaf),
    ...rebuildFindings(entry, rebuilds, known, scope).map(onItsLeaf),
    stolen === undefined ? { hop: keysHop(entry) } : signedWith(stolen, keysHop(entry)),
  ];
}

function noCorrections({ size, complete }: Scope): HopFinding {
  const mark = complete?.corrections === true ? 'proven' : 'not-shown';
  return { hop: { hop: 'corrections', mark, state: 'none', size } };
}

/**
 * What stays open without a replay of the log. A key that was replaced or
 * revoked since takes nothing back, and is told, since who relies on the next
 * file by that key has to know; it is told here, because a server that
 * withholds the later document withholds it from no line that is ticked.
 */
function revocationFindings({
  scope: { size, complete },
  newest,
  leaves,
  stolen,
}: {
  readonly scope: Scope;
  readonly newest: AuthoritySnapshot;
  readonly leaves: readonly Leaf[];
  readonly stolen: boolean;
}): HopFinding[] {
  const hop: Omit<RevocationsHop, 'mark' | 'since'> = {
    hop: 'revocations',
    size,
    newestAuthority: newest.index,
    version: newest.version,
  };
  // Nothing of what a server showed: it may have withheld some of it.
  if (complete !== undefined) return stolen ? [] : [{ hop: { ...hop, mark: 'proven', since: [] } }];
  const signers = new Map(leaves.flatMap((leaf) => leaf.signers).map((signer) => [signer.keyid, signer]));
  const since = [...signers.values()]
    .map(({ name, keyid }) => ({ name, keyid, status: newest.statusOf(keyid, size) }))
    .filter(({ status }) => status !== 'in-force');
  return [{ hop: { ...hop, mark: 'not-shown', since } }];
}
