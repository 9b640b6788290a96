import { every } from '../extent.ts';
import { sweepInclusion } from './inclusion.sweeps.ts';

sweepInclusion(every);
