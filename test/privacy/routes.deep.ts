import { every } from '../extent.ts';
import { sweepRoutes } from './routes.sweeps.ts';

sweepRoutes(every);
