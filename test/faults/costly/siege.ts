/** One costly request by a thousand connections at once, and what became of everybody else meanwhile. */
import { readFile, writeFile } from 'node:fs/promises';
import { ServerProcess, within } from '../processes.ts';
import { Random } from '../../random.ts';
import { Crew } from './crew.ts';
import type { OnlookerJob, OnlookerReport, Seen } from './onlooker.ts';
import type { Costly } from './requests.ts';
import type { StormOrder, StormSays } from './storm-process.ts';
import type { StormJob, StormReport } from './storm.ts';

export interface SiegeOptions {
  /** Of the ledger that is attacked. */
  readonly directory: string;
  /** The server that nobody troubles. */
  readonly control: string;
  readonly costly: Costly;
  readonly connections: number;
  readonly seconds: number;
  /** Entries to record meanwhile, at either. */
  readonly leaves: readonly Uint8Array[];
  /** Megabytes that the server's heap may have. */
  readonly heapMiB: number;
}

export interface SiegeResult {
  /** How the server ended by itself; undefined where it did not. */
  readonly fell: string | undefined;
  readonly peakMiB: number;
  readonly target: Seen;
  readonly control: Seen;
  /** From SIGTERM to its end; infinite where it had to be killed. */
  readonly terminateMs: number;
  /** Exit status, or the name of the signal. */
  readonly status: number | string;
  readonly storm: StormReport;
}

/** As long as our own processes may take, and a server to end before it is said that it never does. */
const patienceMs = 30_000;
const terminateWithinMs = 12_000;
/** A server that has answered such requests before, by a few, has compiled what it needs for them. */
const warmUp = { connections: 16, ms: 1_000 };
/** What must hold whatever is asked. */
const bounds = { peakMiB: 600, checkpointMs: 250, appendMs: 2_000, terminateMs: 5_000 };
/** What is sent in turn: as many different requests as a storm sends in its time, within some memory. */
const maxRequests = 4_000;
const maxRequestBytes = 8 << 20;

/** Requests that differ as far as the route lets them, in base64. */
export function requestsOf(costly: Costly, seed: number): string[] {
  const random = new Random(seed);
  const requests = [costly.request(random)];
  let bytes = requests[0]?.length ?? 0;
  while (requests.length < maxRequests && bytes < maxRequestBytes) {
    const next = costly.request(random);
    requests.push(next);
    bytes += next.length;
  }
  return requests.map((request) => request.toString('base64'));
}

/** The largest memory that the process has had since it was last asked to forget it, in MiB; undefined when it is gone. */
async function peakOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1').catch(() => '');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** The largest memory of a process, also of one that does not live to be asked. */
class Peak {
  readonly #pid: number;
  readonly #asking: NodeJS.Timeout;
  #mib = 0;

  constructor(pid: number) {
    this.#pid = pid;
    this.#asking = setInterval(() => void this.#ask(), 100);
  }

  async forget(): Promise<void> {
    await writeFile(`/proc/${this.#pid}/clear_refs`, '5');
    this.#mib = 0;
  }

  async end(): Promise<number> {
    clearInterval(this.#asking);
    await this.#ask();
    return this.#mib;
  }

  async #ask(): Promise<void> {
    this.#mib = Math.max(this.#mib, (await peakOf(this.#pid)) ?? 0);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function terminate(server: ServerProcess): Promise<{ terminateMs: number; status: number | string }> {
  const begun = performance.now();
  server.terminate();
  try {
    const { status } = await within(terminateWithinMs, 'the end of a server', server.ended);
    return { terminateMs: performance.now() - begun, status };
  } catch {
    const { status } = await server.kill();
    return { terminateMs: Infinity, status };
  }
}

/** A storm of these requests, connected and not begun. */
async function gather(job: StormJob): Promise<Crew<StormOrder, StormSays>> {
  const storm = new Crew<StormOrder, StormSays>('storm-process.js', 'the storm');
  storm.tell(job);
  await storm.says(patienceMs);
  return storm;
}

async function disperse(storm: Crew<StormOrder, StormSays>): Promise<StormReport> {
  storm.tell('end');
  return (await storm.says(patienceMs)) as StormReport;
}

/** Lays siege to a server of its own, which is ended afterwards. */
export async function besiege(options: SiegeOptions): Promise<SiegeResult> {
  const { directory, control, costly, connections, seconds, leaves, heapMiB } = options;
  const server = ServerProcess.serve(directory, { node: [`--max-old-space-size=${heapMiB}`] });
  const target = await server.ready;
  const { hostname: host, port } = new URL(target);
  const job: StormJob = { host, port: Number(port), connections, requests: requestsOf(costly, 9) };
  const onlooker = new Crew<OnlookerJob | 'end', OnlookerReport>('onlooker.js', 'the onlooker');
  let ended: number | string | undefined;
  void server.ended.then(({ status }) => (ended = status));
  let storm = await gather({ ...job, connections: warmUp.connections });
  try {
    storm.tell('begin');
    await pause(warmUp.ms);
    await disperse(storm);
    storm = await gather({ ...job, requests: requestsOf(costly, 10) });
    const peak = new Peak(server.pid);
    await peak.forget();
    onlooker.tell({ target, control, leaves: leaves.map((leaf) => Buffer.from(leaf).toString('base64')) });
    storm.tell('begin');
    await Promise.race([server.ended, pause(seconds * 1_000)]);
    onlooker.tell('end');
    const seen = await onlooker.says(patienceMs);
    const fell = ended === undefined ? undefined : String(ended);
    const end = ended === undefined ? await terminate(server) : { terminateMs: Number.NaN, status: ended };
    const peakMiB = await peak.end();
    return { fell, peakMiB, ...seen, ...end, storm: await disperse(storm) };
  } finally {
    storm.kill();
    onlooker.kill();
    if (ended === undefined) await server.kill();
  }
}

/** The value below which this part of them lies; NaN of none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/**
 * What did not hold. Where the idle server beside it was slow too, it was the
 * machine: what that one took is taken off.
 */
export function violationsOf(
  { method }: Pick<Costly, 'method'>,
  result: SiegeResult,
  { slack }: { readonly slack: number },
): string[] {
  const { fell, peakMiB, target, control, terminateMs, status, storm } = result;
  const found: string[] = [];
  if (fell !== undefined) found.push(`the server ended by itself: ${fell}`);
  if (!(peakMiB < bounds.peakMiB)) found.push(`${Math.round(peakMiB)} MiB of memory`);
  const slow = (what: string, took: (seen: Seen) => number, bound: number): void => {
    const over = took(target) - took(control);
    if (!(over < bound * slack))
      found.push(`${what} took ${Math.round(took(target))} ms, ${Math.round(took(control))} beside it`);
  };
  // What storms of recording do to others is not yet bounded enough to be held to it on a busy machine.
  const held = slack === 1 || method !== 'POST';
  if (held) slow('/checkpoint (p99)', ({ checkpoint }) => quantile(checkpoint, 0.99), bounds.checkpointMs);
  // Of those who record, some may be told to come back: their line is bounded too.
  const pushedBack = method === 'POST' ? /^POST .* status (?:429|503)$/ : undefined;
  const failures = target.failures.filter((failure) => pushedBack?.test(failure) !== true);
  if (slack === 1 && failures.length > 0) found.push(`${failures.length} failures, first ${failures[0]}`);
  if (held && (target.append.length > 0 || method !== 'POST')) {
    slow('an append', ({ append }) => Math.max(...append), bounds.appendMs);
  }
  if (fell === undefined && !(terminateMs < bounds.terminateMs * Math.min(slack, 2))) {
    found.push(`SIGTERM took ${Math.round(terminateMs)} ms`);
  }
  if (fell === undefined && status !== 0) found.push(`SIGTERM ended in ${status}`);
  const statuses = Object.keys(storm.answers);
  const wrong = statuses.filter((answer) => !/^(?:[234]\d\d|503)$/.test(answer));
  if (wrong.length > 0 || statuses.length === 0) found.push(`answers ${JSON.stringify(storm.answers)}`);
  return found;
}
