/** The whole monitor against a hostile log at every size where the shape of the tree changes. */
import { sizes } from '../hostile/histories.ts';
import { describeMonitor } from '../hostile/monitor.ts';

describeMonitor(sizes);
