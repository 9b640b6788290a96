/**
 * The API of a ledger over HTTP. Answers are bounded in bytes and time before
 * they are read, and have the shape that the interface promises; nothing in
 * them is believed: the caller proves it under the pinned trust file before
 * it shows it to a person. No redirect is followed.
 */
import { concat, fromBase64, utf8 } from '../bytes.ts';
import { LedgerError, excerpt } from '../errors.ts';
import { canonicalize } from '../attestation/canonical.ts';
import type { JsonObject } from '../attestation/canonical.ts';
import type { SearchFilters } from '../attestation/search-fields.ts';
import { maxBundleBytes, parseBundle } from '../verifier/proving/bundle.ts';
import type { Bundle, BundleLeaf } from '../verifier/proving/bundle.ts';
import type { LeafSource } from '../verifier/proving/leaf-source.ts';
import type { Hash } from '../tlog/hash.ts';
import { decoded, hashes, maxJsonBytes, number, object, parseAnswer, string, unexpected } from './answer.ts';
import { refusalOf, relayed } from './refusal.ts';
import type { Relay } from './refusal.ts';
import { retryAfterMs } from './retry-after.ts';

export type { SearchFilters } from '../attestation/search-fields.ts';

export interface ClientOptions {
  /** From the first byte sent to the last one read. */
  readonly timeoutMs?: number;
  /** For one request, how long a ledger that says when to come back is waited for in all. */
  readonly patienceMs?: number;
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/**
 * Longer than a server's own limit of 30 s, so that its answer is heard: what
 * is recorded and not yet published is told then.
 */
const defaultTimeoutMs = 45_000;
/**
 * A replay of a long log asks more in a minute than a ledger grants one address,
 * and goes on when it is told to. A server that says "later" for ever is not waited for.
 */
const defaultPatienceMs = 60_000;
/** A bundle, and beside it a line for each of its entries and hops. */
const maxArtifactBytes = 2 * maxBundleBytes;

export class LedgerClient {
  readonly #base: string;
  readonly #timeoutMs: number;
  readonly #patienceMs: number;
  readonly #wait: (milliseconds: number) => Promise<void>;

  /** Throws `usage` for what is no http or https URL. */
  constructor(
    url: string,
    { timeoutMs = defaultTimeoutMs, patienceMs = defaultPatienceMs, wait = pause }: ClientOptions = {},
  ) {
    let parsed: URL | undefined;
    try {
      parsed = new URL(url);
    } catch {
      // Refused below, as a URL of another scheme.
    }
    if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol) || parsed.search !== '') {
      throw new LedgerError('usage', 'not the URL of a ledger', {
        expected: 'http://… or https://…, without a query',
        got: excerpt(url),
      });
    }
    this.#base = `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}/`;
    this.#timeoutMs = timeoutMs;
    this.#patienceMs = patienceMs;
    this.#wait = wait;
  }

  /** A resource below the ledger's prefix, for `LogClient`. Throws `not-found`, `unreachable`, `server-error`. */
  readonly fetchPath = async (path: string, maxBytes: number): Promise<Uint8Array> =>
    this.#request(path, { headers: { accept: '*/*' } }, { maxBytes, relay: relayed });

  /** The authority document that the server calls the one in force. */
  async authority(): Promise<{ origin: string; leafHash: string; index: number; version: number }> {
    const answer = await this.#json('api/v1/authority');
    const origin = string(object(answer['document'], 'document'), 'origin');
    const leafHash = string(answer, 'leafHash');
    return { origin, leafHash, index: number(answer, 'index'), version: number(answer, 'version') };
  }

  /** Submits a leaf. Throws the code of the server's refusal. The proof is not verified here. */
  async append(leaf: Uint8Array): Promise<{ index: number; proof: string; isNew: boolean }> {
    let status = 0;
    const bytes = await this.#request(
      'api/v1/attestations',
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Uint8Array(leaf) },
      { maxBytes: maxJsonBytes, relay: () => true, onStatus: (code) => (status = code) },
    );
    const answer = parseAnswer(bytes);
    return { index: number(answer, 'index'), proof: string(answer, 'proof'), isNew: status === 201 };
  }

  /** A leaf with its inclusion proof in the tree of `size`. */
  async inclusion(which: { index: number } | { leafHash: string }, size: number): Promise<BundleLeaf> {
    const [[name, value]] = Object.entries(which) as [[string, number | string]];
    const answer = await this.#json(`api/v1/proofs/inclusion?${name}=${value}&size=${size}`);
    return {
      index: number(answer, 'index'),
      leaf: decoded(() => fromBase64(string(answer, 'leaf'))),
      proof: hashes(answer),
    };
  }

  /** Leaves with proofs in the tree of `size`, for `assembleBundle`. */
  source(size: number): LeafSource {
    return {
      byIndex: (index) => this.inclusion({ index }, size),
      byLeafHash: (leafHash) => this.inclusion({ leafHash }, size),
    };
  }

  /**
   * The bundle about an artefact, `sha256:HEX` or `sha512:HEX` or both, under
   * the checkpoint that was newest when it was made. Undefined where the server says
   * that it has no entry about it, or does not know this question; that is its
   * word, and the search may still find one. Nothing in the bundle is verified.
   * `all` is the server's word too: false if it has more than a bundle has room for.
   */
  async artifact(digest: string, also?: string): Promise<{ bundle: Bundle; all: boolean } | undefined> {
    try {
      const bytes = await this.#request(
        `api/v1/artifacts/${digest}${also === undefined ? '' : `?also=${also}`}`,
        { headers: { accept: 'application/json' } },
        { maxBytes: maxArtifactBytes, relay: (code) => relayed(code) || code === 'not-recorded' },
      );
      const answer = parseAnswer(bytes, maxArtifactBytes);
      const { all } = answer;
      if (typeof all !== 'boolean') throw unexpected('all as true or false');
      // The file itself, as it would be saved; the form without the rest of the answer does not say if that is all.
      const bundle = object(answer['bundle'], 'bundle');
      return { bundle: decoded(() => parseBundle(utf8(canonicalize(bundle)))), all };
    } catch (error) {
      if (error instanceof LedgerError && (error.code === 'not-recorded' || error.code === 'not-found')) {
        return undefined;
      }
      throw error;
    }
  }

  async consistency({ from, to }: { from: number; to: number }): Promise<{
    fromRoot: Hash;
    toRoot: Hash;
    hashes: readonly Hash[];
  }> {
    const answer = await this.#json(`api/v1/proofs/consistency?from=${from}&to=${to}`);
    const root = (name: string): Hash => decoded(() => fromBase64(string(answer, name), 32));
    return { fromRoot: root('fromRoot'), toRoot: root('toRoot'), hashes: hashes(answer) };
  }

  /** What the server calls the newest checkpoint published at `time` (seconds) or earlier. Throws `not-found`. */
  async checkpointAt(time: number): Promise<{ time: number; note: Uint8Array }> {
    const { items } = await this.#json(`api/v1/checkpoints?to=${time}&limit=1`);
    if (!Array.isArray(items)) throw unexpected('a list of items');
    if (items.length === 0) {
      throw new LedgerError('not-found', 'the ledger keeps no checkpoint as old as that', {
        expected: 'a time from its first checkpoint on, of which the last of each hour is kept',
        got: `${time} seconds since 1970`,
      });
    }
    const item = object(items[0], 'item');
    return { time: number(item, 'time'), note: utf8(string(item, 'checkpoint')) };
  }

  /**
   * Indices that the server says match, ascending, from index `after` on (not
   * included), at most `limit`. Candidates only: what is at them is to be proven,
   * and that there are no others is not shown.
   */
  async search(
    filters: SearchFilters,
    { after, limit }: { after?: number; limit: number },
  ): Promise<number[]> {
    const indices: number[] = [];
    let last = after;
    while (indices.length < limit) {
      const query = new URLSearchParams({ ...filters, limit: String(Math.min(limit - indices.length, 256)) });
      if (last !== undefined) query.set('after', String(last));
      const answer = await this.#json(`api/v1/attestations?${query.toString()}`);
      const { items, next } = answer;
      if (!Array.isArray(items)) throw unexpected('a list of items');
      for (const item of items) {
        const index = number(object(item, 'item'), 'index');
        // A server that goes round in circles must not keep us here.
        if (last !== undefined && index <= last) throw unexpected('items in ascending order');
        last = index;
        if (indices.length < limit) indices.push(index);
      }
      if (next === null || items.length === 0) break;
    }
    return indices;
  }

  /**
   * A page of the entries that the server says a source has, with an index above
   * `after`, and their numbers there; `next`: whether it says that there are more.
   */
  async numbers(
    source: string,
    { after }: { after: number },
  ): Promise<{ size: number; items: readonly { index: number; seq: number }[]; next: boolean }> {
    const query = new URLSearchParams({ source, ...(after < 0 ? {} : { after: String(after) }) });
    const answer = await this.#json(`api/v1/attestations?${query.toString()}`);
    const { items, next } = answer;
    if (!Array.isArray(items)) throw unexpected('a list of items');
    const numbered = items.map((item) => {
      const one = object(item, 'item');
      return { index: number(one, 'index'), seq: number(object(one['source'], 'source'), 'seq') };
    });
    return { size: number(answer, 'size'), items: numbered, next: next !== null };
  }

  async #json(path: string): Promise<JsonObject> {
    const headers = { accept: 'application/json' };
    return parseAnswer(await this.#request(path, { headers }, { maxBytes: maxJsonBytes, relay: relayed }));
  }

  async #request(
    path: string,
    init: RequestInit,
    { maxBytes, relay, onStatus }: { maxBytes: number; relay: Relay; onStatus?: (status: number) => void },
  ): Promise<Uint8Array> {
    const url = this.#base + path;
    for (let waited = 0; ;) {
      const { response, bytes } = await this.#exchange(url, init, maxBytes);
      onStatus?.(response.status);
      if (response.ok) return bytes;
      requireNoRedirect(response, url);
      const later = response.status === 429 ? laterBy(response) : undefined;
      // Nothing was done: the same question again is safe, also where it records.
      if (later === undefined || waited + later > this.#patienceMs) {
        throw refusalOf(response.status, bytes, { url, relay });
      }
      await this.#wait(later);
      waited += later;
    }
  }

  async #exchange(
    url: string,
    init: RequestInit,
    maxBytes: number,
  ): Promise<{ response: Response; bytes: Uint8Array }> {
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const response = await fetch(url, { ...init, signal, redirect: 'manual' });
      return { response, bytes: await readBounded(response, response.ok ? maxBytes : 1 << 16, url) };
    } catch (cause) {
      if (cause instanceof LedgerError) throw cause;
      throw new LedgerError('unreachable', 'the ledger cannot be reached', {
        expected: `an answer from ${url} within ${this.#timeoutMs / 1000} s`,
        got: reasonOf(cause),
        cause,
      });
    }
  }
}

/** Milliseconds; a server that says "at once" over and over would else be asked without end. */
function laterBy({ headers }: Response): number | undefined {
  const later = retryAfterMs(headers.get('retry-after'), Date.now());
  return later === undefined ? undefined : Math.max(later, 1_000);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * A hostile server could otherwise redirect this machine's question, or an entry
 * that it submits, anywhere: also to addresses that only this machine reaches.
 */
function requireNoRedirect({ status, headers }: Response, url: string): void {
  if (status < 300 || status > 399) return;
  throw new LedgerError('server-error', 'the ledger answered with a redirect, and none is followed', {
    expected: `an answer from ${url} itself; a ledger that has moved is asked at its new URL`,
    got: `status ${status} to ${excerpt(headers.get('location') ?? 'nowhere', 500)}`,
  });
}

/** Reads a body, no further than its bound; a hostile server could send without end. */
async function readBounded(response: Response, maxBytes: number, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (response.body === null) return new Uint8Array(0);
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new LedgerError('server-error', 'an answer is longer than it can be', {
        expected: `at most ${maxBytes} bytes`,
        got: url,
      });
    }
    chunks.push(chunk);
  }
  return concat(...chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return code ?? (cause instanceof Error && cause.message !== '' ? cause.message : error.message);
}
