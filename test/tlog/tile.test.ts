import { expect } from 'chai';
import * as fc from 'fast-check';
import { LedgerError } from '../../src/errors.ts';
import { proveConsistency } from '../../src/tlog/consistency.ts';
import { proveInclusion, verifyInclusion } from '../../src/tlog/inclusion.ts';
import type { Hash } from '../../src/tlog/hash.ts';
import { rootOf } from '../../src/tlog/root.ts';
import {
  TileNodeReader,
  bundlePath,
  nodeFromTile,
  parseBundlePath,
  parseTilePath,
  tileOfNode,
  tilePath,
  tileRoot,
  tileWidthAt,
  tilesForSize,
  type Tile,
} from '../../src/tlog/tile.ts';
import { mthOfLeafHashes } from '../reference.ts';
import { growTree, type Tree } from './tree.ts';

const refused = (act: () => unknown, code: string): void => {
  expect(act).to.throw(LedgerError).with.property('code', code);
};

describe('tile paths', () => {
  it('are the ones of the specification', () => {
    expect(tilePath({ level: 0, index: 1234067, width: 256 })).to.equal('tile/0/x001/x234/067');
    expect(tilePath({ level: 63, index: 0, width: 1 })).to.equal('tile/63/000.p/1');
    expect(tilePath({ level: 1, index: 1000, width: 255 })).to.equal('tile/1/x001/000.p/255');
    expect(bundlePath({ index: 273, width: 112 })).to.equal('tile/entries/273.p/112');
    expect(bundlePath({ index: 999_999, width: 256 })).to.equal('tile/entries/x999/999');
  });

  it('survive a round trip', () => {
    const index = fc.maxSafeNat();
    const width = fc.integer({ min: 1, max: 256 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), index, width, (level, n, w) => {
        const tile = { level, index: n, width: w };
        expect(parseTilePath(tilePath(tile))).to.deep.equal(tile);
        expect(parseBundlePath(bundlePath({ index: n, width: w }))).to.deep.equal({ index: n, width: w });
      }),
      { numRuns: 500, seed: 256 },
    );
  });

  it('have one spelling: everything else is not found', () => {
    const wrong = [
      '',
      'tile',
      '/tile/0/000',
      'tile/00/000',
      'tile/01/000',
      'tile/64/000',
      'tile/99/000',
      'tile/100/000',
      'tile/-1/000',
      'tile/+1/000',
      'tile/x/000',
      'tile//000',
      ' tile/0/000',
      'tile/entries',
      'tile/entries/',
      'tile/0/entries/000',
    ];
    for (const path of wrong) {
      refused(() => parseTilePath(path), 'not-found');
      refused(() => parseBundlePath(path), 'not-found');
    }
    const wrongPlaces = [
      '000/',
      '0',
      '00',
      '0000',
      'x000',
      'x000/000',
      'x000/x001/234',
      '001/234',
      'x001/x234',
      'x01/234',
      'X001/234',
      '000.p',
      '000.p/',
      '000.p/0',
      '000.p/00',
      '000.p/01',
      '000.p/005',
      '000.p/256',
      '000.p/257',
      '000.p/999',
      '000.p/1000',
      '000.p/-1',
      '000.p/1/',
      '000.p/1.p/1',
      '000\n',
      '000.p/1\n',
      '000 ',
      '٠٠٠',
      '%30%30%30',
      '../0/000',
      'x009/x007/x199/x254/x740/992',
      'x999/x999/x999/x999/x999/999',
      `${'x999/'.repeat(10_000)}999`,
    ];
    for (const place of wrongPlaces) {
      refused(() => parseTilePath(`tile/0/${place}`), 'not-found');
      refused(() => parseBundlePath(`tile/entries/${place}`), 'not-found');
    }
    refused(() => parseTilePath('tile/entries/000'), 'not-found');
    refused(() => parseBundlePath('tile/0/000'), 'not-found');
  });

  it('are not written for tiles that cannot be', () => {
    for (const width of [0, -1, 257, 1.5, Number.NaN]) {
      expect(() => tilePath({ level: 0, index: 0, width })).to.throw('1 to 256');
    }
    for (const index of [-1, 0.5, 2 ** 53]) {
      expect(() => bundlePath({ index, width: 1 })).to.throw('safe integer');
    }
  });
});

describe('the tiles of a tree', () => {
  it('of 70,000 leaves are those of the specification', () => {
    const tiles = tilesForSize(70_000);
    const of = (level: number, full: boolean): Tile[] =>
      tiles.filter((tile) => tile.level === level && (tile.width === 256) === full);
    expect(of(0, true).length).to.equal(273);
    expect(of(0, false)).to.deep.equal([{ level: 0, index: 273, width: 112 }]);
    expect(of(1, true)).to.deep.equal([{ level: 1, index: 0, width: 256 }]);
    expect(of(1, false)).to.deep.equal([{ level: 1, index: 1, width: 17 }]);
    expect(of(2, true)).to.deep.equal([]);
    expect(of(2, false)).to.deep.equal([{ level: 2, index: 0, width: 1 }]);
    expect(tiles.length).to.equal(277);
  });

  it('of 256 leaves are one full one and a partial one of width 1', () => {
    expect(tilesForSize(256).map((tile) => tilePath(tile))).to.deep.equal(['tile/0/000', 'tile/1/000.p/1']);
    expect(tilesForSize(255).map((tile) => tilePath(tile))).to.deep.equal(['tile/0/000.p/255']);
    expect(tilesForSize(1).map((tile) => tilePath(tile))).to.deep.equal(['tile/0/000.p/1']);
    expect(tilesForSize(0)).to.deep.equal([]);
  });

  it('have the width of the specification’s formula at the right, 256 before it and 0 behind it', () => {
    for (const size of [1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000, 2 ** 40 + 12_345, 2 ** 53 - 1]) {
      for (let level = 0; level <= 63; level++) {
        const whole = Math.floor(Number(BigInt(size) / 256n ** BigInt(level)));
        const index = Math.floor(whole / 256);
        expect(tileWidthAt(level, index, size)).to.equal(whole % 256);
        if (index > 0) expect(tileWidthAt(level, index - 1, size)).to.equal(256);
        expect(tileWidthAt(level, index + 1, size)).to.equal(0);
        expect(tileWidthAt(level, 2 ** 53 - 1, size)).to.equal(0);
      }
    }
  });

  it('hold every node once: at the level that is a tile’s own, or inside the tile below', () => {
    expect(tileOfNode({ level: 8, index: 0 }, 256)).to.deep.equal({
      tile: { level: 1, index: 0, width: 1 },
      start: 0,
      count: 1,
    });
    expect(tileOfNode({ level: 7, index: 3 }, 600)).to.deep.equal({
      tile: { level: 0, index: 1, width: 256 },
      start: 128,
      count: 128,
    });
    expect(tileOfNode({ level: 3, index: 64 }, 70_000)).to.deep.equal({
      tile: { level: 0, index: 2, width: 256 },
      start: 0,
      count: 8,
    });
    refused(() => tileOfNode({ level: 0, index: 5 }, 5), 'out-of-range');
    refused(() => tileOfNode({ level: 1, index: 2 }, 5), 'out-of-range');
    refused(() => tileOfNode({ level: 8, index: 0 }, 255), 'out-of-range');
    refused(() => tileOfNode({ level: 0, index: 0 }, -1), 'out-of-range');
    refused(() => tilesForSize(2 ** 53), 'out-of-range');
  });
});

describe('the reader over tiles', () => {
  let tree: Tree;
  before(() => {
    tree = growTree(65_537);
  });

  const places = (size: number): number[] =>
    [
      0,
      1,
      2,
      127,
      128,
      254,
      255,
      256,
      257,
      511,
      512,
      Math.floor(size / 2),
      size - 257,
      size - 256,
      size - 2,
      size - 1,
    ].filter((place) => place >= 0 && place < size);

  for (const size of [1, 2, 255, 256, 257, 258, 511, 512, 513, 65_535, 65_536, 65_537]) {
    it(`proves what the tree in memory proves at size ${size}`, async () => {
      const reader = new TileNodeReader(size, (tile) => {
        expect(tile.width).to.equal(tileWidthAt(tile.level, tile.index, size));
        return tree.tile(tile);
      });
      expect(await rootOf(size, reader)).to.deep.equal(await rootOf(size, tree));
      const root = await rootOf(size, tree);
      for (const index of places(size)) {
        const proof = await proveInclusion({ index, size }, reader);
        expect(proof).to.deep.equal(await proveInclusion({ index, size }, tree));
        verifyInclusion({ index, size, leafHash: tree.leaves[index] as Hash, root, proof });
        if (index > 0) {
          const span = { from: index, to: size };
          expect(await proveConsistency(span, reader)).to.deep.equal(await proveConsistency(span, tree));
        }
      }
    });
  }

  it('reads each tile once for a proof', async () => {
    const paths: string[] = [];
    const reader = new TileNodeReader(65_537, (tile) => {
      paths.push(tilePath(tile));
      return tree.tile(tile);
    });
    await proveInclusion({ index: 300, size: 65_537 }, reader);
    expect(paths.toSorted()).to.deep.equal(['tile/0/001', 'tile/0/256.p/1', 'tile/1/000']);
  });

  it('refuses a tile of another length', async () => {
    for (const change of [
      (bytes: Uint8Array) => bytes.subarray(1),
      (bytes: Uint8Array) => bytes.subarray(32),
      (bytes: Uint8Array) => new Uint8Array([...bytes, 0]),
      () => new Uint8Array(0),
    ]) {
      const reader = new TileNodeReader(300, async (tile) => change(await tree.tile(tile)));
      const code = await proveInclusion({ index: 7, size: 300 }, reader).then(
        () => 'accepted',
        (error: unknown) => (error instanceof LedgerError ? error.code : String(error)),
      );
      expect(code).to.equal('malformed-tile');
    }
  });

  it('is believed no further than one hash for each node asked for', async () => {
    const short = { readNodes: async (): Promise<Hash[]> => [] };
    for (const prove of [
      rootOf(7, short),
      proveInclusion({ index: 1, size: 7 }, short),
      proveConsistency({ from: 3, to: 7 }, short),
    ]) {
      const message = await prove.catch((error: unknown) => String(error));
      expect(message).to.contain('one hash for each node');
    }
  });

  it('passes on what reading throws', async () => {
    const reader = new TileNodeReader(300, () => Promise.reject(new Error('no route')));
    const message = await rootOf(300, reader).catch((error: unknown) => String(error));
    expect(message).to.equal('Error: no route');
  });

  it('hashes a full tile to its hash in the tile above, and nothing less', async () => {
    const bytes = await tree.tile({ level: 0, index: 255, width: 256 });
    expect(tileRoot(bytes)).to.deep.equal(tree.levels[8]?.[255]);
    expect(tileRoot(bytes)).to.deep.equal(mthOfLeafHashes(tree.leaves.slice(255 * 256, 256 * 256)));
    expect(() => tileRoot(bytes.subarray(32))).to.throw('full tile');
    expect(() => nodeFromTile(bytes, { start: 255, count: 2 })).to.throw('holds the node');
  });
});
