/**
 * Puts a bundle together from a source of leaves, such as a ledger's API or
 * its tiles. The source is not believed: it only has to find what the bundle
 * needs, and `verifyArtifact` judges the result as it would anybody's.
 */
import { hashLeaf } from '#sha256';
import { fromHex, equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { targetOf } from '../attestation/correction.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Attestation } from '../attestation/statement.ts';
import type { Bundle, BundleLeaf } from './bundle.ts';
import { inParallel } from './in-parallel.ts';

/** Leaves with their inclusion proofs in the tree of one checkpoint. */
export interface LeafSource {
  byIndex(index: number): Promise<BundleLeaf>;
  /** Throws `not-found` or `out-of-range` for a leaf that this tree does not hold. */
  byLeafHash(leafHash: string): Promise<BundleLeaf>;
}

export interface AssembleOptions {
  /** The signed note whose tree `source` proves. */
  readonly checkpoint: Uint8Array;
  readonly source: LeafSource;
  /** The entries that the bundle is for. */
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

/** A bundle of the entries, leaf 0 and every authority document that they rest on. Not verified. */
export async function assembleBundle({
  checkpoint,
  source,
  indices,
  authorities = [],
}: AssembleOptions): Promise<Bundle> {
  const leaves = new Map<number, BundleLeaf>();
  const add = (leaf: BundleLeaf): void => void leaves.set(leaf.index, leaf);
  add(await source.byIndex(0));
  const wanted = new Set<string>();
  for (const leaf of await inParallel([...new Set(indices)], (index) => source.byIndex(index))) {
    await addEntry(source, leaf, leaves, wanted);
  }
  for (const leafHash of authorities) {
    const leaf = await found(() => byLeafHash(source, leafHash));
    if (leaf !== undefined) await addChain(source, leaf, leaves);
  }
  for (const leafHash of wanted) {
    const leaf = await found(() => byLeafHash(source, leafHash));
    if (leaf !== undefined) await addChain(source, leaf, leaves);
  }
  return { checkpoint, leaves: [...leaves.values()].toSorted((a, b) => a.index - b.index) };
}

/** Adds an entry and, if it is a correction, its target, down to the first that is none. */
async function addEntry(
  source: LeafSource,
  entry: BundleLeaf,
  leaves: Map<number, BundleLeaf>,
  wanted: Set<string>,
): Promise<void> {
  for (let leaf: BundleLeaf | undefined = entry; leaf !== undefined;) {
    const attestation = decoded(leaf);
    if (attestation?.type === 'authority') {
      wanted.add(toHex(attestation.leafHash));
      return;
    }
    leaves.set(leaf.index, leaf);
    requireRoom(leaves);
    const named = attestation?.supervision?.ledger.authority;
    if (named !== undefined) wanted.add(named);
    const target = attestation === undefined ? undefined : targetOf(attestation);
    // Each target names the one below by its hash, so there is no way round in a circle.
    leaf = target === undefined ? undefined : await found(() => byLeafHash(source, target));
    if (leaf !== undefined && leaves.has(leaf.index)) return;
  }
}

/** Adds an authority document and each of its predecessors that is not there yet. */
async function addChain(
  source: LeafSource,
  document: BundleLeaf,
  leaves: Map<number, BundleLeaf>,
): Promise<void> {
  for (let leaf = document; !leaves.has(leaf.index);) {
    leaves.set(leaf.index, leaf);
    requireRoom(leaves);
    const attestation = decoded(leaf);
    const previous = attestation?.type === 'authority' ? attestation.statement.predicate.previous : null;
    if (previous === null) return;
    leaf = await byLeafHash(source, previous);
  }
}

/** Each document names its predecessor, and each correction its target: a hostile source could lead on for ever. */
function requireRoom(leaves: ReadonlyMap<number, BundleLeaf>): void {
  if (leaves.size <= maxLeaves) return;
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
