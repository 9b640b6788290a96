/**
 * The ledger and its witnesses while the fixture is made: directories that
 * `isal init` and `isal witness init` have made, with the keys of this file in
 * them, opened in this process under a clock that is set.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Anchor } from '../../../src/cosigner/anchor.ts';
import { startServer } from '../../../src/http/server.ts';
import type { RunningServer } from '../../../src/http/server.ts';
import { startWitnessServer } from '../../../src/http/witness.ts';
import { Ledger } from '../../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../../src/ledger/ledger.ts';
import {
  formatSignerKey,
  formatVerifierKey,
  parseSignerKey,
  signerKey,
  verifierOf,
} from '../../../src/note/key.ts';
import type { SignerKey } from '../../../src/note/key.ts';
import { parsePolicy } from '../../../src/note/policy.ts';
import { openLevel } from '../../../src/storage/level.ts';
import { parseTrust } from '../../../src/verifier/trust.ts';
import { Witness } from '../../../src/witness/witness.ts';
import { digest, origin } from '../../fixtures/attestations.ts';
import { restingUrl, restingWitness } from '../place.ts';
import { runCommand } from '../run.ts';

const seed = (number: number): Uint8Array => new Uint8Array(32).fill(number);

export const logKeys: readonly SignerKey[] = [
  signerKey({ name: origin, type: 1, seed: seed(201) }),
  signerKey({ name: origin, type: 6, seed: seed(202) }),
];

const witnessName = (number: number): string => `witness.example/w${number}`;
const witnessKey = (number: number, type: 4 | 6): SignerKey =>
  signerKey({ name: witnessName(number), type, seed: seed(210 + 10 * number + type) });

/** Two that keep their memory in the fixture, with a key of each kind. */
export const witnessNumbers: readonly number[] = [1, 2];
/** Cosigns the early checkpoints alone, and is not heard of any more. */
export const thirdWitness: SignerKey = witnessKey(3, 4);
export const witnessKeys: readonly SignerKey[] = [witnessKey(1, 4), witnessKey(2, 4), thirdWitness];
export const postQuantumWitness: SignerKey = witnessKey(1, 6);

const vkey = (key: SignerKey): string => formatVerifierKey(verifierOf(key));

/** The lines of the policy that everybody pins: two of three. */
export function policyText({
  threshold = 2,
  urls = false,
}: { readonly threshold?: number; readonly urls?: boolean } = {}): string {
  const url = (number: number): string => (urls && number < 3 ? ` ${restingWitness}/w${number}` : '');
  return [
    ...witnessKeys.map((key, at) => `witness w${at + 1} ${vkey(key)}${url(at + 1)}`),
    `group supervised ${threshold} w1 w2 w3`,
    'quorum supervised',
    '',
  ].join('\n');
}

export const logLine: string = `log ${vkey(logKeys[0] as SignerKey)}\n`;
export const postQuantumPolicy: string = [
  `log ${vkey(logKeys[1] as SignerKey)}`,
  `witness w1 ${vkey(postQuantumWitness)}`,
  'quorum w1\n',
].join('\n');

/** Who else may be asked, and must answer, while the fixture is made. */
interface LiveOptions {
  readonly third: boolean;
}

export class Live {
  readonly ledger: Ledger;
  readonly url: string;
  readonly #close: readonly (() => Promise<void>)[];

  private constructor(ledger: Ledger, url: string, close: readonly (() => Promise<void>)[]) {
    this.ledger = ledger;
    this.url = url;
    this.#close = close;
  }

  /** Opens the directories in `root`; `clock` is in milliseconds. */
  static async open(root: string, clock: () => number, { third }: LiveOptions): Promise<Live> {
    const close: (() => Promise<void>)[] = [];
    const lines: string[] = [];
    const names: string[] = [];
    const line = (name: string, key: SignerKey, url: string): void => {
      names.push(name);
      lines.push(`witness ${name} ${vkey(key)} ${url}`);
    };
    for (const number of [...witnessNumbers, ...(third ? [3] : [])]) {
      const server = await openWitness(join(root, `witness-${number}`), clock, close);
      line(`w${number}`, witnessKey(number, 4), server.url);
      if (number === 1) line('w1-post-quantum', postQuantumWitness, server.url);
    }
    const quorum = `group everybody all ${names.join(' ')}\nquorum everybody\n`;
    const policy = parsePolicy(`${logLine}${lines.join('\n')}\n${quorum}`);
    const ledger = await openLedger(join(root, 'ledger'), { clock, policy });
    const trust = parseTrust(await readFile(join(root, 'ledger', 'trust.json')));
    const server = await startServer(ledger, { host: '127.0.0.1', port: 0, trust });
    return new Live(ledger, server.url, [() => server.close(), () => ledger.close(), ...close]);
  }

  async close(): Promise<void> {
    for (const close of this.#close) await close();
  }
}

async function openWitness(
  directory: string,
  now: () => number,
  close: (() => Promise<void>)[],
): Promise<RunningServer> {
  const keys: SignerKey[] = [];
  for (const file of ['witness-ed25519.key', 'witness-mldsa44.key']) {
    keys.push(parseSignerKey((await readFile(join(directory, 'keys', file), 'utf8')).trimEnd()));
  }
  const storage = await openLevel(join(directory, 'db'), { create: false });
  // A checkpoint with a post-quantum signature is long, and each replaces the one before.
  await storage.rewrite({ gte: Uint8Array.of(1), lte: Uint8Array.of(0xff) });
  const witness = await Witness.open({
    storage,
    anchor: await Anchor.open(join(directory, 'anchor')),
    keys,
    policy: parsePolicy(await readFile(join(directory, 'policy.txt'))),
    now,
  });
  const server = await startWitnessServer(witness, { host: '127.0.0.1', port: 0 });
  close.push(
    () => server.close(),
    () => witness.close(),
  );
  return server;
}

async function openLedger(
  directory: string,
  { clock, policy }: { readonly clock: () => number; readonly policy: LedgerOptions['policy'] },
): Promise<Ledger> {
  const anchor = await Anchor.open(join(directory, 'anchor'));
  const evidence = join(directory, 'evidence');
  await mkdir(evidence, { recursive: true });
  // By the names of `EvidenceDirectory`, whose own limits do not matter here.
  const keep = async (
    { source, content }: { readonly source: string; readonly content: string },
    bytes: Uint8Array,
  ): Promise<string> => {
    const file = `equivocation-${digest(source).slice(0, 16)}-${content.slice(0, 32)}.json`;
    await writeFile(join(evidence, file), bytes);
    return file;
  };
  return Ledger.open({
    storage: await openLevel(join(directory, 'db'), { create: anchor.head.size === 0 }),
    anchor,
    logKeys,
    genesis: await readFile(join(directory, 'genesis.json')),
    origin,
    policy: policy as NonNullable<LedgerOptions['policy']>,
    now: clock,
    evidence: { store: { wants: () => true, keep } },
  });
}

/** `isal init` and `isal witness init`, with keys that are the same whenever the fixture is made. */
export async function makeDirectories(root: string, genesis: Uint8Array): Promise<void> {
  const path = (name: string): string => join(root, name);
  await writeFile(path('genesis.json'), genesis);
  await writeFile(path('witnesses.txt'), policyText({ urls: true }));
  await command(
    ['init', path('ledger'), '--origin', origin, '--url', restingUrl],
    ['--genesis', path('genesis.json'), '--witnesses', path('witnesses.txt')],
  );
  const trust = path('ledger/trust.json');
  for (const [at, file] of ['log-ed25519.key', 'log-mldsa44.key'].entries()) {
    await replaceKey(path(`ledger/keys/${file}`), logKeys[at] as SignerKey, trust);
  }
  for (const number of [...witnessNumbers, 3]) {
    const directory = path(`witness-${number}`);
    const url = ['--url', `${restingWitness}/w${number}`];
    await command(['witness', 'init', directory, '--name', witnessName(number), '--policy', trust], url);
    for (const [file, type] of [
      ['witness-ed25519.key', 4],
      ['witness-mldsa44.key', 6],
    ] as const) {
      const lines = join(directory, 'for-policies.txt');
      await replaceKey(join(directory, 'keys', file), witnessKey(number, type), lines);
    }
  }
}

/** In the key's file, and where its public half stands. */
async function replaceKey(file: string, key: SignerKey, shownIn: string): Promise<void> {
  const old = parseSignerKey((await readFile(file, 'utf8')).trimEnd());
  await writeFile(file, `${formatSignerKey(key)}\n`);
  const text = await readFile(shownIn, 'utf8');
  if (!text.includes(vkey(old))) throw new Error(`${shownIn} does not show the key in ${file}`);
  await writeFile(shownIn, text.replaceAll(vkey(old), vkey(key)));
}

/** Runs a command that must succeed. */
export async function command(
  argv: readonly string[],
  more: readonly string[] = [],
  at?: number,
): Promise<string> {
  const all = [...argv, ...more];
  const { exit, stdout, stderr } = await runCommand(all, {}, at === undefined ? {} : { at });
  if (exit !== 0) throw new Error(`isal ${all.join(' ')} ended with ${exit}: ${stdout}${stderr}`);
  return stdout;
}
