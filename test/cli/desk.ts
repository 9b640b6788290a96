/**
 * A customer's desk: a directory with files and a trust file, a ledger behind
 * a real socket, and commands run in this process with what they print kept.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { exitStatus } from '../../src/cli/terminal/exit.ts';
import type { Node } from '../../src/cli/terminal/command.ts';
import type { Io } from '../../src/cli/terminal/io.ts';
import { execute, resolve } from '../../src/cli/terminal/resolve.ts';
import type { Ledger, LedgerOptions } from '../../src/ledger/ledger.ts';
import { formatPolicy } from '../../src/note/policy.ts';
import { startServer } from '../../src/http/server.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { parseTrust } from '../../src/verifier/trust.ts';
import { leafHashOf } from '../fixtures/attestations.ts';
import { Site, genesis, policy } from '../ledger/site.ts';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the command threw; `main` prints it and takes its exit status. */
  readonly error?: LedgerError;
}

function trustFile(extra: object = {}): string {
  const file = { format: 'isal-trust/v1', policy: formatPolicy(policy), genesis: leafHashOf(genesis) };
  return JSON.stringify({ ...file, ...extra });
}

export class Desk {
  readonly directory: string;
  readonly ledger: Ledger;
  readonly server: RunningServer;
  /** Milliseconds; `undefined` is the real time. */
  now: number | undefined;
  env: Record<string, string> = {};
  colours = false;

  private constructor(directory: string, ledger: Ledger, server: RunningServer) {
    this.directory = directory;
    this.ledger = ledger;
    this.server = server;
  }

  static async open(leaves: readonly Uint8Array[], options: Partial<LedgerOptions> = {}): Promise<Desk> {
    const ledger = await new Site().open(options);
    for (const leaf of leaves) await ledger.append(leaf);
    const trust = parseTrust(utf8(trustFile()));
    const server = await startServer(ledger, { host: '127.0.0.1', port: 0, prefix: '/log', trust });
    const desk = new Desk(await mkdtemp(join(tmpdir(), 'isal-desk-')), ledger, server);
    await desk.write('trust.json', desk.trust());
    return desk;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.ledger.close();
    await rm(this.directory, { recursive: true });
  }

  trust(extra: object = {}): string {
    return trustFile(extra);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.path(name), content);
    return this.path(name);
  }

  async read(name: string): Promise<Uint8Array> {
    return new Uint8Array(await readFile(this.path(name)));
  }

  /** Runs a command with the trust file; `url` is added where it is asked for. */
  online(command: Node, ...args: readonly string[]): Promise<Ran> {
    return this.run(command, ...args, '--trust', this.path('trust.json'), '--url', this.server.url);
  }

  offline(command: Node, ...args: readonly string[]): Promise<Ran> {
    return this.run(command, ...args, '--trust', this.path('trust.json'));
  }

  async run(command: Node, ...args: readonly string[]): Promise<Ran> {
    let stdout = '';
    let stderr = '';
    const io: Io = {
      stdout: (text) => void (stdout += text),
      stderr: (text) => void (stderr += text),
      env: this.env,
      isTTY: false,
      colours: this.colours,
      now: () => this.now ?? Date.now(),
    };
    try {
      return { status: await execute(resolve(command, args), io), stdout, stderr };
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      return { status: exitStatus[error.code], stdout, stderr, error };
    }
  }
}
