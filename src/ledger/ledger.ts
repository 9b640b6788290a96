/**
 * The ledger: what HTTP, the command line and tests use, and all they use.
 *
 *   append ─► admission ─► sequencer ─► commit ─► signer (anchor) ─► publisher ─► receipt
 *             any number    one line                                  one after the other
 *
 * A receipt is given when the entry is committed, anchored, signed, cosigned by
 * the quorum of witnesses and published, and not before. Any error that leaves open what is on the disk
 * stops the ledger for good (`failed`); the process ends and opens anew.
 */
import { fromHex, toHex } from '../bytes.ts';
import { LedgerError, assert } from '../errors.ts';
import { admit } from '../admission/admit.ts';
import type { AuthoritySnapshot, VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import { maxLeafBytes } from '../attestation/envelope.ts';
import type { AnchorState } from '../cosigner/cosigner.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import { verifierOf, type SignerKey } from '../note/key.ts';
import type { Policy } from '../note/policy.ts';
import { verifyEd25519Async } from '../platform/ed25519.node.ts';
import type { Storage } from '../storage/storage.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import { rootOf } from '../tlog/root.ts';
import type { BundleId, Tile } from '../tlog/tile.ts';
import { Archive, defaultArchiveInterval, type ArchivePage, type ArchiveQuery } from './archive.ts';
import { Committer } from './store/committer.ts';
import { Equivocations, type KeptEvidence } from './conflicts/equivocations.ts';
import type { EvidenceStore } from './conflicts/evidence-directory.ts';
import { Failure, promiseWithResolvers } from './store/failure.ts';
import { openGenesis } from './genesis.ts';
import { recover } from './open.ts';
import { Patience, type PatienceOptions } from './patience.ts';
import {
  Publisher,
  type Publication,
  type Published,
  type PublisherParts,
  type RoundTimes,
  defaultRoundTimes,
} from './publisher.ts';
import { Reader, type Consistency, type Inclusion } from './reader.ts';
import { search, type SearchPage, type SearchQuery } from './search.ts';
import { Sequencer, defaultLimits, type Sequenced, type SequencerLimits } from './sequencer.ts';
import { Signer } from './signer.ts';
import { Witnesses, type WitnessStatus } from './witnessing/witness-round.ts';

export interface LedgerOptions {
  /** Handed over: the ledger closes it, also when it cannot be opened. */
  readonly storage: Storage;
  readonly anchor: AnchorState;
  /** The log's own signer keys: Ed25519 (type 1), and ML-DSA-44 (type 6) if wanted. */
  readonly logKeys: readonly SignerKey[];
  /** The bytes of leaf 0. */
  readonly genesis: Uint8Array;
  readonly origin: string;
  /** Whose cosignatures every published checkpoint has; nobody's unless given, or with `quorum none`. */
  readonly policy?: Policy;
  readonly witnessing?: Partial<Witnessing>;
  readonly limits?: Partial<SequencerLimits>;
  /** The Ed25519 rule, on other threads unless given. */
  readonly verify?: VerifySignatureMaybeAsync;
  /** Milliseconds since the epoch, against which deadlines are held and the archive is kept. */
  readonly now?: () => number;
  /** Seconds; of every such stretch of time the last checkpoint is kept. 3600 unless given. */
  readonly archiveInterval?: number;
  /** Where evidence against sources that use one number twice is kept; nowhere unless given. */
  readonly evidence?: {
    readonly store: EvidenceStore;
    /** Told of every file that was written, and of every one that could not be. */
    readonly onKept?: (kept: KeptEvidence) => void;
  };
  /** Makes the publisher; a harness that must be able to fail puts a faulty one here. */
  readonly publisher?: (parts: PublisherParts) => Publication;
}

/** How witnesses are dealt with. */
export interface Witnessing {
  /** How long one witness, and so one round, may take. 5 s unless given. */
  readonly timeoutMs: number;
  readonly times: Partial<RoundTimes>;
  /** Told when a witness's state changes. */
  readonly onChange: (status: WitnessStatus) => void;
}

const defaultWitnessTimeoutMs = 5_000;

/** The acknowledgement of an entry. */
export interface Receipt {
  /** `known` when the same bytes were recorded, or on their way, before. */
  readonly status: 'new' | 'known';
  readonly index: number;
  /** Lowercase hex. */
  readonly leafHash: string;
  /** The text of the `.tlog-proof`; its extra line is the leaf. */
  readonly proof: string;
}

/** Ends the waiting, never the recording. */
export type AppendOptions = PatienceOptions;

export interface Health {
  readonly ready: boolean;
  /** Entries that are committed, and that are published. */
  readonly committedSize: number;
  readonly publishedSize: number;
  /** When the newest checkpoint was published, in seconds, by the server's clock. */
  readonly publishedAt?: number;
  /** Entries that wait for their index. */
  readonly queued: number;
  /** Why nothing new is taken, while the quorum is not to be had. */
  readonly lacking?: LedgerError;
  readonly witnesses: readonly WitnessStatus[];
  /** What stopped the ledger. */
  readonly error?: LedgerError;
}

interface LedgerParts {
  readonly storage: Storage;
  readonly failure: Failure;
  readonly sequencer: Sequencer;
  readonly publication: Publication;
  readonly signer: Signer;
  readonly reader: Reader;
  readonly archive: Archive;
  readonly witnesses: Witnesses | undefined;
  readonly equivocations: Equivocations | undefined;
  readonly verify: VerifySignatureMaybeAsync;
  readonly now: () => number;
}

export class Ledger {
  readonly #parts: LedgerParts;
  /** Appends that are not yet answered; `close` waits for them. */
  readonly #appending = new Set<Promise<unknown>>();
  /** Resolves when everything that came before has gone to the sequencer or was refused; replaced by `#sequence`. */
  #turn: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(parts: LedgerParts) {
    this.#parts = parts;
  }

  /**
   * Opens and recovers the ledger, and publishes what was committed and not yet
   * published. With witnesses it also opens when their quorum is not to be had:
   * it then serves what was published before, takes nothing, and keeps trying.
   * Throws what `recover` throws, `origin-mismatch`, `bad-key`,
   * `malformed-policy`, and what can stop a ledger.
   */
  static async open(options: LedgerOptions): Promise<Ledger> {
    const { storage, anchor, origin } = options;
    const { verify = verifyEd25519Async, now = Date.now } = options;
    let signer: Signer | undefined;
    let witnesses: Witnesses | undefined;
    try {
      signer = new Signer({ anchor, origin, keys: options.logKeys });
      const keys = options.logKeys.map(verifierOf);
      const policy = options.policy?.quorum === 'none' ? undefined : options.policy;
      const failure = new Failure();
      if (policy !== undefined) {
        const { timeoutMs = defaultWitnessTimeoutMs, onChange } = options.witnessing ?? {};
        const told = onChange === undefined ? {} : { onChange };
        witnesses = new Witnesses({ policy, origin, keys, failure, now, timeoutMs, ...told });
      }
      const genesis = openGenesis(options.genesis, origin);
      const { head, tiles, state, published } = await recover({ storage, anchor, genesis, keys, policy });

      const committer = new Committer(storage, head, failure);
      const makePublisher = options.publisher ?? ((parts: PublisherParts) => new Publisher(parts));
      const archive = await Archive.open({
        storage,
        committer,
        failure,
        origin,
        rootAt: async (size) => {
          const { tree } = sequencer.state;
          return size <= tree.size ? rootOf(size, tiles.reader(tree)) : undefined;
        },
        now,
        interval: options.archiveInterval ?? defaultArchiveInterval,
      });
      const publication = makePublisher({
        signer,
        tiles,
        archive,
        failure,
        newest: state,
        published,
        ...(witnesses === undefined ? {} : { witnesses }),
        times: { ...defaultRoundTimes, ...options.witnessing?.times },
      });
      const sequencer: Sequencer = new Sequencer({
        storage,
        committer,
        tiles,
        failure,
        state,
        limits: { ...defaultLimits, ...options.limits },
        announce: (next) => publication.announce(next),
        publishedSize: () => publication.published?.state.tree.size ?? 0,
        lacking: () => publication.lacking,
        conflict: (conflict) => equivocations?.refused(conflict),
      });
      const reader = new Reader({ storage, tiles, failure, publication, committed: () => sequencer.state });
      const { evidence } = options;
      const equivocations =
        evidence === undefined
          ? undefined
          : new Equivocations({
              store: evidence.store,
              onKept: evidence.onKept ?? (() => {}),
              storage,
              reader,
              publication,
              keys,
              origin,
              genesis: toHex(genesis.attestation.leafHash),
            });

      publication.announce(state);
      await publication.idle();
      failure.check();
      return new Ledger({
        storage,
        failure,
        sequencer,
        publication,
        signer,
        reader,
        archive,
        witnesses,
        equivocations,
        verify,
        now,
      });
    } catch (error) {
      await witnesses?.close();
      await signer?.close();
      await storage.close();
      throw error;
    }
  }

  /** Resolves with the error that stopped the ledger, if one ever does. */
  get failed(): Promise<LedgerError> {
    return this.#parts.failure.failed;
  }

  /** Whether it answers reads and takes entries. */
  get ready(): boolean {
    const { failure, publication } = this.#parts;
    const { published, lacking } = publication;
    return (
      this.#closing === undefined &&
      failure.error === undefined &&
      published !== undefined &&
      lacking === undefined
    );
  }

  health(): Health {
    const { failure, sequencer, publication, archive, witnesses } = this.#parts;
    const { lacking } = publication;
    const { publishedAt } = archive;
    return {
      ready: this.ready,
      committedSize: sequencer.state.tree.size,
      publishedSize: publication.published?.state.tree.size ?? 0,
      ...(publishedAt === undefined ? {} : { publishedAt }),
      queued: sequencer.queued,
      ...(lacking === undefined ? {} : { lacking }),
      witnesses: witnesses?.status ?? [],
      ...(failure.error === undefined ? {} : { error: failure.error }),
    };
  }

  /**
   * Records a leaf, the canonical bytes of an envelope, and resolves when it is
   * published. The same bytes again give the same index, whatever the authority
   * says by then. Throws what admission and the sequencer refuse;
   * `recorded-not-published` with the index when the entry is committed but the
   * waiting ended; `below-quorum` when nothing is taken because the witnesses'
   * quorum is not to be had; `timeout` when it ended before that (the entry may still be
   * recorded, and the same bytes sent again say so); `shutting-down`; or what
   * stopped the ledger.
   */
  append(leaf: Uint8Array, options: AppendOptions = {}): Promise<Receipt> {
    const answer = this.#append(leaf, new Patience(options, this.#parts.now));
    this.#appending.add(answer);
    const forget = (): void => void this.#appending.delete(answer);
    answer.then(forget, forget);
    return answer;
  }

  async #append(leaf: Uint8Array, patience: Patience): Promise<Receipt> {
    this.#requireOpen();
    const { publication, reader } = this.#parts;
    const { index, status, leafHash } = await patience.wait(this.#sequence(leaf));
    let published: Published;
    try {
      published = await patience.wait(publication.reached(index + 1));
    } catch (cause) {
      throw notPublished(index, cause);
    }
    const proof = await reader.proof({ index, leaf, leafHash, published });
    return { status, index, leafHash: toHex(leafHash), proof };
  }

  async #sequence(leaf: Uint8Array): Promise<Sequenced & { readonly leafHash: Hash }> {
    const { sequencer, failure, verify } = this.#parts;
    let leafHash: Hash | undefined;
    const lookup = (hash: Hash, bytes: Uint8Array): Promise<number | undefined> => {
      leafHash = hash;
      return failure.guard(() => sequencer.lookup(hash, bytes));
    };
    // No signature is verified for what would be turned away, under overload or
    // below quorum; what is recorded already still gets its answer.
    const { refusal } = sequencer;
    if (refusal !== undefined && leaf.length <= maxLeafBytes) {
      const index = await lookup(hashLeaf(leaf), leaf);
      if (index === undefined) throw refusal;
      if (leafHash !== undefined) return { index, status: 'known', leafHash };
    }
    // Admission is parallel, and whoever is admitted goes to the sequencer in the
    // order of the calls: a chain that was submitted in order is recorded in order.
    const before = this.#turn;
    const { promise, resolve } = promiseWithResolvers<void>();
    this.#turn = promise;
    let admitted: Awaited<ReturnType<typeof admit>>;
    try {
      const leafOf = (hash: Hash): Promise<Uint8Array | undefined> =>
        failure.guard(() => sequencer.leafOf(hash));
      admitted = await admit(leaf, { snapshot: sequencer.state.authority, lookup, leafOf, verify });
      if ('candidate' in admitted) await before;
    } finally {
      // In a later microtask than the submission below, and not before those who came first.
      void before.then(resolve);
    }
    assert(leafHash !== undefined, 'admission looks every leaf up');
    if ('known' in admitted) return { index: admitted.known, status: 'known', leafHash };
    return { ...(await sequencer.submit(admitted.candidate)), leafHash };
  }

  /** The published checkpoint: its cosigned note, and what it states. */
  checkpoint(): { readonly note: Uint8Array; readonly checkpoint: Checkpoint } | undefined {
    return this.#parts.publication.published;
  }

  /**
   * Checkpoints that were published, newest first: the last one of each archive
   * interval, and the newest of all. Throws `bad-request`, `store-corrupt`.
   */
  checkpoints(query: ArchiveQuery): Promise<ArchivePage> {
    return this.#parts.archive.find(query);
  }

  /** The authority document in force at the published size. Throws `not-ready`. */
  authority(): AuthoritySnapshot {
    return this.#parts.reader.published.state.authority;
  }

  /** The bytes of a tile of the signed tree. Throws `not-found`. */
  tile(tile: Tile): Promise<Uint8Array> {
    return this.#parts.reader.tile(tile);
  }

  /** The bytes of an entry bundle of the signed tree. Throws `not-found`. */
  bundle(bundle: BundleId): Promise<Uint8Array> {
    return this.#parts.reader.bundle(bundle);
  }

  /** The bytes of a published entry. Throws `not-found`. */
  entry(index: number): Promise<Uint8Array> {
    return this.#parts.reader.entry(index);
  }

  /** The index of the published entry with this leaf hash, lowercase hex. Throws `bad-hex`. */
  async indexOf(leafHash: string): Promise<number | undefined> {
    return this.#parts.reader.indexOf(fromHex(leafHash, 32));
  }

  /** Throws `out-of-range` for an index or a size that is not published. */
  inclusion(place: { readonly index: number; readonly size?: number }): Promise<Inclusion> {
    return this.#parts.reader.inclusion(place);
  }

  /** Throws `out-of-range` for sizes that are not published. */
  consistency(span: { readonly from: number; readonly to: number }): Promise<Consistency> {
    return this.#parts.reader.consistency(span);
  }

  search(query: SearchQuery): Promise<SearchPage> {
    const { storage, reader, failure } = this.#parts;
    return search(query, { storage, reader, failure });
  }

  /** Takes nothing more, answers everything that it has taken, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { sequencer, publication, signer, witnesses, equivocations, storage } = this.#parts;
    // Nobody knows when a quorum comes back; what is committed is published after the next opening.
    publication.finish();
    await Promise.allSettled(this.#appending);
    // Entries whose submitter stopped waiting are recorded and published all the same,
    // also those that admission had not yet let through.
    await this.#turn;
    await sequencer.idle();
    await publication.idle();
    await equivocations?.idle();
    await witnesses?.close();
    await signer.close();
    await storage.close();
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) {
      throw new LedgerError('shutting-down', 'the ledger is shutting down and takes nothing more');
    }
    this.#parts.failure.check();
  }
}

function notPublished(index: number, cause: unknown): LedgerError {
  return new LedgerError('recorded-not-published', 'the entry is recorded and waits to be published', {
    expected: 'a published checkpoint above it; send the same bytes again for the receipt',
    got: cause instanceof LedgerError ? cause.code : 'an error',
    index,
    facts: { index },
    cause,
  });
}
