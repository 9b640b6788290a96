/**
 * Revocations: from which leaf on a key no longer counts.
 *
 *   { "keyid": "5f…", "kind": "compromised", "fromLeaf": 4711, "reason": "…" }
 *
 * A revocation *counts from* a leaf, which is not always the one written:
 *
 *   superseded, revoked   max(fromLeaf, D), D being the leaf of the document
 *                         that first says so: they never reach back, so what
 *                         was recorded in good order stays in good order
 *   compromised           fromLeaf: it may reach back, because the thief may
 *                         have signed before the theft was noticed
 *
 * and never later than where an earlier document let it count from. The status
 * of a key at leaf i is the kind of its revocation if i is at or after the leaf
 * that it counts from, else in force.
 *
 * Lists are cumulative. A later document may add a revocation, write an earlier
 * leaf, or make the kind more severe (superseded < revoked < compromised), with
 * a leaf no later than the one where the milder kind already counts from. It
 * may not drop one, write a later leaf, or make a kind milder. So no leaf's
 * status ever gets milder, and a stolen root quorum cannot pardon a key.
 */
import { LedgerError } from '../errors.ts';

export type RevocationKind = 'superseded' | 'revoked' | 'compromised';
export type KeyStatus = 'in-force' | RevocationKind;

/** As the authority document writes it. */
export interface Revocation {
  readonly keyid: string;
  readonly kind: RevocationKind;
  /** Leaf index. */
  readonly fromLeaf: number;
  readonly reason: string;
}

/** A revocation and the leaf from which it counts. */
export interface Effect {
  readonly kind: RevocationKind;
  readonly fromLeaf: number;
  readonly countsFrom: number;
}

/** Keyid → effect, after some authority document. */
export type Effects = ReadonlyMap<string, Effect>;

const severity: Readonly<Record<RevocationKind, number>> = { superseded: 0, revoked: 1, compromised: 2 };

/**
 * The effects after the document at leaf `index` lists `revocations`, where
 * `previous` are those of its predecessor (empty for the first document).
 * Throws `authority-invalid`, pointing at the list or at the field.
 */
export function applyRevocations({
  previous,
  revocations,
  index,
}: {
  readonly previous: Effects;
  readonly revocations: readonly Revocation[];
  readonly index: number;
}): Effects {
  const effects = new Map<string, Effect>();
  for (const [position, { keyid, kind, fromLeaf }] of revocations.entries()) {
    const at = `/predicate/revocations/${position}`;
    if (effects.has(keyid)) {
      throw new LedgerError('authority-invalid', 'one key revoked twice in one document', {
        expected: 'one revocation for each key',
        got: keyid,
        at: `${at}/keyid`,
      });
    }
    const own = kind === 'compromised' ? fromLeaf : Math.max(fromLeaf, index);
    const earlier = previous.get(keyid);
    if (earlier !== undefined) requireNotMilder({ kind, fromLeaf, earlier, at });
    const countsFrom = Math.min(own, earlier?.countsFrom ?? own);
    effects.set(keyid, { kind, fromLeaf, countsFrom });
  }
  for (const keyid of previous.keys()) {
    if (!effects.has(keyid)) {
      throw new LedgerError('authority-invalid', 'a revocation was dropped', {
        expected: `the revocation of ${keyid}, as in the document before`,
        got: 'none',
        at: '/predicate/revocations',
        facts: { keyid },
      });
    }
  }
  return effects;
}

function requireNotMilder({
  kind,
  fromLeaf,
  earlier,
  at,
}: {
  readonly kind: RevocationKind;
  readonly fromLeaf: number;
  readonly earlier: Effect;
  readonly at: string;
}): void {
  if (severity[kind] < severity[earlier.kind]) {
    throw new LedgerError('authority-invalid', 'a revocation was made milder', {
      expected: `${earlier.kind}, or worse`,
      got: kind,
      at: `${at}/kind`,
    });
  }
  const latest = kind === earlier.kind ? earlier.fromLeaf : earlier.countsFrom;
  if (fromLeaf > latest) {
    throw new LedgerError('authority-invalid', 'a revocation was moved to a later leaf', {
      expected: `at most ${latest}`,
      got: String(fromLeaf),
      at: `${at}/fromLeaf`,
    });
  }
}

/** The status of a key for an entry at `leafIndex`; `in-force` for a key that nothing is said of. */
export function statusAt({
  effects,
  keyid,
  leafIndex,
}: {
  readonly effects: Effects;
  readonly keyid: string;
  readonly leafIndex: number;
}): KeyStatus {
  const effect = effects.get(keyid);
  return effect === undefined || leafIndex < effect.countsFrom ? 'in-force' : effect.kind;
}
