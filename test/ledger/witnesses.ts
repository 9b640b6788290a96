/**
 * Witnesses at addresses that stay the same: honest ones, on the witness's own
 * code, which can be cut off, put back in time, or replaced by a hostile hand.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '#sha256';
import { toHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { witnessStatusOf } from '../../src/http/exchange/status.ts';
import { parseAddCheckpoint } from '../../src/note/add-checkpoint.ts';
import { formatVerifierKey, signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import { parsePolicy, type Policy } from '../../src/note/policy.ts';
import { MemoryStorage } from '../../src/storage/memory.ts';
import { Witness } from '../../src/witness/witness.ts';
import { ed25519Key as logKey, MemoryAnchor, mldsaKey as mldsaLogKey, origin } from './site.ts';

export type Behaviour = (
  request: { readonly path: string; readonly body: Uint8Array },
  response: ServerResponse,
) => void | Promise<void>;

const logLine = `log ${formatVerifierKey(verifierOf(logKey))}`;
const knownLogs = `${logLine}\nlog ${formatVerifierKey(verifierOf(mldsaLogKey))}\nquorum none\n`;
export const checkpointPath: string = `/${toHex(sha256(utf8(origin)))}/checkpoint`;

export class WitnessStand {
  readonly name: string;
  readonly keys: readonly SignerKey[];
  /** In place of the honest witness, while it is set. */
  behaviour: Behaviour | undefined;
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  url = '';
  witness: Witness;
  readonly #server: Server;

  private constructor(name: string, keys: readonly SignerKey[], witness: Witness) {
    this.name = name;
    this.keys = keys;
    this.witness = witness;
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined);
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  /** Number `n`, named Wn in policies; with an Ed25519 key, or one of each type. */
  static async start(n: number, types: readonly (4 | 6)[] = [4]): Promise<WitnessStand> {
    const keys = types.map((type) =>
      signerKey({ name: `witness.example/w${n}`, type, seed: new Uint8Array(32).fill(100 + n + type * 10) }),
    );
    const stand = new WitnessStand(`W${n}`, keys, await openWitness(keys));
    stand.#server.listen(0, '127.0.0.1');
    await once(stand.#server, 'listening');
    stand.url = `http://127.0.0.1:${(stand.#server.address() as AddressInfo).port}/witness`;
    return stand;
  }

  /** Its lines in a policy; the second key's name ends in `-2`. */
  get lines(): string[] {
    return this.keys.map(
      (key, i) =>
        `witness ${this.name}${i === 0 ? '' : '-2'} ${formatVerifierKey(verifierOf(key))} ${this.url}`,
    );
  }

  /** Nobody reaches it until `behaviour` is cleared. */
  cutOff(): void {
    this.behaviour = (_, response) => void response.destroy();
  }

  /** It has lost its memory. */
  async forget(): Promise<void> {
    await this.witness.close();
    this.witness = await openWitness(this.keys);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.witness.close();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/^\/witness/, '');
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    this.asked.push(path);
    const body = new Uint8Array(Buffer.concat(chunks));
    await (this.behaviour ?? this.honest)({ path, body }, response);
  }

  readonly honest: Behaviour = async ({ path, body }, response) => {
    if (path === checkpointPath) {
      const note = this.witness.checkpoint(checkpointPath.slice(1, 65));
      response.writeHead(note === undefined ? 404 : 200).end(note);
      return;
    }
    try {
      response.end(await this.witness.add(parseAddCheckpoint(body)));
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      const remembered = error.facts['rememberedSize'];
      response.statusCode = witnessStatusOf[error.code];
      response.end(error.code === 'size-conflict' ? `${remembered}\n` : error.code);
    }
  };
}

function openWitness(keys: readonly SignerKey[]): Promise<Witness> {
  const policy = parsePolicy(knownLogs);
  return Witness.open({ storage: new MemoryStorage(), anchor: new MemoryAnchor(), keys, policy });
}

/** The log, these witnesses, and how many of them make the quorum. */
export function policyOf(stands: readonly WitnessStand[], threshold: number): Policy {
  const names = stands.map(({ name }) => name).join(' ');
  const lines = [
    logLine,
    ...stands.flatMap((stand) => stand.lines),
    `group all-of-them ${threshold} ${names}`,
    'quorum all-of-them',
  ];
  return parsePolicy(lines.map((line) => `${line}\n`).join(''));
}
