/**
 * Recovery, which is how every opening begins: there is no mark for a clean
 * shutdown, so each one assumes a crash.
 *
 *   1. an empty store under an anchor of size 0 lacks leaf 0
 *   2. the right edge is rebuilt from the leaves of the unfinished entry bundle
 *      and the full tiles beside it, and must have the head row's root
 *   3. the tree must reach the anchor's size, with the anchor's root there
 *   4. leaf 0 must be the one that the ledger is configured with
 *   5. every authority document must stand in the tree, each after its predecessor
 *   6. the published checkpoint must carry the log's signatures and be of this tree
 *
 * It reads store and anchor and changes neither: what must be written is part
 * of its answer. A crash during recovery therefore leaves what it found.
 *
 * LevelDB opens without a word when its newest writes are gone or a bit has
 * flipped (a damaged store looks like a valid older tree), so nothing it says is
 * believed that these steps have not compared with the anchor. What they refuse
 * is not repaired, since a repaired guess would be signed; a store is made anew
 * from a copy of the log instead (refill.ts). Only the right edge is read: the rest is checked when it is served.
 */
import { equal, toHex } from '../bytes.ts';
import { LedgerError, type ErrorDetails } from '../errors.ts';
import type { AnchorState } from '../cosigner/cosigner.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import { parseCheckpoint, type Checkpoint } from '../note/checkpoint.ts';
import { verifyLogSignature } from '../note/cosignature.ts';
import { matchesKey, type VerifierKey } from '../note/key.ts';
import { parseNote, type Note } from '../note/note.ts';
import type { Policy } from '../note/policy.ts';
import { verifyCheckpoint } from '../note/quorum.ts';
import type { StorageReader } from '../storage/storage.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import { describeHead, type Head } from '../tlog/head.ts';
import type { NodeReader } from '../tlog/node.ts';
import { rootOf } from '../tlog/root.ts';
import { tileWidth } from '../tlog/tile.ts';
import type { PublishedNote } from './archive.ts';
import { genesisCommit, type Genesis, type GenesisCommit } from './genesis.ts';
import { ExpandedTile } from './store/expanded-tile.ts';
import {
  authorityRange,
  checkpointKey,
  indexOfSearchKey,
  leafKey,
  leafRange,
  publishedKey,
  readIndex,
  searchPrefix,
  searchRange,
  tileKey,
} from './store/keys.ts';
import { publishedAs, type LogState, type Published } from './store/log-states.ts';
import { TileStore } from './store/tile-store.ts';
import { treeFromTiles, type Tree } from './store/tree.ts';

export interface RecoveryParts {
  readonly storage: StorageReader;
  readonly anchor: Pick<AnchorState, 'head'>;
  readonly genesis: Genesis;
  /** The log's own keys. */
  readonly keys: readonly VerifierKey[];
  /** Whose quorum a published checkpoint must have; of no witness unless given. */
  readonly policy?: Policy | undefined;
}

/** What an opening found, and what it has to write. */
export interface Recovered {
  /** The log as the store has it, or will have it when `missing` is committed. */
  readonly committed: LogState;
  /** What was published last; undefined if nothing was, or not with all of today's keys and quorum. */
  readonly published: Published | undefined;
  /** The newest checkpoint in the store, also when it was published with other keys: the archive goes on from it. */
  readonly newest: PublishedNote | undefined;
  /** The first commit, to be made before anything else; undefined unless the store is empty. */
  readonly missing: GenesisCommit | undefined;
}

/** A store whose tree has the root of its head, and the tree's nodes. */
export interface RebuiltStore {
  readonly storage: StorageReader;
  readonly tree: Tree;
  readonly nodes: NodeReader;
}

/**
 * Throws `store-behind-anchor`, `root-mismatch`, `leaf-mismatch`,
 * `store-corrupt` or `malformed-anchor`.
 */
export async function recover({ storage, anchor, genesis, keys, policy }: RecoveryParts): Promise<Recovered> {
  const head = await storage.head();
  if (head === undefined) return beginning(storage, anchor.head, genesis);
  const tree = await rebuildTree(storage, head.size);
  if (!equal(tree.root, head.root)) {
    throw corrupt('the entries and tiles in the store do not have the root of its head', {
      expected: toHex(head.root),
      got: toHex(tree.root),
    });
  }
  const store = rebuilt(storage, tree);
  await requireAnchor(anchor.head, store);
  const chain = await recoverAuthority(store, genesis);
  const committed: LogState = { tree, authority: chain.at(-1) ?? genesis.authority };
  const published = await recoverPublished({ store, committed, chain, anchored: anchor.head, keys, policy });
  return { committed, published, newest: await newestIn(storage), missing: undefined };
}

/** A log that is yet to begin: it consists of leaf 0, which is not in the store. */
async function beginning(storage: StorageReader, anchored: Head, genesis: Genesis): Promise<Recovered> {
  if (anchored.size > 0) {
    throw new LedgerError('store-behind-anchor', 'the store is empty', {
      expected: describeHead(anchored),
      got: describeHead(undefined),
    });
  }
  const missing = genesisCommit(genesis);
  const { tree } = missing;
  await requireAnchor(anchored, rebuilt(storage, tree));
  const committed = { tree, authority: genesis.authority };
  return { committed, published: undefined, newest: undefined, missing };
}

export function rebuilt(storage: StorageReader, tree: Tree): RebuiltStore {
  return { storage, tree, nodes: new TileStore(storage).reader(tree) };
}

/** The hashes of the leaves `from` up to but excluding `to`. */
export type LeafHashes = (storage: StorageReader, from: number, to: number) => Promise<Hash[]>;

/** Rebuilds what `grow` would hold in memory at `size`; believes nothing, proves nothing. */
export async function rebuildTree(
  storage: StorageReader,
  size: number,
  hashesOf: LeafHashes = leafHashesIn,
): Promise<Tree> {
  const levels: Hash[][] = [await hashesOf(storage, size - (size % tileWidth), size)];
  for (let width = tileWidth; width <= size; width *= tileWidth) {
    const hashes = Math.floor(size / width);
    levels.push(await tileRoots(storage, levels.length - 1, hashes - (hashes % tileWidth), hashes));
  }
  return treeFromTiles(size, levels);
}

export async function leafHashesIn(storage: StorageReader, from: number, to: number): Promise<Hash[]> {
  const hashes: Hash[] = [];
  for await (const [key, leaf] of storage.range(leafRange(from, to))) {
    if (!equal(key, leafKey(from + hashes.length))) break;
    hashes.push(hashLeaf(leaf));
  }
  const index = from + hashes.length;
  if (index === to) return hashes;
  throw corrupt('an entry is missing in the store', {
    expected: `entry ${index}`,
    got: 'no such row',
    index,
  });
}

/** Tiles are read a few at a time, so that opening needs little memory at any size. */
const tilesAtOnce = 16;

async function tileRoots(storage: StorageReader, level: number, from: number, to: number): Promise<Hash[]> {
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
 * An operator who restores an old copy, by mistake or to hide something, would
 * have the log sign a second history; so the store must have what the anchor
 * remembers.
 */
async function requireAnchor(anchored: Head, { tree, nodes }: RebuiltStore): Promise<void> {
  if (anchored.size > tree.size) {
    throw new LedgerError('store-behind-anchor', 'the store has fewer entries than were signed', {
      expected: describeHead(anchored),
      got: describeHead(tree),
    });
  }
  const root = await rootOf(anchored.size, nodes);
  if (equal(root, anchored.root)) return;
  throw new LedgerError('root-mismatch', 'the store has another history than the one that was signed', {
    expected: describeHead(anchored),
    got: describeHead({ size: anchored.size, root }),
  });
}

/**
 * The authority documents from leaf 0 to the one in force. `committed`: the size
 * of the store, where its tree was rebuilt at a smaller one; documents from there on are later ones.
 */
export async function recoverAuthority(
  store: RebuiltStore,
  genesis: Genesis,
  committed: number = store.tree.size,
): Promise<AuthoritySnapshot[]> {
  const chain: AuthoritySnapshot[] = [];
  for await (const [, value] of store.storage.range(authorityRange)) {
    const index = readIndex(value);
    if (index >= store.tree.size && index < committed) continue;
    const leaf = await includedLeaf(store, index);
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
  await requireNewest(store, chain.at(-1)?.index);
  return chain;
}

async function includedLeaf({ storage, tree, nodes }: RebuiltStore, index: number): Promise<Uint8Array> {
  const leaf = index < tree.size ? await storage.get(leafKey(index)) : undefined;
  if (leaf !== undefined) {
    const [hash] = await nodes.readNodes([{ level: 0, index }]);
    if (hash !== undefined && equal(hashLeaf(leaf), hash)) return leaf;
  }
  throw corrupt('an authority document is missing in the store, or damaged', {
    expected: `entry ${index} as it stands in the tree`,
    got: leaf === undefined ? 'no such row' : 'other bytes',
    index,
  });
}

function requireGenesis(index: number, leaf: Uint8Array, { attestation }: Genesis): void {
  if (index === 0 && equal(leaf, attestation.leaf)) return;
  throw new LedgerError(
    'leaf-mismatch',
    'the store belongs to a log with another leaf 0; open it with its own',
    { expected: toHex(attestation.leafHash), got: toHex(hashLeaf(leaf)), index },
  );
}

/**
 * A row that was lost would put an old document in force again, and with it the
 * keys that the newest one revoked. Two rows of different kinds name the newest.
 */
async function requireNewest({ storage, tree }: RebuiltStore, newest: number | undefined): Promise<void> {
  const range = searchRange(searchPrefix('type', 'authority'), 0, tree.size);
  let found: number | undefined;
  for await (const [key] of storage.range({ ...range, limit: 1, reverse: true }))
    found = indexOfSearchKey(key);
  if (newest === undefined || found !== newest) {
    throw corrupt('the rows that name the authority document in force do not agree', {
      expected: `entry ${found ?? 'none'}, by the search rows`,
      got: `entry ${newest ?? 'none'}, by the authority rows`,
    });
  }
}

/** The newest checkpoint that was served, checked against keys, anchor and tree. */
async function recoverPublished({
  store,
  committed,
  chain,
  anchored,
  keys,
  policy,
}: {
  readonly store: RebuiltStore;
  readonly committed: LogState;
  readonly chain: readonly AuthoritySnapshot[];
  readonly anchored: Head;
  readonly keys: readonly VerifierKey[];
  readonly policy: Policy | undefined;
}): Promise<Published | undefined> {
  const { storage } = store;
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
  await requireOfTree(checkpoint, committed, store);
  // A key was added since: the same head is then signed and published again, with all of them.
  if (signedBy(note, keys) < keys.length) return undefined;
  if (policy !== undefined && !hasQuorum(bytes, policy)) return undefined;
  const tree = size === committed.tree.size ? committed.tree : await rebuildTree(storage, size);
  const authority = chain.findLast(({ index }) => index < size) ?? committed.authority;
  return publishedAs({ tree, authority }, bytes);
}

async function requireOfTree(
  checkpoint: Checkpoint,
  { authority }: LogState,
  { nodes }: RebuiltStore,
): Promise<void> {
  const { origin, size, root } = checkpoint;
  const own = size < 1 ? undefined : await rootOf(size, nodes);
  if (origin === authority.origin && own !== undefined && equal(own, root)) return;
  throw corrupt('the published checkpoint in the store is not of this tree', {
    expected: `${authority.origin}, size ${size}, root ${own === undefined ? 'none' : toHex(own)}`,
    got: `${origin}, size ${size}, root ${toHex(root)}`,
  });
}

/** How many of the keys signed the note. */
function signedBy(note: Note, keys: readonly VerifierKey[]): number {
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
  return signed;
}

/** Where it has none, witnesses were added or changed since: their cosignatures must then be collected first. */
function hasQuorum(note: Uint8Array, policy: Policy): boolean {
  try {
    verifyCheckpoint({ note, policy });
    return true;
  } catch (cause) {
    if (cause instanceof LedgerError && cause.code === 'quorum-not-met') return false;
    throw corrupt('the published checkpoint in the store does not hold under the policy', { cause });
  }
}

function parsePublished(bytes: Uint8Array): { note: Note; checkpoint: Checkpoint } {
  try {
    const note = parseNote(bytes);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (cause) {
    throw corrupt('the published checkpoint in the store cannot be read', { cause });
  }
}

async function newestIn(storage: StorageReader): Promise<PublishedNote | undefined> {
  const [note, time] = await storage.getMany([checkpointKey, publishedKey]);
  return note === undefined || time === undefined ? undefined : { note, time: readIndex(time) };
}

function corrupt(message: string, details: ErrorDetails): LedgerError {
  return new LedgerError('store-corrupt', message, details);
}
