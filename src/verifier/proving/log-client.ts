/**
 * A client of any log that serves c2sp.org/tlog-tiles. It takes the log's
 * identity from a policy that the caller pinned, and never from the log:
 *
 *   const client = new LogClient({ policy: trust.policy, fetchPath });
 *   const signed = await client.checkpoint({ now, maxAge });
 *   requireMinSize(signed, trust);                    // else an old tree would do
 *   const log = client.at(signed.checkpoint);
 *   const { leaf, hashes } = await log.inclusion(48_211);
 *
 * All I/O goes through `fetchPath`, so the same client reads HTTP, a
 * directory, or a test's memory.
 */
import { hashLeaf } from '#sha256';
import { LedgerError } from '../../errors.ts';
import { maxNoteBytes } from '../../note/note.ts';
import { verifyCheckpoint } from '../../note/quorum.ts';
import type { Policy } from '../../note/policy.ts';
import type { VerifiedCheckpoint } from '../../note/quorum.ts';
import { proveConsistency, verifyConsistency } from '../../tlog/consistency.ts';
import type { Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';
import { proveInclusion, verifyInclusion } from '../../tlog/inclusion.ts';
import { rootOf } from '../../tlog/root.ts';
import { tileWidth } from '../../tlog/tile.ts';
import { TileReader } from './tile-reader.ts';
import type { FetchPath } from './tile-reader.ts';

export interface SignedCheckpoint extends VerifiedCheckpoint {
  /** The signed note as it was served. */
  readonly note: Uint8Array;
}

export interface LeafProof {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly leafHash: Hash;
  readonly hashes: readonly Hash[];
}

export class LogClient {
  readonly #policy: Policy;
  readonly #fetchPath: FetchPath;
  readonly #bundlesAhead: number;

  /** `bundlesAhead`: entry bundles fetched in parallel while leaves are streamed. */
  constructor({
    policy,
    fetchPath,
    bundlesAhead = 4,
  }: {
    readonly policy: Policy;
    readonly fetchPath: FetchPath;
    readonly bundlesAhead?: number;
  }) {
    this.#policy = policy;
    this.#fetchPath = fetchPath;
    this.#bundlesAhead = Math.max(1, bundlesAhead);
  }

  /** The newest checkpoint, verified under the policy; `now` and `maxAge` in seconds. */
  async checkpoint(age: { now?: number; maxAge?: number } = {}): Promise<SignedCheckpoint> {
    const note = await this.#fetchPath('checkpoint', maxNoteBytes);
    return { note, ...verifyCheckpoint({ note, policy: this.#policy, ...age }) };
  }

  /** The log as one verified checkpoint commits to it. */
  at({ size, root }: Head): LogView {
    const tiles = new TileReader({ size, root, fetchPath: this.#fetchPath });
    return new LogView(tiles, this.#bundlesAhead);
  }
}

/** One tree, every byte of it checked against its root. */
export class LogView implements Head {
  readonly size: number;
  readonly root: Hash;
  readonly tiles: TileReader;
  readonly #bundlesAhead: number;

  constructor(tiles: TileReader, bundlesAhead = 4) {
    this.tiles = tiles;
    this.size = tiles.size;
    this.root = tiles.root;
    this.#bundlesAhead = bundlesAhead;
  }

  entry(index: number): Promise<Uint8Array> {
    return this.tiles.entry(index);
  }

  /** The leaf at `index` with its inclusion proof under this tree's root. */
  async inclusion(index: number): Promise<LeafProof> {
    const { size, root } = this;
    const leaf = await this.tiles.entry(index);
    const hashes = await proveInclusion({ index, size }, this.tiles.nodes);
    const leafHash = hashLeaf(leaf);
    verifyInclusion({ index, size, leafHash, root, proof: hashes });
    return { index, leaf, leafHash, hashes };
  }

  /** The root that this log had at the smaller size `from`, and the proof that this tree extends it. */
  async consistency(from: number): Promise<{ fromRoot: Hash; hashes: readonly Hash[] }> {
    const { size: to, root: toRoot } = this;
    if (!Number.isSafeInteger(from) || from < 0 || from > to) {
      throw new LedgerError('out-of-range', 'the log never had that size below this checkpoint', {
        expected: `0 to ${to}`,
        got: `${from}`,
      });
    }
    const [fromRoot, hashes] = await Promise.all([
      rootOf(from, this.tiles.nodes),
      proveConsistency({ from, to }, this.tiles.nodes),
    ]);
    verifyConsistency({ from, fromRoot, to, toRoot, proof: hashes });
    return { fromRoot, hashes };
  }

  /** Every leaf from index `from` on, in order, each checked against the tree; a few bundles are read ahead. */
  async *leaves(from = 0): AsyncGenerator<{ readonly index: number; readonly leaf: Uint8Array }> {
    const bundles = Math.ceil(this.size / tileWidth);
    const ahead: Promise<readonly Uint8Array[]>[] = [];
    let next = Math.floor(from / tileWidth);
    for (let bundle = next; bundle < bundles; bundle++) {
      while (next < bundles && ahead.length < this.#bundlesAhead) {
        const entries = this.tiles.entryBundle(next++);
        // Awaited in order below; a bundle further ahead may fail before its turn comes.
        entries.catch(() => undefined);
        ahead.push(entries);
      }
      const entries = await (ahead.shift() as Promise<readonly Uint8Array[]>);
      for (const [at, leaf] of entries.entries()) {
        const index = bundle * tileWidth + at;
        if (index >= from) yield { index, leaf };
      }
    }
  }
}
