/**
 * The ledger: what HTTP, the command line and tests use, and all they use.
 *
 *   append ─► intake ─► sequencer ─► commit ─► signer (anchor) ─► publisher ─► receipt
 *             any number  one line                                 one after the other
 *
 * A receipt is given when the entry is committed, anchored, signed, cosigned by
 * the quorum of witnesses and published, and not before. Any error that leaves
 * open what is on the disk stops the ledger for good (`failed`); the process
 * ends and opens anew. A row that is damaged is refused to its readers, and ends
 * all recording (`halted`); the ledger goes on serving what verifies.
 */
import { toHex } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError } from '../errors.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import { LocalSigner, type Signer } from '../signer/signer.ts';
import { headOf } from '../tlog/head.ts';
import { recover } from './open.ts';
import { assemble, configure, type LedgerOptions, type LedgerParts, type LedgerSettings } from './parts.ts';
import { Patience, type PatienceOptions } from './patience.ts';
import { PublishedLog } from './published-log.ts';
import { notYetPublished } from './reader.ts';
import type { Published } from './store/log-states.ts';
import type { WitnessStatus } from './witnessing/witness-round.ts';

export type { LedgerOptions, LedgerSettings, Witnessing } from './parts.ts';

/** What the submitter of an entry gets. */
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
  /** Why nothing new is taken, while too few witnesses cosign. */
  readonly quorumUnavailable?: LedgerError;
  readonly witnesses: readonly WitnessStatus[];
  /** What stopped the ledger. */
  readonly error?: LedgerError;
  /** The first damage that was met in the store: nothing new is taken since. */
  readonly damage?: LedgerError;
}

export class Ledger extends PublishedLog {
  readonly #parts: LedgerParts;
  readonly #now: () => number;
  /** Appends that are not yet answered; `close` waits for them. */
  readonly #appending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(parts: LedgerParts, now: () => number) {
    super(parts);
    this.#parts = parts;
    this.#now = now;
  }

  /**
   * Opens and recovers the ledger, and publishes what was committed and not yet
   * published. With witnesses it also opens when their quorum is unavailable: it
   * then serves what was published before, takes nothing, and keeps trying.
   * Throws `bad-key`, what `configure` and `recover` throw, and what can stop a ledger.
   */
  static open({ anchor, logKeys, ...settings }: LedgerOptions): Promise<Ledger> {
    const { origin } = settings;
    return Ledger.#open(settings, () => new LocalSigner({ anchor, origin, keys: logKeys }));
  }

  /** The same with a signer elsewhere, which is handed over as the storage is. */
  static openWith(signer: Signer, settings: LedgerSettings): Promise<Ledger> {
    return Ledger.#open(settings, () => signer);
  }

  static async #open(settings: LedgerSettings, signing: () => Signer): Promise<Ledger> {
    const { storage, now = Date.now } = settings;
    let signer: Signer | undefined;
    let owned: Pick<LedgerParts, 'witnesses'> | undefined;
    try {
      signer = signing();
      const configured = configure(settings, signer);
      owned = configured;
      const { genesis, policy } = configured;
      const { keys, anchored } = signer;
      const recovered = await recover({ storage, anchor: { head: anchored }, genesis, keys, policy });
      const parts = assemble(settings, configured, recovered);
      const { missing } = recovered;
      // A crash after this leaves a log of size 1, of which no one was told; the next opening publishes it.
      void parts.failure.halted.then((damage) =>
        parts.failure.error === undefined ? storage.distrust?.(damage) : undefined,
      );
      if (missing !== undefined) await parts.committer.commit(missing.rows, headOf(missing.tree));
      parts.publication.start();
      await parts.publication.idle();
      parts.failure.check();
      return new Ledger(parts, now);
    } catch (error) {
      await owned?.witnesses?.close();
      await signer?.close();
      await storage.close();
      throw error;
    }
  }

  override get failed(): Promise<LedgerError> {
    return this.#parts.failure.failed;
  }

  /** Resolves with why nothing is recorded any more, if that ever comes: damage, or what stopped the ledger. */
  get halted(): Promise<LedgerError> {
    return this.#parts.failure.halted;
  }

  /** Whether it answers reads and takes entries. */
  get ready(): boolean {
    const { failure, states } = this.#parts;
    return (
      this.#closing === undefined &&
      failure.error === undefined &&
      failure.damage === undefined &&
      states.published !== undefined &&
      states.quorumUnavailable === undefined
    );
  }

  health(): Health {
    const { failure, states, sequencer, archive, witnesses } = this.#parts;
    return defined({
      ready: this.ready,
      committedSize: states.committed.tree.size,
      publishedSize: states.publishedSize,
      publishedAt: archive.publishedAt,
      queued: sequencer.queued,
      quorumUnavailable: states.quorumUnavailable,
      witnesses: witnesses?.status ?? [],
      error: failure.error,
      damage: failure.damage,
    });
  }

  /**
   * Records a leaf, the canonical bytes of an envelope, and resolves when it is
   * published. The same bytes again give the same index, also when the authority
   * has changed by then. Throws what admission and the sequencer refuse;
   * `recorded-not-published` with the index when the entry is committed but the
   * waiting ended; `below-quorum` when nothing is taken because the witnesses'
   * quorum is unavailable; `timeout` when it ended before that (the entry may still be
   * recorded, and the same bytes sent again say so); `shutting-down`; or what
   * stopped the ledger.
   */
  append(leaf: Uint8Array, options: AppendOptions = {}): Promise<Receipt> {
    const answer = this.#append(leaf, new Patience(options, this.#now));
    this.#appending.add(answer);
    const forget = (): void => void this.#appending.delete(answer);
    answer.then(forget, forget);
    return answer;
  }

  async #append(leaf: Uint8Array, patience: Patience): Promise<Receipt> {
    this.#requireOpen();
    const { intake, publication, reader } = this.#parts;
    const { index, status, leafHash } = await patience.wait(intake.take(leaf));
    let published: Published;
    try {
      published = await patience.wait(publication.reached(index + 1));
    } catch (cause) {
      throw notPublished(index, cause);
    }
    const proof = await reader.proof({ index, leaf, leafHash, published });
    return { status, index, leafHash: toHex(leafHash), proof };
  }

  override authority(): AuthoritySnapshot {
    const { published } = this.#parts.states;
    if (published !== undefined) return published.state.authority;
    throw notYetPublished();
  }

  /** Ends all recording because of damage that was found in the files of the store, and returns it. */
  damaged(damage: LedgerError): LedgerError {
    return this.#parts.failure.damaged(damage);
  }

  /** Takes nothing more, answers everything that it has taken, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { intake, sequencer, publication, signer, witnesses, conflicts, storage } = this.#parts;
    // When a quorum comes back is unknown; what is committed is published after the next opening.
    publication.finish();
    await Promise.allSettled(this.#appending);
    // Entries whose submitter stopped waiting are recorded and published all the same,
    // also those that admission had not yet let through.
    await intake.idle();
    await sequencer.idle();
    await publication.idle();
    await conflicts?.idle();
    await witnesses?.close();
    await signer.close();
    await storage.close();
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) {
      throw new LedgerError('shutting-down', 'the ledger is shutting down and takes nothing more');
    }
    this.#parts.failure.checkWriting();
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
