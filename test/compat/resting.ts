/** The thread on which the commands are run that ask nobody; see `answers.ts`. */
import { parentPort as port, workerData } from 'node:worker_threads';
import { answersAt } from './answers.ts';
import type { Asked } from './answers.ts';

if (port === null) throw new Error('this is no thread of another program');
const { verdicts, words } = await answersAt('resting', workerData as Asked);
port.postMessage({ verdicts, words });
