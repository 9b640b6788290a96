/**
 * A ledger that is asked about a file, and the bundle that its answers come
 * to. Nothing that it says is believed: the bundle is judged like any other.
 */
import { defined } from '../../defined.ts';
import type { AuthoritySnapshot } from '../../attestation/authority.ts';
import type { Bundle } from '../proving/bundle.ts';
import { LeafCache } from '../proving/leaf-cache.ts';
import type { LeafSource } from '../proving/leaf-source.ts';
import type { Digests } from '../folds/subject.ts';
import type { Trust } from '../trust.ts';
import { assembleBundle } from './assemble.ts';
import { collectEntries, fittingLeaves } from './collect.ts';
import type { Collected, EntrySearch } from './collect.ts';

export interface LedgerSource {
  /** The signed note of the newest checkpoint. */
  checkpoint(): Promise<Uint8Array>;
  /** The ledger as of a size, whose root the leaves are proven under. */
  at(size: number): LedgerView;
}

export interface LedgerView extends LeafSource, Pick<EntrySearch, 'search'> {
  /** The newest authority document that the ledger names. */
  authority(): Promise<{ readonly leafHash: string; readonly index: number }>;
}

/** Leaves that are known to be wanted, as by a replay: then nothing is left for the ledger to say but their bytes. */
export interface FoundLeaves {
  /** The most important first. */
  readonly indices: readonly number[];
  /** The newest authority document, where it is known. */
  readonly authority?: Pick<AuthoritySnapshot, 'leafHash' | 'index'>;
  /** Leaf hash → index of the authority documents that are known. */
  readonly documents?: ReadonlyMap<string, number>;
}

export interface BundleRequest {
  readonly view: LedgerView;
  /** The signed note, verified, and its size. */
  readonly checkpoint: Uint8Array;
  readonly size: number;
  readonly trust: Pick<Trust, 'authority'>;
  /** The file; without it, `known` are the entries that the bundle is for. */
  readonly digests?: Digests | undefined;
  /** Entries about the file that are known already, for example from a proof at hand. */
  readonly known?: readonly number[];
  readonly found?: FoundLeaves | undefined;
}

/** The bundle about a file, and whether all that the ledger says it has is in it. Throws what the ledger fails with. */
export async function bundleFrom(request: BundleRequest): Promise<{ bundle: Bundle; all: boolean }> {
  const { view, checkpoint, size, trust, found } = request;
  const source = new LeafCache(view, found?.documents);
  const { indices, all } = await indicesOf(request, source);
  const newest = found?.authority ?? (await view.authority());
  const bundle = await assembleBundle({
    checkpoint,
    source,
    indices,
    authorities: [
      ...(trust.authority === undefined ? [] : [trust.authority.leafHash]),
      ...(newest.index < size ? [newest.leafHash] : []),
    ],
  });
  return { bundle, all };
}

/** Where the entries are that the answer rests on. A replay knows; otherwise the ledger's search only suggests. */
async function indicesOf(
  { view, size, digests, known, found }: BundleRequest,
  source: LeafSource,
): Promise<Collected> {
  if (found !== undefined) {
    // What was recorded since is in no tree of this size.
    const recorded = found.indices.filter((index) => index < size);
    // The bundle may have no room for some of it; the answer rests on all that was read.
    return { indices: await fittingLeaves(recorded, source), all: true };
  }
  const search: EntrySearch = {
    search: (filters, page) => view.search(filters, page),
    byIndex: (index) => source.byIndex(index),
  };
  return collectEntries({ source: search, size, ...defined({ digests, known }) });
}
