import { describeMonitor } from './monitor.ts';

describeMonitor([1, 2]);
