import { sample } from '../../extent.ts';
import { sweepChains } from './chain-hop.property.ts';

sweepChains(sample);
