/**
 * The entries that may bear on a file without naming it: snapshots of source,
 * reviews of them, rebuilds, the updates before one, corrections. A bundle
 * holds a few of them; a replay of a whole log meets all, and keeps as many as
 * there is room for.
 */
import { toHex } from '../../bytes.ts';
import { compareDigests } from '../../attestation/digests.ts';
import type { Signer } from '../../attestation/authority.ts';
import type { AttestationOf } from '../../attestation/statement.ts';
import type { AttestationType } from '../../attestation/types.ts';
import type { Digests } from './subject.ts';
import type { ChainFields, Update } from './update-chain.ts';
import type { Entry } from '../authorising/walk.ts';

export type EntryOf<T extends AttestationType> = Entry & { readonly attestation: AttestationOf<T> };

/** A leaf that an answer rests on: where it is, and whose keys it rests on. */
export interface Leaf {
  readonly index: number;
  /** Lowercase hex. */
  readonly leafHash: string;
  readonly signers: readonly Signer[];
}

/** An update without its statement: a log may hold hundreds of thousands, and a chain needs little of each. */
export type ChainedUpdate = Update<Leaf, ChainFields>;

/** Authorised entries, each list in the order of the log. */
export interface Supporting {
  readonly snapshots: readonly EntryOf<'source-snapshot'>[];
  readonly reviews: readonly EntryOf<'source-review'>[];
  readonly rebuilds: readonly EntryOf<'rebuild-result'>[];
  readonly updates: readonly ChainedUpdate[];
  readonly corrections: readonly EntryOf<'correction'>[];
}

/** For each list, whether it holds all that the log has. */
export type Complete = Readonly<Record<keyof Supporting, boolean>>;

/** What a replay keeps of each kind: some hundred megabytes at the very most. */
const room: Readonly<Record<keyof Supporting, number>> = {
  snapshots: 10_000,
  reviews: 10_000,
  rebuilds: 1_000,
  updates: 200_000,
  corrections: 10_000,
};

export function leafOf({ index, attestation, signers }: Entry): Leaf {
  return { index, leafHash: toHex(attestation.leafHash), signers };
}

export function isOfType<T extends AttestationType>(entry: Entry, type: T): entry is EntryOf<T> {
  return entry.attestation.type === type;
}

/** Keeps what may bear on a file with these digests; owned by the one who reads the log. */
export class SupportingEntries {
  readonly #digests: Digests;
  readonly #kept = {
    snapshots: [] as EntryOf<'source-snapshot'>[],
    reviews: [] as EntryOf<'source-review'>[],
    rebuilds: [] as EntryOf<'rebuild-result'>[],
    updates: [] as ChainedUpdate[],
    corrections: [] as EntryOf<'correction'>[],
  };
  readonly #complete = { snapshots: true, reviews: true, rebuilds: true, updates: true, corrections: true };

  constructor(digests: Digests) {
    this.#digests = digests;
  }

  /** An authorised entry, in the order of the log. */
  add(entry: Entry): void {
    if (isOfType(entry, 'source-snapshot')) this.#keep('snapshots', entry);
    else if (isOfType(entry, 'source-review')) this.#keep('reviews', entry);
    else if (isOfType(entry, 'correction')) this.#keep('corrections', entry);
    else if (isOfType(entry, 'database-update')) this.#keep('updates', chainedUpdate(entry));
    else if (isOfType(entry, 'rebuild-result')) {
      // One of another file cannot bear on this one; there may be as many of them as there are builds.
      const { digest } = entry.attestation.statement.predicate.build;
      if (compareDigests(digest, this.#digests) !== 'different') this.#keep('rebuilds', entry);
    }
  }

  get entries(): Supporting {
    return this.#kept;
  }

  get complete(): Complete {
    return this.#complete;
  }

  #keep<K extends keyof Supporting>(kind: K, entry: Supporting[K][number]): void {
    const list = this.#kept[kind] as Supporting[K][number][];
    if (list.length < room[kind]) list.push(entry);
    else this.#complete[kind] = false;
  }
}

/** Those among the entries of a bundle, which is bounded itself. */
export function supportingAmong(entries: readonly Entry[], digests: Digests): Supporting {
  const kept = new SupportingEntries(digests);
  for (const entry of entries) kept.add(entry);
  return kept.entries;
}

export function chainedUpdate(entry: EntryOf<'database-update'>): ChainedUpdate {
  const { family, platform, version, kind, previous, result } = entry.attestation.statement.predicate;
  // Only these fields, or the whole statement stays in memory.
  return { entry: leafOf(entry), predicate: { family, platform, version, kind, previous, result } };
}
