/**
 * The accesses to one customer's data, found by the tags that its secret gives.
 * The secret stays where the log is read, and every leaf is read alike.
 */
import type { CustomerTags } from '../../attestation/customer-tag.ts';
import type { DataAccessPredicate } from '../../attestation/types.ts';
import type { Entry } from '../authorising/walk.ts';
import type { Fold } from './fold.ts';
import { leafOf } from './supporting.ts';
import type { Leaf } from './supporting.ts';

export interface OwnAccess {
  readonly entry: Leaf;
  readonly predicate: DataAccessPredicate;
}

export interface FoundAccesses {
  /** In the order of the log, the first 100,000. */
  readonly accesses: readonly OwnAccess[];
  /** Those listed or not. */
  readonly count: number;
  /** Sources of accesses of everybody; bounded by the authority documents, which name them. */
  readonly sources: ReadonlySet<string>;
}

/** Events that are listed; beyond, they are counted. */
const maxListed = 100_000;

export class OwnAccesses implements Fold<FoundAccesses> {
  readonly #tags: CustomerTags;
  /** All owned by `add`. */
  readonly #accesses: OwnAccess[] = [];
  readonly #sources = new Set<string>();
  #count = 0;

  constructor(tags: CustomerTags) {
    this.#tags = tags;
  }

  add(entry: Entry): boolean {
    const { attestation } = entry;
    if (attestation.type !== 'data-access') return false;
    const { predicate } = attestation.statement;
    this.#sources.add(predicate.source.id);
    if (!this.#tags.isMine(predicate)) return false;
    this.#count++;
    if (this.#accesses.length < maxListed) this.#accesses.push({ entry: leafOf(entry), predicate });
    return true;
  }

  result(): FoundAccesses {
    return { accesses: this.#accesses, count: this.#count, sources: this.#sources };
  }
}
