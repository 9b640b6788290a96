import { expect } from 'chai';
import fc from 'fast-check';
import { fromHex, toBase64, utf8 } from '../../src/bytes.ts';
import {
  formatId,
  formatSignerKey,
  formatVerifierKey,
  isKeyName,
  matchesKey,
  parseSignerKey,
  parseVerifierKey,
  signerKey,
  verifierKey,
  verifierOf,
} from '../../src/note/key.ts';
import { seed } from './make.ts';
import { refusal } from './refusal.ts';
import { ed25519Log, goSumDbKey, mldsaLog, signedNote } from './vectors.ts';

const foo = parseVerifierKey(signedNote.vkey);

describe('note/key', () => {
  it('reads published verifier keys and writes them back', () => {
    for (const text of [signedNote.vkey, goSumDbKey, mldsaLog.vkey]) {
      expect(formatVerifierKey(parseVerifierKey(text))).to.equal(text);
    }
    expect(foo).to.deep.include({ name: 'example.com/foo', id: 0x530d903a, type: 1 });
    expect(parseVerifierKey(mldsaLog.vkey)).to.deep.include({ name: 'example.com/mldsa-log', type: 6 });
  });

  it('computes the key ID of a published key', () => {
    const key = verifierKey({ name: ed25519Log.name, type: 1, publicKey: fromHex(ed25519Log.publicKey) });
    expect(formatId(key.id)).to.equal('ec1293d2');
  });

  it('writes IDs with their leading zeros', () => {
    expect(formatId(0x1f)).to.equal('0000001f');
    expect(formatId(0xffffffff)).to.equal('ffffffff');
  });

  it('gives another ID to the same key under another type or name', () => {
    const ids = [1, 4].flatMap((type) =>
      ['a', 'b'].map((name) => verifierKey({ name, type, publicKey: foo.publicKey }).id),
    );
    expect(new Set(ids).size).to.equal(4);
  });

  it('round-trips any seed of any type through both texts', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.constantFrom(1, 4, 6),
        fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }).filter(isKeyName),
        (bytes, type, name) => {
          const signer = signerKey({ name, type, seed: bytes });
          expect(parseSignerKey(formatSignerKey(signer))).to.deep.equal(signer);
          const verifier = verifierOf(signer);
          expect(verifier.id).to.equal(signer.id);
          expect(parseVerifierKey(formatVerifierKey(verifier))).to.deep.equal(verifier);
        },
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  it('matches a signature by name and ID together', () => {
    expect(matchesKey(foo, { name: foo.name, id: foo.id })).to.equal(true);
    expect(matchesKey(foo, { name: foo.name, id: foo.id + 1 })).to.equal(false);
    expect(matchesKey(foo, { name: 'example.com/bar', id: foo.id })).to.equal(false);
  });

  it('refuses names with white space, plus signs or control characters, and empty ones', () => {
    const bad = [
      '',
      'a b',
      'a+b',
      'a\tb',
      'a\u00a0b',
      'a\u0085b',
      'a\u2028',
      '\u3000',
      'a\u0000',
      'a\u001b',
      '\ud800',
    ];
    for (const name of bad) {
      expect(isKeyName(name), JSON.stringify(name)).to.equal(false);
      expect(refusal(() => verifierKey({ name, type: 1, publicKey: foo.publicKey })).code).to.equal(
        'bad-key',
      );
      expect(refusal(() => signerKey({ name, type: 1, seed: seed(1) })).code).to.equal('bad-key');
    }
    for (const name of ['a', 'ü', 'example.com/a—b', '🗝']) expect(isKeyName(name), name).to.equal(true);
  });

  it('takes names of up to 255 bytes', () => {
    verifierKey({ name: 'é'.repeat(127), type: 1, publicKey: foo.publicKey });
    const refused = refusal(() => verifierKey({ name: 'é'.repeat(128), type: 1, publicKey: foo.publicKey }));
    expect(refused.code).to.equal('bad-key');
  });

  it('refuses Ed25519 keys of small order, off the curve or not canonical', () => {
    const bad = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      `ec${'ff'.repeat(30)}7f`,
      // Order eight.
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      // y = p + 3: a point of large order in a second spelling.
      `f0${'ff'.repeat(30)}7f`,
      `02${'00'.repeat(31)}`,
    ];
    for (const hex of bad) {
      for (const type of [1, 4]) {
        const refused = refusal(() => verifierKey({ name: 'weak', type, publicKey: fromHex(hex) }));
        expect(refused.code, hex).to.equal('weak-key');
        expect(refused.got).to.equal(hex);
      }
    }
  });

  it('refuses a weak key in the text of a verifier key', () => {
    const text = `weak+00000000+${toBase64(new Uint8Array([1, ...new Uint8Array(32)]))}`;
    expect(refusal(() => parseVerifierKey(text)).code).to.equal('weak-key');
  });

  it('refuses an ID that does not belong to the key', () => {
    expect(refusal(() => parseVerifierKey(signedNote.vkey.replace('530d903a', '530d903b')))).to.include({
      code: 'bad-key',
      expected: '530d903a',
      got: '530d903b',
    });
  });

  it('refuses unknown types and wrong lengths', () => {
    const cases: readonly [number, number][] = [
      [0, 32],
      [2, 32],
      [5, 32],
      [255, 32],
      [1, 31],
      [1, 33],
      [4, 0],
      [6, 32],
      [6, 1311],
    ];
    for (const [type, length] of cases) {
      const publicKey = foo.publicKey.length === length ? foo.publicKey : new Uint8Array(length).fill(9);
      expect(refusal(() => verifierKey({ name: 'a', type, publicKey })).code, `${type}/${length}`).to.equal(
        'bad-key',
      );
    }
    expect(refusal(() => signerKey({ name: 'a', type: 1, seed: new Uint8Array(31) })).code).to.equal(
      'bad-key',
    );
    expect(refusal(() => signerKey({ name: 'a', type: 2, seed: seed(1) })).code).to.equal('bad-key');
  });

  it('refuses every other spelling of a verifier key', () => {
    const { vkey } = signedNote;
    const [name, id, encoded] = vkey.split('+');
    for (const text of [
      '',
      '+',
      '++',
      `${name}+${id}`,
      `${name}+${id}+`,
      `${name}+${id?.toUpperCase()}+${encoded}`,
      `${name}+0${id}+${encoded}`,
      `+${id}+${encoded}`,
      `${vkey}\n`,
      ` ${vkey}`,
      `${vkey}=`,
      `${vkey}+`,
      `${vkey.slice(0, -1)}5`,
    ]) {
      expect(refusal(() => parseVerifierKey(text)).code, text).to.equal('bad-key');
    }
  });

  it('reads the private-key text of x/mod/sumdb/note and repeats no part of a broken one', () => {
    const signer = signerKey({
      name: 'example.com/log',
      type: 1,
      seed: utf8('0123456789abcdef0123456789abcdef'),
    });
    const text = formatSignerKey(signer);
    expect(text).to.match(
      /^PRIVATE\+KEY\+example\.com\/log\+[0-9a-f]{8}\+ATAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVm$/,
    );
    for (const broken of [`${text}x`, text.slice(0, -1), text.replace('PRIVATE', 'PUBLIC'), `${text}\n`]) {
      const refused = refusal(() => parseSignerKey(broken));
      expect(refused.code).to.equal('bad-key');
      expect(`${refused.message} ${refused.expected} ${refused.got}`).not.to.include('MTIzNDU2');
    }
  });
});
