/**
 * `npm run bench`: what the ledger does, as ratios to what the machine can do.
 *
 *     npm run bench               a few minutes
 *     npm run bench -- --brief    every row for a moment, to see that it runs
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
import { isal, serve } from '../../src/cli/demo/child.ts';
import type { Server } from '../../src/cli/demo/child.ts';
import { tilePath } from '../../src/tlog/tile.ts';
import type { BareJob } from './bare.ts';
import { fillTiles } from './filled.ts';
import type { Kind, LoadJob, LoadResult } from './load.ts';
import { interleave, ratio, ratesOf, spread } from './rounds.ts';
import type { Rates, Side } from './rounds.ts';
import { formatTable } from './table.ts';
import type { Row } from './table.ts';
import type { VerifyingJob } from './verifying.ts';
import { Worker } from './worker.ts';

const { values: options } = parseArgs({ options: { brief: { type: 'boolean', default: false } } });

const rounds = options.brief ? 3 : 7;
/** How long one side runs in one round. */
const seconds = options.brief ? 0.25 : 1.5;
const warmUp = options.brief ? 1 : 2;
const single = { connections: 64, perRequest: 1 };
const batched = { connections: 4, perRequest: options.brief ? 64 : 256 };
const readers = 32;
const tileBytes = 8192;
/** More than the server keeps in its cache (512), so that one after the other is never there; and few enough to be. */
const [coldTiles, warmTiles] = [options.brief ? 640 : 2048, 64];

const load = new Worker<LoadJob, LoadResult>('./load.js');
const verifying = [1, 2].map(() => new Worker<VerifyingJob, number>('./verifying.js'));
const bareServers = [1, 2].map(() => new Worker<BareJob, string>('./bare.js'));

/** Entries or requests per second, over as many as make up a side's time. */
const rate = ({ count, milliseconds }: LoadResult): number => (count / milliseconds) * 1000;

/** A side whose number of operations follows from its last rate, so that each round takes as long. */
function paced(run: (count: number) => Promise<LoadResult>, step: number, first: number): Side {
  let count = first;
  return async () => {
    const measured = rate(await run(count));
    count = Math.max(step, Math.ceil((measured * seconds) / step) * step);
    return measured;
  };
}

interface Ledger {
  readonly directory: string;
  readonly server: Server;
}

async function openLedger(directory: string, init: readonly string[] = []): Promise<Ledger> {
  await initialise(directory, init);
  return { directory, server: await serve(directory, 0) };
}

async function initialise(directory: string, init: readonly string[] = []): Promise<void> {
  const made = await isal(['init', directory, '--origin', 'bench.example/isal', ...init], { cwd: tmpdir() });
  if (made.status !== 0) throw new Error(made.output);
}

/** Attestations that are signed before the clock starts, then sent and waited for. */
function appending(ledger: Ledger, kind: Kind, shape: typeof single): Side {
  const { directory, server } = ledger;
  return paced(
    async (count) => {
      await load.ask({ do: 'sign', directory, kind, count });
      return load.ask({ do: 'post', directory, url: server.url, count, ...shape });
    },
    shape.perRequest,
    shape.connections * shape.perRequest * (options.brief ? 1 : 2),
  );
}

function reading(url: string, tiles: number): Side {
  const paths = Array.from({ length: tiles }, (_, index) => `/${tilePath({ level: 0, index, width: 256 })}`);
  return paced(
    (count) => load.ask({ do: 'get', url, paths, bytes: tileBytes, connections: readers, count }),
    tiles,
    coldTiles,
  );
}

async function verificationRate(messageBytes: number): Promise<number> {
  const job = { messageBytes, milliseconds: seconds * 1000 };
  const rates = await Promise.all(verifying.map((process) => process.ask(job)));
  return rates.reduce((sum, each) => sum + each, 0);
}

async function measureAppends(directory: string): Promise<Rates> {
  const both = await openLedger(join(directory, 'both-keys'));
  const classical = await openLedger(join(directory, 'ed25519'), ['--no-post-quantum']);
  try {
    const bare = await (bareServers[0] as Worker<BareJob, string>).ask({ serve: 'koa-post' });
    const sample: LoadJob = { do: 'sign', directory: both.directory, kind: 'data-access', count: 500 };
    const { messageBytes } = await load.ask(sample);
    const sides = new Map<string, Side>([
      ['verifications', () => verificationRate(messageBytes)],
      [
        'bare koa POST',
        paced(
          async (count) => {
            await load.ask(sample);
            return load.ask({ do: 'post-bare', url: bare, count, ...single });
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

async function measureTiles(directory: string): Promise<Rates> {
  const filled = join(directory, 'filled');
  await initialise(filled);
  await fillTiles(filled, coldTiles);
  const server = await serve(filled, 0);
  try {
    const bare = await (bareServers[1] as Worker<BareJob, string>).ask({
      serve: 'http-get',
      bytes: tileBytes,
    });
    const sides = new Map<string, Side>([
      ['bare GET', reading(bare, warmTiles)],
      ['warm tile', reading(server.url, warmTiles)],
      ['cold tile', reading(server.url, coldTiles)],
    ]);
    await interleave(sides, warmUp);
    return await interleave(sides, rounds);
  } finally {
    await server.stop();
  }
}

function rowsOf(appends: Rates, tiles: Rates): Row[] {
  const append = (over: string): string => `${over} append`;
  const toVerify = (goal: string, over: string, target: number | undefined, signatures: number): Row => {
    const { median, least, greatest } = ratio(appends, over, 'verifications');
    return {
      goal,
      what: `${append(over)}${signatures === 1 ? '' : ', signatures'} ÷ two-process Ed25519 verify`,
      ratio: { median: median * signatures, least: least * signatures, greatest: greatest * signatures },
      target,
    };
  };
  return [
    {
      goal: 'G1',
      what: 'single append ÷ bare koa POST',
      ratio: ratio(appends, 'single', 'bare koa POST'),
      target: 0.2,
    },
    toVerify('G2', 'single', 0.5, 1),
    toVerify('', 'single, two signatures', undefined, 2),
    toVerify('', 'single, Ed25519 only', undefined, 1),
    toVerify('G3', 'batched', 0.75, 1),
    toVerify('', 'batched, two signatures', undefined, 2),
    toVerify('', 'batched, Ed25519 only', undefined, 1),
    {
      goal: 'G7',
      what: 'warm tile GET ÷ bare node:http GET',
      ratio: ratio(tiles, 'warm tile', 'bare GET'),
      target: 0.85,
    },
    {
      goal: 'G7',
      what: 'cold tile GET ÷ bare node:http GET',
      ratio: ratio(tiles, 'cold tile', 'bare GET'),
      target: 0.45,
    },
  ];
}

function machine(): string {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model ?? 'unknown processor'}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
}

const directory = await mkdtemp(join(tmpdir(), 'isal-bench-'));
try {
  const appends = await measureAppends(directory);
  const tiles = await measureTiles(directory);
  const rows = rowsOf(appends, tiles);
  process.stdout.write(formatTable({ rows, rounds, seconds, machine: machine() }));
  const rates = [...appends.keys(), ...tiles.keys()].map((side) => {
    const of = appends.has(side) ? appends : tiles;
    return { side, perSecond: spread(ratesOf(of, side)) };
  });
  const report = { machine: machine(), brief: options.brief, rounds, seconds, rows, rates };
  await writeFile(new URL('../../bench.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
} finally {
  await Promise.all([load, ...verifying, ...bareServers].map((worker) => worker.end()));
  await rm(directory, { recursive: true, force: true });
}
