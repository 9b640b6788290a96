import { every } from '../extent.ts';
import { fixtureSuite } from './fixture-suite.ts';

fixtureSuite(every);
