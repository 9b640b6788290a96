/** A real ledger behind real sockets, and a client that can also misbehave. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import type { AnchorState } from '../../src/cosigner/cosigner.ts';
import type { HttpLimits } from '../../src/http/bounds/limits.ts';
import type { LogEntry } from '../../src/http/exchange/log.ts';
import type { Observer } from '../../src/http/exchange/observer.ts';
import type { RunningServer } from '../../src/http/server.ts';
import { startServer } from '../../src/http/server.ts';
import { Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../src/ledger/ledger.ts';
import { signerKey, verifierOf } from '../../src/note/key.ts';
import type { Policy } from '../../src/note/policy.ts';
import type { Batch, Storage } from '../../src/storage/storage.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import type { Trust } from '../../src/verifier/trust.ts';
import { sha256 } from '#sha256';
import { utf8 } from '../../src/bytes.ts';
import { defined } from '../../src/defined.ts';
import * as fixtures from '../fixtures/attestations.ts';

export const json = { 'Content-Type': 'application/json' };
export const ndjson = { 'Content-Type': 'application/x-ndjson' };

/** Closed, it holds back whoever passes; open, it lets everybody through. */
export class Gate {
  #waiting: (() => void)[] = [];
  #arrivals: (() => void)[] = [];
  #closed = false;

  close(): void {
    this.#closed = true;
  }

  open(): void {
    this.#closed = false;
    for (const go of this.#waiting.splice(0)) go();
  }

  async pass(): Promise<void> {
    if (!this.#closed) return;
    const held = new Promise<void>((resolve) => this.#waiting.push(resolve));
    for (const arrived of this.#arrivals.splice(0)) arrived();
    await held;
  }

  /** Resolves when somebody is held back. */
  async arrival(): Promise<void> {
    if (this.#waiting.length > 0) return;
    await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }
}

/** Memory whose commits pass a gate. */
class GatedStorage extends MemoryStorage {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  override async commit(batch: Batch, expected: Head | undefined, next: Head): Promise<void> {
    await this.#gate.pass();
    await super.commit(batch, expected, next);
  }
}

/** An anchor in memory, behind a gate: while it is closed, what is committed stays unpublished. */
function gatedAnchor(gate: Gate): AnchorState {
  let head: Head = { size: 0, root: emptyRoot };
  return {
    get head() {
      return head;
    },
    async advance(next) {
      await gate.pass();
      head = next;
    },
  };
}

export interface Running {
  readonly server: RunningServer;
  readonly ledger: Ledger;
  readonly log: LogEntry[];
  /** Told of each entry of the log. */
  heard: (entry: LogEntry) => void;
  /** Before the commit, and before the signature. */
  readonly commits: Gate;
  readonly publication: Gate;
  readonly policy: Policy;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly genesis?: Uint8Array;
  readonly limits?: Partial<HttpLimits>;
  readonly prefix?: string;
  readonly trustedProxies?: readonly string[];
  readonly storage?: Storage;
  readonly ledger?: Partial<LedgerOptions>;
  readonly trust?: Partial<Trust>;
  /** Made when the ledger is open. */
  readonly observer?: (ledger: Ledger) => Observer;
}

const logKey = signerKey({ name: fixtures.origin, type: 1, seed: sha256(utf8('isal test key: log')) });

export async function run(options: RunOptions = {}): Promise<Running> {
  const commits = new Gate();
  const publication = new Gate();
  const genesis = options.genesis ?? fixtures.genesis();
  const genesisHash = fixtures.leafHashOf(genesis);
  const ledger = await Ledger.open({
    storage: options.storage ?? new GatedStorage(commits),
    anchor: gatedAnchor(publication),
    logKeys: [logKey],
    genesis,
    origin: fixtures.origin,
    ...options.ledger,
  });
  const policy: Policy = {
    logs: [{ key: verifierOf(logKey) }],
    witnesses: [],
    groups: [],
    quorum: 'none',
  };
  const log: LogEntry[] = [];
  const server = await startServer(ledger, {
    host: '127.0.0.1',
    port: 0,
    trust: { policy, origin: fixtures.origin, genesis: genesisHash, minSize: 1, ...options.trust },
    log: (entry) => {
      log.push(entry);
      running.heard(entry);
    },
    observer: options.observer?.(ledger),
    ...defined({ prefix: options.prefix, trustedProxies: options.trustedProxies }),
    // No test waits for a refusal, but for those that are about that.
    limits: { refusalMs: 0, ...options.limits },
  });
  const running: Running = {
    server,
    ledger,
    log,
    heard: () => {},
    commits,
    publication,
    policy,
    async close() {
      commits.open();
      publication.open();
      await server.close();
      await ledger.close();
    },
  };
  return running;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON; throws if it is none. */
  readonly json: Record<string, unknown>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array | string;
}

/** One request on a connection of its own. */
export function ask(running: Pick<Running, 'server'>, path: string, asking: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = running.server;
    const { method = asking.body === undefined ? 'GET' : 'POST', headers = {}, body } = asking;
    const sending = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(parts);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
          get json() {
            return JSON.parse(whole.toString()) as Record<string, unknown>;
          },
        });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** Submits one envelope. */
export function submit(
  running: Pick<Running, 'server'>,
  leaf: Uint8Array,
  headers: OutgoingHttpHeaders = json,
): Promise<Answer> {
  return ask(running, '/api/v1/attestations', { body: leaf, headers });
}

/** Submits lines; the answers, line by line. */
export async function submitLines(
  running: Pick<Running, 'server'>,
  lines: readonly (Uint8Array | string)[],
): Promise<Record<string, unknown>[]> {
  const body = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
  const answer = await ask(running, '/api/v1/attestations', { body, headers: ndjson });
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.text}`);
  return answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Writes bytes to a socket and gives everything that comes back until it is closed. */
export function raw(running: Pick<Running, 'server'>, ...pieces: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    const socket = connect(running.server.port, '127.0.0.1', () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.on('data', (part: Buffer) => parts.push(part));
    // A reset is an end, too.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(parts).toString()));
  });
}
