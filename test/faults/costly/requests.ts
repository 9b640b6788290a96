/**
 * The costliest requests of every route that `/openapi.json` lists. A route
 * without one fails whoever walks them, so that a new route cannot be forgotten.
 */
import { parseJson } from '../../../src/attestation/canonical.ts';
import { tileWidth } from '../../../src/tlog/tile.ts';
import type { Random } from '../../random.ts';
import type { Places } from './stores.ts';

/** One way to ask a route for as much as it gives. */
interface Ask {
  /** Why there is no costlier one. */
  readonly what: string;
  /** Path and query; another one at each call, where that keeps answers from being kept. */
  readonly target: (places: Places, random: Random) => string;
  readonly headers?: Readonly<Record<string, string>>;
  /** It has felled a server before, so that no run leaves it out. */
  readonly always?: true;
  /** The server keeps no answer to it, so that the same request again costs as much. */
  readonly notKept?: true;
}

/** Bodies of a route that takes them. */
interface Post {
  readonly what: string;
  readonly type: string;
  readonly body: (places: Places, random: Random) => Uint8Array;
  /** Lines of a batch, each of which is charged as a request of its own. */
  readonly lines: (places: Places) => number;
  readonly always?: true;
}

/** A request of one route and method, ready to be sent. */
export interface Costly {
  readonly route: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly what: string;
  /** Head and, of a POST, body. */
  readonly request: (random: Random) => Buffer;
  readonly lines: number;
  readonly always: boolean;
  /** Whether the same request again is answered with what was made for the first. */
  readonly kept: boolean;
}

const pageItems = 256;
const archiveItems = 100;
/** A batch has at most 8 MiB and 1,000 lines. */
const batchBytes = 8 << 20;

function hex(random: Random, digits: number): string {
  return Array.from({ length: digits }, () => random.below(16).toString(16)).join('');
}

const fixed = (what: string, target: string): readonly Ask[] => [{ what, target: () => target }];

/** A tile index as the path of c2sp.org/tlog-tiles. */
function tilePath(index: number): string {
  const digits = [index % 1000, Math.floor(index / 1000)].map((part) => String(part).padStart(3, '0'));
  return index < 1000 ? (digits[0] ?? '') : `x${digits[1]}/${digits[0]}`;
}

/** A full bundle: of the entries that are longest on the ledger of long ones, of any on the other. */
function fullBundle({ size }: Places, random: Random): string {
  return tilePath(random.below(Math.floor(size / tileWidth)));
}

const gets: Readonly<Record<string, readonly Ask[]>> = {
  '/checkpoint': fixed('there is one', '/checkpoint'),
  '/tile/{level}/{tile}': [
    {
      what: 'any full tile, less its last hashes: each width is another answer',
      target: (places, random) => `/tile/0/${fullBundle(places, random)}.p/${1 + random.below(255)}`,
    },
  ],
  '/tile/entries/{tile}': [
    {
      what: 'any full bundle',
      target: (places, random) => `/tile/entries/${fullBundle(places, random)}`,
      always: true,
      notKept: true,
    },
    {
      what: 'a bundle less its last entries, compressed: only full ones are kept so',
      target: (places, random) => `/tile/entries/${fullBundle(places, random)}.p/${226 + random.below(30)}`,
      headers: { 'accept-encoding': 'gzip' },
      notKept: true,
    },
  ],
  '/api/v1/attestations': [
    {
      what: 'the largest page of the longest summaries and their corrections, each from elsewhere',
      target: ({ page }, random) =>
        `/api/v1/attestations?limit=${pageItems}&${page}&after=${random.below(pageItems / 4)}`,
      always: true,
    },
    {
      what: 'the largest page of whatever there is, from anywhere',
      target: ({ size }, random) =>
        `/api/v1/attestations?limit=${pageItems}&after=${random.below(size - pageItems)}`,
    },
    {
      what: 'three filters that no entry meets together: every row of theirs is read',
      target: ({ vain }, random) =>
        `/api/v1/attestations?limit=${pageItems}&${vain}&after=${random.below(pageItems)}`,
    },
  ],
  '/api/v1/attestations/{id}': [
    {
      what: 'the entry with the most corrections, by its leaf hash',
      target: ({ corrected }) => `/api/v1/attestations/${corrected.leafHash}`,
      notKept: true,
    },
  ],
  '/api/v1/artifacts/{digest}': [
    {
      what: 'as much as a bundle holds, and another digest each time, which nothing has',
      target: ({ artefact }, random) =>
        `/api/v1/artifacts/sha256:${artefact}?also=sha512:${hex(random, 128)}`,
      always: true,
    },
    {
      what: 'nothing is about it',
      target: (_, random) => `/api/v1/artifacts/sha256:${hex(random, 64)}`,
    },
  ],
  '/api/v1/proofs/inclusion': [
    {
      what: 'any entry in any earlier tree, whose root is computed',
      target: ({ size }, random) => {
        const at = 2 + random.below(size - 2);
        return `/api/v1/proofs/inclusion?index=${random.below(at)}&size=${at}`;
      },
    },
  ],
  '/api/v1/proofs/consistency': [
    {
      what: 'between any two earlier trees, whose roots are computed',
      target: ({ size }, random) => {
        const to = 2 + random.below(size - 2);
        return `/api/v1/proofs/consistency?from=${1 + random.below(to - 1)}&to=${to}`;
      },
    },
  ],
  '/api/v1/checkpoints': [
    {
      what: 'the largest page, to a time of its own',
      target: (_, random) =>
        `/api/v1/checkpoints?limit=${archiveItems}&to=${4_000_000_000 + random.below(1_000_000)}`,
    },
  ],
  '/api/v1/authority': fixed('there is one', '/api/v1/authority'),
  '/healthz': fixed('there is one', '/healthz'),
  '/readyz': fixed('there is one', '/readyz'),
  '/openapi.json': fixed('there is one', '/openapi.json'),
};

/** As many of these lines as a batch takes. */
function batchOf(leaves: readonly Uint8Array[]): { readonly body: Buffer; readonly lines: number } {
  const lines: Uint8Array[] = [];
  let bytes = 0;
  for (const leaf of leaves) {
    bytes += leaf.length + 1;
    if (bytes > batchBytes || lines.length === 1_000) break;
    lines.push(leaf);
  }
  const body = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
  return { body, lines: lines.length };
}

/** A leaf with another last signature: all else about it is right, so that this is looked at last. */
function forged(leaf: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(leaf).toString('latin1');
  const at = text.lastIndexOf('"sig":"') + '"sig":"'.length;
  const bytes = Buffer.from(Array.from({ length: 63 }, () => random.below(256)));
  const changed = Buffer.concat([bytes, Buffer.from([random.below(16)])]).toString('base64');
  return Buffer.from(text.slice(0, at) + changed + text.slice(at + changed.length), 'latin1');
}

const posts: Readonly<Record<string, readonly Post[]>> = {
  '/api/v1/attestations': [
    {
      what: 'an entry with a forged signature, which is verified last',
      type: 'application/json',
      body: ({ known }, random) => forged(known[random.below(known.length)] ?? new Uint8Array(0), random),
      lines: () => 1,
    },
    {
      what: 'a batch of what is recorded: each line is answered with its proof',
      type: 'application/x-ndjson',
      body: ({ known }) => batchOf(known).body,
      lines: ({ known }) => batchOf(known).lines,
      always: true,
    },
  ],
};

function headOf(
  method: string,
  target: string,
  host: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`);
}

interface Walk {
  /** The bytes of `/openapi.json`. */
  readonly description: Uint8Array;
  readonly places: Places;
  readonly host: string;
  /** The address for which a proxy is to speak; the requests are anybody's where absent. */
  readonly from?: string;
}

function readsOf(route: string, { places, host, from }: Walk): Costly[] {
  const asks = gets[route] ?? missing('GET', route);
  return asks.flatMap(({ what, target, headers, always = false, notKept = false }) =>
    (['HEAD', 'GET'] as const).map((method) => ({
      route,
      method,
      what,
      always,
      kept: !notKept,
      lines: 1,
      request: (random: Random) => headOf(method, target(places, random), host, forwardedFor(from, headers)),
    })),
  );
}

function forwardedFor(
  from: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return from === undefined ? headers : { ...headers, 'x-forwarded-for': from };
}

function writesOf(route: string, { places, host, from }: Walk): Costly[] {
  const asks = posts[route] ?? missing('POST', route);
  return asks.map(({ what, type, body, lines, always = false }) => ({
    route,
    method: 'POST' as const,
    what,
    always,
    kept: false,
    lines: lines(places),
    request: (random: Random) => {
      const bytes = body(places, random);
      const headers = { 'content-type': type, 'content-length': String(bytes.length) };
      return Buffer.concat([headOf('POST', route, host, forwardedFor(from, headers)), bytes]);
    },
  }));
}

function missing(method: string, route: string): never {
  throw new Error(`${method} ${route} is served, and its costliest request is not stated here`);
}

/** The costliest requests of every route and method that is described. Throws for a route without one. */
export function costliestOf(walk: Walk): readonly Costly[] {
  const { paths } = parseJson(walk.description, { maxBytes: 1 << 20, maxDepth: 64 }) as {
    paths: Record<string, Record<string, unknown>>;
  };
  return Object.entries(paths).flatMap(([route, operations]) =>
    Object.keys(operations).flatMap((method) => {
      if (method === 'get') return readsOf(route, walk);
      return method === 'post' ? writesOf(route, walk) : missing(method, route);
    }),
  );
}
