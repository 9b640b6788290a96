/**
 * Many clients that append one entry after the other and do not give up: when a
 * server goes away they wait for the next one and send the very same bytes
 * again. Beside them one reader asks for the checkpoint, over and over.
 */
import { NoAnswer, HttpClient } from './client.ts';
import type { Observer, Told } from './observer.ts';
import type { Random } from '../random.ts';

export interface LoadParts {
  readonly observer: Observer;
  readonly random: Random;
  /** A leaf that nobody has submitted yet. */
  readonly fresh: () => Uint8Array;
  readonly clients?: number;
}

/** What a server that is going, overloaded or broken may say instead of an acknowledgement. */
const passing = new Set([
  'shutting-down',
  'queue-full',
  'not-ready',
  'recorded-not-published',
  'below-quorum',
  'store-locked',
  'store-failed',
  'store-corrupt',
  'anchor-taken',
]);

const pollMs = 20;

export class Load {
  readonly #parts: LoadParts;
  #client: HttpClient | undefined;
  #resumed: () => void = () => {};
  /** Resolves when there is a server again. */
  #resume: Promise<void> = Promise.resolve();
  #stopping = false;
  #abandoned = false;
  #running: Promise<unknown> | undefined;
  readonly #probes = new Map<HttpClient, Promise<void>>();
  /** Answers that no working ledger gives to these submissions. */
  readonly unexpected: string[] = [];
  /** Refusals that may happen, by code; requests without an answer as `none`. */
  readonly refusals: Map<string, number> = new Map();

  constructor(parts: LoadParts) {
    this.#parts = parts;
    this.pause();
  }

  start(url: string): void {
    this.resume(url);
    const clients = Array.from({ length: this.#parts.clients ?? 200 }, () => this.#append());
    this.#running = Promise.all([...clients, this.#read()]);
  }

  /** There is no server for now. */
  pause(): void {
    this.#client?.close();
    this.#client = undefined;
    this.#resume = new Promise((resolve) => (this.#resumed = resolve));
  }

  resume(url: string): void {
    this.#client?.close();
    this.#client = new HttpClient(url);
    this.#resumed();
  }

  /** Lets every client finish what it has begun; there must be a server. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#running;
    this.#client?.close();
  }

  /** Ends without waiting for answers, for a server that is not to come back. */
  async abandon(): Promise<void> {
    this.#stopping = true;
    this.#abandoned = true;
    this.#client?.close();
    this.#resumed();
    await this.#running;
  }

  async #append(): Promise<void> {
    const { observer, random, fresh } = this.#parts;
    let last: Uint8Array | undefined;
    while (!this.#stopping) {
      // Now and then what is acknowledged is sent again: it must get the same index.
      const again = last !== undefined && random.below(16) === 0;
      const leaf = again && last !== undefined ? last : fresh();
      await this.#insist((client) => observer.submit(client, leaf));
      last = leaf;
    }
  }

  async #read(): Promise<void> {
    const { observer } = this.#parts;
    while (!this.#stopping) await this.#insist((client) => observer.look(client));
  }

  async #insist(send: (client: HttpClient) => Promise<unknown>): Promise<void> {
    while (!this.#abandoned) {
      await this.#resume;
      const client = this.#client;
      if (client === undefined) continue;
      try {
        const told = (await send(client)) as Partial<Told> | undefined;
        if (told?.code === undefined) return;
        this.#count(told.code);
        if (told.status !== 503 || !passing.has(told.code)) {
          this.unexpected.push(`${told.status} ${JSON.stringify(told.body).slice(0, 400)}`);
          return;
        }
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        this.#count('none');
      }
      await this.#reachable(client);
    }
  }

  #count(code: string): void {
    this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
  }

  /** Resolves when this server is ready, or is no longer the one to talk to. */
  #reachable(client: HttpClient): Promise<void> {
    let probe = this.#probes.get(client);
    if (probe === undefined) {
      probe = this.#probe(client).finally(() => this.#probes.delete(client));
      this.#probes.set(client, probe);
    }
    return probe;
  }

  async #probe(client: HttpClient): Promise<void> {
    while (client === this.#client && !this.#abandoned) {
      const status = await client.get('readyz').then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}
