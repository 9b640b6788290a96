/**
 * What a request costs the server, in units of one GET of the checkpoint: the
 * processor time of the server's process, all its threads, over some requests,
 * and over checkpoints just before and just after them.
 */
import { readFile, readdir } from 'node:fs/promises';
import { within } from '../processes.ts';
import type { Costly } from './requests.ts';
import { requestsOf } from './siege.ts';
import { Storm } from './storm.ts';

export interface CostlyServer {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
}

/** In units of a GET of the checkpoint, for one request or for one line of a batch. */
export interface Cost {
  /** Each request another one, as far as the route lets them differ. */
  readonly fresh: number;
  /** One and the same request. */
  readonly repeated: number;
  /** Microseconds of one unit. */
  readonly unit: number;
  /** Statuses that were answered. */
  readonly statuses: readonly string[];
}

const connections = 4;
const maxMeasured = 1_000;
const patienceMs = 60_000;

/** Nanoseconds that the process has computed for, in the threads that it has. */
async function computedNs(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    threads.map((thread) =>
      // A thread may end between the two.
      readFile(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').catch(() => '0'),
    ),
  );
  return times.reduce((sum, text) => sum + Number(text.split(' ')[0]), 0);
}

interface Measured {
  /** Nanoseconds for one request. */
  readonly each: number;
  readonly statuses: readonly string[];
}

async function measure(
  { pid, host, port }: CostlyServer,
  requests: readonly string[],
  count: number,
): Promise<Measured> {
  const storm = new Storm({ host, port, connections, requests, count });
  await storm.connect();
  const before = await computedNs(pid);
  storm.begin();
  await within(patienceMs, 'the answers to costly requests', storm.done);
  const spent = (await computedNs(pid)) - before;
  return { each: spent / count, statuses: Object.keys(storm.end().answers) };
}

/** As many of these requests as the time for one measurement is long, after a few that nobody measures. */
async function measured(
  server: CostlyServer,
  requests: readonly string[],
  seconds: number,
): Promise<Measured> {
  const { each } = await measure(server, requests, 2 * connections);
  const count = Math.max(2 * connections, Math.min(maxMeasured, Math.round((seconds * 1e9) / each)));
  return measure(server, [...requests.slice(2 * connections), ...requests.slice(0, 2 * connections)], count);
}

/**
 * `seconds`: of processor time, about, for each measurement. Checkpoints are
 * measured before, between and after, since other processes warm and cool the caches.
 */
export async function costOf(server: CostlyServer, costly: Costly, seconds: number): Promise<Cost> {
  const checkpoint = [
    Buffer.from('GET /checkpoint HTTP/1.1\r\nhost: ledger.example\r\n\r\n').toString('base64'),
  ];
  const unit = async (): Promise<number> => (await measured(server, checkpoint, seconds)).each;
  const requests = requestsOf(costly, 3);
  const units = [await unit()];
  const fresh = await measured(server, requests, seconds);
  units.push(await unit());
  const repeated = await measured(server, requests.slice(0, 1), seconds);
  units.push(await unit());
  const one = units.toSorted((a, b) => a - b)[1] ?? Number.NaN;
  return {
    fresh: fresh.each / costly.lines / one,
    repeated: repeated.each / costly.lines / one,
    unit: one / 1_000,
    statuses: [...new Set([...fresh.statuses, ...repeated.statuses])],
  };
}

/** What may not be more, in units: any request, and one whose answer is kept or has no body. */
const bounds = { any: 200, light: 20 };

/** What is too dear. */
/** `slack`: by what a machine that others use, too, may be off. */
export function overpriced(
  { method, kept }: Pick<Costly, 'method' | 'kept'>,
  { fresh, repeated }: Cost,
  slack: number,
): string[] {
  const bound = (method === 'HEAD' ? bounds.light : bounds.any) * slack;
  const found: string[] = [];
  if (!(fresh <= bound)) found.push(`${fresh.toFixed(1)} units, at most ${bound}`);
  const again = (kept || method === 'HEAD' ? bounds.light : bounds.any) * slack;
  if (!(repeated <= again)) found.push(`${repeated.toFixed(1)} units again, at most ${again}`);
  return found;
}
