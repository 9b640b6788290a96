import { sample } from '../extent.ts';
import { sweepRoutes } from './routes.sweeps.ts';

sweepRoutes(sample);
