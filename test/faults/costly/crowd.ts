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
  /** Of one refusal to the address that asks too much. */
  readonly refusal: { readonly status: number; readonly retryAfter: string | undefined } | undefined;
}

const patienceMs = 30_000;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly ms: number;
}

function ask(url: string, path: string, from: string): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { headers: { 'x-forwarded-for': from } }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          retryAfter: answer.headers['retry-after'],
          ms: performance.now() - begun,
        }),
      );
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The path of a request that is ready to be sent, and for whom it is. */
function asSent(message: string): { readonly path: string; readonly from: string } {
  const text = Buffer.from(message, 'base64').toString('latin1');
  const [, path = '/'] = text.split(' ');
  return { path, from: /\r\nx-forwarded-for: (\S+)/.exec(text)?.[1] ?? '' };
}

/** The first refusal to the address of these requests, for asking too much; undefined where there is none before the end. */
async function refusalTo(
  url: string,
  requests: readonly string[],
  over: () => boolean,
): Promise<Answer | undefined> {
  for (let turn = 0; !over(); turn++) {
    const { path, from } = asSent(requests[turn % requests.length] ?? '');
    const answer = await ask(url, path, from);
    if (answer.status === 429) return answer;
  }
  return undefined;
}

export async function crowd(options: CrowdOptions): Promise<CrowdResult> {
  const { directory, costly, wanted, other, connections, seconds, heapMiB } = options;
  const server = ServerProcess.serve(directory, [`--max-old-space-size=${heapMiB}`]);
  const url = await server.ready;
  const { hostname: host, port } = new URL(url);
  const requests = requestsOf(costly, 11);
  const storm = new Crew<StormOrder, StormSays>('storm-process.js', 'the storm');
  try {
    storm.tell({ host, port: Number(port), connections, requests });
    await storm.says(patienceMs);
    storm.tell('begin');
    let over = false;
    const refused = refusalTo(url, requests, () => over);
    const heard: Heard[] = [];
    const end = performance.now() + seconds * 1_000;
    while (performance.now() < end || heard.length < wanted.length) {
      const path = wanted[heard.length % wanted.length] ?? '/checkpoint';
      heard.push({ path, ...(await server.during(ask(url, path, other))) });
    }
    over = true;
    const refusal = await server.during(refused);
    storm.tell('end');
    return { heard, refusal, storm: (await storm.says(patienceMs)) as StormReport };
  } finally {
    storm.kill();
    await server.kill();
  }
}
