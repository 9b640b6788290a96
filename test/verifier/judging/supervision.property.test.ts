import { sample } from '../../extent.ts';
import { sweepJudgements } from './supervision.property.ts';

sweepJudgements(sample);
