/**
 * Who signed which leaf, by leaf hash: in the monitor's store for the leaves
 * below its position, in memory for those of the batch that is being judged.
 */
import { concat, fromHex, toHex } from '../bytes.ts';
import type { Row } from '../storage/storage.ts';
import type { LeafSigners } from '../verifier/signers-by-leaf.ts';
import { signersKey } from './rows.ts';

export class StoredSigners implements LeafSigners {
  readonly #stored: (leafHash: string) => Promise<ReadonlySet<string> | undefined>;
  /** Of the batch; emptied by `drain`. */
  readonly #batch = new Map<string, ReadonlySet<string>>();

  constructor(stored: (leafHash: string) => Promise<ReadonlySet<string> | undefined>) {
    this.#stored = stored;
  }

  add(leafHash: Uint8Array, keyids: ReadonlySet<string>): void {
    this.#batch.set(toHex(leafHash), keyids);
  }

  find(leafHash: string): ReadonlySet<string> | Promise<ReadonlySet<string> | undefined> {
    return this.#batch.get(leafHash) ?? this.#stored(leafHash);
  }

  /** The rows of the batch, to be committed together with the new position. */
  drain(): Row[] {
    const rows = [...this.#batch].map(([leafHash, keyids]): Row => [
      signersKey(fromHex(leafHash, 32)),
      concat(...[...keyids].map((keyid) => fromHex(keyid, 32))),
    ]);
    this.#batch.clear();
    return rows;
  }
}
