import { every } from '../extent.ts';
import { sweepAnswers } from './answers.sweeps.ts';

sweepAnswers(every);
