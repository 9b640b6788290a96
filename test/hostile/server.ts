/**
 * A malicious log behind a real socket. It holds the log's key and signs what
 * it likes; every client has a path of its own below the server's URL and may
 * be shown another history there:
 *
 *     const server = await HostileServer.open();
 *     server.show('monitor', { log: honest });
 *     server.show('customer', { log: forked, size: 200 });
 *     await isal(['verify', …, '--url', server.url('customer')]);
 *
 * What it serves is well-formed: checkpoint, tiles, bundles and the part of
 * the API that finds leaves. Lies are told by the history it was given, by
 * `change`, which spoils the bytes at a path, and by `withheld`, leaves that
 * the API denies (the tiles cannot: they would no longer give the root).
 */
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toBase64 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import { decodeAttestation, decodeEnvelope } from '../../src/attestation/statement.ts';
import type { Attestation } from '../../src/attestation/statement.ts';
import { proveInclusion } from '../../src/tlog/inclusion.ts';
import { leafHashOf } from '../fixtures/attestations.ts';
import type { SampleLog, SignOptions } from '../verifier/sample-log.ts';

export interface Shown extends SignOptions {
  readonly log: SampleLog;
  /** Spoils what is served at a path, such as "tile/0/000.p/5". */
  readonly change?: (path: string, bytes: Uint8Array) => Uint8Array;
  /** Indices that the API does not know of. */
  readonly withheld?: readonly number[];
}

export class HostileServer {
  readonly #server: Server;
  readonly #shown = new Map<string, Shown>();
  #base = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request.url ?? '/', response);
    });
  }

  static async open(): Promise<HostileServer> {
    const server = new HostileServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    server.#base = `http://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The log as this client is to see it, from the next request on. */
  show(client: string, shown: Shown): void {
    this.#shown.set(client, shown);
  }

  url(client: string): string {
    return `${this.#base}/${client}`;
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(url, this.#base);
    const [, client = '', ...parts] = pathname.split('/');
    const shown = this.#shown.get(client);
    const path = parts.join('/');
    try {
      if (shown === undefined) throw new LedgerError('not-found', 'no such client');
      if (path.startsWith('api/v1/')) {
        const answer = await new Api(shown).answer(path.slice(7), searchParams);
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      } else {
        const bytes = await shown.log.serve(shown)(path, Infinity);
        response.writeHead(200).end(shown.change?.(path, bytes) ?? bytes);
      }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      response.writeHead(404).end(JSON.stringify({ code: 'not-found', detail: error.message }));
    }
  }
}

/** What a client asks to find leaves, for one client. */
class Api {
  readonly #shown: Shown;
  readonly #size: number;

  constructor(shown: Shown) {
    this.#shown = shown;
    this.#size = shown.size ?? shown.log.size;
  }

  async answer(path: string, query: URLSearchParams): Promise<unknown> {
    if (path === 'authority') return this.#authority();
    if (path === 'attestations') return this.#search(query);
    if (path === 'proofs/inclusion') return this.#inclusion(query);
    throw new LedgerError('not-found', path);
  }

  /** The newest document that is not withheld, valid or not. */
  #authority(): unknown {
    const { index, attestation } =
      this.#known().findLast((known) => known.attestation.type === 'authority') ?? {};
    if (attestation?.type !== 'authority') throw new LedgerError('not-found', 'no authority');
    const document = attestation.statement.predicate;
    const { version } = document;
    return { index, leafHash: leafHashOf(attestation.leaf), version, size: this.#size, document };
  }

  #search(query: URLSearchParams): unknown {
    const [alg, hex] = (query.get('subject') ?? '').split(':');
    const items = this.#known()
      .filter(({ attestation }) => attestation.subjects.some((one) => one.alg === alg && one.hex === hex))
      .map(({ index, attestation }) => ({ index, leafHash: leafHashOf(attestation.leaf) }));
    return { size: this.#size, items, next: null };
  }

  async #inclusion(query: URLSearchParams): Promise<unknown> {
    const { log, withheld = [] } = this.#shown;
    const size = Number(query.get('size') ?? this.#size);
    const leafHash = query.get('leafHash');
    const index =
      leafHash === null
        ? Number(query.get('index'))
        : log.leaves.findIndex((leaf) => leafHashOf(leaf) === leafHash);
    const leaf = log.leaves[index];
    if (leaf === undefined || index >= size || withheld.includes(index)) {
      throw new LedgerError('not-found', 'no such leaf');
    }
    const hashes = await proveInclusion({ index, size }, log.reader);
    return { index, leafHash: leafHashOf(leaf), size, leaf: toBase64(leaf), hashes: hashes.map(toBase64) };
  }

  /** The leaves that the API admits to, and can read. */
  #known(): { index: number; attestation: Attestation }[] {
    const { log, withheld = [] } = this.#shown;
    return log.leaves.slice(0, this.#size).flatMap((leaf, index) => {
      if (withheld.includes(index)) return [];
      try {
        return [{ index, attestation: decodeAttestation(decodeEnvelope(leaf)) }];
      } catch (error) {
        if (error instanceof LedgerError) return [];
        throw error;
      }
    });
  }
}
