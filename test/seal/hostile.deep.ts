import { every } from '../extent.ts';
import { sweepHostileSeals } from './hostile.sweeps.ts';

sweepHostileSeals(every);
