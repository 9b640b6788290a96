import { sample } from '../extent.ts';
import { surveySuite } from './survey-suite.ts';

surveySuite(sample);
