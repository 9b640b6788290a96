import { expect } from 'chai';
import * as fc from 'fast-check';
import { fromHex, toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { formatEntryBundle, maxEntryBytes, parseEntryBundle } from '../../src/tlog/bundle.ts';

const refused = (act: () => unknown, code: string): void => {
  expect(act).to.throw(LedgerError).with.property('code', code);
};

describe('entry bundles', () => {
  it('put two bytes of length before each entry', () => {
    const bundle = formatEntryBundle([utf8('hello'), utf8('hi')]);
    expect(toHex(bundle)).to.equal('000568656c6c6f00026869');
    expect(parseEntryBundle(bundle, 2)).to.deep.equal([utf8('hello'), utf8('hi')]);
  });

  it('survive a round trip, the longest entry and the empty one included', () => {
    const entry = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.constantFrom(
        new Uint8Array(0),
        new Uint8Array(255),
        new Uint8Array(256),
        new Uint8Array(maxEntryBytes),
      ),
    );
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 256, size: 'small' }), (entries) => {
        expect(parseEntryBundle(formatEntryBundle(entries), entries.length)).to.deep.equal(entries);
      }),
      { numRuns: 60, seed: 256 },
    );
    const full = Array.from({ length: 256 }, (_, i) => utf8(String(i)));
    expect(parseEntryBundle(formatEntryBundle(full), 256)).to.deep.equal(full);
  });

  it('are refused cut short at any byte, made longer, or at another width', () => {
    const bundle = formatEntryBundle([utf8('hello'), utf8(''), utf8('hi')]);
    for (let length = 0; length < bundle.length; length++) {
      refused(() => parseEntryBundle(bundle.subarray(0, length), 3), 'malformed-tile');
    }
    for (const rest of ['00', '0000', '000161', 'ff']) {
      refused(() => parseEntryBundle(new Uint8Array([...bundle, ...fromHex(rest)]), 3), 'malformed-tile');
    }
    for (const width of [1, 2, 4, 256]) refused(() => parseEntryBundle(bundle, width), 'malformed-tile');
    refused(() => parseEntryBundle(new Uint8Array(0), 1), 'malformed-tile');
    refused(() => parseEntryBundle(fromHex('ffff00'), 1), 'malformed-tile');
  });

  it('take no entry that the length cannot say, and 1 to 256 of them', () => {
    refused(() => formatEntryBundle([new Uint8Array(maxEntryBytes + 1)]), 'too-large');
    expect(() => formatEntryBundle([])).to.throw('1 to 256');
    expect(() => formatEntryBundle(Array.from({ length: 257 }, () => utf8('')))).to.throw('1 to 256');
    for (const width of [0, 257, -1, 1.5]) {
      expect(() => parseEntryBundle(new Uint8Array(2), width)).to.throw('1 to 256');
    }
  });
});
