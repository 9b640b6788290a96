import { sample } from '../../extent.ts';
import { checkSuite } from './check-suite.ts';

checkSuite(sample);
