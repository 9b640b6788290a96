/** Corrections of the entries that a verdict rests on, and what they make of it. */
import { toHex } from '../../bytes.ts';
import { targetOf } from '../../attestation/correction.ts';
import { grouped } from './hops.ts';
import type { Hop } from './verdict.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry } from '../authorising/walk.ts';

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
): Hop[] {
  const hops = new Map<number, Hop>();
  const open = [...leaves];
  for (let leaf = open.pop(); leaf !== undefined; leaf = open.pop()) {
    for (const correction of corrections.get(leaf.leafHash) ?? []) {
      if (hops.has(correction.index)) continue;
      hops.set(correction.index, correctedHop(leaf.index, correction));
      open.push({ index: correction.index, leafHash: toHex(correction.attestation.leafHash) });
    }
  }
  return [...hops.values()].toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

function correctedHop(target: number, { index, attestation, signers }: Entry): Hop {
  if (attestation.type !== 'correction') throw new Error('broken invariant: only corrections correct');
  const { kind, reason } = attestation.statement.predicate;
  const by = signers.map(({ name, organisation }) => `${name} (${organisation})`).join(' and ');
  return {
    hop: 'corrections',
    mark: 'contradicted',
    text: `leaf ${grouped(target)} is corrected by leaf ${grouped(index)}: ${kind} by ${by}: ${reason}`,
    index,
    facts: { kind, target },
  };
}

/** Why an answer that rests on corrected entries is not `proven`. */
export function correctedFailure([first, ...more]: readonly Hop[]): Failure | undefined {
  if (first?.index === undefined) return undefined;
  return {
    code: 'corrected',
    message: 'an entry that the answer rests on was corrected later',
    expected: 'entries that stand as they were recorded',
    got: `${String(first.facts['kind'])} at leaf ${grouped(first.index)}${more.length === 0 ? '' : ` and ${more.length} more`}`,
    index: first.index,
  };
}
