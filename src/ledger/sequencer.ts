/**
 * The sequencer: one writer, one line. It gives every entry its index.
 *
 *   queue ─► batch ─► place each: known? authorised? recorded? numbered? ─► commit ─► committed
 *
 * There is no timer: a batch begins as soon as the last commit is done, with
 * what has come in meanwhile, up to a count and a number of bytes. An idle
 * ledger so commits a single entry at once, and a busy one many at a time.
 *
 * Whatever admission found is found again here, because it may have changed
 * while the entry waited: the same bytes may have been recorded, another
 * authority document may be in force. An authority document ends its batch, so
 * that everything behind it is held against the new one.
 */
import { sha256 } from '#sha256';
import { equal, toHex } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { reauthorise, type Candidate } from '../admission/admit.ts';
import type { AuthoritySnapshot } from '../attestation/authority.ts';
import { pae } from '../attestation/envelope.ts';
import { decodeEnvelope, type Attestation } from '../attestation/statement.ts';
import type { Row, StorageReader } from '../storage/storage.ts';
import { hashLeaf, type Hash } from '../tlog/hash.ts';
import { headOf } from '../tlog/head.ts';
import type { Committer } from './store/committer.ts';
import { promiseWithResolvers, type Failure, type Resolvers } from './store/failure.ts';
import { leafHashKey, leafKey, readIndex } from './store/keys.ts';
import type { LogState, LogStates } from './store/log-states.ts';
import { Lookups } from './store/lookups.ts';
import { entryRows, sourceNumberOf, tileRows } from './store/rows.ts';
import type { TileStore } from './store/tile-store.ts';
import { grow } from './store/tree.ts';

export interface SequencerLimits {
  /** Entries and bytes of leaves in one commit. One entry always fits. */
  readonly batchEntries: number;
  readonly batchBytes: number;
  /** Entries that are queued or committed but not yet published, and bytes of those queued. */
  readonly waitingEntries: number;
  readonly waitingBytes: number;
}

export const defaultLimits: SequencerLimits = {
  batchEntries: 256,
  batchBytes: 2 ** 20,
  waitingEntries: 16_384,
  waitingBytes: 64 * 2 ** 20,
};

/** Where an entry stands: recorded now, or with the same bytes before. */
export interface Sequenced {
  readonly index: number;
  readonly status: 'new' | 'known';
}

/** An authorised entry that was refused, and the leaf that has its number. */
export interface NumberConflict {
  readonly attestation: Attestation;
  readonly index: number;
}

export interface SequencerParts {
  readonly storage: Pick<StorageReader, 'get' | 'getMany'>;
  readonly committer: Committer;
  readonly tiles: TileStore;
  readonly failure: Failure;
  /** The sequencer alone advances what is committed. */
  readonly states: Pick<LogStates, 'committed' | 'publishedSize' | 'quorumUnavailable' | 'advance'>;
  readonly limits: SequencerLimits;
  /** Told of authorised entries that are refused as a second content for a number; must not throw. */
  readonly onConflict: (conflict: NumberConflict) => void;
}

interface QueuedEntry extends Resolvers<Sequenced> {
  readonly candidate: Candidate;
  /** The name of the entry in `#byHash`. */
  readonly leafHash: string;
}

export class Sequencer {
  readonly #parts: SequencerParts;
  readonly #lookups: Lookups;
  /** Entries without an index, oldest first; `#takeBatch` takes from its front. */
  #queue: QueuedEntry[] = [];
  #queuedBytes = 0;
  /** Everything from submission to commit, so that the same bytes share one place in the line. */
  readonly #byHash = new Map<string, QueuedEntry>();
  #running: Promise<void> | undefined;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#lookups = new Lookups(parts.storage);
    void parts.failure.halted.then((error) => this.#refuseAll(error));
  }

  /** Entries that have no index yet. */
  get queued(): number {
    return this.#queue.length;
  }

  /** What any new entry is turned away with now: the quorum is unavailable, or there is no room. */
  get refusal(): LedgerError | undefined {
    const { limits, states } = this.#parts;
    const { waitingEntries, waitingBytes } = limits;
    if (states.quorumUnavailable !== undefined) return states.quorumUnavailable;
    const unpublished = states.committed.tree.size - states.publishedSize;
    if (this.#queue.length + unpublished < waitingEntries && this.#queuedBytes < waitingBytes)
      return undefined;
    return new LedgerError('queue-full', 'the submission queue is full: retry after a second', {
      expected: `at most ${waitingEntries} entries and ${waitingBytes} bytes waiting`,
    });
  }

  /**
   * The index of a committed entry with this hash and exactly these bytes.
   * Throws `store-corrupt` when the bytes differ: either the store is damaged,
   * or an attacker has broken SHA-256.
   */
  async lookup(leafHash: Hash, leaf: Uint8Array): Promise<number | undefined> {
    const row = await this.#lookups.get(leafHashKey(leafHash));
    return row === undefined ? undefined : this.#sameBytes(readIndex(row), leaf);
  }

  /** The bytes of the committed entry with this leaf hash. Throws `store-corrupt` when they have another one. */
  async leafOf(leafHash: Hash): Promise<Uint8Array | undefined> {
    const row = await this.#lookups.get(leafHashKey(leafHash));
    if (row === undefined) return undefined;
    const index = readIndex(row);
    const leaf = await this.#parts.storage.get(leafKey(index));
    if (leaf !== undefined && equal(hashLeaf(leaf), leafHash)) return leaf;
    throw new LedgerError('store-corrupt', 'a leaf hash in the store leads to an entry with another one', {
      expected: `entry ${index} with this hash`,
      got: leaf === undefined ? 'no such row' : 'other bytes',
      index,
    });
  }

  /**
   * Takes a candidate into the line; resolves when its entry is committed.
   * Rejects with `queue-full` or `below-quorum`, with what makes the entry unrecordable
   * (`authority-superseded` and other refusals of authority, `already-recorded`,
   * `source-conflict`), or with why nothing is written any more.
   */
  async submit(candidate: Candidate): Promise<Sequenced> {
    const leafHash = toHex(candidate.attestation.leafHash);
    const same = this.#byHash.get(leafHash);
    if (same !== undefined && equal(same.candidate.attestation.leaf, candidate.attestation.leaf)) {
      return { index: (await same.promise).index, status: 'known' };
    }
    this.#parts.failure.checkWriting();
    // A flood is pushed back before anything of it is accepted; nothing that was accepted is dropped.
    const { refusal } = this;
    if (refusal !== undefined) throw refusal;
    const queued: QueuedEntry = { candidate, leafHash, ...promiseWithResolvers<Sequenced>() };
    // Its submitter may have stopped waiting, and then there is no one to hear a refusal.
    queued.promise.catch(() => {});
    this.#byHash.set(leafHash, queued);
    this.#queue.push(queued);
    this.#queuedBytes += candidate.attestation.leaf.length;
    this.#running ??= this.#run();
    return queued.promise;
  }

  /** Resolves when everything that was submitted is committed or refused. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    try {
      // One turn of the microtask queue lets entries that arrive together share the first batch.
      await Promise.resolve();
      while (this.#queue.length > 0) {
        this.#parts.failure.checkWriting();
        await this.#commitBatch(this.#takeBatch());
      }
    } catch (error) {
      this.#refuseAll(this.#parts.failure.met(error));
    } finally {
      this.#running = undefined;
    }
  }

  /** The front of the queue up to the limits, or up to and with an authority document. */
  #takeBatch(): QueuedEntry[] {
    const { batchEntries, batchBytes } = this.#parts.limits;
    let count = 0;
    let bytes = 0;
    for (const { candidate } of this.#queue) {
      const { leaf, type } = candidate.attestation;
      if (count > 0 && (count >= batchEntries || bytes + leaf.length > batchBytes)) break;
      count += 1;
      bytes += leaf.length;
      if (type === 'authority') break;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #commitBatch(batch: readonly QueuedEntry[]): Promise<void> {
    const { storage, states } = this.#parts;
    const draft = new Draft(states.committed);
    const found = await storage.getMany(batch.flatMap(({ candidate }) => lookupKeys(candidate.attestation)));
    const verdicts: { entry: QueuedEntry; verdict: Verdict }[] = [];
    for (const [position, entry] of batch.entries()) {
      const [leafRow, numberRow] = found.slice(2 * position, 2 * position + 2);
      verdicts.push({ entry, verdict: await this.#place(entry.candidate, { leafRow, numberRow }, draft) });
    }
    if (draft.leafHashes.length > 0) await this.#commit(draft);
    // Refusals wait for the commit too: they may name an index that is only now recorded.
    for (const { entry, verdict } of verdicts) {
      this.#byHash.delete(entry.leafHash);
      if ('error' in verdict) {
        this.#tellConflict(entry.candidate, verdict.error);
        entry.reject(verdict.error);
      } else entry.resolve(verdict);
    }
  }

  /** Puts the candidate into the draft, or says where it is recorded already, or why it cannot be. */
  async #place(candidate: Candidate, { leafRow, numberRow }: FoundRows, draft: Draft): Promise<Verdict> {
    // The same bytes may have been committed between admission's look-up and this batch.
    if (leafRow !== undefined) {
      const index = await this.#sameBytes(readIndex(leafRow), candidate.attestation.leaf);
      return { index, status: 'known' };
    }
    // The quorum was lost while the entry waited: what could not be published is not committed.
    const { quorumUnavailable } = this.#parts.states;
    if (quorumUnavailable !== undefined) return { error: quorumUnavailable };
    const numbered = numberRow === undefined ? undefined : await this.#numbered(readIndex(numberRow));
    try {
      return { index: draft.place(candidate, numbered), status: 'new' };
    } catch (error) {
      return { error };
    }
  }

  async #commit(draft: Draft): Promise<void> {
    const { committer, tiles, states } = this.#parts;
    const { tree, full } = grow(states.committed.tree, draft.leafHashes);
    // A crash before this returns leaves all of the batch or none of it; no submitter was told of it.
    await committer.commit([...draft.rows, ...tileRows(full)], headOf(tree));
    for (const tile of full) tiles.keep(tile);
    // A crash from here on leaves a batch that is committed and not published: the next
    // opening signs and publishes it, and the same bytes sent again get its index.
    states.advance({ tree, authority: draft.authority });
  }

  /** Everything of the candidate but its number was found in order, so it speaks against its signers. */
  #tellConflict({ attestation }: Candidate, error: unknown): void {
    if (!(error instanceof LedgerError) || error.code !== 'source-conflict' || error.index === undefined)
      return;
    this.#parts.onConflict({ attestation, index: error.index });
  }

  async #sameBytes(index: number, leaf: Uint8Array): Promise<number> {
    const stored = await this.#parts.storage.get(leafKey(index));
    if (stored !== undefined && equal(stored, leaf)) return index;
    throw new LedgerError('store-corrupt', 'a leaf hash in the store leads to an entry with other bytes', {
      expected: `entry ${index} with this hash`,
      got: stored === undefined ? 'no such row' : 'other bytes',
      index,
    });
  }

  async #numbered(index: number): Promise<Numbered> {
    const leaf = await this.#parts.storage.get(leafKey(index));
    try {
      const { payloadType, payload } = decodeEnvelope(leaf ?? new Uint8Array()).envelope;
      return { index, payloadHash: sha256(pae(payloadType, payload)) };
    } catch (cause) {
      throw new LedgerError(
        'store-corrupt',
        'a row of the store leads to an entry that is missing or damaged',
        {
          expected: `entry ${index}`,
          index,
          cause,
        },
      );
    }
  }

  #refuseAll(error: LedgerError): void {
    for (const queued of this.#byHash.values()) queued.reject(error);
    this.#byHash.clear();
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}

/** An index, or why the entry gets none. */
type Verdict = Sequenced | { readonly error: unknown };

/** The rows that lead to a leaf of the same bytes, and of the same number of its stream. */
interface FoundRows {
  readonly leafRow: Uint8Array | undefined;
  readonly numberRow: Uint8Array | undefined;
}

/** The entry that has a number of a stream. */
interface Numbered {
  readonly index: number;
  readonly payloadHash: Hash;
}

/** A batch that is being put together; nothing of it is visible before it is committed. */
class Draft {
  readonly rows: Row[] = [];
  readonly leafHashes: Hash[] = [];
  readonly #size: number;
  #authority: AuthoritySnapshot;
  /** The numbers that this batch itself takes, by hex of the row's key. */
  readonly #numbered = new Map<string, Numbered>();

  constructor({ tree, authority }: LogState) {
    this.#size = tree.size;
    this.#authority = authority;
  }

  /** In force for what follows the batch. */
  get authority(): AuthoritySnapshot {
    return this.#authority;
  }

  /** Gives the candidate the next index, or throws why it cannot have one and changes nothing. */
  place(candidate: Candidate, recorded: Numbered | undefined): number {
    const { attestation } = candidate;
    const index = this.#size + this.leafHashes.length;
    reauthorise(candidate, this.#authority, { index });

    const key = sourceNumberOf(attestation);
    const number = key === undefined ? undefined : toHex(key);
    if (number !== undefined) {
      const same = this.#numbered.get(number) ?? recorded;
      if (same !== undefined) throw numberTaken(attestation, same);
    }

    if (attestation.type === 'authority') {
      this.#authority = this.#authority.succeed(attestation, { index });
      this.rows.push(...entryRows(attestation, index, this.#authority.version));
    } else {
      this.rows.push(...entryRows(attestation, index));
    }
    this.leafHashes.push(attestation.leafHash);
    if (number !== undefined) this.#numbered.set(number, { index, payloadHash: attestation.payloadHash });
    return index;
  }
}

/** Always two, so that the answers can be told apart; an entry without a number asks for its leaf again. */
function lookupKeys(attestation: Attestation): Uint8Array[] {
  const leaf = leafHashKey(attestation.leafHash);
  return [leaf, sourceNumberOf(attestation) ?? leaf];
}

function numberTaken(attestation: Attestation, { index, payloadHash }: Numbered): LedgerError {
  return equal(attestation.payloadHash, payloadHash)
    ? alreadyRecorded(index)
    : sourceConflict(attestation, index);
}

function alreadyRecorded(index: number): LedgerError {
  return new LedgerError('already-recorded', 'this payload is recorded already, with other signatures', {
    expected: 'a payload that is not yet recorded, or exactly the bytes that are',
    got: `the payload of entry ${index}`,
    index,
    facts: { index },
  });
}

/** Two contents under one number: the first one stands, and is evidence against the signers of the second. */
function sourceConflict({ supervision }: Attestation, index: number): LedgerError {
  const source = supervision?.source.id ?? '';
  const seq = supervision?.source.seq ?? 0;
  return new LedgerError(
    'source-conflict',
    'this number of the stream belongs to another entry: continue with the next number',
    {
      expected: `a number that the stream ${source} has not used`,
      got: `${seq}, which is entry ${index}`,
      index,
      facts: { index, source, seq },
    },
  );
}
