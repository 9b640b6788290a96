/** What a seal's signer signs is one set of attributes, in the one order in which every reader hashes them. */
import { expect } from 'chai';
import { compare, toHex } from '../../src/bytes.ts';
import { withSignedAttributes } from './edit.ts';
import { fixtures } from './fixtures.ts';
import { Seals } from './suite.ts';

const seals = new Seals(fixtures());
/** 1.2.840.113549.1.9.4, in hex. */
const messageDigest = '2a864886f70d010904';
const good = seals.bytes('good.p7s');

const refusal = (change: (attributes: readonly Uint8Array[]) => readonly Uint8Array[]): Promise<string> =>
  seals.refusal({ cms: withSignedAttributes(good, change), timestamp: null });

describe('the signed attributes of a seal', () => {
  it('are read where they stand in DER order', async () => {
    expect(withSignedAttributes(good, (attributes) => attributes)).to.deep.equal(good);
    expect(await refusal((attributes) => attributes)).to.match(/^undated: /);
  });

  it('are refused in any other order, in which other readers would hash other bytes', async () => {
    const message = 'malformed-seal: the signed attributes are not in DER order';
    expect(await refusal((attributes) => attributes.toReversed())).to.equal(message);
    expect(await refusal(([first, second, ...rest]) => [second, first, ...rest] as Uint8Array[])).to.equal(
      message,
    );
    expect(await refusal(([first, ...rest]) => [first, first, ...rest] as Uint8Array[])).to.equal(message);
  });

  it('are refused where one stands twice with two values: a reader would have to choose', async () => {
    // Another digest beside the one that is signed.
    const twice = (attributes: readonly Uint8Array[]): readonly Uint8Array[] => {
      const again = attributes.find((attribute) => toHex(attribute).includes(messageDigest))?.slice();
      if (again === undefined) throw new Error('no message digest');
      again[again.length - 1] = (again.at(-1) ?? 0) ^ 1;
      return [...attributes, again].toSorted(compare);
    };
    expect(await refusal(twice)).to.equal('malformed-seal: a signed attribute stands twice');
  });
});
