/** Key usages that may sign, each alone, in certificates that are otherwise one. */
import { expect } from 'chai';
import { concat, toHex } from '../../src/bytes.ts';
import { readCertificate } from '../../src/seal/certificate.ts';
import type { Certificate } from '../../src/seal/certificate.ts';
import { requirePurpose } from '../../src/seal/path.ts';
import type { Purpose } from '../../src/seal/path.ts';
import { refusal } from '../note/refusal.ts';
import { fixtures } from './fixtures.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());
const [issued] = seals.anchors('seal') as [Certificate];

/** A BIT STRING with bits 0 (digitalSignature) and 1 (nonRepudiation), as the certificate has it. */
const both = Uint8Array.of(0x03, 0x02, 0x06, 0xc0);
const nonRepudiation = Uint8Array.of(0x03, 0x02, 0x06, 0x40);
const digitalSignature = Uint8Array.of(0x03, 0x02, 0x07, 0x80);
const keyEncipherment = Uint8Array.of(0x03, 0x02, 0x05, 0x20);

/** The certificate's bytes with another key usage; its issuer has not signed that. */
function withUsage(usage: Uint8Array): Uint8Array {
  const at = toHex(issued.der).indexOf(`551d0f`) / 2;
  const place = at + toHex(issued.der.subarray(at)).indexOf(toHex(both)) / 2;
  return concat(issued.der.subarray(0, place), usage, issued.der.subarray(place + usage.length));
}

const purpose: Purpose = {
  what: 'seal',
  purposes: ['1.3.6.1.5.5.7.3.36'],
  alone: false,
  reachesBack: () => true,
};

describe('a certificate that is to sign', () => {
  it('may with digitalSignature, with nonRepudiation, and with both', () => {
    for (const usage of [both, digitalSignature, nonRepudiation]) {
      expect(() => requirePurpose(readCertificate(withUsage(usage)), purpose)).not.to.throw();
    }
  });

  it('may not with neither of them', () => {
    const encipher = readCertificate(withUsage(keyEncipherment));
    expect(refusal(() => requirePurpose(encipher, purpose))).to.include({
      code: 'seal-invalid',
      expected: 'key usage digitalSignature or nonRepudiation',
      got: 'another key usage',
    });
  });
});
