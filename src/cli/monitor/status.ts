/** What `isal monitor status` shows, and what a running monitor leaves for it to read. */
import { join } from 'node:path';
import { utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import type { Finding } from '../../monitor/finding.ts';
import type { WitnessView } from '../../monitor/witnesses.ts';
import { parseJson } from '../../attestation/canonical.ts';
import { readSmall, writeWhole } from '../terminal/files.ts';
import type { Io } from '../terminal/io.ts';
import { ago, markLine, plainLine } from '../terminal/marks.ts';
import type { OpenLog } from './directory.ts';

export interface LogStatus {
  readonly origin: string;
  readonly url: string;
  /** Leaves of the newest verified checkpoint; null before the first one. */
  readonly size: number | null;
  /** Leaves that have been judged. */
  readonly judged: number;
  /** The time that a quorum of witnesses vouches for, in seconds. */
  readonly asOf: number | null;
  /** When the log last showed a checkpoint that the policy accepts. */
  readonly reached: number | null;
  readonly open: number;
  /** The first of the open findings. */
  readonly findings: readonly Finding[];
  /** Findings that a channel has not delivered yet. */
  readonly outbox: Readonly<Record<string, number>>;
  readonly witnesses: readonly Pick<WitnessView, 'name' | 'state' | 'size' | 'reason'>[];
}

const maxShown = 20;
const maxStatusBytes = 16 << 20;

export async function statusOf(
  { store, trust, url }: OpenLog,
  channels: readonly string[],
  witnesses: readonly WitnessView[] = [],
): Promise<LogStatus> {
  const { count, first } = await store.open(maxShown);
  const { asOf, reached, next } = store.known;
  const waiting = await Promise.all(
    channels.map(async (channel) => [channel, next - (await store.delivered(channel))] as const),
  );
  return {
    origin: trust.origin,
    url,
    size: store.checkpoint?.size ?? null,
    judged: store.position,
    asOf,
    reached,
    open: count,
    findings: first,
    outbox: Object.fromEntries(waiting),
    witnesses: witnesses.map(({ fork: _, ...rest }) => rest),
  };
}

/** Leaves the status where another process can read it; the database itself has one owner. */
export async function writeStatus(path: string, logs: readonly LogStatus[]): Promise<void> {
  await writeWhole(join(path, 'status.json'), utf8(`${JSON.stringify({ logs })}\n`));
}

export async function readStatus(path: string): Promise<LogStatus[]> {
  const bytes = await readSmall(join(path, 'status.json'), maxStatusBytes);
  const { logs } = parseJson(bytes, { maxBytes: maxStatusBytes, maxDepth: 16 }) as { logs?: unknown };
  if (Array.isArray(logs)) return logs as LogStatus[];
  throw new LedgerError('file-unreadable', 'status.json was not written by a monitor', {
    got: `${bytes.length} bytes of something else`,
  });
}

export function statusText(status: LogStatus, io: Io): string {
  const { origin, url, size, judged, asOf, reached, open, findings, outbox, witnesses } = status;
  // A leaf that was not judged may be anything; only the whole tree earns a tick.
  const mark = open > 0 ? 'contradicted' : size === judged ? 'proven' : 'not-shown';
  const lines = [
    markLine(mark, 'Log', `${origin} at ${url}`, io),
    plainLine('Size', size === null ? 'no checkpoint yet' : `${size}, of which ${judged} judged`),
    plainLine(
      'Age',
      asOf !== null
        ? `cosigned ${ago(asOf, io)}`
        : reached === null
          ? 'never reached'
          : `reached ${ago(reached, io)}; without witnesses nobody vouches for a time`,
    ),
    plainLine('Open', open === 0 ? 'no findings' : `${open} finding${open === 1 ? '' : 's'}`),
    ...findings.map(({ kind, text, evidence }) =>
      plainLine('', `${kind}: ${text}${evidence === undefined ? '' : ` (evidence/${evidence})`}`),
    ),
    ...(open > findings.length ? [plainLine('', `and ${open - findings.length} more`)] : []),
    ...Object.entries(outbox).map(([channel, waiting]) =>
      plainLine('Outbox', waiting === 0 ? `${channel}: all delivered` : `${channel}: ${waiting} to deliver`),
    ),
    ...witnesses.map(({ name, state, size: held, reason }) =>
      plainLine(
        'Witness',
        `${name}: ${state}${held === undefined ? '' : `, ${held}`}${reason === undefined ? '' : `, ${reason}`}`,
      ),
    ),
  ];
  return lines.join('');
}
