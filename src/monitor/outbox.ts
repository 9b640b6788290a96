/**
 * Delivery of findings, apart from finding them: each channel has its own
 * position in the outbox, which moves after the channel has taken a finding. A
 * crash in between delivers it again, with the same id: at least once, in
 * order, none left out. A channel that is down holds up nobody but itself.
 */
import type { Finding } from './finding.ts';
import type { MonitorStore } from './store.ts';

export interface Channel {
  /** Names its position in the store. */
  readonly name: string;
  /** Takes findings in order and resolves to how many of them it took, at least one; throws if none. */
  deliver(findings: readonly Finding[]): Promise<number>;
}

const atOnce = 256;

/**
 * Delivers everything that waits, and calls `onTaken` for each part that was
 * taken. Throws what the channel throws; what was taken before stays taken.
 */
export async function deliverAll(
  store: MonitorStore,
  channel: Channel,
  onTaken?: () => void,
): Promise<number> {
  let next = await store.delivered(channel.name);
  let count = 0;
  for (;;) {
    const findings = await store.findings(next, atOnce);
    if (findings.length === 0) return count;
    const taken = await channel.deliver(findings);
    const last = findings[taken - 1];
    if (last === undefined)
      throw new Error('broken invariant: a channel takes at least one finding or throws');
    next = last.n + 1;
    count += taken;
    // A crash before this line repeats what was just taken.
    await store.setDelivered(channel.name, next);
    onTaken?.();
  }
}

/** Milliseconds to wait after so many failures in a row: 1 s, 2 s, 4 s … up to ten minutes. */
export function backoffMs(failures: number): number {
  return Math.min(600_000, 1_000 * 2 ** Math.min(failures - 1, 20));
}
