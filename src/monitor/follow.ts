/**
 * Follows one log, round by round:
 *
 *   1. the newest checkpoint: form, signatures, origin, quorum, smallest size
 *   2. consistency with the newest one that was verified before; it is kept
 *      before a leaf of it is read, so that a later fork is seen after a crash
 *   3. every leaf from the position on, batch by batch (judge.ts)
 *   4. what the witnesses hold
 *   5. what is missing: age, gaps, silence
 *
 * An old checkpoint is read all the same: a log whose witnesses are down must
 * not thereby hide what it records.
 */
import { equal, fromUtf8, utf8 } from '../bytes.ts';
import { defined } from '../defined.ts';
import { LedgerError, errorTable } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import type { VerifySignatureMaybeAsync } from '../attestation/authority.ts';
import { tileWidth } from '../tlog/tile.ts';
import { collectUnauthorised } from '../verifier/convicting/evidence-collect.ts';
import { forkEvidence, rollbackEvidence } from '../verifier/convicting/evidence-file.ts';
import { LogClient } from '../verifier/proving/log-client.ts';
import type { LogView, SignedCheckpoint } from '../verifier/proving/log-client.ts';
import type { FetchPath } from '../verifier/proving/tile-reader.ts';
import type { Trust } from '../verifier/trust.ts';
import { requireMinSize } from '../verifier/judging/verify-bundle.ts';
import type { EvidenceFolder } from './evidence.ts';
import type { Found } from './finding.ts';
import { forkFacts, forkKey } from './fork.ts';
import type { Fork } from './fork.ts';
import { foldAgain } from './histories.ts';
import { Judge } from './judge.ts';
import { missingOf } from './missing.ts';
import type { MonitorStore } from './store.ts';
import { Conditions } from './conditions.ts';
import { defaultPatience } from './watch.ts';
import type { Rule } from './watch.ts';
import { askWitness } from './witnesses.ts';
import type { WitnessReader, WitnessView } from './witnesses.ts';

export interface FollowerOptions {
  readonly store: MonitorStore;
  readonly trust: Trust;
  readonly rules: readonly Rule[];
  /** Seconds that cosignatures may be old; undefined where nobody's time counts. */
  readonly maxAge?: number | undefined;
  readonly patience?: number | undefined;
  /** The log's resources. */
  readonly fetchPath: FetchPath;
  readonly witnesses: readonly WitnessReader[];
  readonly evidence: EvidenceFolder;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly verify?: VerifySignatureMaybeAsync;
  /** Called with the position and the size that is being caught up with. */
  readonly onProgress?: (done: number, size: number) => void;
  /** Called after every commit that may have made findings. */
  readonly onFindings?: () => void;
}

export interface Round {
  /** Findings that this round has raised or noted. */
  readonly found: number;
  /** Something speaks against the log right now, be it new or not. */
  readonly contradicted: boolean;
  /** A signature, quorum or age that the trust file asks for is missing. */
  readonly policy: boolean;
  readonly unreachable: boolean;
  readonly witnesses: readonly WitnessView[];
}

/** These are the monitor's own: going on after one of them would be a guess. */
function isFatal(code: ErrorCode): boolean {
  const kind = errorTable[code].class;
  return kind === 'own-store' || kind === 'caller';
}

/** What one round has gathered; owned by the running `round`. */
interface Gathered {
  readonly now: number;
  readonly conditions: Conditions;
  found: number;
  contradicted: boolean;
}

export class Follower {
  readonly #options: FollowerOptions;
  readonly #client: LogClient;
  readonly #patience: number;

  constructor(options: FollowerOptions) {
    const { trust, fetchPath, patience = defaultPatience } = options;
    this.#options = options;
    this.#client = new LogClient({ policy: trust.policy, fetchPath });
    this.#patience = patience;
  }

  /** One look at the log. Stops between two batches when `signal` is aborted. Throws only what is fatal. */
  async round(signal?: AbortSignal): Promise<Round> {
    const { store, now } = this.#options;
    const time = Math.floor(now() / 1_000);
    const conditions = new Conditions();
    const gathered: Gathered = { now: time, conditions, found: 0, contradicted: false };
    const signed = await this.#newest(gathered);
    if (signed !== undefined) await this.#compare(signed, gathered);
    if (!gathered.contradicted) await this.#read(gathered, signal);
    const witnesses = await this.#ask(gathered);
    const puts = await missingOf(conditions, { ...this.#options, now: time });
    const { raised, over, kept } = conditions.settle(store.known.troubles, time);
    const known = { troubles: kept, ...defined({ reached: signed && time }) };
    const made = await store.commit({ time, puts, raised, over, known });
    if (made.length > 0) this.#options.onFindings?.();
    return {
      found: gathered.found + made.filter(({ state }) => state !== 'over').length,
      contradicted: gathered.contradicted || conditions.holds('tampered', 'bad-checkpoint'),
      policy: conditions.holds('stale', 'policy', 'behind'),
      unreachable: conditions.holds('unreachable', 'withheld'),
      witnesses,
    };
  }

  /** The newest checkpoint that the policy accepts, whatever its age. */
  async #newest({ conditions, now }: Gathered): Promise<SignedCheckpoint | undefined> {
    try {
      const signed = await this.#client.checkpoint({ now });
      requireMinSize(signed, this.#options.trust);
      conditions.looked('unreachable', 'bad-checkpoint', 'policy');
      return signed;
    } catch (error) {
      const { code, message } = refusal(error);
      if (unanswered(code)) this.#unreachable(code, { message }, conditions);
      else {
        conditions.looked('unreachable', 'bad-checkpoint', 'policy');
        const kind = errorTable[code].class === 'policy' ? 'policy' : 'bad-checkpoint';
        conditions.add({ key: `${kind}/${code}`, about: { kind, message }, code, patience: 0 });
      }
      return undefined;
    }
  }

  /** Holds a checkpoint against the newest one known, and keeps it if it extends that. */
  async #compare(signed: SignedCheckpoint, gathered: Gathered): Promise<void> {
    const { store } = this.#options;
    const { conditions, now } = gathered;
    const known = store.checkpoint;
    const { checkpoint: next, note, asOf } = signed;
    const keep = async (): Promise<void> => {
      // A crash behind this line: the next round begins with this checkpoint known and its leaves unread.
      await store.commit({ time: now, known: { checkpoint: fromUtf8(note), asOf: asOf ?? null } });
    };
    if (known === undefined) return keep();
    const before = utf8(store.known.checkpoint as string);
    if (next.size === known.size) {
      conditions.looked('behind');
      if (!equal(next.root, known.root)) {
        const consistency = { fromRoot: next.root, hashes: [] };
        return this.#fork({ older: before, newer: note, consistency }, gathered);
      }
      // The same tree, cosigned again: only its age is news.
      if ((asOf ?? 0) > (store.known.asOf ?? 0)) await keep();
      return;
    }
    const isLarger = next.size > known.size;
    const [older, newer] = isLarger ? [known, next] : [next, known];
    try {
      const consistency = await this.#client.at(newer).consistency(older.size);
      conditions.looked('tampered', 'withheld');
      if (!equal(consistency.fromRoot, older.root)) {
        const [olderNote, newerNote] = isLarger ? [before, note] : [note, before];
        return await this.#fork({ older: olderNote, newer: newerNote, consistency }, gathered);
      }
      if (isLarger) {
        conditions.looked('behind');
        return await keep();
      }
    } catch (error) {
      this.#unread(error, gathered);
      if (isLarger) return;
    }
    await this.#smaller({ larger: before, smaller: note }, { known: known.size, shown: next.size }, gathered);
  }

  /** The log shows less than it did. Where witnesses have vouched for that, they have broken their word. */
  async #smaller(
    notes: { readonly larger: Uint8Array; readonly smaller: Uint8Array },
    sizes: { readonly known: number; readonly shown: number },
    gathered: Gathered,
  ): Promise<void> {
    const { trust, evidence, store } = this.#options;
    const key = `rollback/${sizes.known}/${sizes.shown}`;
    const kept = store.known.evidenceFiles;
    const file = await evidence.keep({ kind: 'rollback', key, trust, kept }, () => rollbackEvidence(notes));
    if (file === undefined) {
      gathered.conditions.looked('behind');
      const about = { kind: 'behind', ...sizes } as const;
      gathered.conditions.add({ key: 'behind/log', about, patience: this.#patience });
      return;
    }
    await this.#raise({ key, about: { kind: 'rollback', ...sizes }, evidence: file }, gathered);
  }

  /**
   * Keeps what speaks against the log at once, and not with the rest of the
   * round: a log may show a second history once only, and a crash while
   * witnesses are waited for would lose it.
   */
  async #raise(found: Found, gathered: Gathered): Promise<void> {
    gathered.contradicted = true;
    const { store, onFindings } = this.#options;
    const made = await store.commit({ time: gathered.now, raised: [found] });
    gathered.found += made.length;
    if (made.length > 0) onFindings?.();
  }

  async #fork(fork: Fork, gathered: Gathered, witness?: string): Promise<void> {
    const { trust, evidence, store } = this.#options;
    const key = forkKey(fork);
    const kept = store.known.evidenceFiles;
    const file = await evidence.keep({ kind: 'fork', key, trust, kept }, () => forkEvidence(fork));
    await this.#raise({ key, about: forkFacts(fork, witness), ...defined({ evidence: file }) }, gathered);
  }

  /** Judges every leaf between the position and the newest checkpoint known; then reads again what the histories lack. */
  async #read(gathered: Gathered, signal: AbortSignal | undefined): Promise<void> {
    const { store, onProgress } = this.#options;
    const checkpoint = store.checkpoint;
    if (checkpoint === undefined) return;
    const note = utf8(store.known.checkpoint as string);
    const view = this.#client.at(checkpoint);
    try {
      if (store.position !== checkpoint.size) await this.#judge({ note, view }, gathered, signal);
      if (signal?.aborted === true) return;
      // Last, so that a log which withholds what is old keeps nobody from what is new.
      await foldAgain(store, view, { time: gathered.now, signal, onProgress });
      gathered.conditions.looked('tampered', 'withheld');
    } catch (error) {
      if (store.position === 0 && isRefusedGenesis(error)) {
        return await this.#otherGenesis(refusal(error), { note, view }, gathered);
      }
      this.#unread(error, gathered);
    }
  }

  async #judge(
    { note, view }: { readonly note: Uint8Array; readonly view: LogView },
    gathered: Gathered,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { store, now, onProgress, onFindings } = this.#options;
    const judge = await Judge.resume({ ...this.#options, note, view });
    let batch: { index: number; leaf: Uint8Array }[] = [];
    for await (const leaf of view.leaves(store.position)) {
      batch.push(leaf);
      const done = leaf.index + 1;
      if (done % tileWidth !== 0 && done !== view.size) continue;
      const made = await judge.take(batch, Math.floor(now() / 1_000));
      batch = [];
      gathered.found += made;
      if (made > 0) onFindings?.();
      onProgress?.(done, view.size);
      if (signal?.aborted === true) return;
    }
  }

  /** The tree begins with another leaf 0 than the pinned one, so none of it is this log's. */
  async #otherGenesis(
    { code, message }: LedgerError,
    { note, view }: { readonly note: Uint8Array; readonly view: LogView },
    gathered: Gathered,
  ): Promise<void> {
    const { trust, evidence, store } = this.#options;
    const key = 'pinned-authority/0';
    const kept = store.known.evidenceFiles;
    const file = await evidence.keep({ kind: 'pinned-authority', key, trust, kept }, () =>
      collectUnauthorised({ checkpoint: note, view, index: 0, documents: [] }),
    );
    const about = { kind: 'pinned-authority', message } as const;
    await this.#raise({ key, about, index: 0, code, ...defined({ evidence: file }) }, gathered);
  }

  /** What a signed checkpoint commits to could not be read. */
  #unread(error: unknown, { conditions }: Gathered): void {
    const { code, message, facts, index } = refusal(error);
    const path = facts['path'] ?? facts['paths'];
    const what = { message, ...defined({ place: path === undefined ? undefined : String(path) }) };
    if (errorTable[code].tree === true) {
      conditions.looked('tampered', 'withheld', 'unreachable');
      const about = { kind: 'tampered', ...what } as const;
      conditions.add({ key: `tampered/${code}`, about, ...defined({ index }), code, patience: 0 });
    } else if (code === 'not-found') {
      conditions.looked('tampered', 'withheld', 'unreachable');
      const about = { kind: 'withheld', ...what } as const;
      conditions.add({ key: 'withheld/log', about, code, patience: this.#patience });
    } else this.#unreachable(code, what, conditions);
  }

  #unreachable(
    code: ErrorCode,
    what: { readonly message: string; readonly place?: string },
    conditions: Conditions,
  ): void {
    conditions.looked('unreachable');
    const about = { kind: 'unreachable', ...what } as const;
    conditions.add({ key: 'unreachable/log', about, code, patience: this.#patience });
  }

  async #ask(gathered: Gathered): Promise<WitnessView[]> {
    const { store, witnesses, trust } = this.#options;
    const checkpoint = store.checkpoint;
    if (checkpoint === undefined || witnesses.length === 0) return [];
    const note = utf8(store.known.checkpoint as string);
    const { now, conditions } = gathered;
    const ours = { policy: trust.policy, client: this.#client, note, checkpoint, now };
    const views = await Promise.all(witnesses.map((witness) => askWitness(witness, ours)));
    conditions.looked('ahead');
    for (const { name, state, size, fork } of views) {
      if (fork !== undefined) await this.#fork(fork, gathered, name);
      // The first size at which a witness was ahead is what the log has to reach;
      // a log that grows all the time is otherwise never behind for long.
      const prefix = `ahead/${name}/`;
      const awaited = Object.keys(store.known.troubles).find((key) => key.startsWith(prefix));
      const target = awaited === undefined ? size : Number(awaited.slice(prefix.length));
      if (target === undefined || target <= checkpoint.size || (awaited === undefined && state !== 'ahead'))
        continue;
      const about = { kind: 'ahead', witness: name, size: target } as const;
      conditions.add({ key: prefix + String(target), about, patience: this.#patience });
    }
    return views;
  }
}

function refusal(error: unknown): LedgerError {
  if (!(error instanceof LedgerError) || isFatal(error.code)) throw error;
  return error;
}

/** Nothing was learnt about the log: it was not there, or had nothing to say. */
function unanswered(code: ErrorCode): boolean {
  return errorTable[code].class === 'transport';
}

/**
 * Leaf 0 is not the pinned one, or no first authority document at all. What
 * names a path is bytes on their way that are not those of the tree, which
 * whoever sits on that way can spoil: nothing against the tree itself.
 */
function isRefusedGenesis(error: unknown): boolean {
  return (
    error instanceof LedgerError &&
    !isFatal(error.code) &&
    error.facts['path'] === undefined &&
    (error.index === 0 || error.code === 'wrong-origin')
  );
}
