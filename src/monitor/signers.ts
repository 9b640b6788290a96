/**
 * Who signed which leaf, and where it stands, by leaf hash: in the monitor's store for the leaves
 * below its position, in memory for those of the batch that is being judged.
 */
import { concat, fromHex, toHex, uint64 } from '../bytes.ts';
import type { Row } from '../storage/storage.ts';
import type { LeafSigners } from '../verifier/authorising/signers-by-leaf.ts';
import { signersKey } from './rows.ts';

export interface SignedLeaf {
  readonly keyids: ReadonlySet<string>;
  readonly index: number;
}

export class StoredSigners implements LeafSigners {
  readonly #stored: (leafHash: string) => Promise<SignedLeaf | undefined>;
  /** Of the batch; emptied by `drain`. */
  readonly #batch = new Map<string, SignedLeaf>();

  constructor(stored: (leafHash: string) => Promise<SignedLeaf | undefined>) {
    this.#stored = stored;
  }

  add(leafHash: Uint8Array, keyids: ReadonlySet<string>, index: number): void {
    this.#batch.set(toHex(leafHash), { keyids, index });
  }

  find(leafHash: string): ReadonlySet<string> | Promise<ReadonlySet<string> | undefined> {
    const now = this.#batch.get(leafHash);
    return now === undefined ? this.#stored(leafHash).then((leaf) => leaf?.keyids) : now.keyids;
  }

  /** Where a leaf with this hash stands. */
  async indexOf(leafHash: string): Promise<number | undefined> {
    return (this.#batch.get(leafHash) ?? (await this.#stored(leafHash)))?.index;
  }

  /** The rows of the batch, to be committed together with the new position. */
  drain(): Row[] {
    const rows = [...this.#batch].map(([leafHash, { keyids, index }]): Row => [
      signersKey(fromHex(leafHash, 32)),
      concat(...[...keyids].map((keyid) => fromHex(keyid, 32)), uint64(index)),
    ]);
    this.#batch.clear();
    return rows;
  }
}
