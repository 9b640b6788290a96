import type { BundleLeaf } from './bundle.ts';

/** Leaves with their inclusion proofs in the tree of one checkpoint. */
export interface LeafSource {
  byIndex(index: number): Promise<BundleLeaf>;
  /** Throws `not-found` or `out-of-range` for a leaf that this tree does not hold. */
  byLeafHash(leafHash: string): Promise<BundleLeaf>;
}
