/** A seal changed in any place means nothing, or what it meant. */
import { expect } from 'chai';
import { range, type Extent } from '../extent.ts';
import { der, withOneMore } from './edit.ts';
import { fixtures } from './fixtures.ts';
import { changeBits, placesToChange } from './flips.ts';
import { Seals } from './suite.ts';

/** Registers them as a suite. */
export function sweepHostileSeals({ name, cases }: Extent): void {
  const seals = new Seals(fixtures());
  const refusal = (cms: Uint8Array): Promise<string> => seals.refusal({ cms, timestamp: null });

  describe(`seals from hostile hands, ${name}`, () => {
    it('never say anything else with one bit changed, wherever it is', async () => {
      await changeBits(cases(placesToChange(), 24));
    });

    it('are refused with one part more, wherever the library would pass over it', async () => {
      // As far down as the signer, its attributes and algorithms, and the certificates; what is below is signed.
      const changed = withOneMore(seals.bytes('inside.p7s'), 6, der(0x04));
      expect(changed.length).to.be.within(30, 300);
      for (const [i, cms] of cases(changed.entries(), 24)) {
        expect(await refusal(cms), `place ${i}`).to.match(/^(malformed-seal|seal-invalid): /);
      }
    });

    it('are refused when they are cut short, wherever they end', async () => {
      const bytes = seals.bytes('inside.p7s');
      for (const length of cases(range(0, bytes.length - 1), 64)) {
        expect(await refusal(bytes.subarray(0, length)), `${length} bytes`).to.match(/^malformed-seal: /);
      }
    });
  });
}
