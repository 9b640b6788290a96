import { every } from '../../extent.ts';
import { sweepNames } from './alike-sweeps.ts';

describe('attestation/names/alike', () => {
  sweepNames(every);
});
