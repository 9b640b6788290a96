import { expect } from 'chai';
import { fromHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { requireDer } from '../../src/seal/der.ts';
import { tokenOf } from '../../src/seal/timestamp.ts';
import { der } from './edit.ts';

/** The code and message of the refusal. */
function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof LedgerError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const walked = (hex: string): string => refused(() => requireDer(fromHex(hex.replaceAll(' ', ''))));

/** Each is refused for what the pattern says. */
function expectRefused(pattern: RegExp, ...texts: readonly string[]): void {
  for (const text of texts) {
    expect(walked(text), text)
      .to.match(/^malformed-seal: /)
      .and.to.match(pattern);
  }
}

function expectAccepted(...texts: readonly string[]): void {
  for (const text of texts) expect(walked(text), text).to.equal('accepted');
}

describe('DER', () => {
  it('has the shortest definite lengths and no others', () => {
    expectAccepted('04 03 010203', `04 81 80 ${'00'.repeat(128)}`, '30 00', 'a0 03 020105', '80 01 ff');
    expectRefused(/longer than it need be/, '04 81 03 010203', `04 82 00 80 ${'00'.repeat(128)}`);
    expectRefused(/BER/, '30 80 0000', '24 80 0401 00 0000', '24 03 040100', '10 00', '30 03 30 80 00');
    expectRefused(/too many octets/, '04 85 0000000001 00', '04 ff 00');
    expectRefused(/cut off/, '04 04 010203', '04', '04 82 01', '04 84 ffffffff 00', '30 03 02 02 01');
    expectRefused(/something follows/, '04 03 010203 00');
    expectRefused(/end-of-contents/, '30 02 00 00', '00 00');
    expectRefused(/above 30/, '1f 81 01 00');
    expectRefused(/empty/, '');
  });

  it('has integers, booleans, bits, nulls and object identifiers in their one form', () => {
    expectAccepted('02 01 00', '02 02 00ff', '02 02 ff7f', '0a 01 05', '01 01 ff', '01 01 00', '05 00');
    expectRefused(/shortest form/, '02 00', '02 02 0001', '02 02 ff80', '02 02 0000', '0a 02 0001');
    expectRefused(/neither 00 nor ff/, '01 01 01', '01 00', '01 02 ffff');
    expectAccepted('03 02 06 c0', '03 01 00', '03 02 00 c1');
    expectRefused(/spare bits/, '03 02 06 c1', '03 02 08 80', '03 01 01', '03 00');
    expectRefused(/null/, '05 01 00');
    expectAccepted('06 03 550403', '06 06 2a864886f70d', '06 01 27', '06 02 8837');
    expectRefused(
      /object identifier/,
      '06 00',
      '06 02 2a80',
      '06 03 2a8001',
      '06 0a 2affffffffffffffff7f',
      `06 41 ${'2a'.repeat(65)}`,
    );
  });

  it('has times in UTC that exist', () => {
    const time = (tag: number, text: string): string => refused(() => requireDer(der(tag, utf8(text))));
    for (const [tag, text] of [
      [0x17, '491231235959Z'],
      [0x17, '500101000000Z'],
      [0x18, '20260228000000Z'],
      [0x18, '20261103091244.25Z'],
    ] as const) {
      expect(time(tag, text), text).to.equal('accepted');
    }
    for (const [tag, text] of [
      [0x17, '261103091244+0100'],
      [0x17, '2611030912Z'],
      [0x17, '261131000000Z'],
      [0x18, '20261103091244'],
      [0x18, '20260229000000Z'],
      [0x18, '20261303000000Z'],
      [0x18, '20261103240000Z'],
      [0x18, '20261103091244.250Z'],
      [0x18, '20261103091244.Z'],
      [0x18, '20261103091244.0Z'],
    ] as const) {
      expect(time(tag, text), text).to.match(/^malformed-seal: .*time/);
    }
  });

  it('of a time-stamping authority that refuses is not taken for a time-stamp', () => {
    const response = (status: number): Uint8Array => der(0x30, der(0x30, der(0x02, Uint8Array.of(status))));
    expect(refused(() => tokenOf(response(2)))).to.match(/^malformed-seal: .*refused/);
    expect(refused(() => tokenOf(response(0)))).to.match(/^malformed-seal: .*without a time-stamp/);
    expect(refused(() => tokenOf(der(0x30, der(0x04))))).to.match(/^malformed-seal: .*not a time-stamp/);
  });
});
