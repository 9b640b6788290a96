/**
 * What a monitor remembers of one log, over a Storage (rows.ts).
 *
 * Everything that a batch of leaves has led to becomes durable in one commit:
 * the position, the findings, the numbers of sources, the authority documents.
 * A crash before it leaves the position where it was, and the same leaves are
 * judged again; a crash after it leaves findings that are in the outbox and
 * still to be delivered. There is no third case, so that no entry is skipped
 * and no finding is lost or made twice.
 */
import { equal, fromHex, fromUtf8, readUint64, toHex, uint64, utf8 } from '../bytes.ts';
import { LedgerError } from '../errors.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Row, Storage } from '../storage/storage.ts';
import type { Head } from '../tlog/head.ts';
import { emptyRoot, hashSize } from '../tlog/hash.ts';
import { RightEdge } from '../tlog/right-edge.ts';
import { Coverage } from '../verifier/folds/promises.ts';
import { Sequences } from '../verifier/authorising/sequences.ts';
import type { Trust } from '../verifier/trust.ts';
import { findingId, toldOf } from './finding.ts';
import type { Finding, Found, Told } from './finding.ts';
import {
  allOf,
  channelKey,
  findingKey,
  numberIn,
  numberKey,
  openKey,
  peaksKey,
  signersKey,
  stateKey,
} from './rows.ts';
import type { SignedLeaf } from './signers.ts';

/** A condition that holds; raised as a finding once it has lasted. */
export interface KeptCondition {
  /** Seconds since the epoch. */
  readonly since: number;
  readonly raised: boolean;
}

/** Row 01. */
export interface Known {
  readonly format: 'isal-monitor-state/v2';
  readonly origin: string;
  readonly genesis: string;
  /** Seconds since the epoch at which the watch began. */
  readonly began: number;
  /** The newest checkpoint that was verified and is consistent with all before it; a signed note. */
  readonly checkpoint: string | null;
  /** The time that its quorum of witnesses vouches for. */
  readonly asOf: number | null;
  /** When the log last showed a checkpoint that the policy accepts. */
  readonly reached: number | null;
  /** The latest time that an entry gives, or the monitor's clock where that is earlier. */
  readonly heard: number | null;
  /** Number of the next finding. */
  readonly next: number;
  readonly evidenceFiles: number;
  /** The conditions that hold, by kind and key: `gap/builds/7`. */
  readonly troubles: Readonly<Record<string, KeptCondition>>;
  /**
   * Leaves of which the histories (rows 0b to 0d) are kept. A store that was begun
   * before there were any does not say, and one that an older isal has moved on
   * since says less than the position: those leaves are read again.
   */
  readonly folded?: number;
}

/** Row 03. */
export interface SourceRow {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly heard: number;
}

export interface Change {
  /** Of the findings, in seconds since the epoch. */
  readonly time: number;
  readonly puts?: readonly Row[];
  /** Open from now on; left out where the same one is open already. */
  readonly raised?: readonly Found[];
  readonly noted?: readonly Found[];
  /** Keys of findings that are over. */
  readonly over?: readonly string[];
  readonly known?: Partial<Known>;
  /** The new position; the old one where absent. */
  readonly head?: Head;
}

/** Where the audit of a log goes on. */
export interface Resumed {
  readonly edge: RightEdge;
  readonly documents: readonly { readonly index: number; readonly leaf: Uint8Array }[];
  readonly sequences: Sequences;
  /** Source → latest time heard of, in seconds. */
  readonly heard: Map<string, number>;
  /** Source → the periods that its summaries cover. */
  readonly coverage: Map<string, Coverage>;
}

export class MonitorStore {
  readonly #storage: Storage;
  /** Both owned by the running commit. */
  #head: Head;
  #known: Known;
  /** Settles when the last commit in line has. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(storage: Storage, head: Head, known: Known) {
    this.#storage = storage;
    this.#head = head;
    this.#known = known;
  }

  /**
   * Opens the store of a log, or begins it. Throws `wrong-origin` where it was
   * begun under another trust file: what it knows does not speak of this log.
   */
  static async open(
    storage: Storage,
    { trust, now }: { readonly trust: Pick<Trust, 'origin' | 'genesis'>; readonly now: number },
  ): Promise<MonitorStore> {
    const { origin, genesis } = trust;
    const head = await storage.head();
    if (head === undefined) {
      const known: Known = {
        format: 'isal-monitor-state/v2',
        origin,
        genesis,
        began: now,
        checkpoint: null,
        asOf: null,
        reached: null,
        heard: null,
        next: 0,
        evidenceFiles: 0,
        troubles: {},
        folded: 0,
      };
      const empty: Head = { size: 0, root: emptyRoot };
      const puts: Row[] = [
        [stateKey, json(known)],
        [peaksKey, new Uint8Array(0)],
      ];
      await storage.commit({ puts }, undefined, empty);
      return new MonitorStore(storage, empty, known);
    }
    const row = await storage.get(stateKey);
    if (row === undefined) throw corrupt('the store does not say what it knows');
    const known = parse(row) as Known;
    if (known.format !== 'isal-monitor-state/v2') throw corrupt('the store is of another version of isal');
    if (known.origin !== origin || known.genesis !== genesis) {
      throw new LedgerError('wrong-origin', 'the monitor’s store was begun under another trust file', {
        expected: `${known.origin}, leaf 0 ${known.genesis}`,
        got: `${origin}, leaf 0 ${genesis}`,
      });
    }
    return new MonitorStore(storage, head, known);
  }

  get known(): Known {
    return this.#known;
  }

  /** Leaves that have been judged. */
  get position(): number {
    return this.#head.size;
  }

  /** Leaves of which the histories are kept; never above the position. */
  get folded(): number {
    return Math.min(this.#known.folded ?? 0, this.position);
  }

  /** The newest verified checkpoint. */
  get checkpoint(): Checkpoint | undefined {
    const { checkpoint } = this.#known;
    // It was verified before it was kept; the policy may have moved on since.
    return checkpoint === null ? undefined : parseCheckpoint(parseNote(utf8(checkpoint)).text);
  }

  /** Reads back where the audit stands. Throws `store-corrupt`. */
  async resume(): Promise<Resumed> {
    const peaks = (await this.#storage.get(peaksKey)) ?? new Uint8Array(0);
    const hashes = Array.from({ length: peaks.length / hashSize }, (_, at) =>
      peaks.slice(at * hashSize, (at + 1) * hashSize),
    );
    const edge = new RightEdge(this.#head.size, hashes);
    if (!equal(edge.root(), this.#head.root)) throw corrupt('the peaks do not give the root at the position');
    const sequences = new Sequences();
    const heard = new Map<string, number>();
    for await (const [key, value] of this.#storage.range(allOf(3))) {
      const source = fromUtf8(key.subarray(1));
      const row = parse(value) as SourceRow;
      sequences.restore(
        source,
        row.ranges.map(([from, to]) => ({ from, to })),
      );
      heard.set(source, row.heard);
    }
    const coverage = new Map<string, Coverage>();
    for await (const [key, value] of this.#storage.range(allOf(10))) {
      const ranges = parse(value) as readonly (readonly [from: number, to: number])[];
      coverage.set(fromUtf8(key.subarray(1)), new Coverage(ranges.map(([from, to]) => ({ from, to }))));
    }
    return { edge, documents: await this.documents(), sequences, heard, coverage };
  }

  /** Leaf 0 and every authority document that was in force since, ascending. */
  async documents(): Promise<{ index: number; leaf: Uint8Array }[]> {
    const documents: { index: number; leaf: Uint8Array }[] = [];
    for await (const [key, leaf] of this.#storage.range(allOf(5))) {
      documents.push({ index: numberIn(key), leaf });
    }
    return documents;
  }

  /** Who signed a judged leaf, and where it stands; undefined if there is none with this leaf hash, lowercase hex. */
  async signedLeaf(leafHash: string): Promise<SignedLeaf | undefined> {
    const row = await this.#storage.get(signersKey(fromHex(leafHash, hashSize)));
    if (row === undefined) return undefined;
    const count = Math.floor(row.length / hashSize);
    const keyids = Array.from({ length: count }, (_, at) =>
      toHex(row.subarray(at * hashSize, (at + 1) * hashSize)),
    );
    return { keyids: new Set(keyids), index: readUint64(row, count * hashSize) };
  }

  /** The rows of a range, read as JSON. Throws `store-corrupt`. */
  async *rows(range: {
    readonly gte: Uint8Array;
    readonly lt: Uint8Array;
  }): AsyncGenerator<readonly [key: Uint8Array, value: unknown]> {
    for await (const [key, value] of this.#storage.range(range)) yield [key, parse(value)];
  }

  /** Index of the entry that used a number first. */
  async indexOf(source: string, seq: number): Promise<number | undefined> {
    const row = await this.#storage.get(numberKey(source, seq));
    return row === undefined ? undefined : readUint64(row);
  }

  /** One atomic, durable step. Resolves to the findings that it made; anything that throws here is fatal. */
  commit(change: Change): Promise<readonly Finding[]> {
    return this.#inLine(async () => {
      const { origin } = this.#known;
      const { time } = change;
      const puts: Row[] = [...(change.puts ?? [])];
      const deletes: Uint8Array[] = [];
      const findings: Finding[] = [];
      const make = (key: string, told: Told, state: Finding['state']): Finding => {
        const n = this.#known.next + findings.length;
        const id = findingId(origin, key);
        const finding: Finding = { format: 'isal-finding/v1', n, id, state, origin, time, ...told };
        findings.push(finding);
        puts.push([findingKey(n), json(finding)]);
        return finding;
      };
      const raised = new Set<string>();
      for (const found of change.raised ?? []) {
        const row = openKey(findingId(origin, found.key));
        if (raised.has(found.key) || (await this.#storage.get(row)) !== undefined) continue;
        raised.add(found.key);
        puts.push([row, uint64(make(found.key, toldOf(found), 'open').n)]);
      }
      for (const found of change.noted ?? []) make(found.key, toldOf(found), 'noted');
      for (const key of change.over ?? []) {
        const row = openKey(findingId(origin, key));
        const opened = await this.#storage.get(row);
        if (opened === undefined) continue;
        const { kind, text } = await this.#finding(readUint64(opened));
        make(key, { kind, text }, 'over');
        deletes.push(row);
      }
      const known: Known = {
        ...this.#known,
        ...change.known,
        next: this.#known.next + findings.length,
        evidenceFiles:
          this.#known.evidenceFiles + findings.filter(({ evidence }) => evidence !== undefined).length,
      };
      puts.push([stateKey, json(known)]);
      const head = change.head ?? this.#head;
      await this.#storage.commit({ puts, deletes }, this.#head, head);
      this.#head = head;
      this.#known = known;
      return findings;
    });
  }

  /** Findings from number `n` on, at most `limit`. */
  async findings(n: number, limit: number): Promise<Finding[]> {
    const found: Finding[] = [];
    const range = { gte: findingKey(n), lt: allOf(6).lt, limit };
    for await (const [, value] of this.#storage.range(range)) found.push(parse(value) as Finding);
    return found;
  }

  /** How many findings are open, and the first `limit` of them. */
  async open(limit: number): Promise<{ count: number; first: Finding[] }> {
    const numbers: number[] = [];
    let count = 0;
    for await (const [, value] of this.#storage.range(allOf(7))) {
      count++;
      numbers.push(readUint64(value));
    }
    const first = numbers.toSorted((a, b) => a - b).slice(0, limit);
    return { count, first: await Promise.all(first.map((n) => this.#finding(n))) };
  }

  /** Number of the first finding that a channel has not delivered. */
  async delivered(channel: string): Promise<number> {
    const row = await this.#storage.get(channelKey(channel));
    return row === undefined ? 0 : readUint64(row);
  }

  /** Everything below `n` has been delivered. A crash before this has it delivered again. */
  async setDelivered(channel: string, n: number): Promise<void> {
    await this.#inLine(() =>
      this.#storage.commit({ puts: [[channelKey(channel), uint64(n)]] }, this.#head, this.#head),
    );
  }

  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#storage.close();
  }

  async #finding(n: number): Promise<Finding> {
    const row = await this.#storage.get(findingKey(n));
    if (row === undefined) throw corrupt(`finding ${n} is missing`);
    return parse(row) as Finding;
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.catch(() => undefined).then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

function json(value: object): Uint8Array {
  return utf8(JSON.stringify(value));
}

/** Only `json` writes these rows, so that anything else is damage. */
function parse(row: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(row));
  } catch (cause) {
    throw corrupt('a row of the store cannot be read', cause);
  }
}

function corrupt(message: string, cause?: unknown): LedgerError {
  return new LedgerError('store-corrupt', message, {
    expected: 'rows as the monitor wrote them; a new directory begins again from leaf 0',
    cause,
  });
}
