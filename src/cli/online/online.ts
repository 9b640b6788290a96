/** A ledger that answers, and the checkpoint of it that the pinned trust file accepts. */
import { hashLeaf } from '#sha256';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { LedgerError } from '../../errors.ts';
import { assembleBundle } from '../../verifier/collecting/assemble.ts';
import type { LeafSource } from '../../verifier/proving/leaf-source.ts';
import { collectEntries } from '../../verifier/collecting/collect.ts';
import type { Collected, CollectOptions, EntrySearch } from '../../verifier/collecting/collect.ts';
import type { Bundle, BundleLeaf } from '../../verifier/proving/bundle.ts';
import { LogClient } from '../../verifier/proving/log-client.ts';
import type { LogView, SignedCheckpoint } from '../../verifier/proving/log-client.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import type { CheckpointTrust, Trust } from '../../verifier/trust.ts';
import type { Hop, Verdict } from '../../verifier/judging/verdict.ts';
import { requireMinSize } from '../../verifier/judging/verify.ts';
import { numberOption } from '../terminal/args.ts';
import { LedgerClient } from '../../client/client.ts';
import type { Io } from '../terminal/io.ts';
import { ledgerUrl } from './trust.ts';

export interface Online {
  readonly client: LedgerClient;
  readonly signed: SignedCheckpoint;
  /** The tree of that checkpoint. */
  readonly view: LogView;
}

/** Seconds, from --max-age, else from the trust file. Throws `usage`. */
export function maxAgeOf(option: string | undefined, trust: CheckpointTrust): number | undefined {
  return option === undefined
    ? trust.maxAge
    : numberOption('max-age', option, { min: 1, max: 10 * 366 * 86_400 });
}

/** How fresh an answer must be that a ledger gives now: from --max-age, else from the trust file. */
export function freshness(
  option: string | undefined,
  trust: CheckpointTrust,
  io: Io,
): { readonly now: number; readonly maxAge?: number } {
  const maxAge = maxAgeOf(option, trust);
  return { now: Math.floor(io.now() / 1_000), ...(maxAge === undefined ? {} : { maxAge }) };
}

/** Fetches and verifies the newest checkpoint: signatures, age, quorum, smallest size. */
export async function connect({
  url,
  maxAge,
  trust,
  io,
}: {
  readonly url: string | undefined;
  /** The --max-age option. */
  readonly maxAge?: string | undefined;
  readonly trust: CheckpointTrust;
  readonly io: Io;
}): Promise<Online> {
  const client = new LedgerClient(ledgerUrl(url, trust));
  const log = new LogClient({ policy: trust.policy, fetchPath: client.fetchPath });
  const signed = await log.checkpoint(freshness(maxAge, trust, io));
  requireMinSize(signed, trust);
  return { client, signed, view: log.at(signed.checkpoint) };
}

/** A leaf, proven to be in the tree of the checkpoint; the server's word for it counts for nothing. */
export async function provenLeaf(
  { client, signed }: Online,
  which: { index: number } | { leafHash: string },
): Promise<BundleLeaf> {
  const { size, root } = signed.checkpoint;
  if ('index' in which && which.index >= size) {
    throw new LedgerError('out-of-range', 'the tree has no such leaf', {
      expected: `0 to ${size - 1}`,
      got: String(which.index),
    });
  }
  const found = await client.inclusion(which, size);
  const { index, leaf, proof } = found;
  if ('index' in which && index !== which.index) {
    throw new LedgerError('leaf-mismatch', 'asked for one leaf, got another', {
      expected: String(which.index),
      got: String(index),
    });
  }
  const leafHash = hashLeaf(leaf);
  if ('leafHash' in which && Buffer.from(leafHash).toString('hex') !== which.leafHash) {
    throw new LedgerError('leaf-mismatch', 'asked for one leaf, got another', {
      expected: which.leafHash,
      got: Buffer.from(leafHash).toString('hex'),
    });
  }
  verifyInclusion({ index, size, leafHash, root, proof: [...proof] });
  return found;
}

/**
 * Leaves by their index from the tiles, which cannot hold one back and still
 * give the root: what a replay has found there, the API cannot then deny. By
 * leaf hash only the API finds one.
 */
export function tileSource({ client, view }: Online): LeafSource {
  return {
    byIndex: async (index) => {
      const { leaf, hashes } = await view.inclusion(index);
      return { index, leaf, proof: hashes };
    },
    byLeafHash: (leafHash) => client.source(view.size).byLeafHash(leafHash),
  };
}

/**
 * The bundle about a file as the ledger puts it together, in one request, and
 * whether it says that this is all. Undefined where it has none or cannot: other
 * questions may still find the entries. Nothing in it is verified, also not that
 * its checkpoint is fresh.
 */
export async function bundleAbout(
  digests: Digests,
  { url, trust }: { readonly url: string | undefined; readonly trust: CheckpointTrust },
): Promise<{ readonly bundle: Bundle; readonly all: boolean } | undefined> {
  const [digest = '', also] = Object.entries(digests).map(([algorithm, hex]) => `${algorithm}:${hex}`);
  return new LedgerClient(ledgerUrl(url, trust)).artifact(digest, also);
}

/** Where the ledger says that the entries about a file are, or known ones, and all that supervises them. */
export async function entriesAbout({
  client,
  source,
  ...rest
}: Omit<CollectOptions, 'source'> & {
  readonly client: LedgerClient;
  readonly source: LeafSource;
}): Promise<Collected> {
  const search: EntrySearch = {
    search: (filters, page) => client.search(filters, page),
    byIndex: (index) => source.byIndex(index),
  };
  return collectEntries({ source: search, ...rest });
}

/** Said of an answer where not all that the ledger has of a file went into it; that there is no more, nobody says. */
export const moreHop: Hop = {
  hop: 'more',
  mark: 'not-shown',
  text: 'the ledger has more about this than one answer holds (isal verify --replay reads it all)',
  facts: { all: false },
};

/**
 * A bundle of these leaves under the checkpoint, with the authority up to the
 * newest: the one that a replay has found, or else the one that the ledger names.
 */
export async function fetchBundle(
  online: Online,
  indices: readonly number[],
  trust: Trust,
  {
    source = online.client.source(online.view.size),
    authority,
  }: {
    readonly source?: LeafSource;
    readonly authority?: { readonly leafHash: string; readonly index: number } | undefined;
  } = {},
): Promise<Bundle> {
  const { client, signed } = online;
  const newest = authority ?? (await client.authority());
  const { size } = signed.checkpoint;
  return assembleBundle({
    checkpoint: signed.note,
    source,
    indices: indices.filter((index) => index < size),
    authorities: [
      ...(trust.authority === undefined ? [] : [trust.authority.leafHash]),
      ...(newest.index < size ? [newest.leafHash] : []),
    ],
  });
}

/**
 * A verdict in the words of one who asked the ledger. That its bundle speaks of
 * other entries is a fact about the question; that nothing was found is the answer.
 */
export function inWordsOfAsking(verdict: Verdict, { replayed }: { readonly replayed: boolean }): Verdict {
  const { failure, checkpoint } = verdict;
  if (failure?.code !== 'not-recorded' || checkpoint === undefined) return verdict;
  const size = checkpoint.size.toLocaleString('en');
  const message = replayed
    ? `no build or database update among all ${size} leaves has a digest of this file`
    : `the ledger showed no entry for a digest of this file as of size ${size}`;
  const { code, expected } = failure;
  return {
    ...verdict,
    hops: verdict.hops.map((hop) => (hop.hop === 'file' ? { ...hop, text: message } : hop)),
    failure: { code, message, ...(expected === undefined ? {} : { expected }), got: 'nothing' },
  };
}
