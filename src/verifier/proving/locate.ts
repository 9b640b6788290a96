/**
 * Where a log's files first disagree. Reading a log from its checkpoint down
 * shows *that* something is wrong, often at the edge tiles, which only together
 * give the root. This reads the other way, from the entries up:
 *
 *   entry bundle ─► leaf hashes ─► tile/0 ─► tile/1 ─► … ─► root of the checkpoint
 *
 * and names the first place where what is served is not what lies below it
 * gives. It is a diagnosis: nothing that it reads is believed for anything else.
 */
import { hashLeaf } from '#sha256';
import { concat, equal, toBase64, toHex } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { maxEntryBytes, parseEntryBundle } from '../../tlog/bundle.ts';
import type { Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';
import { hashSize } from '../../tlog/hash.ts';
import { RightEdge } from '../../tlog/right-edge.ts';
import { bundlePath, tilePath, tileRoot, tileWidth, tileWidthAt } from '../../tlog/tile.ts';
import type { FetchPath } from './tile-reader.ts';

/** For the tree of a checkpoint that the caller has verified. */
export interface LocateOptions extends Head {
  readonly fetchPath: FetchPath;
  /** Called with the number of leaves read, after each bundle. */
  readonly onProgress?: (done: number) => void;
}

/**
 * The first place that is wrong, from the first leaf on: `leaf-mismatch` for an
 * entry and its hash, `root-mismatch` for a tile above and for the checkpoint,
 * `malformed-tile` or `not-found` for what cannot be read. Undefined when all is right.
 */
export async function firstWrongPlace(options: LocateOptions): Promise<LedgerError | undefined> {
  try {
    await derive(options);
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}

async function derive({ size, root, fetchPath, onProgress }: LocateOptions): Promise<void> {
  const edge = RightEdge.empty();
  const levels: Levels = [];
  for (let index = 0; index * tileWidth < size; index++) {
    const width = tileWidthAt(0, index, size);
    const path = bundlePath({ index, width });
    const bytes = await fetchPath(path, width * (2 + maxEntryBytes));
    for (const entry of naming(path, () => parseEntryBundle(bytes, width))) {
      const leafHash = hashLeaf(entry);
      edge.append(leafHash);
      (levels[0] ??= []).push(leafHash);
    }
    if (width === tileWidth) await completeTiles(levels, edge.size, fetchPath);
    onProgress?.(edge.size);
  }
  for (const [level, hashes] of levels.entries()) {
    if (hashes.length === 0) continue;
    const index = Math.floor(size / tileWidth ** (level + 1));
    await compareTile({ level, index, hashes, fetchPath });
  }
  const computed = edge.root();
  if (equal(computed, root)) return;
  throw new LedgerError('root-mismatch', 'entries and tiles agree with each other, not with the checkpoint', {
    expected: toBase64(root),
    got: toBase64(computed),
    facts: { path: 'checkpoint' },
  });
}

/** The hashes of each level's unfinished tile. */
type Levels = Hash[][];

/** Compares every tile that became full with the leaf before `size`, and hands its root to the level above. */
async function completeTiles(levels: Levels, size: number, fetchPath: FetchPath): Promise<void> {
  for (let level = 0; levels[level]?.length === tileWidth; level++) {
    const hashes = levels[level] ?? [];
    await compareTile({ level, index: size / tileWidth ** (level + 1) - 1, hashes, fetchPath });
    (levels[level + 1] ??= []).push(tileRoot(concat(...hashes)));
    levels[level] = [];
  }
}

async function compareTile({
  level,
  index,
  hashes,
  fetchPath,
}: {
  readonly level: number;
  readonly index: number;
  readonly hashes: readonly Hash[];
  readonly fetchPath: FetchPath;
}): Promise<void> {
  const path = tilePath({ level, index, width: hashes.length });
  const served = await fetchPath(path, hashes.length * hashSize);
  if (served.length !== hashes.length * hashSize) {
    throw new LedgerError('malformed-tile', 'a tile has the wrong length', {
      expected: `${hashes.length * hashSize} bytes`,
      got: `${served.length} bytes`,
      facts: { path },
    });
  }
  for (const [at, expected] of hashes.entries()) {
    const got = served.subarray(at * hashSize, (at + 1) * hashSize);
    if (equal(got, expected)) continue;
    const leaf = (index * tileWidth + at) * tileWidth ** level;
    throw new LedgerError(
      level === 0 ? 'leaf-mismatch' : 'root-mismatch',
      level === 0
        ? 'a hash in a tile is not the one that its entry gives'
        : 'a hash in a tile is not the one that the leaves below it give',
      { expected: toHex(expected), got: toHex(got), index: leaf, facts: { path, hash: at } },
    );
  }
}

/** A bundle that cannot be read is a place, too. */
function naming<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    const { code, message, expected, got, index } = cause;
    throw new LedgerError(code, message, { expected, got, index, facts: { path }, cause });
  }
}
