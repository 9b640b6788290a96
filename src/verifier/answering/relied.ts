/**
 * The entries that an answer rests on, and what the rest of the log says of
 * them: corrections, and keys that were compromised before they signed.
 */
import { fromHex } from '../../bytes.ts';
import type { KeyStatus } from '../../attestation/authority.ts';
import { targetOf } from '../../attestation/correction.ts';
import { defined } from '../../defined.ts';
import { SignersByLeaf } from '../authorising/signers-by-leaf.ts';
import type { Replay } from '../folds/replay.ts';
import { isOfType, leafOf } from '../folds/supporting.ts';
import type { Leaf } from '../folds/supporting.ts';
import type { Marked } from './point.ts';

/** A correction of an entry that the answer rests on. */
export interface CorrectionShown {
  readonly index: number;
  /** Leaf hash of what it corrects. */
  readonly target: string;
  /** The place of that leaf, where it was noted. */
  readonly targetIndex?: number;
  readonly kind: string;
  readonly reason: string;
}

/** A later document says that the key was not to be relied on when it signed. */
export interface KeyPoint extends Marked {
  readonly about: 'key';
  readonly mark: 'contradicted';
  /** Of the signer. */
  readonly name: string;
  readonly status: KeyStatus;
  /** The last leaf of that key that the answer rests on. */
  readonly index: number;
}

const maxPlaces = 100_000;

/** Kept close: there may be millions of entries. */
export class Relied {
  readonly #leaves = new SignersByLeaf();
  /** Leaf hash → index of the first of them, for people; beyond, the leaf hash must do. */
  readonly #places = new Map<string, number>();
  /** For each key its last entry: a compromise reaches from a leaf upwards. */
  readonly #last = new Map<string, { index: number; name: string }>();

  add(leaf: Leaf): void {
    const { index, signers } = leaf;
    this.#note(leaf);
    for (const { keyid, name } of signers) {
      if ((this.#last.get(keyid)?.index ?? -1) < index) this.#last.set(keyid, { index, name });
    }
  }

  /** Corrections of these entries, and of those corrections, by index. */
  corrections({ corrections }: Pick<Replay, 'corrections'>): CorrectionShown[] {
    const found: CorrectionShown[] = [];
    for (const entry of corrections) {
      const target = targetOf(entry.attestation);
      if (!isOfType(entry, 'correction') || target === undefined) continue;
      if (this.#leaves.find(target) === undefined) continue;
      const { kind, reason } = entry.attestation.statement.predicate;
      const targetIndex = this.#places.get(target);
      found.push({ index: entry.index, target, ...defined({ targetIndex }), kind, reason });
      this.#note(leafOf(entry));
    }
    return found;
  }

  keys({ authority }: Pick<Replay, 'authority'>): KeyPoint[] {
    return [...this.#last].flatMap(([keyid, { index, name }]): KeyPoint[] => {
      const status = authority.statusOf(keyid, index);
      return status === 'in-force' ? [] : [{ about: 'key', mark: 'contradicted', name, status, index }];
    });
  }

  #note({ index, leafHash }: Pick<Leaf, 'index' | 'leafHash'>): void {
    this.#leaves.add(fromHex(leafHash, 32), new Set());
    if (this.#places.size < maxPlaces) this.#places.set(leafHash, index);
  }
}

/** The last correction of each leaf hash. */
export function lastCorrections(
  corrections: readonly CorrectionShown[],
): ReadonlyMap<string, CorrectionShown> {
  return new Map(corrections.map((correction) => [correction.target, correction]));
}
