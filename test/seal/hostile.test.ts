import { expect } from 'chai';
import { fromHex, utf8 } from '../../src/bytes.ts';
import { readCrl } from '../../src/seal/pinned.ts';
import { maxSealBytes, readPinned } from '../../src/seal/seal.ts';
import { computedMs } from '../cpu.ts';
import { sample } from '../extent.ts';
import { der, withCertificates, withTokens } from './edit.ts';
import { fixtures } from './fixtures.ts';
import { said } from './flips.ts';
import { sweepHostileSeals } from './hostile.sweeps.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());
const refusal = (cms: Uint8Array): Promise<string> => seals.refusal({ cms, timestamp: null });

sweepHostileSeals(sample);

describe('seals from hostile hands', () => {
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
      const began = computedMs();
      expect(await refusal(cms))
        .to.match(/^malformed-seal: /)
        .and.to.match(expected);
      expect(computedMs() - began).to.be.below(500);
    }
  });

  it('are judged by long revocation lists without reading all of them', () => {
    const entry = (number: number): Uint8Array =>
      der(0x30, der(0x02, Uint8Array.of(1, number >> 8, number & 0xff)), der(0x17, utf8('260101000000Z')));
    const algorithm = der(0x30, der(0x06, fromHex('2a8648ce3d040302')));
    const entries = Array.from({ length: 20_000 }, (_, number) => entry(number));
    const list = der(
      0x30,
      der(0x02, Uint8Array.of(1)),
      algorithm,
      der(0x30),
      der(0x17, utf8('260101000000Z')),
      der(0x30, ...entries),
    );
    const crl = readCrl(der(0x30, list, algorithm, der(0x03, Uint8Array.of(0, 0))));
    const began = computedMs();
    const { crls } = readPinned(seals.pinned, [crl]);
    expect(crls[0]?.revoked.length).to.equal(entries.length);
    expect(computedMs() - began).to.be.below(1_000);
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
