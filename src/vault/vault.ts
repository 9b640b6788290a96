/**
 * The vault: the disclosures of what entries only commit to, kept by the
 * supervisor off the log, encrypted at rest, and erasable.
 *
 *     key                               value
 *     01                                "isal-vault/v1", sealed: tells a wrong key
 *     02 || record (32) || digest (32)  a disclosure's text, sealed
 *                                       or 00 || time (uint64, ms) once it is erased
 *     03 || (a row key of above)        what is still to be removed from the files
 *
 * `record` is the event id of an access event, and the leaf hash of an entry
 * that has none. `digest` is the disclosure's, which stands in the entry: that
 * a record exists is public, its name and its value are not.
 *
 * Deleting a row of LevelDB leaves its bytes in the files. So an erasure
 * overwrites the row, has the tables written anew, and looks into every file
 * for what it erased before it says that it is done.
 */
import { randomBytes } from 'node:crypto';
import { disclosureDigest, parseDisclosure } from '../attestation/disclosure.ts';
import type { Disclosure } from '../attestation/disclosure.ts';
import { concat, equal, fromBase64, fromUtf8, readUint64, uint64, utf8 } from '../bytes.ts';
import { LedgerError, assert } from '../errors.ts';
import { openLevel } from '../storage/level.ts';
import type { LevelStore } from '../storage/level.ts';
import type { Batch, Row } from '../storage/storage.ts';
import type { Head } from '../tlog/head.ts';
import { emptyRoot } from '../tlog/hash.ts';
import { filesHold } from './files.ts';
import { vaultKeyBytes } from './key.ts';
import { nonceBytes, seal, traces, unseal } from './seal.ts';

export interface VaultOptions {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly random?: (bytes: number) => Uint8Array;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Disclosures of one record: the fields of one entry, of which a schema allows a few dozen. */
export const maxDisclosures = 256;

const checkKey = Uint8Array.of(0x01);
const checkText = utf8('isal-vault/v1');
const recordPrefix = Uint8Array.of(0x02);
const pendingPrefix = Uint8Array.of(0x03);
const afterPending = Uint8Array.of(0x04);
const erasedMark = 0x00;
const maxRewrites = 5;

/** A vault is no tree; its storage wants a head all the same. */
const head: Head = { size: 0, root: emptyRoot };

export class Vault {
  readonly #dir: string;
  readonly #storage: LevelStore;
  readonly #key: Uint8Array;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #now: () => number;
  /** The last change in line; never rejects. Owned by `#inTurn`. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(dir: string, storage: LevelStore, { key, random, now }: VaultOptions) {
    assert(key.length === vaultKeyBytes, 'a vault key has 32 bytes');
    this.#dir = dir;
    this.#storage = storage;
    this.#key = key;
    this.#random = random ?? ((bytes) => new Uint8Array(randomBytes(bytes)));
    this.#now = now ?? Date.now;
  }

  /** Makes an empty vault. Throws `store-exists`. */
  static async create(dir: string, options: VaultOptions): Promise<Vault> {
    const storage = await openLevel(dir, { create: true, compression: false });
    const vault = new Vault(dir, storage, options);
    await storage.commit({ puts: [[checkKey, vault.#seal(checkKey, checkText)]] }, undefined, head);
    return vault;
  }

  /**
   * Opens a vault, and ends erasures that a crash cut short. Throws `bad-key`
   * for another vault's key, and as `openLevel`.
   */
  static async open(dir: string, options: VaultOptions): Promise<Vault> {
    const storage = await openLevel(dir, { create: false, compression: false });
    try {
      const vault = new Vault(dir, storage, options);
      await vault.#requireKey();
      await vault.#finishErasures();
      return vault;
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#storage.close();
  }

  /**
   * Keeps the disclosures of a record, all or none, durably. Those that are
   * there already stay as they are. Throws `erased` for one that was erased: a
   * gateway that sends its queue again must not bring back what is gone.
   */
  async put(record: Uint8Array, disclosures: readonly Disclosure[]): Promise<void> {
    await this.#inTurn(async () => {
      const rows = await this.#rowsOf(record);
      const puts: Row[] = [];
      for (const { text } of disclosures) {
        const rowKey = keyOf(record, text);
        const there = rows.find(([key]) => equal(key, rowKey));
        if (there === undefined) puts.push([rowKey, this.#seal(rowKey, utf8(text))]);
        else requireKept(there);
      }
      if (rows.length + puts.length > maxDisclosures) {
        throw new LedgerError('too-large', 'a record has too many disclosures', {
          expected: `at most ${maxDisclosures}`,
          got: String(rows.length + puts.length),
        });
      }
      if (puts.length > 0) await this.#commit({ puts });
    });
  }

  /**
   * The disclosures of a record, of one field where `name` is given. Throws
   * `not-found` if it never had any, `erased` if all that it had are erased.
   */
  async get(
    record: Uint8Array,
    { name }: { readonly name?: string | undefined } = {},
  ): Promise<Disclosure[]> {
    const rows = await this.#rowsOf(record);
    const kept = rows.filter(([, value]) => !isErased(value)).map((row) => this.#disclosure(row));
    const found = name === undefined ? kept : kept.filter((disclosure) => disclosure.name === name);
    if (found.length > 0) return found;
    // Which field an erased row was of is gone with it.
    const erased = rows.find(([, value]) => isErased(value));
    if (erased !== undefined) requireKept(erased);
    throw new LedgerError('not-found', 'the vault has no such disclosure', {
      expected: 'a record that was put into this vault',
    });
  }

  /**
   * Erases the disclosures of a record, or those of one field, and returns how
   * many. When it returns, no file of the vault holds them. Throws as `get`, and
   * `store-failed` if the files still hold something; opening the vault tries again.
   */
  async erase(record: Uint8Array, { name }: { readonly name?: string | undefined } = {}): Promise<number> {
    return this.#inTurn(async () => {
      const found = await this.get(record, { name });
      const keys = found.map(({ text }) => keyOf(record, text));
      const values = await this.#storage.getMany(keys);
      const time = concat(Uint8Array.of(erasedMark), uint64(this.#now()));
      const puts: Row[] = [];
      for (const [at, key] of keys.entries()) {
        const value = values[at];
        assert(value !== undefined, 'a row that was just read is there');
        puts.push([key, time], [concat(pendingPrefix, key), formatPending(traces(value))]);
      }
      // A crash after this leaves rows that say they are erased and files that
      // still hold them; the pending rows let the next opening end the work.
      await this.#commit({ puts });
      await this.#finishErasures();
      return found.length;
    });
  }

  /** Removes from the files what pending rows say is still in them. */
  async #finishErasures(): Promise<void> {
    const pending = new Map<Uint8Array, readonly Uint8Array[]>();
    for await (const [key, value] of this.#storage.range({ gte: pendingPrefix, lt: afterPending })) {
      pending.set(key, parsePending(value));
    }
    if (pending.size === 0) return;
    const pieces = [...pending.values()].flat();
    const rows = [...pending.keys()].map((key) => key.subarray(1));
    for (let rewrites = 0; await filesHold(this.#dir, pieces); rewrites++) {
      if (rewrites === maxRewrites) {
        throw new LedgerError('store-failed', 'the files of the vault still hold what was erased', {
          expected: `nothing of it after the tables were written anew ${maxRewrites} times`,
        });
      }
      // The same mark again: a table that holds a row and its mark is only
      // written anew when something newer lies over it.
      const values = await this.#storage.getMany(rows);
      await this.#commit({ puts: rows.map((row, at) => [row, values[at] ?? Uint8Array.of(erasedMark)]) });
      for (const row of rows) await this.#storage.rewrite({ gte: row, lte: row });
    }
    await this.#commit({ puts: [], deletes: [...pending.keys()] });
  }

  async #requireKey(): Promise<void> {
    const row = await this.#storage.get(checkKey);
    if (row === undefined) {
      throw new LedgerError('store-corrupt', 'this database is not a vault', {
        expected: 'the row of a vault',
      });
    }
    try {
      unseal({ key: this.#key, rowKey: checkKey, row });
    } catch {
      throw new LedgerError('bad-key', 'this is not the key of this vault', {
        expected: 'the key file that was made with the vault',
      });
    }
  }

  /** Changes one after the other: of two that read the same rows, the second sees what the first wrote. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #commit(batch: Batch): Promise<void> {
    return this.#storage.commit(batch, head, head);
  }

  async #rowsOf(record: Uint8Array): Promise<Row[]> {
    assert(record.length === 32, 'a record is named by 32 bytes');
    const gte = concat(recordPrefix, record);
    const lt = concat(gte, new Uint8Array(33).fill(0xff));
    const rows: Row[] = [];
    for await (const row of this.#storage.range({ gte, lt, limit: maxDisclosures })) rows.push(row);
    return rows;
  }

  #seal(rowKey: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return seal({ key: this.#key, nonce: this.#random(nonceBytes), rowKey, plaintext });
  }

  #disclosure([rowKey, row]: Row): Disclosure {
    return parseDisclosure(fromUtf8(unseal({ key: this.#key, rowKey, row })));
  }
}

function keyOf(record: Uint8Array, text: string): Uint8Array {
  assert(record.length === 32, 'a record is named by 32 bytes');
  return concat(recordPrefix, record, digestBytes(text));
}

function digestBytes(text: string): Uint8Array {
  return fromBase64(`${disclosureDigest(text).replaceAll('-', '+').replaceAll('_', '/')}=`, 32);
}

function isErased(value: Uint8Array): boolean {
  return value[0] === erasedMark;
}

function requireKept([, value]: Row): void {
  if (!isErased(value)) return;
  const time = value.length === 9 ? new Date(readUint64(value, 1)).toISOString() : 'a time that is not known';
  throw new LedgerError('erased', 'the disclosure was erased', {
    expected: 'one that is kept',
    got: `erased at ${time}`,
  });
}

/** Inverted, or the search for the pieces would find them here. */
function formatPending(pieces: readonly Uint8Array[]): Uint8Array {
  return concat(
    ...pieces.flatMap((piece) => [Uint8Array.of(piece.length), piece.map((byte) => byte ^ 0xff)]),
  );
}

function parsePending(value: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += 1 + (value[at] ?? 0)) {
    const length = value[at] ?? 0;
    pieces.push(value.subarray(at + 1, at + 1 + length).map((byte) => byte ^ 0xff));
  }
  return pieces;
}
