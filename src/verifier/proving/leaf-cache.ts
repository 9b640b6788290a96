/**
 * A source of leaves that asks for each only once: what is collected for a
 * bundle is looked at first, and then put into it.
 */
import { hashLeaf } from '#sha256';
import { toHex } from '../../bytes.ts';
import type { LeafSource } from './leaf-source.ts';
import type { BundleLeaf } from './bundle.ts';

export class LeafCache implements LeafSource {
  readonly #source: LeafSource;
  /** Leaf hash → index, where it is known without asking. */
  readonly #places: Map<string, number>;
  readonly #leaves = new Map<number, Promise<BundleLeaf>>();

  /** `places`: indices of leaf hashes that are known already, as a replay knows them. */
  constructor(source: LeafSource, places: ReadonlyMap<string, number> = new Map()) {
    this.#source = source;
    this.#places = new Map(places);
  }

  byIndex(index: number): Promise<BundleLeaf> {
    const known = this.#leaves.get(index);
    if (known !== undefined) return known;
    const asked = this.#source.byIndex(index).then((leaf) => {
      this.#places.set(toHex(hashLeaf(leaf.leaf)), leaf.index);
      return leaf;
    });
    this.#leaves.set(index, asked);
    return asked;
  }

  async byLeafHash(leafHash: string): Promise<BundleLeaf> {
    const place = this.#places.get(leafHash);
    if (place !== undefined) return this.byIndex(place);
    const leaf = await this.#source.byLeafHash(leafHash);
    this.#places.set(leafHash, leaf.index);
    this.#leaves.set(leaf.index, Promise.resolve(leaf));
    return leaf;
  }
}
