/**
 * `npm run bench`: what the ledger does, as ratios to what the machine can do.
 *
 *     npm run bench               a few minutes
 *     npm run bench -- --brief    every row for a moment, to see that it runs
 *     npm run bench -- --signer   only what the signer's own process costs
 *
 * Every ratio has both of its sides in every round (rounds.ts). The server is
 * `isal serve` in a process of its own, with its database on this disk, each
 * commit synced; clients and what is compared with are other processes. Prints
 * a table and writes `dist/bench.json`. It judges nothing: a goal that is
 * missed is a figure to read, not a failure.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isal, serve } from '../../src/demo/child.ts';
import type { Server } from '../../src/demo/child.ts';
import { tilePath } from '../../src/tlog/tile.ts';
import type { BareJob } from './bare.ts';
import { fillTiles } from './filled.ts';
import type { Kind, LoadJob, LoadResult } from './load.ts';
import { processorTime } from './processor.ts';
import { compare, compareLatency, interleave, spread } from './rounds.ts';
import type { Measures, Run, Side, Spread } from './rounds.ts';
import { formatTable } from './table.ts';
import type { Row } from './table.ts';
import type { TogetherJob } from './together.ts';
import type { VerifyingJob } from './verifying.ts';
import { Worker } from './worker.ts';

const { values: options } = parseArgs({
  options: {
    brief: { type: 'boolean', default: false },
    signer: { type: 'boolean', default: false },
  },
});

const rounds = options.brief ? 3 : 7;
/** How long one side runs in one round. */
const seconds = options.brief ? 0.25 : 1.5;
const warmUp = options.brief ? 1 : 2;
const single = { connections: options.brief ? 64 : 256, perRequest: 1 };
const batched = { connections: 4, perRequest: options.brief ? 64 : 256 };
/** One submitter alone, and a few: how long each waits. */
const [alone, few] = [
  { connections: 1, perRequest: 1 },
  { connections: 32, perRequest: 1 },
];
/** Many short ones: what else goes on then hits both sides, and the middle of many hardly sees it. */
const [signerRounds, signerSeconds] = options.brief ? [5, 0.1] : [40, 0.25];
const readers = 32;
const tileBytes = 8192;
/** More than the server keeps in its cache (512), so that one after the other is never there; and few enough to be. */
const [coldTiles, warmTiles] = [options.brief ? 640 : 2048, 64];

const load = new Worker<LoadJob, LoadResult>('./load.js');
const verifying = [1, 2].map(() => new Worker<VerifyingJob, Run>('./verifying.js'));
const bareServers: Worker<BareJob, string>[] = [];

/** A side whose number of operations follows from its last run, so that each round takes as long. */
function paced(
  pid: number,
  run: (count: number) => Promise<Run>,
  step: number,
  first: number,
  duration = seconds,
): Side {
  let count = first;
  return {
    processor: () => processorTime(pid),
    async run() {
      const done = await run(count);
      const enough = (done.count / done.milliseconds) * duration * 1000;
      count = Math.max(step, Math.ceil(enough / step) * step);
      return done;
    },
  };
}

interface Ledger {
  readonly directory: string;
  readonly server: Pick<Server, 'url' | 'pid'>;
}

async function openLedger(
  directory: string,
  init: readonly string[] = [],
): Promise<Ledger & { readonly server: Server }> {
  await initialise(directory, init);
  return { directory, server: await serve(directory, 0) };
}

async function initialise(directory: string, init: readonly string[] = []): Promise<void> {
  const made = await isal(['init', directory, '--origin', 'bench.example/isal', ...init], { cwd: tmpdir() });
  if (made.status !== 0) throw new Error(made.output);
}

/** Attestations that are signed before the clock starts, then sent and waited for. */
function appending(ledger: Ledger, kind: Kind, shape: typeof single, duration = seconds): Side {
  const { directory, server } = ledger;
  return paced(
    server.pid,
    async (count) => {
      await load.ask({ do: 'sign', directory, kind, count });
      return load.ask({ do: 'post', directory, url: server.url, count, ...shape });
    },
    shape.perRequest,
    shape.connections * shape.perRequest * (options.brief ? 1 : 2),
    duration,
  );
}

function reading({ url, pid }: { readonly url: string; readonly pid: number }, tiles: number): Side {
  const paths = Array.from({ length: tiles }, (_, index) => `/${tilePath({ level: 0, index, width: 256 })}`);
  return paced(
    pid,
    (count) => load.ask({ do: 'get', url, paths, bytes: tileBytes, connections: readers, count }),
    tiles,
    coldTiles,
  );
}

function verifications(messageBytes: number): Side {
  const job = { messageBytes, milliseconds: seconds * 1000 };
  return {
    async processor() {
      return sum(await Promise.all(verifying.map(({ pid }) => processorTime(pid))));
    },
    async run() {
      const runs = await Promise.all(verifying.map((process) => process.ask(job)));
      const count = sum(runs.map((run) => run.count));
      return { count, milliseconds: sum(runs.map(({ milliseconds }) => milliseconds)) / runs.length };
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

async function bareServer(job: BareJob): Promise<{ readonly url: string; readonly pid: number }> {
  const worker = new Worker<BareJob, string>('./bare.js');
  bareServers.push(worker);
  return { url: await worker.ask(job), pid: worker.pid };
}

async function measureAppends(directory: string): Promise<Measures> {
  const both = await openLedger(join(directory, 'both-keys'));
  const classical = await openLedger(join(directory, 'ed25519'), ['--no-post-quantum']);
  try {
    const bare = await bareServer({ serve: 'koa-post' });
    const sample: LoadJob = { do: 'sign', directory: both.directory, kind: 'data-access', count: 500 };
    const { messageBytes } = await load.ask(sample);
    const sides = new Map<string, Side>([
      ['verifications', verifications(messageBytes)],
      [
        'bare koa POST',
        paced(
          bare.pid,
          async (count) => {
            await load.ask(sample);
            return load.ask({ do: 'post-bare', url: bare.url, count, ...single });
          },
          1,
          4000,
        ),
      ],
      ['single', appending(both, 'data-access', single)],
      ['batched', appending(both, 'data-access', batched)],
      ['single, two signatures', appending(both, 'build', single)],
      ['batched, two signatures', appending(both, 'build', batched)],
      ['single, Ed25519 only', appending(classical, 'data-access', single)],
      ['batched, Ed25519 only', appending(classical, 'data-access', batched)],
    ]);
    // The first rounds find the pace and let the compilers finish; they are not counted.
    await interleave(sides, warmUp);
    return await interleave(sides, rounds);
  } finally {
    await both.server.stop();
    await classical.server.stop();
  }
}

async function measureTiles(directory: string): Promise<Measures> {
  const filled = join(directory, 'filled');
  await initialise(filled);
  await fillTiles(filled, coldTiles);
  const server = await serve(filled, 0);
  try {
    const bare = await bareServer({ serve: 'http-get', bytes: tileBytes });
    const sides = new Map<string, Side>([
      ['bare GET', reading(bare, warmTiles)],
      ['warm tile', reading(server, warmTiles)],
      ['cold tile', reading(server, coldTiles)],
    ]);
    await interleave(sides, warmUp);
    return await interleave(sides, rounds);
  } finally {
    await server.stop();
  }
}

/** The signer in a process of its own, as `isal serve` has it, against one in the server's. */
async function measureSigner(directory: string): Promise<Measures> {
  const apart = await openLedger(join(directory, 'apart'));
  const together = join(directory, 'together');
  await initialise(together);
  const worker = new Worker<TogetherJob, string>('./together.js');
  try {
    const server = { url: await worker.ask({ directory: together }), pid: worker.pid };
    const sides = new Map<string, Side>();
    for (const [name, shape] of [
      ['alone', alone],
      ['few', few],
    ] as const) {
      sides.set(`${name}, signer apart`, appending(apart, 'data-access', shape, signerSeconds));
      sides.set(
        `${name}, one process`,
        appending({ directory: together, server }, 'data-access', shape, signerSeconds),
      );
    }
    await interleave(sides, 5 * warmUp);
    return await interleave(sides, signerRounds);
  } finally {
    await apart.server.stop();
    await worker.end();
  }
}

function signerRows(measures: Measures): Row[] {
  const row = (goal: string, name: string, who: string): Row => ({
    goal,
    what: `p50 of an append, ${who}: signer apart ÷ in the server's process (${signerRounds} rounds of ${signerSeconds} s)`,
    ...compareLatency(measures, `${name}, signer apart`, `${name}, one process`),
    target: 1.1,
    price: true,
  });
  return [row('D10', 'alone', 'one submitter'), row('D10', 'few', `${few.connections} submitters`)];
}

function rowsOf(appends: Measures, tiles: Measures): Row[] {
  const toVerify = (goal: string, over: string, target: number | undefined, signatures: number): Row => {
    const { rate, processor } = compare(appends, over, 'verifications');
    const [first = over, detail] = over.split(', ');
    return {
      goal,
      what: `${first} append ÷ two-process Ed25519 verify${detail === undefined ? '' : `; ${detail}`}`,
      rate: times(signatures, rate),
      processor: times(signatures, processor),
      target,
    };
  };
  const toBare = (
    goal: string,
    what: string,
    measures: Measures,
    sides: [string, string],
    target: number,
  ): Row => ({
    goal,
    what,
    ...compare(measures, ...sides),
    target,
  });
  return [
    toBare('G1', 'single append ÷ bare koa POST', appends, ['single', 'bare koa POST'], 0.2),
    toVerify('G2', 'single', 0.5, 1),
    toVerify('', 'single, two signatures', undefined, 2),
    toVerify('', 'single, Ed25519 only', undefined, 1),
    toVerify('G3', 'batched', 0.75, 1),
    toVerify('', 'batched, two signatures', undefined, 2),
    toVerify('', 'batched, Ed25519 only', undefined, 1),
    toBare('G7', 'warm tile GET ÷ bare node:http GET', tiles, ['warm tile', 'bare GET'], 0.85),
    toBare('G7', 'cold tile GET ÷ bare node:http GET', tiles, ['cold tile', 'bare GET'], 0.45),
  ];
}

function times(factor: number, { median, least, greatest }: Spread): Spread {
  return { median: factor * median, least: factor * least, greatest: factor * greatest };
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

const directory = await mkdtemp(join(tmpdir(), 'isal-bench-'));
try {
  const signing = await measureSigner(directory);
  const measured = [signing];
  const rows = signerRows(signing);
  if (!options.signer) {
    const [appends, tiles] = [await measureAppends(directory), await measureTiles(directory)];
    measured.unshift(appends, tiles);
    rows.unshift(...rowsOf(appends, tiles));
  }
  process.stdout.write(formatTable({ rows, rounds, seconds, machine: machine() }));
  const sides = measured
    .flatMap((all) => [...all])
    .map(([side, measures]) => ({
      side,
      perSecond: spread(measures.map(({ perSecond }) => perSecond)),
      processor: spread(measures.map(({ processor }) => processor)),
      p50: spread(measures.map(({ p50 }) => p50 ?? Number.NaN)),
    }));
  const report = { machine: machine(), brief: options.brief, rounds, seconds, rows, sides };
  await writeFile(new URL('../../bench.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await Promise.all([load, ...verifying, ...bareServers].map((worker) => worker.end()));
  await rm(directory, { recursive: true, force: true });
}
