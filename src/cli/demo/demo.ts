/** `isal demo`: the whole of it on this machine, told as it happens. */
import { randomBytes } from 'node:crypto';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashLeaf, sha256 } from '#sha256';
import { signEnvelope } from '../../attestation/envelope.ts';
import { encodeStatement } from '../../attestation/statement.ts';
import type { Statement } from '../../attestation/types.ts';
import { toHex, utf8 } from '../../bytes.ts';
import { LedgerError } from '../../errors.ts';
import { parseTrust } from '../../verifier/trust.ts';
import { misused, numberOption } from '../terminal/args.ts';
import type { Given, ValuesOf } from '../terminal/command.ts';
import type { described } from './commands.ts';
import { isal, program, serve } from '../../demo/child.ts';
import type { Finished, Server, Where } from '../../demo/child.ts';
import type { Children } from '../../demo/children.ts';
import { record } from '../../demo/record.ts';
import type { Recorder } from '../../demo/record.ts';
import { readRows, shippedRows } from '../../demo/rows.ts';
import {
  accessStatement,
  buildColumns,
  buildStatement,
  updateColumns,
  updateStatement,
} from '../../demo/statements.ts';
import type { BuildRow, StatementContext, UpdateRow } from '../../demo/statements.ts';
import { tellStory } from '../../demo/story/story.ts';
import { tidily } from '../../demo/tidy.ts';
import type { Means } from '../../demo/tidy.ts';
import { printable } from '../terminal/io.ts';
import type { Io } from '../terminal/io.ts';
import { readPartyKey } from '../terminal/secret-file.ts';

const origin = 'demo.example/isal';
const accessEvents = 12;

/** What is recorded, in the order in which it is recorded. */
interface Rows {
  readonly builds: string;
  readonly updates: string;
}

interface Signers {
  readonly builder: Uint8Array;
  readonly publisher: Uint8Array;
  readonly supervisor: Uint8Array;
  readonly gateway: Uint8Array;
}

async function readSigners(directory: string): Promise<Signers> {
  const key = (name: string): Promise<Uint8Array> => readPartyKey(join(directory, 'keys', `${name}.pem`));
  return {
    builder: await key('builder'),
    publisher: await key('database-publisher'),
    supervisor: await key('supervisor'),
    gateway: await key('access-gateway'),
  };
}

const sign = (statement: Statement, seeds: readonly Uint8Array[]): Uint8Array =>
  signEnvelope(encodeStatement(statement), seeds);

type Places = (seq: number) => StatementContext;

/** The first number at the builds' source goes to the file on this disk. */
async function* buildLeaves(path: string, signers: Signers, place: Places): AsyncGenerator<Uint8Array> {
  let seq = 1;
  for await (const row of readRows(path, buildColumns)) {
    yield sign(buildStatement(row, place(++seq)), [signers.builder, signers.supervisor]);
  }
}

async function* updateLeaves(path: string, signers: Signers, place: Places): AsyncGenerator<Uint8Array> {
  let seq = 0;
  const last = new Map<string, UpdateRow>();
  for await (const row of readRows(path, updateColumns)) {
    const statement = updateStatement(row, last.get(row.family), place(++seq));
    last.set(row.family, row);
    yield sign(statement, [signers.publisher, signers.supervisor]);
  }
}

function* accessLeaves(signers: Signers, place: Places): Generator<Uint8Array> {
  for (let seq = 1; seq <= accessEvents; seq++) yield sign(accessStatement(place(seq)), [signers.gateway]);
}

async function bytesBelow(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => {
      const entry = await stat(join(directory, name));
      return entry.isFile() ? entry.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

const indent = (text: string): string => text.trimEnd().replace(/^/gm, '    ');
const count = (n: number): string => n.toLocaleString('en');

/** The story, one chapter a method; `say` is the only thing that prints. */
class Demonstration {
  readonly #io: Io;
  readonly #directory: string;
  readonly #children: Children;
  readonly #ledger: string;

  constructor(io: Io, { directory, children }: Means) {
    this.#io = io;
    this.#directory = directory;
    this.#children = children;
    this.#ledger = join(directory, 'ledger');
  }

  say(text: string): void {
    this.#io.stdout(`${text}\n`);
  }

  /** Shows a command and what it says; a demonstration whose promise does not hold is a failure. */
  async show(args: readonly string[], expected: number, promise: string): Promise<void> {
    this.say(`\n  $ isal ${args.join(' ')}`);
    const { status, output } = await isal(args, { cwd: this.#directory, children: this.#children });
    this.say(indent(output));
    if (status !== expected) {
      throw new LedgerError('internal', `the demonstration did not show that ${promise}`, {
        expected: `exit status ${expected}`,
        got: `exit status ${status}`,
      });
    }
  }

  async open(port: number): Promise<Server> {
    this.say(`A ledger opens, in ${this.#ledger}
The rows recorded below are real. The signing keys are not: they were made a moment ago for
this demonstration, and none of the publishers named has signed anything.`);
    await this.show(['init', 'ledger', '--origin', origin], 0, 'a ledger can be made');
    return serve(this.#ledger, port, this.#children);
  }

  async record(rows: Rows, server: Server): Promise<number> {
    this.say(`\nThe vendor and its supervisor sign together, and record over HTTP (${server.url})`);
    const trust = parseTrust(await readFile(join(this.#ledger, 'trust.json')));
    const genesis = await readFile(join(this.#ledger, 'genesis.json'));
    const signers = await readSigners(this.#ledger);
    const authority = toHex(hashLeaf(genesis));
    const place: Places = (seq) => ({
      origin,
      authority,
      seq,
      occurredAt: new Date(this.#io.now()).toISOString(),
    });
    const recorder = (what: string): Recorder => ({
      url: server.url,
      policy: trust.policy,
      onProgress: (done) => {
        if (this.#io.isTTY) this.#io.stderr(`\r  ${what}: ${count(done)} `);
      },
    });
    const began = this.#io.now();
    let total = 0;
    const all = async (
      what: string,
      leaves: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    ): Promise<void> => {
      let n = 0;
      for await (const _ of record(leaves, recorder(what))) n++;
      if (this.#io.isTTY) this.#io.stderr('\r\u001b[K');
      this.say(`  ✓ ${count(n).padStart(6)} ${what}`);
      total += n;
    };
    const setup = join(this.#directory, 'setup-demo.bin');
    await writeFile(setup, randomBytes(300_000));
    const row: BuildRow = {
      package: 'isal-demo',
      version: '1.0.0',
      architecture: 'all',
      file: 'setup-demo.bin',
      sha256: toHex(sha256(await readFile(setup))),
      source: 'isal-demo',
      sourceVersion: '1.0.0',
      dscFile: 'isal-demo_1.0.0.dsc',
      dscSha256: toHex(sha256(utf8('the source of this demonstration'))),
    };
    const leaf = sign(buildStatement(row, place(1)), [signers.builder, signers.supervisor]);
    await all('build of setup-demo.bin, a file on this disk', [leaf]);
    await all(
      'builds of real packages, each with the digest of its source',
      buildLeaves(rows.builds, signers, place),
    );
    await all('database updates, each naming the one before', updateLeaves(rows.updates, signers, place));
    await all('accesses to customer data (made up), denied ones included', accessLeaves(signers, place));
    const seconds = (this.#io.now() - began) / 1000;
    this.say(
      `  Every answer carried a proof, and each was checked: ${count(total)} in ${seconds.toFixed(1)} s.`,
    );
    return total;
  }

  async customer(server: Server): Promise<void> {
    this.say('\nA customer checks the file on the own disk, with the trust file pinned once');
    const trust = ['--trust', 'ledger/trust.json'];
    await this.show(
      ['verify', 'setup-demo.bin', ...trust, '--url', server.url],
      0,
      'a recorded file is proven recorded',
    );
    this.say('\nThe same without any network: the answer and its proofs are in one file');
    await this.show(
      ['verify', 'setup-demo.bin', '--offline', '--bundle', 'setup-demo.bin.isal-bundle', ...trust],
      0,
      'a bundle verifies offline',
    );
  }

  async monitor(server: Server, total: number): Promise<void> {
    this.say('\nA monitor compares two snapshots: was anything changed or dropped in between?');
    const from = String(Math.ceil(total / 2));
    await this.show(
      [
        'proof',
        'consistency',
        '--from',
        from,
        '--to',
        String(total + 1),
        '--trust',
        'ledger/trust.json',
        '--url',
        server.url,
      ],
      0,
      'two snapshots are consistent',
    );
  }

  async fraud(): Promise<void> {
    this.say('\nSomebody changes one byte of the file');
    const bytes = await readFile(join(this.#directory, 'setup-demo.bin'));
    bytes[150_000] = (bytes[150_000] ?? 0) ^ 1;
    await writeFile(join(this.#directory, 'setup-tampered.bin'), bytes);
    const offline = ['--offline', '--trust', 'ledger/trust.json', '--bundle'];
    await this.show(
      ['verify', 'setup-tampered.bin', ...offline, 'setup-demo.bin.isal-bundle'],
      2,
      'a changed file is not taken for the recorded one',
    );
    this.say('\nSomebody changes one byte of the record instead, to hide where it was built');
    const bundle = await readFile(join(this.#directory, 'setup-demo.bin.isal-bundle'), 'utf8');
    const forged = JSON.parse(bundle) as { leaves: { leaf: string }[] };
    const last = forged.leaves.at(-1);
    if (last !== undefined) {
      const at = last.leaf.indexOf('"payload":"') + 400;
      last.leaf = `${last.leaf.slice(0, at)}${last.leaf[at] === 'A' ? 'B' : 'A'}${last.leaf.slice(at + 1)}`;
    }
    await writeFile(join(this.#directory, 'forged.isal-bundle'), JSON.stringify(forged));
    await this.show(
      ['verify', 'setup-demo.bin', ...offline, 'forged.isal-bundle'],
      1,
      'a forged record is caught',
    );
  }

  async figures(server: Server): Promise<void> {
    const peak = await server.stop();
    const disk = await bytesBelow(join(this.#ledger, 'db'));
    this.say(
      `\nThe server used at most ${count(Math.round(peak / 1024))} MiB of memory; the database has ${count(disk)} bytes on disk.`,
    );
  }
}

/** Its ledger, its rows and its ports are its own. */
function requireStoryAlone(values: ValuesOf<typeof described.demo>): void {
  const others = ['builds', 'updates', 'port', 'keep'] as const;
  const other = others.find((name) => values[name] !== undefined && values[name] !== false);
  if (other !== undefined) throw misused(`--story takes --dir alone, and no --${other}`);
}

/** Throws `usage` for a directory that is not empty. */
async function story({ directory, children }: Means, io: Io): Promise<void> {
  if ((await readdir(directory)).length > 0) {
    throw new LedgerError('usage', '--story needs an empty directory, or one that is not there yet', {
      got: directory,
    });
  }
  const say = (text: string): void => io.stdout(`${text}\n`);
  const among = (where: Where): Where => ({ ...where, children });
  await tellStory({
    props: {
      directory,
      children,
      say,
      isal: (args, where): Promise<Finished> => isal(args, among(where)),
      program: (file, args, where): Promise<Finished> => program(file, args, among(where)),
    },
    now: () => io.now(),
  });
}

interface Wishes extends Rows {
  readonly port: number;
  readonly keep: boolean;
}

/** Resolves to whether it served on, until a signal was its proper end. */
async function demonstrate({ port, keep, ...rows }: Wishes, means: Means, io: Io): Promise<boolean> {
  const demonstration = new Demonstration(io, means);
  const server = await demonstration.open(port);
  const total = await demonstration.record(rows, server);
  await demonstration.customer(server);
  await demonstration.monitor(server, total);
  await demonstration.fraud();
  if (keep) {
    const ledger = join(means.directory, 'ledger');
    demonstration.say(`\nStill serving at ${server.url}; the trust file is ${join(ledger, 'trust.json')}`);
    demonstration.say('Stop with Ctrl-C.');
    await server.ended;
    demonstration.say(`\nThe ledger stays in ${printable(ledger)}.`);
  } else {
    await demonstration.figures(server);
  }
  demonstration.say('\nDone: recorded, proven, and two frauds caught.');
  return keep;
}

export async function demo({ values }: Given<typeof described.demo>, io: Io): Promise<number> {
  const { dir } = values;
  if (values.story) {
    requireStoryAlone(values);
    const status = await tidily({ dir, prefix: 'isal-story-' }, async (means) => {
      await story(means, io);
      return false;
    });
    if (dir !== undefined && status === 0) io.stdout(`\nAll files are in ${printable(dir)}.\n`);
    return status;
  }
  const wishes = {
    builds: values.builds ?? shippedRows('builds.jsonl'),
    updates: values.updates ?? shippedRows('updates.jsonl'),
    port: values.port === undefined ? 0 : numberOption('port', values.port, { min: 0, max: 65535 }),
    keep: values.keep,
  };
  return tidily({ dir, keep: values.keep, prefix: 'isal-demo-' }, (means) => demonstrate(wishes, means, io));
}
