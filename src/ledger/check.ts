/**
 * A check of everything in a store against its leaves, from which all the rest
 * can be derived: each full tile, each row of the index, the head's root, the
 * roots of archived checkpoints, and that there is no row beside those. One
 * pass, in the memory of an entry bundle and of the archive's roots.
 *
 *   const check = new StoreCheck({ storage, head, sizes: [anchor.head.size] });
 *   for await (const { index, leaf } of check.leaves()) …
 *   await check.finish();
 *
 * What a leaf says, and whether it was entitled to stand there, is judged by
 * what takes the leaves: `replay` of the verifier.
 */
import { concat, equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import type { ErrorDetails } from '../errors.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { Row, StorageReader } from '../storage/storage.ts';
import { firstKey } from '../storage/storage.ts';
import type { Head } from '../tlog/head.ts';
import { hashLeaf } from '../tlog/hash.ts';
import type { Hash } from '../tlog/hash.ts';
import { RightEdge } from '../tlog/right-edge.ts';
import { tilePath, tileRoot, tileWidth } from '../tlog/tile.ts';
import { archivedCheckpoints, requireOfLog } from './archive.ts';
import { archiveKey, checkpointKey, leafKey, leafRange, publishedKey, tileKey } from './store/keys.ts';
import { entryRows } from './store/rows.ts';

export interface CheckedStore {
  readonly leaves: number;
  readonly tiles: number;
  /** Rows beside leaves and tiles. */
  readonly indexRows: number;
  /** Checkpoints in the archive. */
  readonly archived: number;
}

interface StoredLeaf {
  readonly index: number;
  readonly leaf: Uint8Array;
}

const letterOf = (key: Uint8Array): string => String.fromCharCode(key[0] ?? 0);

export class StoreCheck {
  readonly #storage: StorageReader;
  readonly #head: Head;
  readonly #edge = RightEdge.empty();
  /** Size → root, for the sizes asked for, as far as `leaves` has come. */
  readonly #roots = new Map<number, Hash>();
  /** Hashes of the unfinished tile of each level, and how many tiles came before it. */
  readonly #levels: { hashes: Hash[]; done: number }[] = [];
  /** Rows that must be there, by the letter that their keys begin with. */
  readonly #expected = new Map<string, number>();
  /** Read before the leaves; their roots are compared after the last one. */
  readonly #archived: {
    readonly time: number;
    readonly head: Pick<Checkpoint, 'origin' | 'size' | 'root'>;
  }[] = [];
  /** As leaf 0 says it. */
  #origin = '';

  /** `sizes`: at which of the tree's sizes its root will be asked for. */
  constructor({ storage, head, sizes }: { storage: StorageReader; head: Head; sizes: readonly number[] }) {
    this.#storage = storage;
    this.#head = head;
    for (const size of sizes) this.#roots.set(size, this.#edge.root());
  }

  /** Every leaf, each with its rows compared. Throws `store-corrupt` at the first place that is wrong. */
  async *leaves(): AsyncGenerator<StoredLeaf> {
    await this.#readArchive();
    let bundle: StoredLeaf[] = [];
    for await (const [key, leaf] of this.#storage.range(leafRange(0, this.#head.size))) {
      const index = this.#edge.size;
      if (!equal(key, leafKey(index))) throw missingLeaf(index);
      const leafHash = hashLeaf(leaf);
      this.#edge.append(leafHash);
      if (this.#roots.has(index + 1)) this.#roots.set(index + 1, this.#edge.root());
      await this.#addHash(0, leafHash);
      bundle.push({ index, leaf });
      if (bundle.length === tileWidth) {
        await this.#checkRows(bundle);
        yield* bundle;
        bundle = [];
      }
    }
    await this.#checkRows(bundle);
    yield* bundle;
    if (this.#edge.size !== this.#head.size) throw missingLeaf(this.#edge.size);
  }

  /** The root at one of the sizes asked for, once `leaves` has passed it. */
  rootAt(size: number): Hash {
    const root = this.#roots.get(size);
    if (root === undefined || size > this.#edge.size)
      throw new Error('broken invariant: a size asked for before');
    return root;
  }

  /** After the last leaf: the head's root, and that no row is there beside those that belong. Throws `store-corrupt`. */
  async finish(): Promise<CheckedStore> {
    const root = this.#edge.root();
    if (!equal(root, this.#head.root)) {
      throw corrupt('the entries do not have the root in the head row', {
        expected: toHex(this.#head.root),
        got: toHex(root),
      });
    }
    for (const { time, head } of this.#archived) {
      requireOfLog(time, head, { origin: this.#origin, root: this.#roots.get(head.size) });
    }
    const found = new Map<string, number>();
    for await (const [key] of this.#storage.range({ gte: firstKey, lt: Uint8Array.of(0xff) })) {
      const letter = letterOf(key);
      found.set(letter, (found.get(letter) ?? 0) + 1);
    }
    const once = [letterOf(checkpointKey), letterOf(publishedKey)];
    for (const letter of new Set([...found.keys(), ...this.#expected.keys()])) {
      const [there, belong] = [found.get(letter) ?? 0, this.#expected.get(letter) ?? 0];
      if (once.includes(letter) ? there <= 1 : there === belong) continue;
      throw corrupt('the store has rows that no entry accounts for', {
        expected: `${belong} rows that begin with ${letter}`,
        got: `${there}`,
      });
    }
    const tiles = this.#levels.reduce((sum, { done }) => sum + done, 0);
    const all = [...this.#expected.values()].reduce((sum, count) => sum + count, 0);
    const archived = this.#archived.length;
    return { leaves: this.#edge.size, tiles, indexRows: all - tiles - archived - this.#edge.size, archived };
  }

  async #readArchive(): Promise<void> {
    let before = 0;
    for await (const { time, checkpoint } of archivedCheckpoints(this.#storage)) {
      const { origin, size, root } = checkpoint;
      if (size < before || size > this.#head.size) {
        throw corrupt('the sizes of the archived checkpoints do not grow with the tree', {
          expected: `a size from ${before} to ${this.#head.size}`,
          got: `size ${size}, published at ${time}`,
        });
      }
      before = size;
      this.#archived.push({ time, head: { origin, size, root } });
      this.#roots.set(size, this.#edge.root());
      this.#expect(archiveKey(time));
    }
  }

  async #checkRows(bundle: readonly StoredLeaf[]): Promise<void> {
    const rows = bundle.flatMap(({ index, leaf }) => this.#rowsOf(index, leaf));
    const values = await this.#storage.getMany(rows.map(({ row: [key] }) => key));
    for (const [at, { index, row }] of rows.entries()) {
      const [key, expected] = row;
      const got = values[at];
      if (got !== undefined && equal(got, expected)) continue;
      throw corrupt('an index row differs from what its entry requires', {
        expected: `row ${toHex(key)}: ${toHex(expected) || 'empty'}`,
        got: got === undefined ? 'no such row' : toHex(got.subarray(0, 64)),
        index,
      });
    }
  }

  #rowsOf(index: number, leaf: Uint8Array): { index: number; row: Row }[] {
    let rows: Row[];
    try {
      const attestation = decodeAttestation(decodeEnvelope(leaf));
      const version = attestation.type === 'authority' ? attestation.statement.predicate.version : undefined;
      if (index === 0 && attestation.type === 'authority')
        this.#origin = attestation.statement.predicate.origin;
      rows = entryRows(attestation, index, version);
    } catch (cause) {
      if (!(cause instanceof LedgerError)) throw cause;
      // Admission lets no such leaf in, so the bytes have changed since.
      throw corrupt(`an entry cannot be read: ${cause.message}`, { index, cause });
    }
    for (const [key] of rows) this.#expect(key);
    return rows.map((row) => ({ index, row }));
  }

  async #addHash(level: number, hash: Hash): Promise<void> {
    const unfinished = (this.#levels[level] ??= { hashes: [], done: 0 });
    unfinished.hashes.push(hash);
    if (unfinished.hashes.length < tileWidth) return;
    const index = unfinished.done++;
    const expected = concat(...unfinished.hashes);
    unfinished.hashes = [];
    const key = tileKey(level, index);
    this.#expect(key);
    const got = await this.#storage.get(key);
    if (got === undefined || !equal(got, expected)) throw wrongTile({ level, index, expected, got });
    await this.#addHash(level + 1, tileRoot(expected));
  }

  #expect(key: Uint8Array): void {
    const letter = letterOf(key);
    this.#expected.set(letter, (this.#expected.get(letter) ?? 0) + 1);
  }
}

function wrongTile({
  level,
  index,
  expected,
  got,
}: {
  level: number;
  index: number;
  expected: Uint8Array;
  got: Uint8Array | undefined;
}): LedgerError {
  const path = tilePath({ level, index, width: tileWidth });
  if (got?.length !== expected.length) {
    return corrupt(`${path} is missing or incomplete`, {
      expected: `${expected.length} bytes`,
      got: got === undefined ? 'no such row' : `${got.length} bytes`,
      facts: { path },
    });
  }
  const at = Math.floor(expected.findIndex((byte, i) => byte !== got[i]) / 32);
  const part = (bytes: Uint8Array): string => toHex(bytes.subarray(at * 32, at * 32 + 32));
  const leaf = (index * tileWidth + at) * tileWidth ** level;
  return corrupt(`${path} does not match the entries below it`, {
    expected: `hash ${at} is ${part(expected)}, as the entries give it`,
    got: part(got),
    index: leaf,
    facts: { path },
  });
}

function missingLeaf(index: number): LedgerError {
  return corrupt('an entry is missing', { expected: `entry ${index}`, got: 'no such row', index });
}

function corrupt(message: string, details: ErrorDetails): LedgerError {
  return new LedgerError('store-corrupt', message, details);
}
