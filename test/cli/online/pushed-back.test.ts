import { sample } from '../../extent.ts';
import { pushedBackSuite } from './pushed-back.ts';

pushedBackSuite(sample);
