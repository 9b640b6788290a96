import { expect } from 'chai';
import { utf8 } from '../../src/bytes.ts';
import { mldsa44PublicKey, signMldsa44, verifyMldsa44 } from '../../src/platform/mldsa44.ts';

describe('ML-DSA-44', () => {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  const message = utf8('a tree head');
  const publicKey = mldsa44PublicKey(seed);
  const signature = signMldsa44(seed, message);

  it('has keys of 1,312 bytes and signatures of 2,420, the same each time', () => {
    expect(publicKey.length).to.equal(1312);
    expect(signature.length).to.equal(2420);
    expect(mldsa44PublicKey(seed)).to.deep.equal(publicKey);
    expect(signMldsa44(seed, message)).to.deep.equal(signature);
  });

  it('verifies what was signed, and nothing else', () => {
    expect(verifyMldsa44(publicKey, message, signature)).to.equal(true);
    expect(verifyMldsa44(publicKey, utf8('another tree head'), signature)).to.equal(false);
    expect(verifyMldsa44(mldsa44PublicKey(new Uint8Array(32)), message, signature)).to.equal(false);
    for (const at of [0, 31, 32, 1200, 2335, 2336, 2419]) {
      const flipped = Uint8Array.from(signature);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect([at, verifyMldsa44(publicKey, message, flipped)]).to.deep.equal([at, false]);
    }
  });

  it('is false, not an exception, for keys and signatures of another length', () => {
    for (const other of [new Uint8Array(0), signature.subarray(1), new Uint8Array([...signature, 0])]) {
      expect(verifyMldsa44(publicKey, message, other)).to.equal(false);
    }
    for (const other of [new Uint8Array(0), publicKey.subarray(1), new Uint8Array([...publicKey, 0])]) {
      expect(verifyMldsa44(other, message, signature)).to.equal(false);
    }
  });
});
