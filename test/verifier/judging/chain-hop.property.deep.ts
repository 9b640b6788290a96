import { every } from '../../extent.ts';
import { sweepChains } from './chain-hop.property.ts';

sweepChains(every);
