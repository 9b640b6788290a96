/**
 * Nothing anonymous fells a ledger or keeps others from it: the costliest request
 * of every route, by a thousand connections at once, against a server with a heap
 * of 256 MiB. And what each such request costs.
 *
 *     ISAL_SIEGE=whole         every route, on both ledgers; half an hour
 *     ISAL_SIEGE='HEAD /tile'  those whose method and route match
 *
 * Without it, on the heavy one, what has felled a server before, and a sample of the rest; times may
 * then be longer than they should, since a machine that others use, too, has times of its own.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { defined } from '../../src/defined.ts';
import { seed, sampleOf } from '../extent.ts';
import * as fixtures from '../fixtures/attestations.ts';
import { Random } from '../random.ts';
import { HttpClient } from './client.ts';
import { costOf, overpriced } from './costly/costs.ts';
import type { Cost } from './costly/costs.ts';
import { crowd } from './costly/crowd.ts';
import { costliestOf } from './costly/requests.ts';
import type { Costly } from './costly/requests.ts';
import { besiege, quantile, violationsOf } from './costly/siege.ts';
import type { SiegeResult } from './costly/siege.ts';
import { fillStore } from './costly/stores.ts';
import type { Places, StoreName } from './costly/stores.ts';
import { formatTable } from './costly/table.ts';
import { ServerProcess } from './processes.ts';
import { FaultSite } from './site.ts';

const extent = process.env['ISAL_SIEGE'];
const size =
  extent === undefined
    ? { connections: 1_000, seconds: 1, sampled: 1, measured: 0.1 }
    : { connections: 1_000, seconds: 5, sampled: Infinity, measured: 0.4 };
/** What times may be longer by on a machine that others use, too. */
const slack = extent === undefined ? 8 : 1;
const heapMiB = 256;
/** Entries that are recorded under each siege, at most. */
const appended = 16;
const host = 'ledger.example';

/** A filled ledger, and an idle one that answers beside it. */
class Field {
  readonly #site: FaultSite;
  readonly #idle: FaultSite;
  readonly places: Places;
  readonly control: string;
  readonly costly: readonly Costly[];
  #numbered = 100_000;

  private constructor(
    sites: readonly [FaultSite, FaultSite],
    places: Places,
    control: string,
    costly: readonly Costly[],
  ) {
    [this.#site, this.#idle] = sites;
    this.places = places;
    this.control = control;
    this.costly = costly;
  }

  /** The costliest requests of the long ones, by an address for which a trusted proxy speaks. */
  static async behindProxy(from: string): Promise<Field> {
    const field = await Field.make('heavy', from);
    const config = join(field.directory, 'config.json');
    const settings = JSON.parse(await readFile(config, 'utf8')) as object;
    await writeFile(config, JSON.stringify({ ...settings, trustedProxies: ['127.0.0.0/8'] }));
    return field;
  }

  static async make(name: StoreName, from?: string): Promise<Field> {
    const [site, idle] = [await FaultSite.make(), await FaultSite.make()];
    const places = await fillStore(site.directory, name);
    const control = await idle.serve().ready;
    const client = new HttpClient(control);
    const description = await client.read('openapi.json').finally(() => client.close());
    return new Field(
      [site, idle],
      places,
      control,
      costliestOf({ description, places, host, ...defined({ from }) }),
    );
  }

  get directory(): string {
    return this.#site.directory;
  }

  /** Entries that nobody has recorded yet. */
  fresh(): Uint8Array[] {
    return Array.from({ length: appended }, () => fixtures.dataAccess({ seq: ++this.#numbered }));
  }

  /** Those that this run is about. */
  chosen(): readonly Costly[] {
    if (extent === undefined) {
      const rest = sampleOf(
        this.costly.filter(({ always }) => !always),
        size.sampled,
        new Random(seed),
      );
      return this.costly.filter((one) => one.always || rest.includes(one));
    }
    if (extent === 'whole') return this.costly;
    const pattern = new RegExp(extent);
    return this.costly.filter(({ method, route }) => pattern.test(`${method} ${route}`));
  }

  async remove(): Promise<void> {
    await this.#site.remove();
    await this.#idle.remove();
  }
}

const ms = (value: number): string =>
  Number.isFinite(value) ? value.toFixed(0) : Number.isNaN(value) ? '' : 'never';
const both = (values: readonly number[]): string =>
  `${ms(quantile(values, 0.5))} / ${ms(quantile(values, 0.99))}`;
const worst = (values: readonly number[]): string => (values.length === 0 ? '' : ms(Math.max(...values)));

const siegeHeading = [
  'request',
  'costliest',
  'peak MiB',
  'checkpoint p50 / p99 ms',
  'idle',
  'health ms',
  'append ms',
  'idle',
  'SIGTERM ms',
  'ended',
  'answers',
  'did not hold',
];

function siegeRow({ method, route, what }: Costly, result: SiegeResult, found: readonly string[]): string[] {
  const { peakMiB, target, control, terminateMs, status, storm } = result;
  return [
    `${method} ${route}`,
    what,
    ms(peakMiB),
    both(target.checkpoint),
    both(control.checkpoint),
    worst(target.health),
    worst(target.append),
    worst(control.append),
    ms(terminateMs),
    String(status),
    Object.entries(storm.answers)
      .map(([answer, count]) => `${answer}: ${count}`)
      .join(', '),
    found.join('; '),
  ];
}

function costRow({ method, route, what, lines }: Costly, cost: Cost, found: readonly string[]): string[] {
  const { fresh, repeated, unit, statuses } = cost;
  return [
    `${method} ${route}`,
    lines === 1 ? what : `${what} (of ${lines})`,
    fresh.toFixed(1),
    repeated.toFixed(1),
    unit.toFixed(0),
    statuses.join(', '),
    found.join('; '),
  ];
}

function print(title: string, heading: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`\n${title}\n\n${formatTable(heading, rows)}`);
}

describe(`the costliest request of every route (${extent ?? `a sample, ISAL_TEST_SEED=${seed}`})`, function () {
  this.timeout(3_600_000);

  for (const name of extent === undefined ? (['heavy'] as const) : (['heavy', 'ordinary'] as const)) {
    describe(`on a ledger of ${name === 'heavy' ? 'entries of 29 KiB' : 'thousands of ordinary entries'}`, () => {
      let field: Field;
      before(async () => (field = await Field.make(name)));
      after(() => field.remove());

      it(`by ${size.connections} connections: no exit, bounded memory, and everybody else is answered`, async () => {
        const rows: string[][] = [];
        const violations: Record<string, string[]> = {};
        for (const costly of field.chosen()) {
          const { directory, control } = field;
          const { connections, seconds } = size;
          const leaves = field.fresh();
          const result = await besiege({ directory, control, costly, connections, seconds, leaves, heapMiB });
          const found = violationsOf(costly, result, { slack });
          rows.push(siegeRow(costly, result, found));
          if (found.length > 0) violations[`${costly.method} ${costly.route}: ${costly.what}`] = found;
        }
        print(`${name}, ${size.connections} connections, ${size.seconds} s each`, siegeHeading, rows);
        expect(violations).to.deep.equal({});
      });

      it('is worth at most 200 checkpoints, and 20 where it is kept or has no body', async () => {
        const server = ServerProcess.serve(field.directory);
        const { hostname, port } = new URL(await server.ready);
        const rows: string[][] = [];
        const violations: Record<string, string[]> = {};
        for (const costly of field.chosen()) {
          const measuring = costOf(
            { pid: server.pid, host: hostname, port: Number(port) },
            costly,
            size.measured,
          );
          const cost = await server.during(measuring);
          const found = overpriced(costly, cost, extent === undefined ? 2 : 1);
          rows.push(costRow(costly, cost, found));
          if (found.length > 0) violations[`${costly.method} ${costly.route}: ${costly.what}`] = found;
        }
        await server.kill();
        print(
          `${name}, in units of a GET of the checkpoint`,
          ['request', 'costliest', 'fresh', 'repeated', 'unit µs', 'answers', 'too dear'],
          rows,
        );
        expect(violations).to.deep.equal({});
      });
    });
  }
});

describe('one address with a thousand connections, behind a proxy that is trusted', function () {
  this.timeout(600_000);
  const [greedy, modest] = ['192.0.2.7', '198.51.100.7'];
  let field: Field;
  before(async () => (field = await Field.behindProxy(greedy)));
  after(() => field.remove());

  it('cannot push out another address, is told when to come back, and fells nothing', async () => {
    const wanted = [
      '/checkpoint',
      `/api/v1/attestations/${field.places.corrected.leafHash}`,
      '/api/v1/proofs/inclusion?index=1',
      '/api/v1/attestations?limit=16',
      '/tile/entries/000.p/16',
    ];
    const later: number[] = [];
    const { directory } = field;
    const { connections, seconds } = { ...size, seconds: 2 * size.seconds };
    for (const costly of field.chosen().filter(({ always, method }) => always && method !== 'POST')) {
      const name = `${costly.method} ${costly.route}`;
      const result = await crowd({ directory, costly, wanted, other: modest, connections, seconds, heapMiB });
      const { heard, storm } = result;
      const slow = heard.filter(({ status, ms: took }) => status !== 200 || took > 1_000 * slack);
      console.log(
        `      ${name}: ${heard.length} answers to the other address, the slowest in ${worst(heard.map(({ ms: took }) => took))} ms; ${JSON.stringify(storm.answers)}`,
      );
      expect(slow, name).to.deep.equal([]);
      // How soon there is too much depends on how much the machine gets done.
      if ('429' in storm.answers) later.push(Number(storm.retryAfter['429']));
    }
    expect(later).to.have.length.above(0);
    for (const waits of later) expect(waits).to.be.within(1, 60);
  });
});
