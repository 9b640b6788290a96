/**
 * Puts a bundle together from a source of leaves, such as a ledger's API or
 * its tiles. The source is not believed: it only has to find what the bundle
 * needs, and `judgeFile` judges the result like any other bundle.
 */
import { hashLeaf } from '#sha256';
import { fromHex, equal, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { targetOf } from '../../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../../attestation/statement.ts';
import type { Attestation } from '../../attestation/statement.ts';
import { maxBundleBytes } from '../proving/bundle.ts';
import type { Bundle, BundleLeaf } from '../proving/bundle.ts';
import { LeafCache } from '../proving/leaf-cache.ts';
import type { LeafSource } from '../proving/leaf-source.ts';
import { inParallel } from '../proving/in-parallel.ts';

export interface AssembleOptions {
  /** The signed note whose tree `source` proves. */
  readonly checkpoint: Uint8Array;
  readonly source: LeafSource;
  /** The entries that the bundle is for, the most important first. */
  readonly indices: readonly number[];
  /**
   * Leaf hashes of further authority documents to show with all before them:
   * the pinned one, and the newest one that the source knows of, so that the
   * revocations in it are seen.
   */
  readonly authorities?: readonly string[];
}

/** Far above what fits into a bundle. */
const maxLeaves = 1_000;

/**
 * A bundle of the entries, leaf 0 and every authority document that they rest
 * on. Not verified. What there is no room for is left out: the documents come
 * first, and each entry before those that stand behind it in `indices`.
 */
export async function assembleBundle({
  checkpoint,
  source: uncached,
  indices,
  authorities = [],
}: AssembleOptions): Promise<Bundle> {
  // Most entries rest on the same few documents.
  const source = new LeafCache(uncached);
  const room = new Room(maxBundleBytes - spelt(checkpoint) - 100);
  room.take([await source.byIndex(0)]);
  for (const leafHash of authorities) {
    const document = await found(() => byLeafHash(source, leafHash));
    if (document !== undefined) room.take(await chainDownFrom(document, source, room.leaves));
  }
  for (const leaf of await inParallel([...new Set(indices)], (index) => source.byIndex(index))) {
    const needed = await neededBy(leaf, source, room.leaves);
    if (room.has(needed)) room.take(needed);
  }
  return { checkpoint, leaves: [...room.leaves.values()].toSorted((a, b) => a.index - b.index) };
}

type Leaves = ReadonlyMap<number, BundleLeaf>;

/** The leaves of a bundle that is being put together. */
class Room {
  readonly #leaves = new Map<number, BundleLeaf>();
  /** In the file, owned by `take`. */
  #bytesLeft: number;

  constructor(bytes: number) {
    this.#bytesLeft = bytes;
  }

  get leaves(): Leaves {
    return this.#leaves;
  }

  has(leaves: readonly BundleLeaf[]): boolean {
    const fresh = leaves.filter(({ index }) => !this.#leaves.has(index));
    const bytes = fresh.reduce((sum, leaf) => sum + bytesOf(leaf), 0);
    return bytes <= this.#bytesLeft && this.#leaves.size + fresh.length <= maxLeaves;
  }

  take(leaves: readonly BundleLeaf[]): void {
    for (const leaf of leaves) {
      if (this.#leaves.has(leaf.index)) continue;
      this.#leaves.set(leaf.index, leaf);
      this.#bytesLeft -= bytesOf(leaf);
    }
  }
}

/** What a leaf takes in the file; its index has at most 16 digits, and a hash is 44 characters. */
function bytesOf({ leaf, proof }: BundleLeaf): number {
  return `{"index":,"leaf":,"proof":[]},`.length + 16 + spelt(leaf) + 47 * proof.length;
}

/** The length of a text as a JSON string: a leaf is itself JSON, full of quotation marks. */
function spelt(text: Uint8Array): number {
  let length = text.length + 2;
  for (const byte of text) if (byte === 0x22 || byte === 0x5c || byte === 0x0a) length++;
  return length;
}

/** An entry with the documents that it rests on and, if it is a correction, its target, down to the first that is none. */
async function neededBy(entry: BundleLeaf, source: LeafSource, leaves: Leaves): Promise<BundleLeaf[]> {
  const needed: BundleLeaf[] = [];
  for (let leaf: BundleLeaf | undefined = entry; leaf !== undefined;) {
    const attestation = decoded(leaf);
    const isDocument = attestation?.type === 'authority';
    const named = attestation?.supervision?.ledger.authority;
    const document: BundleLeaf | undefined = isDocument
      ? leaf
      : named === undefined
        ? undefined
        : await found(() => byLeafHash(source, named));
    if (document !== undefined) needed.push(...(await chainDownFrom(document, source, leaves)));
    if (isDocument) break;
    needed.push(leaf);
    requireEnd(needed);
    const target = attestation === undefined ? undefined : targetOf(attestation);
    // Each target names the one below by its hash, so there is no way round in a circle.
    leaf = target === undefined ? undefined : await found(() => byLeafHash(source, target));
    if (leaf !== undefined && leaves.has(leaf.index)) break;
  }
  return needed;
}

/** An authority document and each of its predecessors that is not there yet. */
async function chainDownFrom(
  document: BundleLeaf,
  source: LeafSource,
  leaves: Leaves,
): Promise<BundleLeaf[]> {
  const chain: BundleLeaf[] = [];
  for (let leaf = document; !leaves.has(leaf.index);) {
    chain.push(leaf);
    requireEnd(chain);
    const attestation = decoded(leaf);
    const previous = attestation?.type === 'authority' ? attestation.statement.predicate.previous : null;
    if (previous === null) break;
    leaf = await byLeafHash(source, previous);
  }
  return chain;
}

/** Each document names its predecessor, and each correction its target: a hostile source could lead on for ever. */
function requireEnd(chain: readonly BundleLeaf[]): void {
  if (chain.length <= maxLeaves) return;
  throw new LedgerError('too-large', 'the chain of documents and corrections does not end', {
    expected: `at most ${maxLeaves} leaves`,
  });
}

async function byLeafHash(source: LeafSource, leafHash: string): Promise<BundleLeaf> {
  const leaf = await source.byLeafHash(leafHash);
  if (equal(hashLeaf(leaf.leaf), fromHex(leafHash, 32))) return leaf;
  throw new LedgerError('leaf-mismatch', 'asked for one leaf, got another', {
    expected: leafHash,
    got: toHex(hashLeaf(leaf.leaf)),
    index: leaf.index,
  });
}

/** What is not there, or not yet in this tree, is left out; the verdict says what is then not shown. */
async function found(get: () => Promise<BundleLeaf>): Promise<BundleLeaf | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof LedgerError && (error.code === 'not-found' || error.code === 'out-of-range'))
      return undefined;
    throw error;
  }
}

/** A leaf that cannot be decoded names nothing; judging it is not this file's work. */
function decoded({ leaf }: BundleLeaf): Attestation | undefined {
  try {
    return decodeAttestation(decodeEnvelope(leaf));
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
