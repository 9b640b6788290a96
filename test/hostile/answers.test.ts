import { sample } from '../extent.ts';
import { sweepAnswers } from './answers.sweeps.ts';

sweepAnswers(sample);
