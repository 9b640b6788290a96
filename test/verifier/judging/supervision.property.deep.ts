import { every } from '../../extent.ts';
import { sweepJudgements } from './supervision.property.ts';

sweepJudgements(every);
