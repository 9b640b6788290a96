/** Reads the text form of Prometheus, as far as tests ask for it. */
import type { Ledger } from '../../src/ledger/ledger.ts';
import { Metrics } from '../../src/metrics/metrics.ts';
import { run, type RunOptions, type Running } from '../http/harness.ts';

/** Value by series, a series with its labels as they stand in the text. Throws for a line that is none. */
export function seriesOf(text: string): Map<string, number> {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ') || line.startsWith('# TYPE ')) continue;
    const [, name, value] = /^([a-z_0-9]+(?:\{(?:[a-z_]+="[^"\\]*",?)+\})?) (\S+)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || series.has(name)) throw new Error(`no series: ${line}`);
    series.set(name, value === '+Inf' ? Infinity : Number(value));
  }
  return series;
}

export interface Measured {
  readonly running: Running;
  readonly metrics: Metrics;
  /** All series as of now. */
  series(): Promise<Map<string, number>>;
}

/** A ledger behind sockets that is measured. */
export async function measured(options: Omit<RunOptions, 'observer'> = {}): Promise<Measured> {
  const made: Metrics[] = [];
  const observer = (ledger: Ledger): Metrics => {
    const metrics = new Metrics({ ledger, policy: options.ledger?.policy ?? withoutWitnesses });
    made.push(metrics);
    return metrics;
  };
  const running = await run({ ...options, observer });
  const [metrics] = made;
  if (metrics === undefined) throw new Error('nobody asked for metrics');
  return { running, metrics, series: async () => seriesOf(await metrics.text()) };
}

const withoutWitnesses = { logs: [], witnesses: [], groups: [], quorum: 'none' };
