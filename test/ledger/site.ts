/**
 * What the ledger's tests stand on: a log with fixed keys over memory or
 * LevelDB, an anchor in memory, and leaves made once for all tests.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyEd25519 } from '#ed25519';
import { fromHex, utf8 } from '../../src/bytes.ts';
import { LedgerError } from '../../src/errors.ts';
import type { AnchorState } from '../../src/cosigner/cosigner.ts';
import { Ledger, type LedgerOptions, type Receipt } from '../../src/ledger/ledger.ts';
import { formatVerifierKey, signerKey, verifierOf, type SignerKey } from '../../src/note/key.ts';
import { parsePolicy, type Policy } from '../../src/note/policy.ts';
import { parseProof, verifyProof } from '../../src/note/proof.ts';
import { openLevel } from '../../src/storage/level.ts';
import { MemoryImage, MemoryStorage } from '../../src/storage/memory.ts';
import type { Storage } from '../../src/storage/storage.ts';
import type { Head } from '../../src/tlog/head.ts';
import { emptyRoot } from '../../src/tlog/hash.ts';
import * as fixtures from '../fixtures/attestations.ts';

export const origin: string = fixtures.origin;
export const genesis: Uint8Array = fixtures.genesis();
export const ed25519Key: SignerKey = signerKey({ name: origin, type: 1, seed: new Uint8Array(32).fill(1) });
export const mldsaKey: SignerKey = signerKey({ name: origin, type: 6, seed: new Uint8Array(32).fill(2) });

export const policy: Policy = parsePolicy(`log ${formatVerifierKey(verifierOf(ed25519Key))}\nquorum none\n`);

/** An anchor that lives as long as the object; what a directory of generations is to a process. */
export class MemoryAnchor implements AnchorState {
  head: Head;
  constructor(head: Head = { size: 0, root: emptyRoot }) {
    this.head = head;
  }
  async advance(next: Head): Promise<void> {
    this.head = next;
  }
}

/** What outlives one opening of a ledger. */
export class Site {
  image: MemoryImage = new MemoryImage();
  anchor: MemoryAnchor = new MemoryAnchor();

  open(options: Partial<LedgerOptions> = {}): Promise<Ledger> {
    return Ledger.open({
      storage: options.storage ?? new MemoryStorage(this.image),
      anchor: this.anchor,
      logKeys: [ed25519Key],
      genesis,
      origin,
      verify: verifyEd25519,
      ...options,
    });
  }
}

/** A directory that is removed after the test; a database of the first opening is made, later ones are opened. */
export async function inDirectory(test: (openStore: () => Promise<Storage>) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'isal-ledger-'));
  let create = true;
  try {
    await test(async () => {
      const storage = await openLevel(join(dir, 'db'), { create });
      create = false;
      return storage;
    });
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Throws unless the receipt proves, to somebody who has only the log's key, that this leaf has this index. */
export function checkReceipt(receipt: Receipt, leaf: Uint8Array): number {
  const proof = parseProof(utf8(receipt.proof));
  if (proof.index !== receipt.index) throw new Error('another index in the proof');
  if (fixtures.leafHashOf(leaf) !== receipt.leafHash) throw new Error('another leaf hash in the receipt');
  const { checkpoint } = verifyProof({ proof, leafHash: fromHex(receipt.leafHash), policy });
  return checkpoint.size;
}

const made: Uint8Array[] = [];

/** Database updates number 1 to `count`, each signed by two. */
export function leaves(count: number): readonly Uint8Array[] {
  while (made.length < count) made.push(fixtures.databaseUpdate({ seq: made.length + 1 }));
  return made.slice(0, count);
}

/** Appends one after the other in the order given. */
export async function appendAll(ledger: Ledger, some: readonly Uint8Array[]): Promise<Receipt[]> {
  return Promise.all(some.map((leaf) => ledger.append(leaf)));
}

/** The code that `work` is refused with; throws when it is not refused. */
export async function refusal(work: Promise<unknown>): Promise<LedgerError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error('not refused');
}

const patienceMs = 15_000;

/** Lets everything else run until `condition` holds; a run must end also when it never does. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`never came true: ${String(condition)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The row of an image; `change` gets a copy and what it returns takes its place, nothing removes the row. */
export function changeRow(
  image: MemoryImage,
  key: Uint8Array,
  change: (value: Uint8Array) => Uint8Array | undefined,
): void {
  const name = Buffer.from(key).toString('latin1');
  const value = image.rows.get(name);
  if (value === undefined) throw new Error('no such row');
  const changed = change(value.slice());
  if (changed !== undefined) image.rows.set(name, changed);
  else {
    image.rows.delete(name);
    image.keys.splice(image.keys.indexOf(name), 1);
  }
}

/** Flips the lowest bit of the byte at `at`, counted from the end if negative. */
export function flip(at: number): (value: Uint8Array) => Uint8Array {
  return (value) => value.map((byte, i) => (i === (at < 0 ? value.length + at : at) ? byte ^ 1 : byte));
}

export function copyOf(image: MemoryImage): MemoryImage {
  const copy = new MemoryImage();
  for (const [key, value] of image.rows) copy.rows.set(key, value.slice());
  copy.keys.push(...image.keys);
  copy.head = image.head;
  return copy;
}
