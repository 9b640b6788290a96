import { sample } from '../extent.ts';
import { sweepCommands } from './commands.sweeps.ts';

sweepCommands(sample);
