/** At every size where the shape of the tree changes; monitor.test.ts does it for the smallest. */
import { sizes } from './histories.ts';
import { describeMonitor } from './monitor.ts';

describeMonitor(sizes);
