/**
 * A storm in a process of its own, which yields the processor to the server: what
 * is measured is what the server does with what reaches it. It is told a `StormJob`
 * once, and says how many connections it has; then `begin`, and `end`, after which
 * it says what it was answered.
 */
import { getPriority, setPriority } from 'node:os';
import { Storm } from './storm.ts';
import type { StormJob, StormReport } from './storm.ts';

export type StormOrder = StormJob | 'begin' | 'end';
/** The number of open connections, then what came of it. */
export type StormSays = number | StormReport;

function say(what: StormSays): void {
  process.send?.(what);
}

let storm: Storm | undefined;
setPriority(Math.min(19, getPriority() + 5));
process.on('message', (order: StormOrder) => {
  if (order === 'begin') storm?.begin();
  else if (order === 'end') {
    if (storm !== undefined) say(storm.end());
    process.disconnect();
  } else {
    storm = new Storm(order);
    void storm.connect().then(say);
  }
});
