/**
 * The fixture ledger while it is written: numbers of sources, the authority in
 * force, and where each entry has come to stand. Entries are collected and
 * recorded a batch at a time, or the store would be filled with checkpoints.
 */
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { leafHashOf } from '../../fixtures/attestations.ts';

export interface Numbered {
  readonly authority: string;
  readonly source: string;
  readonly seq: number;
}

export interface Place {
  readonly index: number;
  readonly leafHash: string;
}

export class Book {
  /** Another object each time that the ledger is opened; set by whoever opens it. */
  ledger: Ledger;
  readonly #seqs = new Map<string, number>();
  readonly #places = new Map<string, Place>();
  /** All leaves in the order of the log, those that wait included. */
  readonly leaves: Uint8Array[];
  /** Files that entries are about, or that none is about, by name. */
  readonly files: Map<string, string> = new Map();
  #recorded = 1;
  #authority: string;

  constructor(ledger: Ledger, genesis: Uint8Array) {
    this.ledger = ledger;
    this.leaves = [genesis];
    this.#authority = leafHashOf(genesis);
    this.#places.set('authority 1', { index: 0, leafHash: this.#authority });
  }

  get authority(): string {
    return this.#authority;
  }

  /** The index that the next entry takes. */
  get size(): number {
    return this.leaves.length;
  }

  /** The next number of a source. */
  next(source: string): Numbered {
    const seq = (this.#seqs.get(source) ?? 0) + 1;
    this.#seqs.set(source, seq);
    return { authority: this.#authority, source, seq };
  }

  /** Uses a number of a source for nothing. */
  skip(source: string): void {
    this.next(source);
  }

  add(label: string, leaf: Uint8Array): Place {
    if (this.#places.has(label)) throw new Error(`two entries are called ${label}`);
    const place = { index: this.leaves.length, leafHash: leafHashOf(leaf) };
    this.leaves.push(leaf);
    this.#places.set(label, place);
    return place;
  }

  /** Whatever is added is looked at by those who verify the file, too. */
  file(name: string, content: string = name): string {
    this.files.set(name, content);
    return content;
  }

  place(label: string): Place {
    const place = this.#places.get(label);
    if (place === undefined) throw new Error(`no entry is called ${label}`);
    return place;
  }

  places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** Records what was added; each entry must come to stand where it was said to. */
  async record(): Promise<void> {
    const from = this.#recorded;
    const waiting = this.leaves.slice(from);
    this.#recorded = this.leaves.length;
    const receipts = await Promise.all(waiting.map((leaf) => this.ledger.append(leaf)));
    for (const [at, { index }] of receipts.entries()) {
      if (index !== from + at) throw new Error(`leaf ${from + at} was recorded as ${index}`);
    }
  }

  /** Records an authority document, which rules all that is added after it. */
  async succeed(version: number, document: Uint8Array): Promise<void> {
    await this.record();
    const { leafHash } = this.add(`authority ${version}`, document);
    await this.record();
    this.#authority = leafHash;
  }
}
