/** Corrections of the entries that a verdict rests on, and what they make of it. */
import { toHex } from '../../bytes.ts';
import { assert } from '../../errors.ts';
import { targetOf } from '../../attestation/correction.ts';
import type { Entry } from '../authorising/walk.ts';
import type { HopFinding } from './finding.ts';
import type { HopOf } from './hops/hop.ts';

export type CorrectionHop = Extract<HopOf<'corrections'>, { readonly state: 'correction' }>;

/** Corrections by the leaf hash of their targets, lowercase hex. */
export type Corrections = ReadonlyMap<string, readonly Entry[]>;

/** The corrections among entries, which were all authorised. */
export function correctionsAmong(entries: readonly Entry[]): Corrections {
  const corrections = new Map<string, Entry[]>();
  for (const entry of entries) {
    const target = targetOf(entry.attestation);
    if (target === undefined) continue;
    corrections.set(target, [...(corrections.get(target) ?? []), entry]);
  }
  return corrections;
}

/**
 * One hop for each correction of these leaves, and for each correction of
 * those, by index. A correction that was itself corrected still stands here:
 * which of the two to believe is for people to say.
 */
export function correctedHops(
  leaves: readonly { readonly index: number; readonly leafHash: string }[],
  corrections: Corrections,
): CorrectionHop[] {
  const hops = new Map<number, CorrectionHop>();
  const open = [...leaves];
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    for (const correction of corrections.get(leaf.leafHash) ?? []) {
      if (hops.has(correction.index)) continue;
      hops.set(correction.index, correctionHop(leaf.index, correction));
      open.push({ index: correction.index, leafHash: toHex(correction.attestation.leafHash) });
    }
  }
  return [...hops.values()].toSorted((a, b) => a.index - b.index);
}

function correctionHop(target: number, { index, attestation, signers }: Entry): CorrectionHop {
  assert(attestation.type === 'correction', 'only corrections correct');
  const { kind, reason } = attestation.statement.predicate;
  return {
    hop: 'corrections',
    mark: 'contradicted',
    state: 'correction',
    index,
    target,
    kind,
    by: signers.map(({ name, organisation }) => ({ name, organisation })),
    statedReason: reason,
  };
}

/** The corrections as findings: the first that contradicts has the reason, which is that of all of them. */
export function correctionFindings(hops: readonly CorrectionHop[]): HopFinding[] {
  const [first, ...more] = hops.filter(({ mark }) => mark === 'contradicted');
  return hops.map((hop): HopFinding => {
    if (hop !== first) return { hop };
    return {
      hop,
      failure: {
        code: 'corrected',
        message: 'an entry that the answer rests on was corrected later',
        expected: 'entries that stand as they were recorded',
        got: `${hop.kind} at leaf ${hop.index}${more.length === 0 ? '' : ` and ${more.length} more`}`,
        index: hop.index,
      },
    };
  });
}
