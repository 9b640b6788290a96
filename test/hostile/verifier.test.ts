import { describeVerifier } from './verifier.ts';

describeVerifier([1, 2, 256, 257]);
