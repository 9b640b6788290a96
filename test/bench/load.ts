/**
 * The submitters and readers, in a process of their own: signs attestations
 * beforehand, sends them, and counts what is answered as it should be. Of
 * every run it verifies one receipt, so that what is counted is recorded.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashLeaf } from '#sha256';
import { decodeEnvelope, encodeStatement } from '../../src/attestation/statement.ts';
import { pae, signEnvelope } from '../../src/attestation/envelope.ts';
import { toHex, utf8 } from '../../src/bytes.ts';
import { accessStatement, buildStatement } from '../../src/demo/statements.ts';
import type { StatementContext } from '../../src/demo/statements.ts';
import { readPartyKey } from '../../src/cli/terminal/secret-file.ts';
import { parseProof, verifyProof } from '../../src/note/proof.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { spread, type Run } from './rounds.ts';
import { drive, getRequest, postRequest } from './sockets.ts';
import type { HttpAnswer } from './sockets.ts';
import { answerJobs } from './worker.ts';

/** `data-access` carries one signature, `build` two. */
export type Kind = 'data-access' | 'build';

export type LoadJob =
  | SignJob
  | ({ readonly do: 'post-bare' } & PostJob)
  | ({ readonly do: 'post'; readonly directory: string } & PostJob)
  | {
      readonly do: 'get';
      readonly url: string;
      readonly paths: readonly string[];
      readonly bytes: number;
      readonly connections: number;
      readonly count: number;
    };

interface SignJob {
  readonly do: 'sign';
  /** As `isal init` made it. */
  readonly directory: string;
  readonly kind: Kind;
  readonly count: number;
}

interface PostJob {
  readonly url: string;
  readonly connections: number;
  /** Envelopes in one request. */
  readonly perRequest: number;
  /** The signed leaves are sent again from the first when they run out; a ledger takes each of them once. */
  readonly count: number;
}

export interface LoadResult extends Run {
  /** Mean length of what one signature was made over. */
  readonly messageBytes: number;
}

let leaves: readonly Uint8Array[] = [];
/** Numbers that were given at the sources, over all ledgers. */
let numbered = 0;

async function signLeaves({ directory, kind, count }: SignJob): Promise<number> {
  const genesis = await readFile(join(directory, 'genesis.json'));
  const { origin } = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8')) as { origin: string };
  const parties = kind === 'build' ? ['builder', 'supervisor'] : ['access-gateway'];
  const seeds = await Promise.all(
    parties.map((name) => readPartyKey(join(directory, 'keys', `${name}.pem`))),
  );
  const authority = toHex(hashLeaf(genesis));
  const occurredAt = new Date().toISOString();
  leaves = Array.from({ length: count }, () => {
    const place = { origin, authority, seq: ++numbered, occurredAt };
    return signEnvelope(encodeStatement(statementOf(kind, place)), seeds);
  });
  const { payload, payloadType } = decodeEnvelope(leaves[0] as Uint8Array).envelope;
  return pae(payloadType, payload).length;
}

function statementOf(kind: Kind, place: StatementContext): object {
  if (kind === 'data-access') return accessStatement(place);
  const digest = toHex(hashLeaf(utf8(String(place.seq))));
  const row = {
    package: 'benchmark',
    version: `1.${place.seq}`,
    architecture: 'all',
    file: `benchmark_1.${place.seq}_all.deb`,
    sha256: digest,
    source: 'benchmark',
    sourceVersion: `1.${place.seq}`,
    dscFile: `benchmark_1.${place.seq}.dsc`,
    dscSha256: digest,
  };
  return buildStatement(row, place);
}

interface Posted {
  readonly milliseconds: number;
  readonly p50: number;
  readonly last: HttpAnswer;
}

async function post({ url, connections, perRequest, count }: PostJob): Promise<Posted> {
  const target = new URL('/api/v1/attestations', url);
  const type = perRequest === 1 ? 'application/json' : 'application/x-ndjson';
  const bodies: Buffer[] = [];
  for (let i = 0; i < Math.min(count, leaves.length); i += perRequest) {
    const lines = leaves.slice(i, Math.min(i + perRequest, count));
    const body = perRequest === 1 ? lines : lines.flatMap((line) => [line, utf8('\n')]);
    bodies.push(postRequest(target, type, Buffer.concat(body)));
  }
  let sent = 0;
  let recorded = 0;
  let last: HttpAnswer | undefined;
  const latencies: number[] = [];
  const milliseconds = await drive({
    url: target,
    connections,
    next: () => (sent * perRequest < count ? bodies[sent++ % bodies.length] : undefined),
    onAnswer: (answer, latency) => {
      latencies.push(latency);
      recorded += perRequest === 1 ? Number(answer.status === 201) : created(answer.body);
      last = answer;
    },
  });
  if (last === undefined || recorded !== count) {
    throw new Error(`${count} were sent and ${recorded} recorded; the last answer: ${last?.body.toString()}`);
  }
  return { milliseconds, p50: spread(latencies).median, last };
}

const createdLine = Buffer.from('{"status":201,');

function created(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(createdLine); at !== -1; at = body.indexOf(createdLine, at + 1)) count++;
  return count;
}

/** The proof in the last answer, under the trust file that `init` wrote. */
async function verifyReceipt(directory: string, { body }: HttpAnswer): Promise<void> {
  const { policy } = parseTrust(await readFile(join(directory, 'trust.json')));
  // Chunk sizes may stand within a character, so they are taken out before the bytes are read as text.
  const whole = body.toString('latin1').replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
  const text = /"proof":"(?:[^"\\]|\\.)*"/.exec(Buffer.from(whole, 'latin1').toString())?.[0];
  const { proof } = JSON.parse(`{${text ?? ''}}`) as { proof: string };
  const parsed = parseProof(utf8(proof));
  verifyProof({ proof: parsed, leafHash: hashLeaf(parsed.extra ?? new Uint8Array(0)), policy });
}

async function get(job: LoadJob & { do: 'get' }): Promise<number> {
  const requests = job.paths.map((path) => getRequest(new URL(path, job.url)));
  let sent = 0;
  return drive({
    url: new URL(job.url),
    connections: job.connections,
    next: () => (sent < job.count ? requests[sent++ % requests.length] : undefined),
    onAnswer: ({ status, body }) => {
      if (status !== 200 || body.length !== job.bytes)
        throw new Error(`status ${status}: ${body.toString()}`);
    },
  });
}

answerJobs(async (job: LoadJob): Promise<LoadResult> => {
  const { count } = job;
  if (job.do === 'sign') return { count, milliseconds: 0, messageBytes: await signLeaves(job) };
  if (job.do === 'get') return { count, milliseconds: await get(job), messageBytes: 0 };
  const { milliseconds, p50, last } = await post(job);
  if (job.do === 'post') await verifyReceipt(job.directory, last);
  return { count, milliseconds, p50, messageBytes: 0 };
});
