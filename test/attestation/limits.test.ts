/** The limits of envelopes and disclosures: exactly at each, and one beyond. */
import { expect } from 'chai';
import { toBase64 } from '../../src/bytes.ts';
import { maxDisclosureChars, parseDisclosure } from '../../src/attestation/disclosure.ts';
import { maxLeafBytes, maxSignatures, parseEnvelope, payloadType } from '../../src/attestation/envelope.ts';
import { maxPayloadDepth } from '../../src/attestation/statement.ts';
import { parseCanonical } from '../../src/attestation/canonical.ts';
import { utf8 } from '../../src/bytes.ts';
import { refusal } from '../note/refusal.ts';

const codeOf = (call: () => unknown): string => refusal(call).code;

describe('the limits of an envelope', () => {
  const envelope = (signatures: number): Uint8Array =>
    utf8(
      JSON.stringify({
        payload: toBase64(utf8('{}')),
        payloadType,
        signatures: Array.from({ length: signatures }, (_, at) => ({
          keyid: at.toString(16).padStart(64, '0'),
          sig: toBase64(new Uint8Array(64)),
        })),
      }),
    );

  it('1 to 16 signatures', () => {
    for (const count of [1, maxSignatures]) {
      expect(parseEnvelope(envelope(count)).signatures).to.have.length(count);
    }
    expect(codeOf(() => parseEnvelope(envelope(0)))).to.equal('empty');
    expect(codeOf(() => parseEnvelope(envelope(maxSignatures + 1)))).to.equal('too-large');
  });

  it('a payload nested 24 deep in all, and no deeper', () => {
    const limits = {
      maxBytes: maxLeafBytes,
      maxDepth: maxPayloadDepth,
      code: 'payload-not-canonical',
    } as const;
    const nested = (depth: number): Uint8Array => utf8('['.repeat(depth) + ']'.repeat(depth));
    expect(parseCanonical(nested(maxPayloadDepth), limits)).to.be.an('array');
    expect(codeOf(() => parseCanonical(nested(maxPayloadDepth + 1), limits))).to.equal('too-deep');
  });
});

describe('the limits of a disclosure', () => {
  const text = (salt: number, name: string, value: unknown): string =>
    Buffer.from(JSON.stringify(['A'.repeat(salt), name, value])).toString('base64url');
  const frame = JSON.stringify(['A'.repeat(22), 'n', '']).length;

  it('8,192 characters', () => {
    // Three bytes are four characters.
    const longest = text(22, 'n', 'x'.repeat((maxDisclosureChars / 4) * 3 - frame));
    expect(longest).to.have.length(maxDisclosureChars);
    expect(parseDisclosure(longest).name).to.equal('n');
    const longer = text(22, 'n', 'x'.repeat((maxDisclosureChars / 4) * 3 - frame + 1));
    expect(codeOf(() => parseDisclosure(longer))).to.equal('too-large');
  });

  it('a name of 1 to 64 characters', () => {
    for (const length of [1, 64]) {
      expect(parseDisclosure(text(22, 'n'.repeat(length), 1)).name).to.have.length(length);
    }
    for (const length of [0, 65]) {
      expect(codeOf(() => parseDisclosure(text(22, 'n'.repeat(length), 1)))).to.equal('malformed-disclosure');
    }
  });

  it('a salt of 22 to 128 characters: a shorter one could be tried through', () => {
    for (const length of [22, 128]) expect(parseDisclosure(text(length, 'n', 1)).salt).to.have.length(length);
    for (const length of [21, 129]) {
      expect(codeOf(() => parseDisclosure(text(length, 'n', 1)))).to.equal('malformed-disclosure');
    }
  });

  it('a value nested 8 deep, its own list counted', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(parseDisclosure(text(22, 'n', nested(7))).name).to.equal('n');
    expect(codeOf(() => parseDisclosure(text(22, 'n', nested(8))))).to.equal('malformed-disclosure');
  });
});
