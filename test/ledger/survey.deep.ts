import { every } from '../extent.ts';
import { surveySuite } from './survey-suite.ts';

surveySuite(every);
