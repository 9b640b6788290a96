/**
 * Opening and recovery, which are one: there is no mark for a clean shutdown,
 * so every opening assumes a crash.
 *
 *   1. an empty store under an anchor of size 0 gets leaf 0
 *   2. the right edge is rebuilt from the unfinished bundle's leaves and the
 *      full tiles beside it, and must have the head row's root
 *   3. the tree must reach the anchor's size, with the anchor's root there
 *   4. leaf 0 must be the one that the ledger is configured with
 *   5. every authority document must stand in the tree, each after its predecessor
 *   6. the published checkpoint must carry the log's signatures and be of this tree
 *
 * LevelDB opens without a word when its newest writes are gone or a bit has
 * flipped (a damaged store looks like a valid older tree), so nothing it says is
 * believed that these steps have not compared with the anchor. What they refuse
 * is refused with the way out; nothing is repaired, since a repaired guess would
 * be signed. Only the right edge is read: the rest is checked when it is served.
 */
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import type { AnchorState } from '../cosigner/cosigner.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { verifyLogSignature } from '../note/cosignature.ts';
import { matchesKey, type VerifierKey } from '../note/key.ts';
import { parseNote } from '../note/note.ts';
import { type Policy } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { Storage } from '../storage/storage.ts';
import { describeHead, type Head } from '../tlog/head.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import { rootOf } from '../tlog/root.ts';
import { tileWidth } from '../tlog/tile.ts';
import { ExpandedTile } from './store/expanded-tile.ts';
import { genesisCommit, type Genesis } from './genesis.ts';
import {
  authorityRange,
  checkpointKey,
  indexOfSearchKey,
  leafKey,
  leafRange,
  readIndex,
  searchPrefix,
  searchRange,
  tileKey,
} from './store/keys.ts';
import { publishedAs, type Published } from './publisher.ts';
import type { LogState } from './sequencer.ts';
import { TileStore } from './store/tile-store.ts';
import { treeFromTiles, type Tree } from './store/tree.ts';

export interface RecoverParts {
  readonly storage: Storage;
  readonly anchor: Pick<AnchorState, 'head'>;
  readonly genesis: Genesis;
  /** The log's own keys. */
  readonly keys: readonly VerifierKey[];
  /** Whose quorum a published checkpoint must have; nobody's unless given. */
  readonly policy?: Policy | undefined;
}

export interface Recovered {
  readonly head: Head;
  readonly state: LogState;
  readonly tiles: TileStore;
  /** What was published last; undefined if nothing was, or not with all of today's keys and quorum. */
  readonly published: Published | undefined;
}

const wayOut =
  'refill the store from a mirror up to the highest cosigned root, or restore the newest copy of it, and keep the anchor; without either, serve what is left read-only and open a new origin';

/**
 * Throws `store-behind-anchor`, `root-mismatch`, `leaf-mismatch`,
 * `store-corrupt` or `malformed-anchor`; each says the way out.
 */
export async function recover({ storage, anchor, genesis, keys, policy }: RecoverParts): Promise<Recovered> {
  const head = (await storage.head()) ?? (await begin(storage, anchor.head, genesis));
  const tree = await rebuildTree(storage, head.size);
  if (!equal(tree.root, head.root)) {
    throw corrupt('the leaves and tiles in the store do not have the root of its head', {
      expected: toHex(head.root),
      got: toHex(tree.root),
    });
  }
  const tiles = new TileStore(storage);
  await requireAnchor(anchor.head, head, tree, tiles);
  const chain = await recoverAuthority(storage, genesis, tree, tiles);
  const newest = chain.at(-1) ?? genesis.authority;
  const state: LogState = { tree, authority: newest };
  const published = await recoverPublished({
    storage,
    state,
    chain,
    anchored: anchor.head,
    tiles,
    keys,
    policy,
  });
  return { head, state, tiles, published };
}

/** Commits leaf 0 to a store that has nothing. A crash after it leaves a log of size 1 that nobody was told of. */
async function begin(storage: Storage, anchored: Head, genesis: Genesis): Promise<Head> {
  if (anchored.size > 0) {
    throw new LedgerError('store-behind-anchor', `the store is empty; to go on, ${wayOut}`, {
      expected: describeHead(anchored),
      got: 'no head',
    });
  }
  const { rows, head } = genesisCommit(genesis);
  await storage.commit({ puts: rows }, undefined, head);
  return head;
}

/** Rebuilds what `grow` would hold in memory at `size`; believes nothing, proves nothing. */
async function rebuildTree(storage: Storage, size: number): Promise<Tree> {
  const levels: Hash[][] = [await leafHashes(storage, size - (size % tileWidth), size)];
  for (let width = tileWidth; width <= size; width *= tileWidth) {
    const hashes = Math.floor(size / width);
    levels.push(await tileRoots(storage, levels.length - 1, hashes - (hashes % tileWidth), hashes));
  }
  return treeFromTiles(size, levels);
}

async function leafHashes(storage: Storage, from: number, to: number): Promise<Hash[]> {
  const hashes: Hash[] = [];
  for await (const [key, leaf] of storage.range(leafRange(from, to))) {
    if (!equal(key, leafKey(from + hashes.length))) break;
    hashes.push(hashLeaf(leaf));
  }
  if (from + hashes.length !== to) {
    throw corrupt('a leaf is missing in the store', {
      expected: `leaf ${from + hashes.length}`,
      got: 'no such row',
      index: from + hashes.length,
    });
  }
  return hashes;
}

/** Tiles are read a few at a time, so that opening needs little memory at any size. */
const tilesAtOnce = 16;

async function tileRoots(storage: Storage, level: number, from: number, to: number): Promise<Hash[]> {
  const roots: Hash[] = [];
  for (let first = from; first < to; first += tilesAtOnce) {
    const count = Math.min(tilesAtOnce, to - first);
    const rows = await storage.getMany(Array.from({ length: count }, (_, i) => tileKey(level, first + i)));
    for (const [position, row] of rows.entries()) {
      if (row === undefined) {
        throw corrupt('a full tile is missing in the store', {
          expected: `tile ${first + position} of level ${level}`,
          got: 'no such row',
        });
      }
      roots.push(ExpandedTile.fromBytes(row).root);
    }
  }
  return roots;
}

/**
 * Whoever restores an old copy, by mistake or to hide something, would have the
 * log sign a second history; so the store must have what the anchor remembers.
 */
async function requireAnchor(anchored: Head, head: Head, tree: Tree, tiles: TileStore): Promise<void> {
  const details = { expected: describeHead(anchored), got: describeHead(head) };
  if (anchored.size > head.size) {
    throw new LedgerError(
      'store-behind-anchor',
      `the store has fewer entries than were signed; to go on, ${wayOut}`,
      details,
    );
  }
  const root = await rootOf(anchored.size, tiles.reader(tree));
  if (!equal(root, anchored.root)) {
    throw new LedgerError(
      'root-mismatch',
      `the store has another history than the one that was signed; to go on, ${wayOut}`,
      { expected: describeHead(anchored), got: describeHead({ size: anchored.size, root }) },
    );
  }
}

/** The authority documents from leaf 0 to the one in force. */
async function recoverAuthority(
  storage: Storage,
  genesis: Genesis,
  tree: Tree,
  tiles: TileStore,
): Promise<Genesis['authority'][]> {
  const chain: Genesis['authority'][] = [];
  for await (const [, value] of storage.range(authorityRange)) {
    const index = readIndex(value);
    const leaf = await includedLeaf(storage, tree, tiles, index);
    const previous = chain.at(-1);
    if (previous === undefined) {
      requireGenesis(index, leaf, genesis);
      chain.push(genesis.authority);
      continue;
    }
    try {
      chain.push(previous.succeed(decodeAttestation(decodeEnvelope(leaf)), { index }));
    } catch (cause) {
      throw corrupt('an authority document in the store does not succeed the one before it', {
        index,
        cause,
      });
    }
  }
  await requireNewest(storage, tree, chain.at(-1)?.index);
  return chain;
}

async function includedLeaf(
  storage: Storage,
  tree: Tree,
  tiles: TileStore,
  index: number,
): Promise<Uint8Array> {
  const leaf = index < tree.size ? await storage.get(leafKey(index)) : undefined;
  if (leaf !== undefined) {
    const [hash] = await tiles.reader(tree).readNodes([{ level: 0, index }]);
    if (hash !== undefined && equal(hashLeaf(leaf), hash)) return leaf;
  }
  throw corrupt('an authority document is missing in the store, or damaged', {
    expected: `leaf ${index} as it stands in the tree`,
    got: leaf === undefined ? 'no such row' : 'other bytes',
    index,
  });
}

function requireGenesis(index: number, leaf: Uint8Array, genesis: Genesis): void {
  const { leafHash } = genesis.attestation;
  if (index === 0 && equal(leaf, genesis.attestation.leaf)) return;
  throw new LedgerError(
    'leaf-mismatch',
    'the store belongs to a log with another leaf 0; open it with its own',
    {
      expected: toHex(leafHash),
      got: toHex(hashLeaf(leaf)),
      index,
    },
  );
}

/**
 * A row that was lost would put an old document in force again, and with it the
 * keys that the newest one revoked. Two rows of different kinds name the newest.
 */
async function requireNewest(storage: Storage, tree: Tree, newest: number | undefined): Promise<void> {
  const range = searchRange(searchPrefix('type', 'authority'), 0, tree.size);
  let found: number | undefined;
  for await (const [key] of storage.range({ ...range, limit: 1, reverse: true }))
    found = indexOfSearchKey(key);
  if (newest === undefined || found !== newest) {
    throw corrupt('the rows that name the authority document in force do not agree', {
      expected: `leaf ${found ?? 'none'}, by the search rows`,
      got: `leaf ${newest ?? 'none'}, by the authority rows`,
    });
  }
}

/** The newest checkpoint that was served, checked against keys, anchor and tree. */
async function recoverPublished({
  storage,
  state,
  chain,
  anchored,
  tiles,
  keys,
  policy,
}: {
  readonly storage: Storage;
  readonly state: LogState;
  readonly chain: readonly Genesis['authority'][];
  readonly anchored: Head;
  readonly tiles: TileStore;
  readonly keys: readonly VerifierKey[];
  readonly policy: Policy | undefined;
}): Promise<Published | undefined> {
  const bytes = await storage.get(checkpointKey);
  if (bytes === undefined) return undefined;
  const { note, checkpoint } = parsePublished(bytes);
  const { size } = checkpoint;
  if (size > anchored.size) {
    throw new LedgerError(
      'malformed-anchor',
      'the anchor is older than the published checkpoint; put back the newest anchor, it alone knows what was signed',
      { expected: `an anchor of at least size ${size}`, got: describeHead(anchored) },
    );
  }
  const root = size < 1 ? undefined : await rootOf(size, tiles.reader(state.tree));
  if (checkpoint.origin !== state.authority.origin || root === undefined || !equal(root, checkpoint.root)) {
    throw corrupt('the published checkpoint in the store is not of this tree', {
      expected: `${state.authority.origin}, size ${size}, root ${root === undefined ? 'none' : toHex(root)}`,
      got: `${checkpoint.origin}, size ${size}, root ${toHex(checkpoint.root)}`,
    });
  }
  let signed = 0;
  for (const key of keys) {
    const signature = note.signatures.find((candidate) => matchesKey(key, candidate));
    if (signature === undefined) continue;
    try {
      verifyLogSignature(key, note.text, signature);
    } catch (cause) {
      throw corrupt('a signature of the published checkpoint in the store does not verify', { cause });
    }
    signed += 1;
  }
  // A key was added since: the same head is then signed and published again, with all of them.
  if (signed < keys.length) return undefined;
  if (policy !== undefined && !hasQuorum(bytes, policy)) return undefined;
  const tree = size === state.tree.size ? state.tree : await rebuildTree(storage, size);
  const authority = chain.findLast(({ index }) => index < size) ?? state.authority;
  return publishedAs({ tree, authority }, bytes);
}

/** Witnesses were added or changed since where it has not: their cosignatures must then be collected first. */
function hasQuorum(note: Uint8Array, policy: Policy): boolean {
  try {
    verifyCheckpoint({ note, policy });
    return true;
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === 'quorum-not-met') return false;
    throw corrupt('the published checkpoint in the store does not hold under the policy', { cause });
  }
}

function parsePublished(bytes: Uint8Array): {
  note: ReturnType<typeof parseNote>;
  checkpoint: Published['checkpoint'];
} {
  try {
    const note = parseNote(bytes);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (cause) {
    throw corrupt('the published checkpoint in the store is no checkpoint', { cause });
  }
}

function corrupt(
  message: string,
  details: { expected?: string; got?: string; index?: number; cause?: unknown },
): LedgerError {
  return new LedgerError('store-corrupt', `${message}; to go on, ${wayOut}`, details);
}
