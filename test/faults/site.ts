/**
 * A ledger's directory as `isal init` makes it, the trust that outsiders pinned,
 * their journal on a path of its own, and leaves that the ledger takes.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy, type Policy } from '../../src/note/policy.ts';
import * as fixtures from '../fixtures/attestations.ts';
import type { Report } from './checker.ts';
import { Journal } from './journal.ts';
import { Load } from './load.ts';
import { Observer } from './observer.ts';
import { ServerProcess, killAll, runChecker, runIsal } from './processes.ts';
import { Random } from '../random.ts';

/** Data-access events by one gateway: the least that an entry can cost. */
export class Leaves {
  #seq = 0;
  /** Leaf hash of the authority document that new leaves are bound to. */
  authority: string = fixtures.leafHashOf(fixtures.genesis());

  fresh(): Uint8Array {
    this.#seq += 1;
    return fixtures.dataAccess({ authority: this.authority, seq: this.#seq });
  }
}

export class FaultSite {
  readonly root: string;
  readonly policy: Policy;
  readonly leaves: Leaves = new Leaves();
  readonly journal: Journal;
  readonly observer: Observer;
  readonly #loads: Load[] = [];

  private constructor(root: string, policy: Policy, journal: Journal) {
    this.root = root;
    this.policy = policy;
    this.journal = journal;
    this.observer = new Observer(policy, journal);
  }

  /** `prepare` is told the root and gives further arguments for `isal init`. */
  static async make(
    prepare: (root: string) => Promise<readonly string[]> = async () => [],
  ): Promise<FaultSite> {
    const root = await mkdtemp(join(tmpdir(), 'isal-faults-'));
    await writeFile(join(root, 'leaf0.json'), fixtures.genesis());
    const directory = join(root, 'ledger');
    const init = ['init', directory, '--origin', fixtures.origin, '--genesis', join(root, 'leaf0.json')];
    const { status, words } = await runIsal([...init, ...(await prepare(root))]);
    if (status !== 0) throw new Error(`isal init: ${words}`);
    const trust = JSON.parse(await readFile(join(directory, 'trust.json'), 'utf8')) as { policy: string };
    await writeFile(join(root, 'policy'), trust.policy);
    return new FaultSite(root, parsePolicy(trust.policy), await Journal.create(join(root, 'journal')));
  }

  get directory(): string {
    return join(this.root, 'ledger');
  }

  get database(): string {
    return join(this.directory, 'db');
  }

  get anchor(): string {
    return join(this.directory, 'anchor');
  }

  serve(options: readonly string[] = []): ServerProcess {
    return ServerProcess.serve(this.directory, { options });
  }

  load(seed: number, clients = 200): Load {
    const { observer, leaves } = this;
    const load = new Load({ observer, random: new Random(seed), fresh: () => leaves.fresh(), clients });
    this.#loads.push(load);
    return load;
  }

  /** Has the outside checker hold the ledger at `url` to everything that was ever told here. */
  async check(url: string): Promise<Report> {
    return runChecker({ journal: this.journal.path, policy: join(this.root, 'policy'), url });
  }

  async remove(): Promise<void> {
    await Promise.all(this.#loads.map((load) => load.abandon()));
    await killAll();
    await this.journal.close();
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Makes a site for the test and removes it, with all its processes, afterwards. */
export async function onSite(
  test: (site: FaultSite) => Promise<void>,
  prepare?: (root: string) => Promise<readonly string[]>,
): Promise<void> {
  const site = await FaultSite.make(prepare);
  try {
    await test(site);
  } finally {
    await site.remove();
  }
}
