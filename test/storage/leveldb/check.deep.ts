import { every } from '../../extent.ts';
import { checkSuite } from './check-suite.ts';

checkSuite(every);
