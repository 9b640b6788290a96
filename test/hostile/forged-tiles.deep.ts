import { every } from '../extent.ts';
import { sweepForgedTiles } from './forged-tiles.sweeps.ts';

sweepForgedTiles(every);
