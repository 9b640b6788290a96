/** The limits of what is read of seals and certificates: exactly at each, and one beyond. */
import { expect } from 'chai';
import { LedgerError } from '../../src/errors.ts';
import { maxValues, requireDer } from '../../src/seal/der.ts';
import { toPem } from '../../src/seal/pem.ts';
import { certificatesInPem, maxCertificateBytes, maxCrlBytes, readCrl } from '../../src/seal/pinned.ts';
import { maxSealBytes } from '../../src/seal/seal.ts';
import { der, withCertificates, withTokens } from './edit.ts';
import { fixtures } from './fixtures.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());
const good = seals.bytes('good.p7s');

function outcome(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

/** A sequence of so many bytes. */
function sequenceOf(bytes: number): Uint8Array {
  for (let head = 4; head < 12; head++) {
    const made = der(0x30, der(0x04, new Uint8Array(Math.max(0, bytes - head))));
    if (made.length === bytes) return made;
  }
  throw new Error('no such length');
}

describe('the limits of DER', () => {
  it('32 levels', () => {
    const nest = (depth: number): Uint8Array => (depth === 0 ? der(0x05) : der(0x30, nest(depth - 1)));
    expect(outcome(() => requireDer(nest(32)))).to.equal('accepted');
    expect(outcome(() => requireDer(nest(33)))).to.equal('malformed-seal: DER nested too deeply');
  });

  it('4,096 values, or as many as the caller allows', () => {
    // The sequence is a value as well.
    const values = (count: number): Uint8Array =>
      der(0x30, ...Array.from({ length: count - 1 }, () => der(0x05)));
    expect(outcome(() => requireDer(values(maxValues)))).to.equal('accepted');
    expect(outcome(() => requireDer(values(maxValues + 1)))).to.equal('malformed-seal: too many DER values');
    expect(outcome(() => requireDer(values(9), 9))).to.equal('accepted');
    expect(outcome(() => requireDer(values(10), 9))).to.equal('malformed-seal: too many DER values');
  });
});

describe('the limits of certificates and lists', () => {
  it('16 KiB for a certificate', () => {
    const pem = (bytes: number): string => toPem(sequenceOf(bytes), 'CERTIFICATE');
    expect(outcome(() => certificatesInPem(pem(maxCertificateBytes)))).to.equal('accepted');
    expect(outcome(() => certificatesInPem(pem(maxCertificateBytes + 1)))).to.equal(
      'malformed-seal: too large for a certificate',
    );
  });

  it('4 MiB for a revocation list', () => {
    // Four octets of a length say more than the helper writes.
    const list = (bytes: number): Uint8Array => {
      const made = new Uint8Array(bytes);
      made.set([0x30, 0x83, ...octets(bytes - 5), 0x04, 0x83, ...octets(bytes - 10)]);
      return made;
    };
    const octets = (length: number): number[] => [length >> 16, (length >> 8) & 0xff, length & 0xff];
    expect(outcome(() => readCrl(list(maxCrlBytes)))).to.equal('accepted');
    expect(outcome(() => readCrl(list(maxCrlBytes + 1)))).to.equal(
      'malformed-seal: too large for a revocation list',
    );
  });
});

describe('the limits of a seal', () => {
  const refusal = (cms: Uint8Array): Promise<string> => seals.refusal({ cms, timestamp: null });

  it('16 KiB', async () => {
    expect(await refusal(sequenceOf(maxSealBytes))).not.to.contain('too large for a seal');
    expect(await refusal(sequenceOf(maxSealBytes + 1))).to.equal('malformed-seal: too large for a seal');
  });

  it('16 certificates', async () => {
    const four = seals.anchors('issuing', 'root', 'stranger', 'seal').map((one) => one.der);
    const many = (count: number): Uint8Array =>
      withCertificates(good, ...Array.from({ length: count }, (_, at) => four[at % 4] ?? good));
    expect(await refusal(many(16))).not.to.contain('too many certificates');
    expect(await refusal(many(17))).to.equal('malformed-seal: too many certificates');
  });

  it('32 attributes, and 2 time-stamps among them', async () => {
    const tokens = (count: number): Uint8Array =>
      withTokens(good, ...Array.from({ length: count }, () => der(0x30)));
    expect(await refusal(tokens(2))).not.to.contain('too many');
    expect(await refusal(tokens(3))).to.equal('malformed-seal: too many time-stamps');
    expect(await refusal(tokens(32))).to.equal('malformed-seal: too many time-stamps');
    expect(await refusal(tokens(33))).to.equal('malformed-seal: too many attributes');
  });
});
