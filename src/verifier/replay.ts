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
import { equal, toBase64 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { AuthorityChain } from '../attestation/authority-chain.ts';
import { verifySignaturesAsync } from '../attestation/authority.ts';
import type { AuthoritySnapshot, VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import { decodeAttestation, decodeEnvelope } from '../attestation/statement.ts';
import type { Attestation } from '../attestation/statement.ts';
import type { AttestationType } from '../attestation/types.ts';
import { verifyEd25519 } from '#ed25519';
import { hashLeaf } from '#sha256';
import type { Hash } from '../tlog/hash.ts';
import { RightEdge } from '../tlog/right-edge.ts';
import { Sequences } from './sequences.ts';
import type { Gap } from './sequences.ts';
import { matchSubjects } from './subject.ts';
import type { Digests } from './subject.ts';
import type { Trust } from './trust.ts';
import { failureOf } from './verdict.ts';
import type { Failure } from './verdict.ts';
import { requireGenesis, requireNewNumber, requireOrigin, requirePinned, withIndex } from './walk.ts';
import type { Entry } from './walk.ts';

export interface ReplayOptions {
  /** Size and root of a checkpoint that the caller has verified. */
  readonly size: number;
  readonly root: Hash;
  /** Every leaf in order, beginning with leaf 0. */
  readonly leaves: AsyncIterable<{ readonly index: number; readonly leaf: Uint8Array }>;
  readonly trust: Pick<Trust, 'origin' | 'genesis' | 'authority'>;
  /** Collects the entries about this file. */
  readonly digests?: Digests;
  /** May verify on other threads; as `verifyEd25519` otherwise. */
  readonly verify?: VerifySignatureMaybeAsync;
  /** Called with the number of leaves done, after every 256th and the last. */
  readonly onProgress?: (done: number) => void;
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
  /** Authorised entries by type. */
  readonly counts: Readonly<Record<AttestationType, number>>;
  /** Authorised entries about the file that was asked for, the first 1,000; absent if none was asked for. */
  readonly entries?: readonly Entry[];
}

const maxListed = 1_000;
/** Leaves whose signatures are being verified at once. */
const window = 256;

/**
 * Replays a log up to a verified checkpoint. Throws `leaf-mismatch` or
 * `wrong-origin` if leaf 0 is not the pinned one, `out-of-range` if leaves are
 * missing, `root-mismatch` if they do not give the checkpoint's root, and what
 * the source of leaves throws.
 */
export async function replay(options: ReplayOptions): Promise<Replay> {
  const { size, root, leaves, onProgress } = options;
  const state = new State(options);
  const edge = RightEdge.empty();
  for await (const { index, leaf } of leaves) {
    if (index !== edge.size || index >= size) {
      throw new LedgerError('out-of-range', 'the leaves do not come one after the other', {
        expected: edge.size < size ? `leaf ${edge.size}` : `no leaf from ${size} on`,
        got: `leaf ${index}`,
      });
    }
    edge.append(hashLeaf(leaf));
    await state.take(index, leaf);
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
  const result = await state.finish();
  onProgress?.(size);
  return { size, root: computed, ...result };
}

/** What a replay knows so far; owned by the one `replay` that made it. */
class State {
  readonly #options: ReplayOptions;
  readonly #findings: Failure[] = [];
  #findingCount = 0;
  readonly #sequences = new Sequences();
  readonly #counts: Record<AttestationType, number> = {
    authority: 0,
    build: 0,
    'database-update': 0,
    'data-access': 0,
  };
  readonly #entries: Entry[] = [];
  readonly #documents = new Map<string, number>();
  #chain: AuthorityChain | undefined;
  #pending: { readonly verified: Promise<void>; readonly entry: Entry }[] = [];

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async take(index: number, leaf: Uint8Array): Promise<void> {
    if (this.#chain === undefined) {
      this.#chain = this.#begin(leaf);
      return;
    }
    try {
      const attestation = decodeAttestation(decodeEnvelope(leaf));
      if (attestation.type === 'authority') this.#succeed(this.#chain, index, attestation);
      else this.#check(this.#chain.current, index, attestation);
    } catch (error) {
      this.#find(error, index);
    }
    if (this.#pending.length >= window) await this.#settle();
  }

  async finish(): Promise<Omit<Replay, 'size' | 'root'>> {
    await this.#settle();
    const { authority: pinned } = this.#options.trust;
    if (
      pinned !== undefined &&
      pinned.asOfSize <= this.#options.size &&
      !this.#documents.has(pinned.leafHash)
    ) {
      throw new LedgerError(
        'authority-invalid',
        'the log does not hold the authority document that is pinned',
        {
          expected: pinned.leafHash,
        },
      );
    }
    return {
      findings: this.#findings.toSorted((a, b) => (a.index ?? 0) - (b.index ?? 0)),
      findingCount: this.#findingCount,
      gaps: this.#sequences.gaps(maxListed),
      authority: (this.#chain as AuthorityChain).current,
      counts: this.#counts,
      ...(this.#options.digests === undefined ? {} : { entries: this.#entries }),
    };
  }

  #begin(leaf: Uint8Array): AuthorityChain {
    const { trust } = this.#options;
    requireGenesis(hashLeaf(leaf), trust);
    const chain = new AuthorityChain(decodeAttestation(decodeEnvelope(leaf)));
    requireOrigin(chain.current, trust);
    this.#documents.set(chain.current.leafHash, 0);
    this.#counts.authority++;
    return chain;
  }

  #succeed(chain: AuthorityChain, index: number, attestation: Attestation): void {
    const refusal = chain.feed(index, attestation);
    if (refusal !== undefined) throw refusal;
    this.#documents.set(chain.current.leafHash, index);
    this.#counts.authority++;
    requirePinned(chain.current, this.#documents, this.#options.trust);
  }

  #check(authority: AuthoritySnapshot, index: number, attestation: Attestation): void {
    const { signers, keys } = authority.authorise(attestation, { index });
    const verified = verifySignaturesAsync(attestation, keys, this.#options.verify ?? verifyEd25519);
    // Awaited in `#settle`; until then a failure must not count as unhandled.
    verified.catch(() => undefined);
    const { index: at, version } = authority;
    this.#pending.push({
      verified,
      entry: { index, attestation, signers, authority: { index: at, version } },
    });
  }

  #accept(entry: Entry): void {
    requireNewNumber(entry.attestation, this.#sequences);
    this.#counts[entry.attestation.type]++;
    const { digests } = this.#options;
    if (digests === undefined || this.#entries.length === maxListed) return;
    this.#entries.push(...matchSubjects([entry], digests));
  }

  /** Keeps what a leaf was refused for; anything but a refusal is a fault of ours and ends the replay. */
  #find(error: unknown, index: number): void {
    if (!(error instanceof LedgerError)) throw error;
    this.#findingCount++;
    if (this.#findings.length < maxListed) this.#findings.push(failureOf(withIndex(error, index)));
  }

  /** Takes the entries in order, whatever the order in which their signatures were verified. */
  async #settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (const { verified, entry } of pending) {
      try {
        await verified;
        this.#accept(entry);
      } catch (error) {
        this.#find(error, entry.index);
      }
    }
  }
}
