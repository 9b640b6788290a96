/** One rule on both sides, over signatures of every kind by the thousand. */
import { expect } from 'chai';
import type { Extent } from '../extent.ts';
import { expectVerdicts } from './same-verdict.ts';
import { signatureCases } from './signatures.ts';

/** Registers them as a suite. */
export function sweepEd25519({ name, upTo }: Extent): void {
  describe(`the Ed25519 rule, through node:crypto and noble, ${name}`, () => {
    it('gives one verdict on honest, mutated and torsioned signatures: the one their making demands', async () => {
      const count = upTo(10_000, 200);
      const counts = await expectVerdicts(signatureCases('ten thousand', count));
      const torsioned = [1, 2, 3, 4, 5, 6, 7].map(
        (j) => counts.get(`torsioned key ${j}`) ?? { accepted: 0, refused: 0 },
      );
      for (const verdict of ['accepted', 'refused'] as const) {
        expect(Math.min(...torsioned.map((each) => each[verdict])), verdict).to.be.at.least(upTo(20, 0));
        expect(
          torsioned.reduce((sum, each) => sum + each[verdict], 0),
          verdict,
        ).to.be.greaterThan(3);
      }
      expect(counts.get('honest')).to.deep.equal({ accepted: Math.ceil(count / 3), refused: 0 });
      for (const kind of ['S + n·L', 'key of small order', 'non-canonical key', 'bit of the key']) {
        expect(counts.get(kind)?.refused, kind).to.be.greaterThan(2);
      }
      let total = 0;
      for (const { accepted, refused } of counts.values()) total += accepted + refused;
      expect(total).to.equal(count);
    });
  });
}
