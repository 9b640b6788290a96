import { every } from '../../extent.ts';
import { sweepBundle } from './bundle.sweeps.ts';

sweepBundle(every);
