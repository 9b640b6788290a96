/**
 * A log whose tiles do not fit into the server's cache. Signing half a million
 * attestations would take longer than everything else here, so the leaves are
 * made-up hashes and only tiles are stored; what opens is a whole ledger all
 * the same, and every tile is checked against the root when it is first read.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#sha256';
import { parseJson } from '../../src/attestation/canonical.ts';
import { utf8 } from '../../src/bytes.ts';
import { genesisCommit, openGenesis } from '../../src/ledger/genesis.ts';
import { tileKey } from '../../src/ledger/store/keys.ts';
import { grow } from '../../src/ledger/store/tree.ts';
import { openLevel } from '../../src/storage/level.ts';
import type { Row } from '../../src/storage/storage.ts';
import { headOf, type Head } from '../../src/tlog/head.ts';
import { tileWidth } from '../../src/tlog/tile.ts';

/** Fills the directory that `isal init` made and nothing has served yet, with `tiles` full tiles of level 0. */
export async function fillTiles(directory: string, tiles: number): Promise<void> {
  const { origin } = parseJson(await readFile(join(directory, 'config.json')), {
    maxBytes: 65536,
    maxDepth: 8,
  }) as { origin: string };
  const genesis = openGenesis(await readFile(join(directory, 'genesis.json')), origin);
  const storage = await openLevel(join(directory, 'db'), { create: true });
  try {
    const first = genesisCommit(genesis);
    let { tree } = first;
    let rows: Row[] = [...first.rows];
    let head: Head | undefined;
    for (let tile = 0; tile < tiles; tile++) {
      const missing = tileWidth - (tree.size % tileWidth);
      const leaves = Array.from({ length: missing }, (_, i) => sha256(utf8(`leaf ${tree.size + i}`)));
      const grown = grow(tree, leaves);
      tree = grown.tree;
      rows.push(
        ...grown.full.map(({ level, index, tile: full }): Row => [tileKey(level, index), full.bytes()]),
      );
      await storage.commit({ puts: rows }, head, headOf(tree));
      [rows, head] = [[], headOf(tree)];
    }
  } finally {
    await storage.close();
  }
}
