import { every } from '../extent.ts';
import { sweepEd25519 } from './ed25519.sweeps.ts';

sweepEd25519(every);
