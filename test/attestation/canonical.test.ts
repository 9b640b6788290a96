import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/bytes.ts';
import { canonicalNumber, canonicalize, parseCanonical, parseJson } from '../../src/attestation/canonical.ts';
import type { JsonValue } from '../../src/attestation/canonical.ts';
import { refusal } from '../note/refusal.ts';

const limits = { maxBytes: 1000, maxDepth: 4, code: 'payload-not-canonical' } as const;

function double(hex: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${hex}`));
  return view.getFloat64(0);
}

/** Any JSON value that canonical JSON can carry. */
const jsonValue = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)
  .filter((value) => {
    const unsafe = JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'number' && Number.isInteger(part) && !Number.isSafeInteger(part) ? 'UNSAFE' : part,
    );
    return !unsafe.includes('UNSAFE');
  });

describe('canonical JSON', () => {
  // RFC 8785, appendix B.
  const numbers: readonly (readonly [string, string])[] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ];
  for (const [hex, text] of numbers) {
    it(`writes the double ${hex} as ${text}`, () => {
      expect(canonicalNumber(double(hex))).to.equal(text);
    });
  }

  it('has no way to write what is not finite', () => {
    expect(refusal(() => canonicalNumber(double('7fffffffffffffff'))).code).to.equal('unsafe-number');
    expect(refusal(() => canonicalNumber(double('7ff0000000000000'))).code).to.equal('unsafe-number');
  });

  it('refuses to write an integer that other parsers would round', () => {
    expect(canonicalize(Number.MAX_SAFE_INTEGER)).to.equal('9007199254740991');
    for (const value of [2 ** 53, -(2 ** 53), 1e30]) {
      expect(refusal(() => canonicalize(value)).code).to.equal('unsafe-number');
    }
  });

  it('sorts members by UTF-16 units, as the example of the RFC', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalize(value).replace('"1"', '"one"')) as object)).to.deep.equal([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('writes strings and literals as the example of the RFC', () => {
    const text =
      '{"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false],"numbers":[4.50,2e-3,0.000000000000000000000000001]}';
    expect(canonicalize(JSON.parse(text) as JsonValue)).to.equal(
      '{"literals":[null,true,false],"numbers":[4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('writes empty arrays, objects and strings', () => {
    expect(canonicalize({ b: [], a: {}, c: '' })).to.equal('{"a":{},"b":[],"c":""}');
  });

  it('is accepted and read back as it was written', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const text = canonicalize(value);
        const bytes = utf8(text);
        const read = parseCanonical(bytes, { ...limits, maxBytes: bytes.length, maxDepth: 10 });
        expect(canonicalize(read)).to.equal(text);
      }),
      { numRuns: 300 },
    );
  });

  it('is the only spelling of a value that is accepted', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        const spelled = JSON.stringify(value, null, 1);
        fc.pre(spelled !== canonicalize(value));
        const { code } = refusal(() =>
          parseCanonical(utf8(spelled), { ...limits, maxBytes: 100_000, maxDepth: 10 }),
        );
        expect(code).to.equal('payload-not-canonical');
      }),
      { numRuns: 200 },
    );
  });

  it('keeps a member called __proto__ a member', () => {
    const text = '{"__proto__":{"a":1},"b":2}';
    const value = parseCanonical(utf8(text), limits) as Record<string, unknown>;
    expect(Object.keys(value)).to.deep.equal(['__proto__', 'b']);
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
  });

  const refused: readonly (readonly [string, Uint8Array, string, string?])[] = [
    ['one byte more than allowed', utf8(`"${'a'.repeat(999)}"`), 'too-large'],
    ['a byte that UTF-8 does not know', Uint8Array.of(0x22, 0xff, 0x22), 'bad-utf8'],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'bad-utf8'],
    ['a byte order mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d), 'byte-order-mark'],
    ['one array too deep', utf8('[[[[[]]]]]'), 'too-deep'],
    ['brackets without end', utf8('['.repeat(999)), 'too-deep'],
    ['nothing', utf8(''), 'not-json'],
    ['a trailing comma', utf8('[1,]'), 'not-json'],
    ['an unfinished string', utf8('"abc'), 'not-json'],
    ['a backslash at the end', utf8('"abc\\'), 'not-json'],
    ['two values', utf8('{}{}'), 'not-json'],
    ['a member twice', utf8('{"payload":1,"payload":1}'), 'duplicate-key', '/payload'],
    ['a member twice under two spellings', utf8('{"sig":1,"\\u0073ig":2}'), 'duplicate-key', '/sig'],
    [
      'a member twice, further in',
      utf8('{"refs":[0,{"rel":1,"c":{},"rel":2}]}'),
      'duplicate-key',
      '/refs/1/rel',
    ],
    [
      'a member of a name that could be anybody’s twice',
      utf8('{"sig":{"Zoë":1,"Zoë":2}}'),
      'duplicate-key',
      '/sig',
    ],
    ['a member called __proto__ twice', utf8('{"__proto__":1,"__proto__":2}'), 'duplicate-key', ''],
    ['a member twice beside a number beyond reach', utf8('{"sig":1e400,"sig":1}'), 'duplicate-key', '/sig'],
    [
      'a member twice, the first with a lone surrogate',
      utf8('{"a":"\\ud800","a":"\\ud800"}'),
      'duplicate-key',
    ],
    ['half of a surrogate pair', utf8('"\\ud800"'), 'lone-surrogate'],
    ['half of a surrogate pair in a name', utf8('{"\\udc00":1}'), 'lone-surrogate'],
    ['the halves in the wrong order', utf8('"\\udc00\\ud800"'), 'lone-surrogate'],
    ['2^53 + 1', utf8('9007199254740993'), 'unsafe-number'],
    ['1e400', utf8('[1e400]'), 'unsafe-number'],
    ['white space', utf8('{"a": 1}'), 'payload-not-canonical'],
    ['a newline at the end', utf8('{}\n'), 'payload-not-canonical'],
    ['members out of order', utf8('{"b":1,"a":1}'), 'payload-not-canonical'],
    ['minus zero', utf8('-0'), 'payload-not-canonical'],
    ['a number with a needless digit', utf8('1.0'), 'payload-not-canonical'],
    ['more digits than a double holds', utf8('0.1000000000000000055'), 'payload-not-canonical'],
    ['an escape that is not needed', utf8('"\\u0041"'), 'payload-not-canonical'],
    ['an escaped slash', utf8('"\\/"'), 'payload-not-canonical'],
  ];
  for (const [what, bytes, code, at] of refused) {
    it(`refuses ${what} with ${code}`, () => {
      const error = refusal(() => parseCanonical(bytes, limits));
      expect(error.code).to.equal(code);
      if (at !== undefined) expect(error.at).to.equal(at);
    });
  }

  it('counts brackets inside strings as text, to the quote that is not escaped', () => {
    expect(parseCanonical(utf8('["\\"[[[[[["]'), limits)).to.deep.equal(['"[[[[[[']);
    expect(refusal(() => parseCanonical(utf8('["\\\\",[[[[[]]]]]]'), limits)).code).to.equal('too-deep');
  });

  it('admits as many arrays and objects inside each other as allowed', () => {
    expect(parseCanonical(utf8('[{"a":[{}]}]'), limits)).to.deep.equal([{ a: [{}] }]);
  });

  it('says where a text departs from its canonical form', () => {
    const error = refusal(() => parseCanonical(utf8('{"a":1,"b": 2}'), limits));
    expect(error.message).to.include('character 11');
  });

  it('need not be what people write, but that has no member twice and no unsafe number', () => {
    expect(parseJson(utf8('{ "b": 1,\n "a": [true] }\n'), limits)).to.deep.equal({ b: 1, a: [true] });
    expect(refusal(() => parseJson(utf8('{ "a": 1, "a": 2 }'), limits)).code).to.equal('duplicate-key');
    expect(refusal(() => parseJson(utf8('[ 1e400 ]'), limits)).code).to.equal('unsafe-number');
    expect(refusal(() => parseJson(utf8('['.repeat(9)), limits)).code).to.equal('too-deep');
  });
});
