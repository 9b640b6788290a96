/** Hex and base64 against those of @scure/base: one spelling for each value, and every other one refused by both. */
import { base16, base64 as base64Oracle } from '@scure/base';
import { expect } from 'chai';
import fc from 'fast-check';
import { fromBase64, fromHex, toBase64, toHex } from '../src/bytes.ts';
import { LedgerError } from '../src/errors.ts';

const swapped = (text: string): string =>
  text.replace(/[a-f]|[A-F]/g, (digit) => (digit < 'a' ? digit.toLowerCase() : digit.toUpperCase()));

/** `hex` of the library reads capitals too; its `base16` reads nothing else, so capitals stand for ours there. */
const hexOracle = {
  encode: (value: Uint8Array): string => swapped(base16.encode(value)),
  decode: (text: string): Uint8Array => base16.decode(swapped(text)),
};

/** A text that may be none: undefined where the decoder refuses it. */
type Decoder = (text: string) => Uint8Array | undefined;

const refusing =
  (decode: (text: string) => Uint8Array): Decoder =>
  (text) => {
    try {
      return decode(text);
    } catch (error) {
      expect(error).to.be.instanceOf(Error);
      return undefined;
    }
  };

/** Ours has to say why, by its code. */
const coded =
  (code: string, decode: (text: string) => Uint8Array): Decoder =>
  (text) => {
    try {
      return decode(text);
    } catch (error) {
      expect(error).to.be.instanceOf(LedgerError).with.property('code', code);
      return undefined;
    }
  };

const codecs = [
  {
    name: 'hex',
    encode: toHex,
    decode: coded('bad-hex', fromHex),
    oracle: hexOracle,
    digits: '0123456789abcdef',
  },
  {
    name: 'base64',
    encode: toBase64,
    decode: coded('bad-base64', fromBase64),
    oracle: base64Oracle,
    digits: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  },
];

const bytes = fc.uint8Array({ maxLength: 200 });
/** What loose decoders take: other alphabets, white space, padding in the middle, letters that fold to digits. */
const odd = fc.constantFrom(...'ABFGZagz09+/-_= \n\t\0\u007f\u0080ﬀＡ٠é'.split(''), '==', '😀', '\ud800');

/** `text` with one character put in, left out or replaced. */
const spoilt = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat({ max: text.length }), fc.nat({ max: 1 }), odd)
    .map(([at, removed, put]) => text.slice(0, at) + put + text.slice(at + removed));

for (const { name, encode, decode, oracle, digits } of codecs) {
  const oracleDecode = refusing((text) => oracle.decode(text));

  describe(`bytes: ${name}`, () => {
    it('writes what the oracle writes, and reads it back', () => {
      fc.assert(
        fc.property(bytes, (value) => {
          const text = encode(value);
          expect(text).to.equal(oracle.encode(value));
          expect(decode(text)).to.deep.equal(value);
        }),
      );
    });

    it('does so for every length around the size of a leaf, where the text is written elsewhere', () => {
      for (const length of [49_149, 49_150, 49_151, 49_152, 49_153, 49_154, 49_155]) {
        const value = Uint8Array.from({ length }, (_, at) => (at * 167) % 251);
        expect(encode(value) === oracle.encode(value), `${length} bytes`).to.equal(true);
      }
    });

    it('reads every text of its digits as the oracle does, or refuses it with the oracle', () => {
      const text = fc.string({ unit: fc.constantFrom(...digits.split(''), '='), maxLength: 12 });
      fc.assert(
        fc.property(text, (one) => {
          expect(decode(one)).to.deep.equal(oracleDecode(one));
        }),
        { numRuns: 2_000 },
      );
    });

    it('refuses with the oracle what is spelled in another way', () => {
      fc.assert(
        fc.property(bytes.map(encode).chain(spoilt), (text) => {
          const read = decode(text);
          expect(read).to.deep.equal(oracleDecode(text));
          if (read !== undefined) expect(encode(read)).to.equal(text);
        }),
        { numRuns: 2_000 },
      );
    });
  });
}

describe('bytes: padding of base64', () => {
  it('refuses every text whose left-over bits are not zero', () => {
    for (const [text, canonical] of [
      ['AB==', 'AA=='],
      ['AP==', 'AA=='],
      ['AAB=', 'AAA='],
      ['AAD=', 'AAA='],
    ] as const) {
      expect(() => fromBase64(text), text)
        .to.throw(LedgerError)
        .with.property('code', 'bad-base64');
      expect(toBase64(fromBase64(canonical))).to.equal(canonical);
    }
  });
});

describe('bytes: a length that is asked for', () => {
  it('is the only one that is taken', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 200 }), (value, length) => {
        const right = value.length === length;
        expect(coded('bad-hex', (text) => fromHex(text, length))(toHex(value)) !== undefined).to.equal(right);
        const base64 = coded('bad-base64', (text) => fromBase64(text, length));
        expect(base64(toBase64(value)) !== undefined).to.equal(right);
      }),
    );
    expect(fromHex('00ff', 2)).to.deep.equal(Uint8Array.of(0, 255));
    expect(fromBase64('AP8=', 2)).to.deep.equal(Uint8Array.of(0, 255));
  });
});
