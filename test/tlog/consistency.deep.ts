import { every } from '../extent.ts';
import { sweepConsistency } from './consistency.sweeps.ts';

sweepConsistency(every);
