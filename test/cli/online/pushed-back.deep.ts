import { every } from '../../extent.ts';
import { pushedBackSuite } from './pushed-back.ts';

pushedBackSuite(every);
