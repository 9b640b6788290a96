import { expect } from 'chai';
import fc from 'fast-check';
import { searchRows } from '../../../src/attestation/search-fields.ts';
import type { SearchRowName } from '../../../src/attestation/search-fields.ts';
import { compare, toHex } from '../../../src/bytes.ts';
import { LedgerError } from '../../../src/errors.ts';
import {
  authorityKey,
  checkpointKey,
  indexOfSearchKey,
  indexValue,
  leafHashKey,
  leafKey,
  leafRange,
  readIndex,
  searchKey,
  searchPrefix,
  searchRange,
  sourceNumberKey,
  tileKey,
} from '../../../src/ledger/store/keys.ts';

const rowNames = Object.keys(searchRows) as SearchRowName[];
const index = fc.maxSafeNat();
const word = fc.string({ maxLength: 12 });

describe('row keys', () => {
  it('are in the order of their index', () => {
    fc.assert(
      fc.property(index, index, word, (a, b, value) => {
        const order = Math.sign(a - b);
        const prefix = searchPrefix('product', value);
        expect(Math.sign(compare(leafKey(a), leafKey(b)))).to.equal(order);
        expect(Math.sign(compare(tileKey(1, a), tileKey(1, b)))).to.equal(order);
        expect(Math.sign(compare(searchKey(prefix, a), searchKey(prefix, b)))).to.equal(order);
      }),
    );
  });

  it('say their index again', () => {
    fc.assert(
      fc.property(index, word, (at, value) => {
        expect(readIndex(indexValue(at))).to.equal(at);
        expect(indexOfSearchKey(searchKey(searchPrefix('family', value), at))).to.equal(at);
      }),
    );
  });

  it('of different things differ', () => {
    const keys = [
      checkpointKey,
      ...[0, 1, 255, 256, 2 ** 40].flatMap((at) => [
        leafKey(at),
        authorityKey(at),
        ...[0, 1, 2].map((level) => tileKey(level, at)),
        ...['', 'a', 'ab', 'a\u0000', 'ä'].flatMap((value) => [
          sourceNumberKey(value, at),
          ...rowNames
            .filter((row) => searchRows[row].hex !== true)
            .map((row) => searchKey(searchPrefix(row, value), at)),
        ]),
        searchKey(searchPrefix('sha256', 'ab'.repeat(32)), at),
        searchKey(searchPrefix('signer', 'ab'.repeat(32)), at),
        searchKey(searchPrefix('ref', 'ab'.repeat(32)), at),
      ]),
      leafHashKey(new Uint8Array(32)),
    ].map(toHex);
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('of one search value are one range, without those of a longer value', () => {
    const { gte, lt } = searchRange(searchPrefix('product', 'a'), 0, 10);
    const inside = (key: Uint8Array): boolean => compare(gte, key) <= 0 && compare(key, lt) < 0;
    expect(inside(searchKey(searchPrefix('product', 'a'), 9))).to.equal(true);
    expect(inside(searchKey(searchPrefix('product', 'a'), 10))).to.equal(false);
    expect(inside(searchKey(searchPrefix('product', 'ab'), 1))).to.equal(false);
    expect(inside(searchKey(searchPrefix('family', 'a'), 1))).to.equal(false);
    const leaves = leafRange(5, 7);
    expect([leaves.gte, leaves.lt]).to.deep.equal([leafKey(5), leafKey(7)]);
  });

  it('have values of 8 bytes below 2^53 and no others', () => {
    for (const value of [new Uint8Array(7), new Uint8Array(9), new Uint8Array(8).fill(255)]) {
      expect(() => readIndex(value))
        .to.throw(LedgerError)
        .with.property('code', 'store-corrupt');
    }
  });
});
