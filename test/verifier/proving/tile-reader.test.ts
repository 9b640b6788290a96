import { expect } from 'chai';
import { hashLeaf } from '#sha256';
import { concat, utf8 } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { proveInclusion, verifyInclusion } from '../../../src/tlog/inclusion.ts';
import { parseTilePath, tilesForSize } from '../../../src/tlog/tile.ts';
import { TileReader } from '../../../src/verifier/proving/tile-reader.ts';
import type { FetchPath } from '../../../src/verifier/proving/tile-reader.ts';
import { rejection } from '../rejection.ts';
import { SampleLog } from '../sample-log.ts';

const log = new SampleLog(Array.from({ length: 2_000 }, (_, at) => utf8(`entry ${at}`)));

async function readerOf(size: number, fetchPath: FetchPath = log.serve({ size })): Promise<TileReader> {
  return new TileReader({ size, root: await log.root(size), fetchPath });
}

/** Reads everything that a tree has. */
async function readAll(reader: TileReader): Promise<void> {
  for (const tile of tilesForSize(reader.size)) await reader.tile(tile);
  for (let index = 0; index * 256 < reader.size; index++) await reader.entryBundle(index);
}

/** The same server with the bytes at one path changed. */
function spoiled(fetchPath: FetchPath, path: string, change: (bytes: Uint8Array) => Uint8Array): FetchPath {
  return async (asked, maxBytes) => {
    const bytes = await fetchPath(asked, maxBytes);
    return asked === path ? change(bytes) : bytes;
  };
}

function flip(at: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const changed = concat(bytes);
    changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ 1;
    return changed;
  };
}

describe('TileReader', () => {
  const sizes = [1, 2, 3, 255, 256, 257, 511, 512, 513, 600, 1_999, 2_000];

  for (const size of sizes) {
    it(`reads every tile and entry of a tree of size ${size}, and rejects one forged byte in each`, async () => {
      const paths = new Set<string>();
      const served = log.serve({ size });
      const recording: FetchPath = (path, maxBytes) => {
        paths.add(path);
        return served(path, maxBytes);
      };
      await readAll(await readerOf(size, recording));
      for (const path of paths) {
        for (const at of [0, 31, 7_919]) {
          const reader = await readerOf(size, spoiled(served, path, flip(at)));
          const { code } = await rejection(() => readAll(reader));
          // The entries would give a forged tile of hashes away too; it must not get that far.
          const codes = path.startsWith('tile/entries/')
            ? ['leaf-mismatch', 'malformed-tile']
            : ['root-mismatch'];
          expect(code, `${path}, byte ${at}`).to.be.oneOf(codes);
        }
      }
    });
  }

  it('rejects one forged byte on each level of a tree with a full tile on two of them', async () => {
    const size = 65_536 + 300;
    const high = new SampleLog(Array.from({ length: size }, (_, at) => utf8(`${at}`)));
    const root = await high.root();
    const paths: string[] = [];
    const recording: FetchPath = (path, maxBytes) => {
      paths.push(path);
      return high.serve()(path, maxBytes);
    };
    for (const index of [0, 40_000, 65_535, 65_600, size - 1]) {
      const reader = new TileReader({ size, root, fetchPath: recording });
      await proveInclusion({ index, size }, reader.nodes);
    }
    expect(new Set(paths)).to.include.all.keys(
      'tile/0/156',
      'tile/0/257.p/44',
      'tile/1/000',
      'tile/1/001.p/1',
      'tile/2/000.p/1',
    );
    for (const path of new Set(paths)) {
      const { level, index, width } = parseTilePath(path);
      const reader = new TileReader({ size, root, fetchPath: spoiled(high.serve(), path, flip(8_191)) });
      expect((await rejection(() => reader.tile({ level, index, width }))).code, path).to.equal(
        'root-mismatch',
      );
    }
  });

  it('rejects a forged tile in a proof whose other tiles are honest', async () => {
    for (const path of ['tile/0/003', 'tile/0/007.p/208', 'tile/1/000.p/7']) {
      const reader = await readerOf(2_000, spoiled(log.serve(), path, flip(100)));
      expect(
        (await rejection(() => proveInclusion({ index: 800, size: 2_000 }, reader.nodes))).code,
      ).to.equal('root-mismatch');
    }
  });

  it('gives nodes from which proofs verify', async () => {
    const size = 1_500;
    const reader = await readerOf(size);
    for (const index of [0, 255, 256, 1_279, 1_280, 1_499]) {
      const proof = await proveInclusion({ index, size }, reader.nodes);
      const leafHash = await reader.leafHash(index);
      expect(leafHash).to.deep.equal(hashLeaf(utf8(`entry ${index}`)));
      verifyInclusion({ index, size, leafHash, root: await log.root(size), proof });
      expect(await reader.entry(index)).to.deep.equal(utf8(`entry ${index}`));
    }
  });

  it('falls back to the full tile and bundle where a partial one was removed', async () => {
    const size = 700;
    const served = log.serve();
    const withoutPartial: FetchPath = async (path, maxBytes) => {
      if (path.startsWith('tile/0/002.p/') || path.startsWith('tile/entries/002.p/')) {
        throw new LedgerError('not-found', 'removed');
      }
      return served(path, maxBytes);
    };
    await readAll(await readerOf(size, withoutPartial));
  });

  it('does not fall back for other failures, and asks again after one', async () => {
    let down = true;
    const served = log.serve({ size: 700 });
    const reader = await readerOf(700, async (path, maxBytes) => {
      if (down) throw new LedgerError('unreachable', 'down');
      return served(path, maxBytes);
    });
    expect((await rejection(() => reader.entry(699))).code).to.equal('unreachable');
    expect((await rejection(() => reader.entry(1))).code).to.equal('unreachable');
    down = false;
    await readAll(reader);
  });

  const lengths: readonly (readonly [string, ErrorCode])[] = [
    ['tile/0/000', 'malformed-tile'],
    ['tile/0/002.p/188', 'malformed-tile'],
    ['tile/entries/000', 'malformed-tile'],
  ];
  for (const [path, code] of lengths) {
    it(`rejects ${path} when it is a byte short, a byte long or empty`, async () => {
      for (const change of [
        (bytes: Uint8Array) => bytes.subarray(1),
        (bytes: Uint8Array) => concat(bytes, Uint8Array.of(0)),
        () => new Uint8Array(0),
      ]) {
        const reader = await readerOf(700, spoiled(log.serve({ size: 700 }), path, change));
        expect((await rejection(() => readAll(reader))).code).to.equal(code);
      }
    });
  }

  it('names the leaf whose entry was changed', async () => {
    const path = 'tile/entries/001';
    const reader = await readerOf(700, spoiled(log.serve({ size: 700 }), path, flip(2)));
    const error = await rejection(() => reader.entryBundle(1));
    expect(error).to.include({ code: 'leaf-mismatch', index: 256 });
    expect(error.facts).to.deep.equal({ path });
  });

  it('refuses what the tree does not have', async () => {
    const reader = await readerOf(300);
    for (const read of [
      () => reader.tile({ level: 0, index: 1, width: 45 }),
      () => reader.tile({ level: 0, index: 0, width: 0 }),
      () => reader.tile({ level: 3, index: 0, width: 1 }),
      () => reader.entryBundle(2),
      () => reader.entry(300),
      () => reader.leafHash(-1),
      () => reader.leafHash(0.5),
    ]) {
      expect((await rejection(read)).code).to.equal('out-of-range');
    }
  });

  it('keeps no more full tiles than it may, and fetches each once while it keeps it', async () => {
    const fetched: string[] = [];
    const served = log.serve();
    const fetchPath: FetchPath = (path, maxBytes) => {
      fetched.push(path);
      return served(path, maxBytes);
    };
    const size = 2_000;
    const reader = new TileReader({ size, root: await log.root(size), fetchPath, maxCachedTiles: 2 });
    for (const index of [0, 1, 0, 1, 2, 0]) await reader.leafHash(index * 256);
    const full = fetched.filter((path) => parseTilePath(path).width === 256);
    expect(full).to.deep.equal(['tile/0/000', 'tile/0/001', 'tile/0/002', 'tile/0/000']);
  });

  it('has nothing to read in an empty tree but its root', async () => {
    const reader = await readerOf(0);
    expect((await rejection(() => reader.entry(0))).code).to.equal('out-of-range');
    await readAll(reader);
  });
});
