import { sample } from '../extent.ts';
import { fixtureSuite } from './fixture-suite.ts';

fixtureSuite(sample);
