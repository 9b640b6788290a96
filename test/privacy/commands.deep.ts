import { every } from '../extent.ts';
import { sweepCommands } from './commands.sweeps.ts';

sweepCommands(every);
