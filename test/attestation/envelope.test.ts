import { expect } from 'chai';
import fc from 'fast-check';
import { verifyEd25519 } from '#ed25519';
import { fromUtf8, toBase64, toHex, utf8 } from '../../src/bytes.ts';
import {
  formatEnvelope,
  keyidOf,
  maxLeafBytes,
  pae,
  parseEnvelope,
  payloadType,
  signEnvelope,
  signPayload,
} from '../../src/attestation/envelope.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { refusal } from '../note/refusal.ts';

const keyid = (digit: string): string => digit.repeat(64);
const signature = (digit: string, byte = 7) => ({ keyid: keyid(digit), sig: new Uint8Array(64).fill(byte) });
const one = { payloadType, payload: utf8('{}'), signatures: [signature('a')] };

/** An envelope's text from parts that may be wrong. */
function envelopeText(change: (value: Record<string, unknown>) => void): Uint8Array {
  const value: Record<string, unknown> = {
    payload: toBase64(utf8('{}')),
    payloadType,
    signatures: [
      { keyid: keyid('a'), sig: toBase64(new Uint8Array(64)) },
      { keyid: keyid('b'), sig: toBase64(new Uint8Array(64)) },
    ],
  };
  change(value);
  return utf8(JSON.stringify(value));
}

/** The first signature of an envelope made by `envelopeText`. */
function first(value: Record<string, unknown>): Record<string, unknown> {
  return (value['signatures'] as Record<string, unknown>[])[0] ?? {};
}

describe('an envelope', () => {
  it('is signed over the encoding that DSSE gives as its example', () => {
    expect(fromUtf8(pae('http://example.com/HelloWorld', utf8('hello world')))).to.equal(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  it('counts bytes, not characters, in that encoding', () => {
    expect(fromUtf8(pae('é', utf8('€')))).to.equal('DSSEv1 2 é 3 €');
    expect(fromUtf8(pae('', new Uint8Array(0)))).to.equal('DSSEv1 0  0 ');
  });

  it('has one spelling, without white space and with its signatures in order', () => {
    const leaf = formatEnvelope({ ...one, signatures: [signature('b'), signature('a')] });
    const sig = toBase64(new Uint8Array(64).fill(7));
    expect(fromUtf8(leaf)).to.equal(
      `{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[` +
        `{"keyid":"${keyid('a')}","sig":"${sig}"},{"keyid":"${keyid('b')}","sig":"${sig}"}]}`,
    );
  });

  it('is read back as it was written', () => {
    const signatures = fc.uniqueArray(
      fc.record({
        keyid: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex),
        sig: fc.uint8Array({ minLength: 64, maxLength: 64 }),
      }),
      { minLength: 1, maxLength: 16, selector: (item) => item.keyid },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), signatures, (payload, list) => {
        const leaf = formatEnvelope({ payloadType, payload, signatures: list });
        const read = parseEnvelope(leaf);
        expect(toHex(read.payload)).to.equal(toHex(payload));
        expect(read.signatures).to.have.length(list.length);
        expect(fromUtf8(formatEnvelope(read))).to.equal(fromUtf8(leaf));
      }),
      { numRuns: 100 },
    );
  });

  it('does not survive the change of any one byte as the same spelling of something else', () => {
    const leaf = formatEnvelope({ ...one, signatures: [signature('a'), signature('b')] });
    for (let i = 0; i < leaf.length; i++) {
      const other = leaf.slice();
      other[i] = (other[i] ?? 0) ^ 1;
      let read;
      try {
        read = parseEnvelope(other);
      } catch {
        continue;
      }
      expect(fromUtf8(formatEnvelope(read)), `byte ${i}`).to.equal(fromUtf8(other));
    }
  });

  it('holds signatures that verify over its payload', () => {
    const payload = utf8('{"a":1}');
    const leaf = signEnvelope(payload, [fixtures.builder.seed, fixtures.supervisor.seed]);
    const { signatures } = parseEnvelope(leaf);
    expect(signatures.map((item) => item.keyid)).to.deep.equal(
      [fixtures.builder.keyid, fixtures.supervisor.keyid].toSorted(),
    );
    const { sig } = signPayload(payload, fixtures.builder.seed);
    expect(verifyEd25519(fixtures.builder.publicKey, pae(payloadType, payload), sig)).to.equal(true);
  });

  it('names a key by the SHA-256 of its raw bytes', () => {
    expect(keyidOf(new Uint8Array(32))).to.equal(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    );
  });

  it('may be as large as a leaf may be, and no larger', () => {
    const rest = formatEnvelope({ ...one, payload: new Uint8Array(0) }).length;
    const payload = new Uint8Array(Math.floor((maxLeafBytes - rest) / 4) * 3);
    const leaf = formatEnvelope({ ...one, payload });
    expect(parseEnvelope(leaf).payload).to.have.length(payload.length);
    const larger = { ...one, payload: new Uint8Array(payload.length + 3) };
    expect(refusal(() => formatEnvelope(larger)).code).to.equal('too-large');
    expect(refusal(() => parseEnvelope(new Uint8Array(maxLeafBytes + 1))).code).to.equal('too-large');
  });

  it('cannot be made without a signature, with seventeen, or with two of one key', () => {
    expect(refusal(() => formatEnvelope({ ...one, signatures: [] })).code).to.equal('empty');
    const many = Array.from({ length: 17 }, (_, i) => ({
      ...signature('a'),
      keyid: toHex(new Uint8Array(32).fill(i)),
    }));
    expect(refusal(() => formatEnvelope({ ...one, signatures: many })).code).to.equal('too-large');
    const twice = { ...one, signatures: [signature('a'), signature('a', 8)] };
    expect(refusal(() => formatEnvelope(twice)).code).to.equal('duplicate-signature');
  });

  const refused: readonly (readonly [string, Uint8Array, string, string?])[] = [
    ['white space', utf8(`${fromUtf8(formatEnvelope(one))}\n`), 'envelope-not-canonical'],
    ['a list in its place', utf8('[]'), 'schema-violation', ''],
    ['null in its place', utf8('null'), 'schema-violation', ''],
    ['a member more', envelopeText((value) => (value['zeta/~'] = 1)), 'unknown-member', ''],
    [
      'a member more in a signature',
      envelopeText((value) => (first(value)['x'] = 1)),
      'unknown-member',
      '/signatures/0',
    ],
    ['no payload', envelopeText((value) => delete value['payload']), 'schema-violation', '/payload'],
    [
      'no payload type',
      envelopeText((value) => delete value['payloadType']),
      'schema-violation',
      '/payloadType',
    ],
    ['no signatures', envelopeText((value) => delete value['signatures']), 'schema-violation', '/signatures'],
    [
      'no keyid',
      envelopeText((value) => delete first(value)['keyid']),
      'schema-violation',
      '/signatures/0/keyid',
    ],
    ['no sig', envelopeText((value) => delete first(value)['sig']), 'schema-violation', '/signatures/0/sig'],
    [
      'a payload that is no text',
      envelopeText((value) => (value['payload'] = 1)),
      'schema-violation',
      '/payload',
    ],
    [
      'another payload type',
      envelopeText((value) => (value['payloadType'] = 'text/plain')),
      'schema-violation',
      '/payloadType',
    ],
    [
      'signatures that are no list',
      envelopeText((value) => (value['signatures'] = 'x')),
      'schema-violation',
      '/signatures',
    ],
    ['no signature at all', envelopeText((value) => (value['signatures'] = [])), 'empty', '/signatures'],
    [
      'seventeen signatures',
      envelopeText((value) => (value['signatures'] = Array.from({ length: 17 }, () => ({})))),
      'too-large',
      '/signatures',
    ],
    [
      'a signature that is null',
      envelopeText((value) => (value['signatures'] = [null])),
      'schema-violation',
      '/signatures/0',
    ],
    [
      'a keyid in capitals',
      envelopeText((value) => (first(value)['keyid'] = keyid('A'))),
      'bad-hex',
      '/signatures/0/keyid',
    ],
    [
      'a short keyid',
      envelopeText((value) => (first(value)['keyid'] = 'aa')),
      'bad-hex',
      '/signatures/0/keyid',
    ],
    [
      'keyids out of order',
      envelopeText((value) => (first(value)['keyid'] = keyid('c'))),
      'envelope-not-canonical',
      '/signatures/1/keyid',
    ],
    [
      'one keyid twice',
      envelopeText((value) => (first(value)['keyid'] = keyid('b'))),
      'duplicate-signature',
      '/signatures/1/keyid',
    ],
    [
      'a signature of 63 bytes',
      envelopeText((value) => (first(value)['sig'] = toBase64(new Uint8Array(63)))),
      'bad-base64',
      '/signatures/0/sig',
    ],
    ['base64 without padding', envelopeText((value) => (value['payload'] = 'e30')), 'bad-base64', '/payload'],
    [
      'base64 with loose bits',
      envelopeText((value) => (value['payload'] = 'e31=')),
      'bad-base64',
      '/payload',
    ],
    ['base64 for URLs', envelopeText((value) => (value['payload'] = '_-_-')), 'bad-base64', '/payload'],
    [
      'base64 with a line break',
      envelopeText((value) => (value['payload'] = 'e3\n=')),
      'bad-base64',
      '/payload',
    ],
    [
      'a member twice',
      utf8(fromUtf8(formatEnvelope(one)).replace('{', '{"payload":"",')),
      'duplicate-key',
      '/payload',
    ],
    ['a tree for a keyid', envelopeText((value) => (first(value)['keyid'] = {})), 'too-deep'],
  ];
  for (const [what, bytes, code, at] of refused) {
    it(`with ${what} is refused with ${code}`, () => {
      const error = refusal(() => parseEnvelope(bytes));
      expect(error.code).to.equal(code);
      if (at !== undefined) expect(error.at).to.equal(at);
    });
  }
});
