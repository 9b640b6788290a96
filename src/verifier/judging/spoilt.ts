/**
 * Leaves that an answer rests on and that cannot bear it: one that was
 * corrected later, and one that was signed with a key which had already been
 * stolen. Each contradicts its own hop and the answer.
 */
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import type { Leaf } from '../folds/supporting.ts';
import type { CorrectionHop } from './corrections.ts';
import type { HopFinding } from './finding.ts';
import type { Hop, Spoilt } from './hops/hop.ts';

type ByKey = Extract<Spoilt, { readonly by: 'key' }>;

/** A key that a later document retroactively revokes, and that document. */
interface Stolen extends ByKey {
  readonly document: number;
}

export interface SpoiltLeaves {
  readonly corrected: readonly CorrectionHop[];
  /** By the index of the leaf. */
  readonly stolen: ReadonlyMap<number, Stolen>;
}

/** Those among the leaves that are signed by a key which the newest document revokes back to them. */
export function stolenAmong(leaves: readonly Leaf[], newest: AuthoritySnapshot): Map<number, Stolen> {
  const stolen = new Map<number, Stolen>();
  for (const { index, signers } of leaves) {
    for (const { keyid, name } of signers) {
      const status = newest.statusOf(keyid, index);
      if (status === 'in-force' || stolen.has(index)) continue;
      stolen.set(index, { by: 'key', leaf: index, keyid, name, status, document: newest.index });
    }
  }
  return stolen;
}

/** The finding, contradicted if one of the leaves that its hop rests on is spoilt. */
export function spoiledBy(
  finding: HopFinding,
  rests: readonly number[],
  { corrected, stolen }: SpoiltLeaves,
): HopFinding {
  const { hop, failure } = finding;
  if (failure?.code === 'rebuild-differs') return rebuildTakenBack(finding, corrected);
  // What is shown of a chain stands or falls, wherever it ends.
  if (hop.mark !== 'proven' && !(hop.hop === 'chain' && hop.mark === 'not-shown')) return finding;
  const key = rests.flatMap((index) => stolen.get(index) ?? [])[0];
  if (key !== undefined) return signedWith(key, hop);
  const correction = corrected.find(({ target }) => rests.includes(target));
  if (correction === undefined) return finding;
  const { target, index } = correction;
  // The failure is that of all corrections together.
  return { hop: contradicted(hop, { by: 'correction', target, correction: index }, 'corrected') };
}

/** The hop, contradicted by the key that is on its leaf. */
export function signedWith({ document, ...key }: Stolen, hop: Hop): HopFinding {
  return {
    hop: contradicted(hop, key, 'key-not-in-force'),
    failure: {
      code: 'key-not-in-force',
      message: `the key of ${key.name} is ${key.status} as of leaf ${key.leaf}, says a later authority document`,
      expected: 'keys that no later authority document revokes back to this leaf',
      got: `${key.keyid}, by the document at leaf ${document}`,
      index: key.leaf,
    },
  };
}

function contradicted({ qualified: _, ...hop }: Hop, spoilt: Spoilt, code: NonNullable<Hop['code']>): Hop {
  return { ...hop, mark: 'contradicted', spoilt, code };
}

/**
 * A rebuild that speaks against the file does so no longer once it was
 * retracted, or one honest mistake would convict the file for ever. It then
 * says nothing. A retraction that was itself corrected takes nothing back.
 */
function rebuildTakenBack(finding: HopFinding, corrected: readonly CorrectionHop[]): HopFinding {
  const { hop } = finding;
  if (hop.hop !== 'rebuilt' || hop.state !== 'rebuild') return finding;
  const about = corrected.filter(({ target }) => target === hop.index);
  const [first] = about;
  if (first === undefined) return finding;
  const standing = about.find(
    ({ kind, index }) => kind === 'retraction' && !corrected.some(({ target }) => target === index),
  );
  if (standing === undefined) return { ...finding, hop: { ...hop, correctedBy: first.index } };
  const { code: _, ...rest } = hop;
  return { hop: { ...rest, mark: 'not-shown', retractedBy: standing.index } };
}

/** The corrections, of which those of a rebuild that was taken back, and those of them, contradict nothing. */
export function withoutIgnored(
  corrected: readonly CorrectionHop[],
  findings: readonly HopFinding[],
): CorrectionHop[] {
  const ignored = new Set(
    findings.flatMap(({ hop }) =>
      hop.hop === 'rebuilt' && hop.state === 'rebuild' && hop.retractedBy !== undefined ? [hop.index] : [],
    ),
  );
  // A correction stands above its target, so one pass in the order of the log is enough.
  return corrected.map((hop): CorrectionHop => {
    if (!ignored.has(hop.target)) return hop;
    ignored.add(hop.index);
    return { ...hop, mark: 'not-shown' };
  });
}
