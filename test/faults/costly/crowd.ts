/** One address that asks with all its might, and another one that asks now and then: behind a proxy that is trusted. */
import { request } from 'node:http';
import { ServerProcess } from '../processes.ts';
import type { Costly } from './requests.ts';
import { requestsOf } from './siege.ts';
import { Crew } from './crew.ts';
import type { StormOrder, StormSays } from './storm-process.ts';
import type { StormReport } from './storm.ts';

export interface CrowdOptions {
  readonly directory: string;
  /** Asked by all connections of the one address. */
  readonly costly: Costly;
  /** What the other address asks for, one after the other, and who it is. */
  readonly wanted: readonly string[];
  readonly other: string;
  readonly connections: number;
  readonly seconds: number;
  readonly heapMiB: number;
}

/** One question of the other address. */
export interface Heard {
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export interface CrowdResult {
  readonly heard: readonly Heard[];
  readonly storm: StormReport;
}

const patienceMs = 30_000;

function ask(url: string, path: string, from: string): Promise<Heard> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { headers: { 'x-forwarded-for': from } }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        resolve({ path, status: answer.statusCode ?? 0, ms: performance.now() - begun }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

export async function crowd(options: CrowdOptions): Promise<CrowdResult> {
  const { directory, costly, wanted, other, connections, seconds, heapMiB } = options;
  const server = ServerProcess.serve(directory, { node: [`--max-old-space-size=${heapMiB}`] });
  const url = await server.ready;
  const { hostname: host, port } = new URL(url);
  const storm = new Crew<StormOrder, StormSays>('storm-process.js', 'the storm');
  try {
    storm.tell({ host, port: Number(port), connections, requests: requestsOf(costly, 11) });
    await storm.says(patienceMs);
    storm.tell('begin');
    const heard: Heard[] = [];
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end || heard.length < wanted.length) {
      const path = wanted[heard.length % wanted.length] ?? '/checkpoint';
      heard.push(await server.during(ask(url, path, other)));
    }
    storm.tell('end');
    return { heard, storm: (await storm.says(patienceMs)) as StormReport };
  } finally {
    storm.kill();
    await server.kill();
  }
}
