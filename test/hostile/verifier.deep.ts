/** At every size where the shape of the tree changes; verifier.test.ts does it for a few. */
import { sizes } from './histories.ts';
import { describeVerifier } from './verifier.ts';

describeVerifier(sizes);
