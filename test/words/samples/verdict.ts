/** Samples of what people read of a verdict. */
import type { Hop } from '../../../src/verifier/judging/hops/hop.ts';
import type { Catalogue } from '../../../src/words/index.ts';
import { digest } from '../../fixtures/attestations.ts';
import { hopNames, sampleHop, sampleHops } from '../../verifier/sample-hops.ts';
import { each } from '../golden.ts';
import type { Samples } from '../golden.ts';

type VerdictWords = Pick<Catalogue, 'hops' | 'spoilt' | 'moreAlike'>;

const hops = Object.fromEntries(
  hopNames.map((name) => [name, each<Hop>(sampleHops[name])]),
) as unknown as Samples<Catalogue['hops']>;

export const verdictSamples: Samples<VerdictWords> = {
  hops,
  spoilt: {
    'by a correction': [{ by: 'correction', target: 1_003, correction: 1_006 }],
    'by a stolen key': [
      { by: 'key', leaf: 1_003, keyid: digest('a key'), name: 'builder', status: 'compromised' },
    ],
  },
  moreAlike: { 'of reviews': [sampleHop('reviewed', { index: 1_021, mark: 'not-shown', more: true })] },
};
