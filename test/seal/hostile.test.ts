import { expect } from 'chai';
import { maxSealBytes } from '../../src/seal/seal.ts';
import { der, withCertificates, withTokens } from './edit.ts';
import { fixtures } from './fixtures.ts';
import { changeBits, said } from './flips.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());
const refusal = (cms: Uint8Array): Promise<string> => seals.refusal({ cms, timestamp: null });

describe('seals from hostile hands', () => {
  it('never say anything else with one bit changed, wherever it is', async () => {
    await changeBits(17, (at) => [at % 8]);
  });

  it('are refused when they are cut short, wherever they end', async () => {
    const bytes = seals.bytes('inside.p7s');
    for (let length = 0; length < bytes.length; length += 7) {
      expect(await refusal(bytes.subarray(0, length)), `${length} bytes`).to.match(/^malformed-seal: /);
    }
  });

  it('are refused before any work with more in them than they may hold', async () => {
    const good = seals.bytes('good.p7s');
    const token = seals.bytes('signature.tst');
    const certificates = seals.anchors('issuing', 'root', 'stranger', 'seal').map((one) => one.der);
    const nest = (depth: number): Uint8Array => (depth === 0 ? der(0x05) : der(0x30, nest(depth - 1)));
    const seventeen = Array.from({ length: 17 }, (_, i) => certificates[i % 4] ?? good);
    const cases: readonly (readonly [Uint8Array, RegExp])[] = [
      [new Uint8Array(maxSealBytes + 1), /too large for a seal/],
      [nest(100), /nested too deeply/],
      // 8,188 times NULL.
      [
        der(
          0x30,
          Uint8Array.from({ length: 16_376 }, (_, i) => (i % 2 === 0 ? 0x05 : 0x00)),
        ),
        /too many DER values/,
      ],
      [withCertificates(good, ...seventeen), /too many certificates/],
      [withTokens(good, token, token, token), /too many time-stamps/],
    ];
    for (const [cms, expected] of cases) {
      const began = performance.now();
      expect(await refusal(cms))
        .to.match(/^malformed-seal: /)
        .and.to.match(expected);
      expect(performance.now() - began).to.be.below(500);
    }
  });

  it('are not harmed by certificates that lead nowhere', async () => {
    const more = seals.anchors('seal', 'issuing', 'stranger', 'tsa-root').map((one) => one.der);
    const cms = withCertificates(seals.bytes('inside.p7s'), ...more);
    expect(await said(cms)).to.equal(await said(seals.bytes('inside.p7s')));
  });

  it('are refused with two time-stamps of which one is over something else', async () => {
    const both = withTokens(seals.bytes('good.p7s'), seals.bytes('signature.tst'), seals.bytes('good.tst'));
    expect(await refusal(both)).to.match(/^seal-invalid: .*over something else/);
  });
});
