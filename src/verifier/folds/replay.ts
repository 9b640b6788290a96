/**
 * A replay: every leaf of the log, from the first to the last, streamed once.
 *
 *   tree       the root is computed again from the leaves alone
 *   authority  in force at each leaf, derived from the pinned leaf 0 upwards
 *   entries    each one decoded, authorised by what was then in force, signed
 *   sources    each number used once; gaps are listed
 *
 * A server can sign anything into its tree. A leaf that was not entitled to
 * stand there is a *finding*, with its index; it changes nothing about the
 * leaves after it. Only a replay can say that something is not there.
 */
import { equal, toBase64 } from '../../bytes.ts';
import { defined } from '../../defined.ts';
import { LedgerError } from '../../errors.ts';
import type { AuthoritySnapshot, VerifySignatureMaybeAsync } from '../../attestation/authority.ts';
import { attestationTypes, type AttestationType } from '../../attestation/types.ts';
import { hashLeaf } from '#sha256';
import type { Head } from '../../tlog/head.ts';
import type { Hash } from '../../tlog/hash.ts';
import { RightEdge } from '../../tlog/right-edge.ts';
import { Audit } from '../authorising/audit.ts';
import type { Audited } from '../authorising/audit.ts';
import type { Gap } from '../authorising/sequences.ts';
import type { Listener } from './fold.ts';
import { touches } from './subject.ts';
import type { Digests } from './subject.ts';
import { SupportingEntries } from './supporting.ts';
import type { Complete, Supporting } from './supporting.ts';
import type { Trust } from '../trust.ts';
import { failureOf } from '../proving/failure.ts';
import type { Failure } from '../proving/failure.ts';
import type { Entry } from '../authorising/walk.ts';

/** For the tree of a checkpoint that the caller has verified. */
export interface ReplayOptions extends Head {
  /** Every leaf in order, beginning with leaf 0. */
  readonly leaves: AsyncIterable<{ readonly index: number; readonly leaf: Uint8Array }>;
  readonly trust: Pick<Trust, 'origin' | 'genesis' | 'authority'>;
  /** Collects the entries about this file. */
  readonly digests?: Digests;
  /** May verify on other threads; as `verifyEd25519` otherwise. */
  readonly verify?: VerifySignatureMaybeAsync;
  /** Called with the number of leaves done, after every 256th and the last. */
  readonly onProgress?: (done: number) => void;
  /**
   * Each is fed with every authorised entry, in the order of the log. The root is
   * compared at the end, so nothing may come of what they were told if `replay` throws.
   */
  readonly folds?: readonly Listener[];
}

export interface Replay {
  readonly size: number;
  /** Computed again from the leaves. */
  readonly root: Hash;
  /** The first findings by index, at most 1,000, and how many there are in all. */
  readonly findings: readonly Failure[];
  readonly findingCount: number;
  /** Numbers that a source has skipped: a finding about the source, not about a leaf. At most 1,000. */
  readonly gaps: readonly Gap[];
  /** In force after the last leaf. */
  readonly authority: AuthoritySnapshot;
  /** Leaf hash → index of every authority document that was in force. */
  readonly documents: ReadonlyMap<string, number>;
  /** Authorised entries by type. */
  readonly counts: Readonly<Record<AttestationType, number>>;
  /** Authorised entries that name the file that was asked for, the first 1,000; absent if none was asked for. */
  readonly entries?: readonly Entry[];
  /** Authorised corrections of any leaf, the first 10,000 by index. */
  readonly corrections: readonly Entry[];
  /** What may bear on the file; absent if none was asked for. */
  readonly file?: ReplayedFile;
}

/** What a replay keeps for the judgement of a file. */
export interface ReplayedFile {
  readonly digests: Digests;
  readonly supporting: Supporting;
  /** Of which kinds every one is among them. */
  readonly complete: Complete;
}

const maxListed = 1_000;
const maxCorrections = 10_000;
/** Leaves whose signatures are being verified at once. */
const window = 256;

/**
 * Replays a log up to a verified checkpoint. Throws `leaf-mismatch` or
 * `wrong-origin` if leaf 0 is not the pinned one, `out-of-range` if leaves are
 * missing, `root-mismatch` if they do not give the checkpoint's root, and what
 * the source of leaves throws.
 */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const { size, root, leaves, trust, verify, onProgress } = options;
  const audit = new Audit(defined({ trust, verify }));
  const tally = new Tally(options.digests, options.folds ?? []);
  const edge = RightEdge.empty();
  for await (const { index, leaf } of leaves) {
    if (index !== edge.size || index >= size) {
      throw new LedgerError('out-of-range', 'the leaves do not come one after the other', {
        expected: edge.size < size ? `leaf ${edge.size}` : `no leaf from ${size} on`,
        got: `leaf ${index}`,
      });
    }
    edge.append(hashLeaf(leaf));
    audit.take(index, leaf);
    if (audit.waiting >= window) tally.add(await audit.settle());
    if (edge.size % window === 0) onProgress?.(edge.size);
  }
  if (edge.size !== size || size === 0) {
    throw new LedgerError('out-of-range', 'leaves are missing at the end', {
      expected: `${Math.max(size, 1)} leaves`,
      got: `${edge.size}`,
    });
  }
  const computed = edge.root();
  if (!equal(computed, root)) {
    throw new LedgerError('root-mismatch', 'the leaves do not give the root of the checkpoint', {
      expected: toBase64(root),
      got: toBase64(computed),
    });
  }
  tally.add(await audit.settle());
  const missing = audit.missingDocument(size);
  if (missing !== undefined) throw missing;
  onProgress?.(size);
  return {
    size,
    root: computed,
    ...tally.result(),
    gaps: audit.sequences.gaps(maxListed),
    authority: audit.authority as AuthoritySnapshot,
    documents: audit.documents,
  };
}

/** Counts and lists, bounded; owned by the one `replay` that made it. */
class Tally {
  readonly #digests: Digests | undefined;
  readonly #folds: readonly Listener[];
  readonly #findings: Failure[] = [];
  #findingCount = 0;
  readonly #counts = Object.fromEntries(attestationTypes.map((type) => [type, 0])) as Record<
    AttestationType,
    number
  >;
  readonly #entries: Entry[] = [];
  readonly #corrections: Entry[] = [];
  readonly #supporting: SupportingEntries | undefined;

  constructor(digests: Digests | undefined, folds: readonly Listener[]) {
    this.#digests = digests;
    this.#supporting = digests === undefined ? undefined : new SupportingEntries(digests);
    this.#folds = folds;
  }

  add(results: readonly Audited[]): void {
    for (const result of results) {
      if (result.kind === 'refused') this.#find(result.error);
      else if (result.kind === 'entry') this.#accept(result.entry);
      else {
        this.#counts.authority++;
        if (result.disagreement !== undefined) this.#find(result.disagreement);
      }
    }
  }

  result(): Pick<Replay, 'findings' | 'findingCount' | 'counts' | 'entries' | 'corrections' | 'file'> {
    const kept = this.#supporting;
    return {
      findings: this.#findings,
      findingCount: this.#findingCount,
      counts: this.#counts,
      corrections: this.#corrections,
      ...(this.#digests === undefined || kept === undefined
        ? {}
        : {
            entries: this.#entries,
            file: { digests: this.#digests, supporting: kept.entries, complete: kept.complete },
          }),
    };
  }

  #accept(entry: Entry): void {
    this.#counts[entry.attestation.type]++;
    for (const fold of this.#folds) fold.add(entry);
    this.#supporting?.add(entry);
    if (entry.attestation.type === 'correction' && this.#corrections.length < maxCorrections) {
      this.#corrections.push(entry);
    }
    if (this.#digests === undefined || this.#entries.length === maxListed) return;
    if (touches(entry.attestation, this.#digests)) this.#entries.push(entry);
  }

  #find(error: LedgerError): void {
    this.#findingCount++;
    if (this.#findings.length < maxListed) this.#findings.push(failureOf(error));
  }
}
