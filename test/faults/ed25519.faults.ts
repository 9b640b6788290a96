import { expect } from 'chai';
import { expectVerdicts } from '../platform/same-verdict.ts';
import { signatureCases } from '../platform/signatures.ts';

describe('the Ed25519 rule over 10,000 honest, mutated and torsioned signatures', function () {
  this.timeout(300_000);

  it('gives the verdict that their making demands, through node:crypto and noble', async () => {
    const counts = await expectVerdicts(signatureCases('ten thousand', 10_000));
    let total = 0;
    for (const { accepted, refused } of counts.values()) total += accepted + refused;
    expect(total).to.equal(10_000);
    for (let j = 1; j < 8; j++) {
      const { accepted = 0, refused = 0 } = counts.get(`torsioned key ${j}`) ?? {};
      expect([j, accepted > 20, refused > 20]).to.deep.equal([j, true, true]);
    }
  });
});
