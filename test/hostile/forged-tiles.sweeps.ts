/** One byte forged in each tile in turn, in the tree of every size up to 2,000, under every proof that reads it. */
import { expect } from 'chai';
import { concat, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import { proveInclusion } from '../../src/tlog/inclusion.ts';
import { tilePath, tileWidth, tilesForSize } from '../../src/tlog/tile.ts';
import type { Tile } from '../../src/tlog/tile.ts';
import { TileReader } from '../../src/verifier/proving/tile-reader.ts';
import type { FetchPath } from '../../src/verifier/proving/tile-reader.ts';
import { range, type Extent } from '../extent.ts';
import { SampleLog } from '../verifier/sample-log.ts';

const log = new SampleLog(Array.from({ length: 2_000 }, (_, at) => utf8(`entry ${at}`)));

/** An honest server but for one byte of one tile. */
function forging(size: number, path: string, at: number): FetchPath {
  const served = log.serve({ size });
  return async (asked, maxBytes) => {
    const bytes = await served(asked, maxBytes);
    if (asked !== path) return bytes;
    const changed = concat(bytes);
    changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ (1 << (at % 8));
    return changed;
  };
}

async function refused(read: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

type Forged = readonly [size: number, tile: Tile];

function* tilesOf(sizes: Iterable<number>): Generator<Forged> {
  for (const size of sizes) for (const tile of tilesForSize(size)) yield [size, tile];
}

/** Registers them as a suite. */
export function sweepForgedTiles({ name, cases }: Extent): void {
  describe(`one forged byte in a tile, ${name}`, () => {
    it('is refused in every tile of every tree of 1 to 2,000 leaves', async () => {
      let forged = 0;
      for (const [size, tile] of cases(tilesOf(range(1, log.size)), 1_000)) {
        const fetchPath = forging(size, tilePath(tile), size * 31 + forged * 7);
        const reader = new TileReader({ size, root: await log.root(size), fetchPath });
        expect(await refused(() => reader.tile(tile)), `size ${size}, ${tilePath(tile)}`).to.equal(
          'root-mismatch',
        );
        forged++;
      }
      expect(forged).to.be.at.least(1_000);
    });

    it('never gets into a proof: it is refused, or the proof does not rest on that tile and is the honest one', async () => {
      const reads = (tile: Tile): number => Math.min(tile.index * tileWidth, log.size - 1);
      const sizes = [...range(2, log.size)].filter((size) => (size - 2) % 37 === 0);
      let refusals = 0;
      for (const [size, tile] of cases(tilesOf(sizes), 100)) {
        const root = await log.root(size);
        const fetchPath = forging(size, tilePath(tile), size);
        for (const index of [0, reads(tile) % size, size - 1]) {
          const reader = new TileReader({ size, root, fetchPath });
          const code = await refused(async () => {
            const proof = await proveInclusion({ index, size }, reader.nodes);
            expect(proof).to.deep.equal(await proveInclusion({ index, size }, log.reader));
            const span = { from: Math.max(1, index), to: size };
            const consistency = await proveConsistency(span, reader.nodes);
            expect(consistency).to.deep.equal(await proveConsistency(span, log.reader));
          });
          expect(code).to.be.oneOf([undefined, 'root-mismatch']);
          if (code !== undefined) refusals++;
        }
      }
      expect(refusals).to.be.greaterThan(50);
    });
  });
}
