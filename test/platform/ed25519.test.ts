import { expect } from 'chai';
import { fromHex, toHex, utf8 } from '../../src/bytes.ts';
import * as noble from '../../src/platform/ed25519.ts';
import * as node from '../../src/platform/ed25519.node.ts';
import { sample } from '../extent.ts';
import { sweepEd25519 } from './ed25519.sweeps.ts';
import { expectVerdict } from './same-verdict.ts';
import { nonCanonicalKeys, withoutNonce, SeededBytes, smallOrderPoints } from './signatures.ts';

/**
 * The twelve vectors of "Taming the many EdDSAs" (eprint 2020/1244, table 5),
 * each as message, public key and signature. The rule takes the one whose
 * points are not of small order and whose equation holds without the cofactor.
 */
const speccheck: readonly (readonly [
  what: string,
  accepted: boolean,
  message: string,
  key: string,
  signature: string,
])[] = [
  [
    'S = 0, key and R of small order',
    false,
    '8c93255d71dcab10e8f379c26200f3c7bd5f09d9bc3068d3ef4edeb4853022b6',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a0000000000000000000000000000000000000000000000000000000000000000',
  ],
  [
    'key of small order',
    false,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43a5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04',
  ],
  [
    'key of mixed order, R of small order, equation without cofactor holds',
    false,
    'aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e',
  ],
  [
    'key and R of mixed order, equation without cofactor holds',
    true,
    '9bd9f44f4dcc75bd531b56b2cd280b0bb38fc1cd6d1230e14861d861de092e79',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '9046a64750444938de19f227bb80485e92b83fdb4b6506c160484c016cc1852f87909e14428a7a1d62e9f22f3d3ad7802db02eb2e688b6c52fcd6648a98bd009',
  ],
  [
    'key and R of mixed order, equation holds only with the cofactor',
    false,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '160a1cb0dc9c0258cd0a7d23e94d8fa878bcb1925f2c64246b2dee1796bed5125ec6bc982a269b723e0668e540911a9a6a58921d6925e434ab10aa7940551a09',
  ],
  [
    'key of mixed order, equation holds only with the cofactor, if 8·k is not reduced first',
    false,
    'e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec4011eaccd55b53f56c',
    'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d',
    '21122a84e0b5fca4052f5b1235c80a537878b38f3142356b2c2384ebad4668b7e40bc836dac0f71076f9abe3a53f9c03c1ceeeddb658d0030494ace586687405',
  ],
  [
    'S > L',
    false,
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    'e96f66be976d82e60150baecff9906684aebb1ef181f67a7189ac78ea23b6c0e547f7690a0e2ddcd04d87dbc3490dc19b3b3052f7ff0538cb68afb369ba3a514',
  ],
  [
    'S far beyond L',
    false,
    '85e241a07d148b41e47d62c63f830dc7a6851a0b1f33ae4bb2f507fb6cffec40',
    '442aad9f089ad9e14647b1ef9099a1ff4798d78589e66f28eca69c11f582a623',
    '8ce5b96c8f26d0ab6c47958c9e68b937104cd36e13c33566acd2fe8d38aa19427e71f98a473474f2f13f06f97c20d58cc3f54b8bd0d272f42b695dd7e89a8c22',
  ],
  [
    'non-canonical R of small order, reduced for the hash',
    false,
    '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f',
  ],
  [
    'non-canonical R of small order, hashed as it stands',
    false,
    '9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41',
    'f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908',
  ],
  [
    'non-canonical key of small order, reduced for the hash',
    false,
    'e96b7021eb39c1a163b6da4e3093dcd3f21387da4cc4572be588fafae23c155b',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04',
  ],
  [
    'non-canonical key of small order, hashed as it stands',
    false,
    '39a591f5321bbe07fd5a23dc2f39d025d74526615746727ceefd6e82ae65c06f',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
    'a9d55260f765261eb9b84e106f665e00b867287a761990d7135963ee0a7d59dca5bb704786be79fc476f91d3f3f89b03984d8068dcf1bb7dfc6637b45450ac04',
  ],
];

sweepEd25519(sample);

describe('the Ed25519 rule, through node:crypto and noble', () => {
  speccheck.forEach(([what, accepted, message, key, signature], i) => {
    it(`${accepted ? 'accepts' : 'refuses'} speccheck vector ${i}: ${what}`, async () => {
      await expectVerdict({
        kind: what,
        publicKey: fromHex(key, 32),
        message: fromHex(message, 32),
        signature: fromHex(signature, 64),
        accepted,
      });
    });
  });

  it('makes the keys and signatures of RFC 8032, alike on both sides', () => {
    const random = new SeededBytes('keys');
    const seed = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
    for (const side of [noble, node]) {
      expect(toHex(side.ed25519PublicKey(seed))).to.equal(
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      );
      expect(toHex(side.signEd25519(seed, utf8('')))).to.equal(
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      );
    }
    for (let i = 0; i < 20; i++) {
      const other = random.next().subarray(0, 32);
      const message = random.next();
      expect(node.ed25519PublicKey(other)).to.deep.equal(noble.ed25519PublicKey(other));
      expect(node.signEd25519(other, message)).to.deep.equal(noble.signEd25519(other, message));
    }
  });

  it('takes no key of small order, however spelled, none off the curve and none of another length', () => {
    const offCurve = Array.from({ length: 64 }, (_, y) =>
      Uint8Array.from({ length: 32 }, (_byte, i) => (i === 0 ? y : 0)),
    );
    const onCurve = offCurve.filter((key) => noble.acceptablePublicKey(key));
    expect(onCurve.length).to.be.within(16, 48);
    const refused = [
      ...smallOrderPoints.map((point) => point.toBytes()),
      ...nonCanonicalKeys,
      ...[0, 1, 31, 33, 64].map((length) => new Uint8Array(length).fill(3)),
    ];
    for (const key of refused) {
      expect(noble.acceptablePublicKey(key)).to.equal(false);
      expect(node.acceptablePublicKey(key)).to.equal(false);
    }
    expect(smallOrderPoints.length).to.equal(8);
    expect(new Set(smallOrderPoints.map((point) => point.toHex())).size).to.equal(8);
  });

  it('takes no R of small order, even where the equation holds', async () => {
    // With nonce 0 and S = k·a, R is the neutral point: whoever has the key could sign so.
    const seed = new SeededBytes('nonce').next().subarray(0, 32);
    const publicKey = noble.ed25519PublicKey(seed);
    for (const point of smallOrderPoints) {
      const signed = withoutNonce(seed, point, utf8('message'));
      await expectVerdict({
        kind: 'R of small order',
        publicKey,
        message: utf8('message'),
        signature: signed,
        accepted: false,
      });
    }
  });

  it('takes no signature of another length', async () => {
    const seed = new Uint8Array(32).fill(1);
    const publicKey = noble.ed25519PublicKey(seed);
    const signature = noble.signEd25519(seed, utf8('message'));
    for (const other of [
      signature.subarray(0, 63),
      new Uint8Array([...signature, 0]),
      new Uint8Array(0),
      signature.subarray(32),
    ]) {
      await expectVerdict({
        kind: 'length',
        publicKey,
        message: utf8('message'),
        signature: other,
        accepted: false,
      });
    }
  });

  it('gives the same verdict on a key that it has seen, and after thousands of others', async () => {
    const random = new SeededBytes('many keys');
    const message = utf8('message');
    const first = random.next().subarray(0, 32);
    const publicKey = node.ed25519PublicKey(first);
    const signature = node.signEd25519(first, message);
    for (let i = 0; i < 1_100; i++) {
      const other = node.ed25519PublicKey(random.next().subarray(0, 32));
      expect(node.verifyEd25519(other, message, signature)).to.equal(false);
    }
    await expectVerdict({ kind: 'seen', publicKey, message, signature, accepted: true });
    await expectVerdict({ kind: 'seen', publicKey, message: utf8('another'), signature, accepted: false });
  });
});
