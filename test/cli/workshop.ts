/**
 * A directory in which every example of the help can be typed: a trial ledger
 * that is served, a few entries of it, keys, proofs and statements under the
 * names that the examples use. Made by the commands themselves.
 */
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '../../src/cli/terminal/members.ts';
import { serve } from '../../src/demo/child.ts';
import type { Server } from '../../src/demo/child.ts';
import { fixtures } from '../seal/fixtures.ts';
import { content } from '../seal/make.ts';
import { isal } from './isal.ts';
import type { Ran } from './isal.ts';

/** What the examples call the address of the ledger; the real port is any free one. */
const namedUrl = 'http://127.0.0.1:6962';

/** Something between the commands and the ledger. */
export interface Front {
  readonly url: string;
  /** The URL of the ledger behind it. */
  target: string;
}

/** Members to put in the place of the template's, by the path to them. */
type Changes = Readonly<Record<string, unknown>>;

export class Workshop {
  /** What every example starts from. */
  readonly #base: string;
  readonly #root: string;
  readonly #front: Front | undefined;
  #server: Server;

  private constructor(root: string, server: Server, front: Front | undefined) {
    this.#root = root;
    this.#base = join(root, 'base');
    this.#server = server;
    this.#front = front;
    if (front !== undefined) front.target = server.url;
  }

  /**
   * Changes the directory of this process: the examples name their files by name
   * alone. With `front`, that is where everybody finds the ledger.
   */
  static async open(front?: Front): Promise<Workshop> {
    const root = await mkdtemp(join(tmpdir(), 'isal-examples-'));
    await mkdir(join(root, 'base'));
    process.chdir(join(root, 'base'));
    await fine(`init served --origin example.com/my-ledger --url ${namedUrl} --no-post-quantum`);
    const workshop = new Workshop(root, await serve('served', 0), front);
    try {
      await workshop.#make();
    } catch (error) {
      await workshop.close();
      throw error;
    }
    return workshop;
  }

  async close(): Promise<void> {
    process.chdir(tmpdir());
    await this.#server.stop();
    await rm(this.#root, { recursive: true, force: true });
  }

  /** Where the ledger answers. */
  get #url(): string {
    return this.#front?.url ?? this.#server.url;
  }

  /** Goes into a new directory where all is as it was made. */
  async enter(name: string): Promise<void> {
    const directory = join(this.#root, name);
    await cp(this.#base, directory, { recursive: true });
    process.chdir(directory);
  }

  /** An example as it is typed, with the pinned trust file in the environment. */
  run(example: string, ...more: readonly string[]): Promise<Ran> {
    const args = [...example.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
    const here = args.map((arg) => arg.replace(namedUrl, this.#url));
    return isal([...here.slice(1), ...more], { ISAL_TRUST: 'trust.json' });
  }

  async #make(): Promise<void> {
    const trust = await readFile('served/trust.json', 'utf8');
    await writeFile('trust.json', trust.replace(namedUrl, this.#url));
    for (const key of await readdir('served/keys')) await copyFile(`served/keys/${key}`, key);
    await this.#writeFiles();
    await this.#record();
    await this.#prepare();
    // A database is copied when nobody has it open. It then holds the evidence, too.
    const { port } = new URL(this.#server.url);
    await this.#server.stop();
    for (const ledger of ['my-ledger', 'stopped-ledger']) await cp('served', ledger, { recursive: true });
    await fine('store backup served --to my-backup');
    const [evidence = ''] = await readdir('served/evidence');
    await copyFile(`served/evidence/${evidence}`, 'evidence.json');
    await cp('served', join(this.#root, 'served'), { recursive: true });
    await rm('served', { recursive: true });
    this.#server = await serve(join(this.#root, 'served'), Number(port));
  }

  async #writeFiles(): Promise<void> {
    const seals = fixtures();
    const files: Readonly<Record<string, string | Uint8Array>> = {
      'setup.bin': 'the installer\n',
      'rebuilt.bin': 'the installer\n',
      'other.bin': 'another installer\n',
      'new.bin': 'the next installer\n',
      'sealed.bin': content,
      'seal.p7s': seals['good.p7s'] ?? '',
      'seal.tsr': seals['good.tsr'] ?? '',
      'base.db': 'the database\n',
      'reviewer.txt': 'Erika Muster',
      'identity.txt': 'Max Muster, badge 7',
      'reason.txt': 'ticket 4711',
      'customer.secret': `${'5a'.repeat(32)}\n`,
    };
    for (const [name, text] of Object.entries(files)) await writeFile(name, text, { mode: 0o600 });
    await mkdir('source');
    await writeFile('source/main.c', 'int main(void) { return 0; }\n');
  }

  async #record(): Promise<void> {
    await record('build --file setup.bin', ['builder', 'supervisor']);
    // The same number for other contents: the ledger refuses it, and keeps evidence.
    await write('build --file other.bin --seq 1', 'twice', ['builder', 'supervisor']);
    const twice = await isal('attest submit twice.dsse.json --trust trust.json'.split(' '));
    if (twice.status !== 1) throw new Error(`a number was used twice: ${twice.stderr}`);
    await record('database-update --file base.db', ['database-publisher', 'supervisor'], {
      'predicate.family': 'virus',
      'predicate.version': '1.0',
    });
    const digest = async (field: string, file: string): Promise<string[]> => [
      (await fine(`access disclose --field ${field} --in ${file} --out ${field}.disclosure`)).stdout.trim(),
    ];
    const tag = 'access tag --secret customer.secret --category telemetry --day';
    await record('data-access', ['access-gateway'], {
      'predicate.occurredAt': '2026-11-03T09:00:00Z',
      'predicate.actor._sd': await digest('identity', 'identity.txt'),
      'predicate.reason._sd': await digest('detail', 'reason.txt'),
      'predicate.customerTags': [(await fine(`${tag} 2026-11-03`)).stdout.trim()],
    });
    await record('period-summary', ['access-gateway', 'vendor'], {
      'predicate.period': { from: '2026-11-03T00:00:00Z', to: '2026-11-03T12:00:00Z' },
      'predicate.summarised.seqTo': 2,
      'predicate.counts.byActivity.read': 1,
      'predicate.counts.byCountry': [{ country: 'CH', count: 1 }],
      'predicate.counts.byReason.support': 1,
      'predicate.gatewayCount': 1,
      'predicate.vendorCount': 1,
    });
    await record('residency', ['vendor', 'supervisor'], { 'predicate.phase': 'complete' });
  }

  /** Files that one command writes and another one reads. */
  async #prepare(): Promise<void> {
    await write('build --file new.bin', 'release', ['builder', 'supervisor']);
    await write('build --file new.bin', 'build', ['builder']);
    await write('build --file sealed.bin', 'sealed', []);
    const proposal = 'authority propose --bundle authority.isal-bundle --out proposal.json';
    for (const command of [
      'bundle get setup.bin',
      'proof inclusion --index 1 --out entry.tlog-proof',
      'authority show --out authority.isal-bundle',
      `${proposal} --add-promise access-gateway;7d;12h`,
      'authority sign proposal.json --key root-1.pem --bundle authority.isal-bundle --out signed.dsse.json',
      'authority sign signed.dsse.json --key root-2.pem --bundle authority.isal-bundle',
      'access vault init vault --key vault.key',
      'monitor init watch',
      'witness init my-witness --name witness.example.org/w1 --policy trust.json',
    ]) {
      await fine(command);
    }
  }
}

async function fine(command: string): Promise<Ran> {
  const ran = await isal(command.split(' '), { ISAL_TRUST: 'trust.json' });
  if (ran.status !== 0) throw new Error(`isal ${command}: ${ran.stdout}${ran.stderr}`);
  return ran;
}

/** A statement with its changes, and an envelope with these signatures, as NAME.json and NAME.dsse.json. */
async function write(
  what: string,
  name: string,
  keys: readonly string[],
  changes: Changes = {},
): Promise<void> {
  await fine(`attest new ${what} --trust trust.json --out ${name}.json`);
  const statement = JSON.parse(await readFile(`${name}.json`, 'utf8')) as object;
  for (const [path, value] of Object.entries(changes)) change(statement, path.split('.'), value);
  await writeFile(`${name}.json`, JSON.stringify(statement));
  for (const [i, key] of keys.entries()) {
    const [verb, from] = i === 0 ? ['sign', `${name}.json`] : ['cosign', `${name}.dsse.json`];
    await fine(`attest ${verb} ${from} --key ${key}.pem`);
  }
}

function change(within: object, [name = '', ...rest]: readonly string[], value: unknown): void {
  const members = within as Record<string, unknown>;
  const inner = members[name];
  if (rest.length > 0 && isObject(inner)) change(inner, rest, value);
  else members[name] = value;
}

async function record(what: string, keys: readonly string[], changes: Changes = {}): Promise<void> {
  await write(what, 'recorded', keys, changes);
  await fine('attest submit recorded.dsse.json --trust trust.json');
}
