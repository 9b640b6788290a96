/**
 * A store made anew from the leaves of its log, as another copy of them has them.
 *
 *   leaves in order ─► the rows that the sequencer would have written ─► an empty storage
 *
 * No copy is believed: leaf 0 must be the one that the ledger is configured with,
 * and the tree must have the root of every head that is given, the anchor's among
 * them. A party that hands out a copy could else have this ledger sign a history of
 * their own. What the leaves say was judged when they were recorded.
 *
 * Memory is that of one batch. A crash leaves a store that is not whole, under the
 * name that its maker gave it; nothing reads it, and it is made from the beginning.
 */
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import type { Row, Storage } from '../storage/storage.ts';
import type { Hash } from '../tlog/hash.ts';
import { describeHead, headOf, type Head } from '../tlog/head.ts';
import { RightEdge } from '../tlog/right-edge.ts';
import { newestRows, type ArchivedCheckpoint, type PublishedNote } from './archive.ts';
import type { Genesis } from './genesis.ts';
import { defaultLimits } from './sequencer.ts';
import { archiveKey } from './store/keys.ts';
import { entryRows, tileRows } from './store/rows.ts';
import { emptyTree, grow, type Tree } from './store/tree.ts';

/** A head that the tree must pass through, and whose it is, in a few words. */
export interface KnownHead {
  readonly whose: string;
  readonly head: Head;
}

export interface RefillParts {
  /** Empty; its maker closes it. */
  readonly storage: Storage;
  readonly genesis: Genesis;
  /** From leaf 0 on. What lies beyond the largest of `heads` is not taken. */
  readonly leaves: AsyncIterable<Uint8Array>;
  /** At least one that is not empty. */
  readonly heads: readonly KnownHead[];
  /** The largest of these that is of this tree is what was published last: a smaller one would look like a rollback. */
  readonly published?: readonly ArchivedCheckpoint[] | undefined;
  /** Checkpoints of the archive; one that is not of this tree is left out. */
  readonly archived?: readonly ArchivedCheckpoint[] | undefined;
  readonly onProgress?: (done: number) => void;
}

export interface RefilledStore {
  readonly head: Head;
  /** Checkpoints of the archive that were kept. */
  readonly archived: number;
}

/**
 * Fills the storage. Throws `leaf-mismatch` for another leaf 0, `root-mismatch`
 * for another history, `store-behind-anchor` where the leaves end too early, and
 * what the decoding of a leaf throws.
 */
export async function refill(parts: RefillParts): Promise<RefilledStore> {
  const { storage, genesis, heads, published = [], archived = [], onProgress } = parts;
  const size = Math.max(...heads.map(({ head }) => head.size));
  const roots = new Roots([
    ...heads.map(({ head }) => head.size),
    ...[...archived, ...published].map(sizeOf),
  ]);
  const writer = new StoreWriter(storage);
  const last = heads.find(({ head }) => head.size === size);
  for await (const leaf of parts.leaves) {
    const index = roots.size;
    if (index === size) break;
    if (index === 0) requireGenesis(leaf, genesis);
    roots.add(writer.add(leaf, index));
    for (const known of heads) if (known.head.size === roots.size) requireRoot(known, roots.at(roots.size));
    await writer.flushWhenFull();
    onProgress?.(roots.size);
  }
  if (roots.size < size) throw endsEarly(roots.size, last);
  await writer.flush();
  const ofTree = ({ checkpoint }: ArchivedCheckpoint): boolean => isOfTree(checkpoint, genesis, roots);
  const kept = archived.filter(ofTree);
  const [newest] = published.filter(ofTree).toSorted((a, b) => sizeOf(b) - sizeOf(a));
  await writer.finish([
    ...kept.map(({ time, note }): Row => [archiveKey(time), note]),
    ...(newest === undefined ? [] : newestRows(after(kept, newest))),
  ]);
  return { head: writer.head, archived: kept.length };
}

/** Times in the archive grow, whatever the clock says that wrote them. */
function after(archived: readonly PublishedNote[], { time, note }: PublishedNote): PublishedNote {
  return { note, time: Math.max(time, ...archived.map((earlier) => earlier.time)) };
}

function sizeOf({ checkpoint }: ArchivedCheckpoint): number {
  return checkpoint.size;
}

function isOfTree(checkpoint: ArchivedCheckpoint['checkpoint'], genesis: Genesis, roots: Roots): boolean {
  const { origin, size, root } = checkpoint;
  return origin === genesis.authority.origin && size <= roots.size && equal(roots.at(size), root);
}

/** The roots of a growing tree at the sizes that were asked for beforehand. */
class Roots {
  readonly #edge = RightEdge.empty();
  readonly #roots = new Map<number, Hash>();

  constructor(sizes: readonly number[]) {
    for (const size of sizes) this.#roots.set(size, this.#edge.root());
  }

  get size(): number {
    return this.#edge.size;
  }

  add(leafHash: Hash): void {
    this.#edge.append(leafHash);
    if (this.#roots.has(this.size)) this.#roots.set(this.size, this.#edge.root());
  }

  at(size: number): Hash {
    const root = this.#roots.get(size);
    if (root === undefined || size > this.size)
      throw new Error('broken invariant: a size asked for and passed');
    return root;
  }
}

/** Batches of rows into an empty storage, each with the head that they make. */
class StoreWriter {
  readonly #storage: Storage;
  /** As committed; moved by `flush` alone. */
  #tree: Tree = emptyTree;
  #rows: Row[] = [];
  #leafHashes: Hash[] = [];
  #bytes = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get head(): Head {
    return headOf(this.#tree);
  }

  /** Takes a leaf into the batch and gives its hash. Throws what decoding it throws. */
  add(leaf: Uint8Array, index: number): Hash {
    const attestation = decodeAttestation(decodeEnvelope(leaf));
    const version = attestation.type === 'authority' ? attestation.statement.predicate.version : undefined;
    this.#rows.push(...entryRows(attestation, index, version));
    this.#leafHashes.push(attestation.leafHash);
    this.#bytes += leaf.length;
    return attestation.leafHash;
  }

  async flushWhenFull(): Promise<void> {
    const { batchEntries, batchBytes } = defaultLimits;
    if (this.#leafHashes.length >= batchEntries || this.#bytes >= batchBytes) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#leafHashes.length === 0) return;
    const { tree, full } = grow(this.#tree, this.#leafHashes);
    await this.#commit([...this.#rows, ...tileRows(full)], tree);
    this.#rows = [];
    this.#leafHashes = [];
    this.#bytes = 0;
  }

  /** Rows that say nothing new about the tree. */
  finish(rows: readonly Row[]): Promise<void> {
    return this.#commit(rows, this.#tree);
  }

  async #commit(puts: readonly Row[], next: Tree): Promise<void> {
    const before = this.#tree.size === 0 ? undefined : headOf(this.#tree);
    await this.#storage.commit({ puts }, before, headOf(next));
    this.#tree = next;
  }
}

/** A copy of another ledger, or of one that was begun anew under the same name, would replace the log. */
function requireGenesis(leaf: Uint8Array, { attestation }: Genesis): void {
  if (equal(leaf, attestation.leaf)) return;
  throw new LedgerError('leaf-mismatch', 'the source is of a log with another leaf 0', {
    expected: `leaf hash ${toHex(attestation.leafHash)}, as in genesis.json`,
    index: 0,
  });
}

function requireRoot({ whose, head }: KnownHead, root: Hash): void {
  if (equal(head.root, root)) return;
  throw new LedgerError('root-mismatch', `the source has another history than ${whose}`, {
    expected: describeHead(head),
    got: describeHead({ size: head.size, root }),
  });
}

function endsEarly(size: number, last: KnownHead | undefined): LedgerError {
  return new LedgerError(
    'store-behind-anchor',
    'the source ends too early: a store made of it could not go on',
    {
      expected: `${last?.head.size ?? 0} entries, as ${last?.whose ?? 'what was signed'} has`,
      got: String(size),
    },
  );
}
