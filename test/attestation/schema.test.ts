import { expect } from 'chai';
import { validateSchema } from '../../src/attestation/schema.ts';
import { equal, ucs2length } from '../../src/attestation/validator.ts';
import { refusal } from '../note/refusal.ts';

const hash = 'ab'.repeat(32);
const treeHash = `${'A'.repeat(43)}=`;

const trust = () => ({ format: 'isal-trust/v1', policy: 'log x\nquorum none\n', genesis: hash });
const bundle = () => ({
  format: 'isal-bundle/v1',
  checkpoint: 'ledger.example\n1\n…',
  leaves: [{ index: 0, leaf: '{}', proof: [treeHash] }],
});

describe('the schema', () => {
  it('of a trust file admits what must and what may stand in it', () => {
    validateSchema('trust', trust());
    validateSchema('trust', {
      ...trust(),
      authority: { leafHash: hash, asOfSize: 5 },
      maxAge: 86400,
      minSize: 9,
    });
  });

  it('of a bundle admits leaves with their proofs', () => {
    validateSchema('bundle', bundle());
  });

  const refused: readonly (readonly ['trust' | 'bundle', string, object, string])[] = [
    ['trust', 'another format', { ...trust(), format: 'isal-trust/v2' }, '/format'],
    ['trust', 'no policy', { format: 'isal-trust/v1', genesis: hash }, '/policy'],
    ['trust', 'no genesis', { format: 'isal-trust/v1', policy: 'x' }, '/genesis'],
    ['trust', 'an age of 0', { ...trust(), maxAge: 0 }, '/maxAge'],
    [
      'trust',
      'an authority without size',
      { ...trust(), authority: { leafHash: hash } },
      '/authority/asOfSize',
    ],
    ['trust', 'an unknown member', { ...trust(), 'a/b~c': 1 }, ''],
    ['bundle', 'no leaves', { ...bundle(), leaves: [] }, '/leaves'],
    [
      'bundle',
      'a negative index',
      { ...bundle(), leaves: [{ index: -1, leaf: '{}', proof: [] }] },
      '/leaves/0/index',
    ],
    [
      'bundle',
      'a proof in hex',
      { ...bundle(), leaves: [{ index: 0, leaf: '{}', proof: [hash] }] },
      '/leaves/0/proof/0',
    ],
    [
      'bundle',
      'too long a proof',
      { ...bundle(), leaves: [{ index: 0, leaf: '{}', proof: Array(64).fill(treeHash) }] },
      '/leaves/0/proof',
    ],
    ['bundle', 'a list in its place', [], ''],
  ];
  for (const [name, what, value, at] of refused) {
    it(`of a ${name} file refuses ${what}`, () => {
      const error = refusal(() => validateSchema(name, value));
      expect(error.code).to.equal('schema-violation');
      expect(error.at).to.equal(at);
    });
  }

  it('says what it expects and of what kind the value is', () => {
    const told = (value: object) => {
      const { expected, got } = refusal(() => validateSchema('trust', value));
      return `${expected}; ${got}`;
    };
    expect(told({ ...trust(), format: null })).to.equal('type string; null');
    expect(told({ ...trust(), format: 'x' })).to.equal('isal-trust/v1; a string of 1 character');
    expect(told({ ...trust(), policy: '' })).to.equal('minLength 1; a string of 0 characters');
    expect(told({ ...trust(), maxAge: 0 })).to.equal('minimum 1; the number 0');
    expect(told({ ...trust(), maxAge: true })).to.equal('type integer; true');
    expect(told({ ...trust(), minSize: [1] })).to.equal('type integer; an array of 1');
    expect(told({ ...trust(), minSize: { a: 1 } })).to.equal('type integer; an object with 1 members');
    expect(told({ ...trust(), extra: 1 })).to.equal(
      'no such member; a member with a name of 5 characters that the format does not know',
    );
    expect(told({ ...trust(), genesis: 'AB'.repeat(32) })).to.equal(
      'a text that matches ^[0-9a-f]{64}$; a string of 64 characters',
    );
    expect(told({ ...trust(), maxAge: -20391 })).to.equal('minimum 1; a negative whole number of 5 digits');
    expect(told({ ...trust(), maxAge: 2.5 })).to.equal('type integer; a number with a fraction');
    expect(told({ format: 'isal-trust/v1', policy: 'x' })).to.equal('the member genesis; nothing');
  });

  it('begins its pointer where the value stands', () => {
    expect(refusal(() => validateSchema('trust', { ...trust(), policy: '' }, '/outer')).at).to.equal(
      '/outer/policy',
    );
  });

  it('takes a pattern to the end of the text', () => {
    expect(refusal(() => validateSchema('trust', { ...trust(), genesis: `${hash.slice(1)}\n` })).at).to.equal(
      '/genesis',
    );
  });

  it('counts characters of Unicode, also outside the basic plane', () => {
    for (const text of ['', 'a', '😀', 'a😀b', '\ud83d', '\ude00\ud83d', '😀\ud83d😀']) {
      expect(ucs2length(text), JSON.stringify(text)).to.equal(Array.from(text).length);
    }
  });

  it('compares values whole', () => {
    const values = [
      null,
      0,
      '0',
      [],
      {},
      [0],
      [[]],
      { a: 1 },
      { a: 2 },
      { b: 1 },
      { a: 1, b: 1 },
      { 0: 0 },
      [0, 0],
    ];
    for (const a of values) {
      for (const b of values) {
        expect(equal(structuredClone(a), b), JSON.stringify([a, b])).to.equal(
          JSON.stringify(a) === JSON.stringify(b),
        );
      }
    }
    expect(equal({ a: 1, b: [2] }, { b: [2], a: 1 })).to.equal(true);
    // What every object inherits is not a member of it.
    expect(equal(JSON.parse('{"__proto__":{}}'), { a: 1 })).to.equal(false);
  });
});
