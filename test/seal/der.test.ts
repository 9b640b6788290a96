import { expect } from 'chai';
import { fromHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import {
  Members,
  readBits,
  readBitString,
  readBoolean,
  readDer,
  readIntegerBytes,
  readOid,
  readSmall,
  readTime,
  tags,
} from '../../src/seal/der.ts';
import type { Der } from '../../src/seal/der.ts';
import { tokenOf } from '../../src/seal/timestamp.ts';
import { der } from './edit.ts';

const of = (hex: string): Der => readDer(fromHex(hex.replaceAll(' ', '')));

/** The message of the refusal. */
function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('DER', () => {
  it('takes the shortest definite lengths and no others', () => {
    expect(of('04 03 010203').content).to.deep.equal(fromHex('010203'));
    expect(of(`04 81 80 ${'00'.repeat(128)}`).content.length).to.equal(128);
    for (const [hex, expected] of [
      ['04 81 03 010203', /longer than it need be/],
      [`04 82 00 80 ${'00'.repeat(128)}`, /longer than it need be/],
      ['30 80 0000', /BER/],
      ['24 80 0401 00 0000', /BER/],
      ['30 03 30 80 00', /BER/],
      ['04 85 0000000001 00', /too many octets/],
      ['04 04 010203', /cut off/],
      ['04', /cut off/],
      ['04 03 010203 00', /something follows/],
      ['30 02 00 00', /end-of-contents/],
      ['1f 81 01 00', /above 30/],
      ['', /empty/],
    ] as const) {
      expect(
        refused(() => of(hex)),
        hex,
      )
        .to.match(/^malformed-seal: /)
        .and.to.match(expected);
    }
  });

  it('takes integers, booleans and bits in their one form', () => {
    expect(readSmall(of('02 01 00'))).to.equal(0);
    expect(readSmall(of('02 02 00ff'))).to.equal(255);
    expect(readSmall(of('02 04 7fffffff'))).to.equal(2 ** 31 - 1);
    expect(readIntegerBytes(of('02 02 ff7f'))).to.deep.equal(fromHex('ff7f'));
    for (const hex of ['02 00', '02 02 0001', '02 02 ff80']) {
      expect(
        refused(() => readIntegerBytes(of(hex))),
        hex,
      ).to.match(/shortest form/);
    }
    for (const hex of ['02 01 ff', '02 05 0100000000', '02 04 80000000']) {
      expect(
        refused(() => readSmall(of(hex))),
        hex,
      ).to.match(/negative or too large/);
    }
    expect([readBoolean(of('01 01 ff')), readBoolean(of('01 01 00'))]).to.deep.equal([true, false]);
    for (const hex of ['01 01 01', '01 00', '01 02 ffff']) {
      expect(
        refused(() => readBoolean(of(hex))),
        hex,
      ).to.match(/neither 00 nor ff/);
    }
    expect(readBits(of('03 02 06 c0'), 3)).to.deep.equal([true, true, false]);
    expect(readBits(of('03 01 00'), 2)).to.deep.equal([false, false]);
    for (const hex of ['03 02 06 80', '03 02 06 c1', '03 02 08 80', '03 02 00 c0', '03 01 01', '03 00']) {
      expect(
        refused(() => readBits(of(hex), 9)),
        hex,
      ).to.match(/shortest form/);
    }
    expect(refused(() => readBitString(of('03 02 01 80')))).to.match(/whole byte/);
  });

  it('takes object identifiers without spare zeros, up to what is exact', () => {
    expect(readOid(of('06 03 550403'))).to.equal('2.5.4.3');
    expect(readOid(of('06 06 2a864886f70d'))).to.equal('1.2.840.113549');
    expect(readOid(of('06 01 27'))).to.equal('0.39');
    expect(readOid(of('06 02 8837'))).to.equal('2.999');
    for (const hex of [
      '06 00',
      '06 02 2a80',
      '06 03 2a8001',
      '06 0a 2affffffffffffffff7f',
      `06 41 ${'2a'.repeat(65)}`,
    ]) {
      expect(
        refused(() => readOid(of(hex))),
        hex,
      ).to.match(/object identifier/);
    }
  });

  it('takes times in UTC, to the second, that exist', () => {
    const time = (tag: number, text: string, decimals = false): number =>
      readTime(readDer(der(tag, utf8(text))), { decimals });
    expect(time(tags.utcTime, '491231235959Z')).to.equal(Date.parse('2049-12-31T23:59:59Z'));
    expect(time(tags.utcTime, '500101000000Z')).to.equal(Date.parse('1950-01-01T00:00:00Z'));
    expect(time(tags.generalizedTime, '20260229000000Z'.replace('29', '28'))).to.equal(
      Date.parse('2026-02-28'),
    );
    expect(time(tags.generalizedTime, '20261103091244.25Z', true)).to.equal(
      Date.parse('2026-11-03T09:12:44.250Z'),
    );
    for (const [tag, text] of [
      [tags.utcTime, '261103091244+0100'],
      [tags.utcTime, '2611030912Z'],
      [tags.generalizedTime, '20261103091244'],
      [tags.generalizedTime, '20260229000000Z'],
      [tags.generalizedTime, '20261303000000Z'],
      [tags.generalizedTime, '20261103240000Z'],
      [tags.generalizedTime, '20261103091244.25Z'],
      [tags.octetString, '20261103091244Z'],
    ] as const) {
      expect(
        refused(() => time(tag, text)),
        text,
      ).to.match(/^malformed-seal: /);
    }
    for (const text of ['20261103091244.250Z', '20261103091244.Z', '20261103091244.0Z']) {
      expect(
        refused(() => time(tags.generalizedTime, text, true)),
        text,
      ).to.match(/DER form/);
    }
  });

  it('leaves nothing of a sequence unread', () => {
    const members = new Members(of('30 06 020101 020102'), 'a pair');
    expect(readSmall(members.next(tags.integer))).to.equal(1);
    expect(refused(() => members.done())).to.match(/a pair has a member too many/);
    expect(members.optional(tags.boolean)).to.equal(undefined);
    expect(readSmall(members.any())).to.equal(2);
    members.done();
    expect(refused(() => members.any())).to.match(/a pair lacks a member/);
    expect(refused(() => members.next(tags.integer))).to.match(/of another kind/);
    expect(refused(() => new Members(of('04 00'), 'a pair'))).to.match(/a pair is of another kind/);
  });

  it('of a time-stamping authority that refuses is not taken for a time-stamp', () => {
    const response = (status: number): Uint8Array => der(0x30, der(0x30, der(0x02, Uint8Array.of(status))));
    expect(refused(() => tokenOf(response(2)))).to.match(/^malformed-seal: .*refused/);
    expect(refused(() => tokenOf(response(0)))).to.match(/^malformed-seal: .*another kind/);
  });
});
