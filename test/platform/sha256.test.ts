import { expect } from 'chai';
import * as fc from 'fast-check';
import { toHex, utf8 } from '../../src/bytes.ts';
import * as noble from '../../src/platform/sha256.ts';
import * as node from '../../src/platform/sha256.node.ts';
import * as chosen from '#sha256';

describe('SHA-256, through node:crypto and noble', () => {
  it('gives the published hash of "abc"', () => {
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(toHex(noble.sha256(utf8('abc')))).to.equal(expected);
    expect(toHex(node.sha256(utf8('abc')))).to.equal(expected);
  });

  it('gives the same bytes for anything, as 32 plain bytes of their own', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), hash, hash, (data, left, right) => {
        expect(node.sha256(data)).to.deep.equal(noble.sha256(data));
        expect(node.hashLeaf(data)).to.deep.equal(noble.hashLeaf(data));
        const inner = node.hashNode(left, right);
        expect(inner).to.deep.equal(noble.hashNode(left, right));
        expect(inner.constructor).to.equal(Uint8Array);
        expect(node.hashNode(right, left)).to.deep.equal(noble.hashNode(right, left));
        expect(inner).to.deep.equal(noble.hashNode(left, right));
      }),
      { numRuns: 300, seed: 180 },
    );
  });

  it('keeps leaves and nodes apart by their prefix', () => {
    const left = node.sha256(utf8('left'));
    const right = node.sha256(utf8('right'));
    for (const side of [noble, node]) {
      expect(side.hashLeaf(utf8('entry'))).to.deep.equal(side.sha256(utf8('\0entry')));
      expect(side.hashNode(left, right)).to.deep.equal(side.sha256(new Uint8Array([1, ...left, ...right])));
    }
  });

  it('hashes no child that is not 32 bytes: the rest would be another node’s', () => {
    const hash = new Uint8Array(32);
    for (const side of [noble, node]) {
      for (const length of [0, 31, 33]) {
        expect(() => side.hashNode(new Uint8Array(length), hash)).to.throw('32-byte');
        expect(() => side.hashNode(hash, new Uint8Array(length))).to.throw('32-byte');
      }
    }
  });

  it('is the one of node:crypto for importers on Node', () => {
    expect(chosen.hashNode).to.equal(node.hashNode);
  });
});
