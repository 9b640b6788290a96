import { expect } from 'chai';
import { fromHex, toHex, utf8 } from '../../src/bytes.ts';
import { emptyRoot, hashLeaf, type Hash } from '../../src/tlog/hash.ts';
import { foldNodes, nodesOfRange, splitPoint, type NodeId } from '../../src/tlog/node.ts';
import { RightEdge } from '../../src/tlog/right-edge.ts';
import { rootOf } from '../../src/tlog/root.ts';
import { mth, mthOfLeafHashes } from '../reference.ts';
import { fullTree, growTree, strangerHash } from './tree.ts';

describe('hashes', () => {
  it('equal the published ones of the empty tree and of the empty entry', () => {
    expect(toHex(emptyRoot)).to.equal('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(hashLeaf(utf8('')))).to.equal(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('make the published roots of the trees over the eight entries of the Certificate Transparency tests', () => {
    const entries = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    const edge = RightEdge.empty();
    entries.forEach((entry, i) => {
      edge.append(hashLeaf(fromHex(entry)));
      expect(toHex(edge.root())).to.equal(roots[i]);
      expect(toHex(mth(entries.slice(0, i + 1).map((text) => fromHex(text))))).to.equal(roots[i]);
    });
  });
});

describe('the right edge', () => {
  it('has the root and the peaks of the naive reference at every size up to 300', () => {
    const { leaves } = growTree(300);
    const edge = RightEdge.empty();
    expect(edge.root()).to.deep.equal(emptyRoot);
    leaves.forEach((leaf, i) => {
      edge.append(leaf);
      const size = i + 1;
      expect(edge.size).to.equal(size);
      expect(edge.root()).to.deep.equal(mthOfLeafHashes(leaves.slice(0, size)));
      let from = 0;
      const peaks = nodesOfRange({ from: 0, to: size }).map(({ level }) => {
        const peak = mthOfLeafHashes(leaves.slice(from, from + 2 ** level));
        from += 2 ** level;
        return peak;
      });
      expect(edge.peaks).to.deep.equal(peaks);
    });
  });

  it('tells of every node once, the leaf first, its parents upwards', () => {
    const edge = RightEdge.empty();
    const told: NodeId[][] = [];
    for (let i = 0; i < 4; i++) {
      const nodes: NodeId[] = [];
      edge.append(hashLeaf(utf8(String(i))), (level, index) => nodes.push({ level, index }));
      told.push(nodes);
    }
    expect(told).to.deep.equal([
      [{ level: 0, index: 0 }],
      [
        { level: 0, index: 1 },
        { level: 1, index: 0 },
      ],
      [{ level: 0, index: 2 }],
      [
        { level: 0, index: 3 },
        { level: 1, index: 1 },
        { level: 2, index: 0 },
      ],
    ]);
  });

  it('goes on from the peaks of any size as if it had grown from 0', async () => {
    const tree = growTree(600);
    for (const size of [0, 1, 255, 256, 257, 511, 512]) {
      const peaks = await tree.readNodes(nodesOfRange({ from: 0, to: size }));
      const edge = new RightEdge(size, peaks);
      expect(edge.root()).to.deep.equal(await rootOf(size, tree));
      for (let i = size; i < 600; i++) edge.append(tree.leaves[i] as Hash);
      expect(edge.root()).to.deep.equal(await rootOf(600, tree));
    }
  });

  it('keeps its snapshots and copies apart from later appends', () => {
    const edge = RightEdge.empty();
    edge.append(strangerHash);
    const { peaks } = edge;
    const copy = edge.clone();
    edge.append(strangerHash);
    expect(peaks).to.deep.equal([strangerHash]);
    expect(copy.size).to.equal(1);
    copy.append(hashLeaf(utf8('another history')));
    expect(edge.root()).not.to.deep.equal(copy.root());
  });

  it('counts beyond 32 bits and up to 2^53 - 1', async () => {
    const edge = new RightEdge(2 ** 40, [strangerHash]);
    const told: NodeId[] = [];
    for (let i = 0; i < 2; i++) edge.append(strangerHash, (level, index) => told.push({ level, index }));
    expect(edge.size).to.equal(2 ** 40 + 2);
    expect(told).to.deep.equal([
      { level: 0, index: 2 ** 40 },
      { level: 0, index: 2 ** 40 + 1 },
      { level: 1, index: 2 ** 39 },
    ]);
    const ones = nodesOfRange({ from: 0, to: Number.MAX_SAFE_INTEGER });
    expect(ones.length).to.equal(53);
    const last = new RightEdge(
      Number.MAX_SAFE_INTEGER,
      ones.map(() => strangerHash),
    );
    expect(() => last.append(strangerHash)).to.throw('safe integer');
    expect(splitPoint(2 ** 53 - 1)).to.equal(2 ** 52);
  });

  it('holds to its promises: a peak for each binary digit 1, hashes of 32 bytes', () => {
    expect(() => new RightEdge(3, [strangerHash])).to.throw('peak');
    expect(() => new RightEdge(1, [strangerHash.subarray(1)])).to.throw('32-byte');
    expect(() => new RightEdge(-1, [])).to.throw('safe integer');
    expect(() => RightEdge.empty().append(strangerHash.subarray(1))).to.throw('32 bytes');
    expect(() => foldNodes([])).to.throw('not empty');
    expect(() => nodesOfRange({ from: 1, to: 5 })).to.throw('starts where');
  });

  it('agrees with a tree that was built level by level', async () => {
    const full = fullTree(12);
    const edge = RightEdge.empty();
    for (let i = 0; i < 4096; i++) {
      edge.append(full.leaf(i));
      if (i % 97 === 0) expect(edge.root()).to.deep.equal(await rootOf(i + 1, full));
    }
    expect(edge.root()).to.deep.equal(await rootOf(4096, full));
  });
});
