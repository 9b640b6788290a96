import { every } from '../extent.ts';
import { sweepOpening } from './open.sweeps.ts';

sweepOpening(every);
