import { sha256 } from '#sha256';
import { expect } from 'chai';
import fc from 'fast-check';
import { concat, toHex } from '../../src/bytes.ts';
import { Rows } from '../../src/witness/rows.ts';

/** As it was always made: all rows sorted by their keys and joined. */
function naive(rows: ReadonlyMap<string, readonly [Uint8Array, Uint8Array]>): Uint8Array {
  return sha256(
    concat(...[...rows].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, parts]) => [...parts])),
  );
}

describe('witness/rows', () => {
  it('has the root of all rows sorted and joined, in whatever order they were set and set again', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const few = fc.constantFrom(...[0, 1, 2, 255].map((byte) => new Uint8Array(32).fill(byte)));
    const row = fc.uint8Array({ minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(hash, few), row), { maxLength: 200 }), (sets) => {
        const rows = new Rows();
        const same = new Map<string, readonly [Uint8Array, Uint8Array]>();
        expect(rows.root()).to.deep.equal(naive(same));
        for (const [key, value] of sets) {
          rows.set(key, value);
          same.set(toHex(key), [key, value]);
        }
        expect(rows.root()).to.deep.equal(naive(same));
      }),
      { numRuns: 100, seed: 9 },
    );
  });
});
