/** A ledger that answers, and the checkpoint of it that the pinned trust file accepts. */
import { hashLeaf } from '#sha256';
import { verifyInclusion } from '../../tlog/inclusion.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import { bundleFrom } from '../../verifier/collecting/source.ts';
import type { BundleRequest, LedgerSource } from '../../verifier/collecting/source.ts';
import type { LeafSource } from '../../verifier/proving/leaf-source.ts';
import type { Bundle, BundleLeaf } from '../../verifier/proving/bundle.ts';
import { LogClient } from '../../verifier/proving/log-client.ts';
import type { LogView, SignedCheckpoint } from '../../verifier/proving/log-client.ts';
import type { Digests } from '../../verifier/folds/subject.ts';
import type { CheckpointTrust, Trust } from '../../verifier/trust.ts';
import { requireMinSize } from '../../verifier/judging/verify-bundle.ts';
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
  return defined({ now: Math.floor(io.now() / 1_000), maxAge });
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
function tileSource({ client, view }: Pick<Online, 'client' | 'view'>): LeafSource {
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

/** The ledger as the judge asks it. With `view`, leaves are read from the tiles. */
export function sourceOf(
  client: LedgerClient,
  { note, view }: { readonly note: Uint8Array; readonly view?: LogView | undefined },
): LedgerSource {
  return {
    checkpoint: () => Promise.resolve(note),
    at: (size) => {
      const leaves = view === undefined ? client.source(size) : tileSource({ client, view });
      return {
        byIndex: (index) => leaves.byIndex(index),
        byLeafHash: (leafHash) => leaves.byLeafHash(leafHash),
        search: (filters, page) => client.search(filters, page),
        authority: () => client.authority(),
      };
    },
  };
}

/** A bundle of these leaves, or of what bears on a file or on a known entry as far as the ledger finds it. */
export function bundleOf(
  { client, signed, view }: Online,
  trust: Trust,
  wanted: Pick<BundleRequest, 'digests' | 'known' | 'found'>,
): Promise<{ bundle: Bundle; all: boolean }> {
  const { note } = signed;
  const { size } = view;
  return bundleFrom({
    ...wanted,
    view: sourceOf(client, { note }).at(size),
    checkpoint: note,
    size,
    trust,
  });
}
