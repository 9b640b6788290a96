/**
 * The anchor: what the ledger's signer remembers of the head it last signed,
 * outside the database, so that a database which was rolled back, damaged or
 * cloned cannot make it sign a second history.
 *
 * It is a directory of generation files. The file of the highest generation
 * counts; its name is the generation in 15 decimal digits and `.anchor`. The
 * text of `000000000000003.anchor`:
 *
 *     isal-anchor/v1
 *     3
 *     70000
 *     xmbaSwvKYDNtfrZIJXoqLBXIoITcrfqJl8nOhDoOYIM=
 *
 * that is: format, generation, tree size, root in base64, each line ended by
 * a line feed.
 *
 * A generation is never overwritten. It is written under another name
 * (`UUID.tmp`), synced, and then linked to its name, which fails when the name
 * is there already: of two writers that go on from one generation exactly one
 * wins. A writer that was paused before its link while another went on, and
 * pruned that very name, would still succeed; so the directory is listed
 * *after* linking, and anything newer means stop. The last 64 generations are
 * kept, so that a listing which runs beside another writer's pruning always
 * meets a newer one; the highest is never removed.
 *
 * What a crash leaves, step by step:
 *
 * 1. after writing the temporary file: that file, removed by the next `advance`;
 * 2. after linking: a head that is anchored and unsigned. The next opening
 *    finds it, makes it durable and signs exactly that size and root. It may
 *    also be lost with the power, and then nothing was signed over it;
 * 3. after syncing the directory: the same, durable;
 * 4. while pruning: a few more old generations, removed by the next `advance`.
 */
import { link, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { LedgerError, assert } from '../errors.ts';
import { fromBase64, fromUtf8, parseDecimal, toBase64, utf8 } from '../bytes.ts';
import { syncDirectory } from '../storage/sync-directory.ts';
import type { Head } from '../tlog/head.ts';
import type { AnchorState } from './cosigner.ts';

const format = 'isal-anchor/v1';
const keptGenerations = 64;
const namePattern = /^(\d{15})\.anchor$/;
const temporaryPattern = /^[0-9a-f-]{36}\.tmp$/;
/** Four lines: the format, two numbers of at most 15 and 16 digits, a root of 44 characters. */
const maxBytes = format.length + 15 + 16 + 44 + 4;

interface Generation {
  readonly generation: number;
  readonly head: Head;
}

export class Anchor implements AnchorState {
  readonly #dir: string;
  /** Owned by `advance`: moves only when the new generation is durable and the newest. */
  #current: Generation;
  /** Set once, when an advance failed or lost; never cleared. */
  #stopped: LedgerError | undefined;
  #advancing = false;

  private constructor(dir: string, current: Generation) {
    this.#dir = dir;
    this.#current = current;
  }

  /**
   * Makes an anchor at `head` in `dir`, as generation 0: for `init` alone.
   * Throws `store-exists` where there is one, `store-failed` when it cannot be
   * written.
   */
  static async create(dir: string, head: Head): Promise<Anchor> {
    const first = { generation: 0, head: copy(head) };
    try {
      await mkdir(dir, { recursive: true });
      const found = generationsIn(await readdir(dir));
      if (found.length > 0 || !(await linkGeneration(dir, first))) {
        throw new LedgerError('store-exists', `there is an anchor in ${dir} already`, {
          expected: 'no anchor',
        });
      }
      for (const path of [dir, dirname(resolve(dir))]) await syncDirectory(path);
    } catch (error) {
      throw coded(dir, error);
    }
    return new Anchor(dir, first);
  }

  /**
   * Opens the anchor in `dir`. A writer that is at work there is not disturbed:
   * only an `advance` takes the anchor from it.
   *
   * Throws `anchor-missing` when there is none: without it, it is unknown what
   * was signed, so nothing may be. Throws `malformed-anchor` when the highest
   * generation cannot be understood; an older one never stands in for it.
   */
  static async open(dir: string): Promise<Anchor> {
    const newest = await newestIn(dir);
    try {
      // A process that was killed between link and sync left a generation that
      // only memory holds. It is about to be signed for, so it must last.
      await syncDirectory(dir);
    } catch (error) {
      throw coded(dir, error);
    }
    return new Anchor(dir, newest);
  }

  /**
   * The head in `dir`, for a command that looks and will not sign: nothing is
   * written, not even synced, so a medium that takes no writes will do. Throws as `open`.
   */
  static async look(dir: string): Promise<Head> {
    return (await newestIn(dir)).head;
  }

  /**
   * Copies into the empty directory `to` the newest generation of `from` that is
   * no larger than `size`, and resolves to its head: the anchor that a copy of a
   * database with `size` entries has. A writer may be at work. Throws as `open`.
   */
  static async copy(from: string, to: string, { size }: { readonly size: number }): Promise<Head> {
    try {
      for (const generation of generationsIn(await readdir(from)).toReversed()) {
        const head = await readGeneration(from, generation).catch((error: unknown) => {
          // Its writer has pruned it meanwhile.
          if (codeOf(error) === 'ENOENT') return undefined;
          throw error;
        });
        if (head === undefined || head.size > size) continue;
        await linkGeneration(to, { generation, head });
        await syncDirectory(to);
        return head;
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') throw missing(from);
      throw coded(from, error);
    }
    throw missing(from);
  }

  /** The head that was anchored last. */
  get head(): Head {
    return this.#current.head;
  }

  /** The generation that `head` is in. */
  get generation(): number {
    return this.#current.generation;
  }

  /**
   * Makes `next`, which must be larger, the anchored head; durable when it
   * returns. Whether it *extends* the old head is the cosigner's question.
   * Throws `anchor-taken` when another writer has gone on, `store-failed` when
   * the files cannot be written; after either the anchor has stopped for good.
   */
  async advance(next: Head): Promise<void> {
    if (this.#stopped !== undefined) throw this.#stopped;
    assert(!this.#advancing, 'an anchor is advanced by one caller at a time');
    assert(next.size > this.head.size, 'an anchor only grows');
    this.#advancing = true;
    try {
      await this.#advance({ generation: this.generation + 1, head: copy(next) });
    } catch (error) {
      this.#stopped = coded(this.#dir, error);
      throw this.#stopped;
    } finally {
      this.#advancing = false;
    }
  }

  async #advance(next: Generation): Promise<void> {
    if (!(await linkGeneration(this.#dir, next))) throw taken(this.#dir, next.generation);
    await syncDirectory(this.#dir);
    const names = await readdir(this.#dir);
    const generations = generationsIn(names);
    const newest = generations.at(-1);
    if (newest !== next.generation) throw taken(this.#dir, newest);
    this.#current = next;
    // What is still unlinked is left from a crash, or belongs to a writer that
    // we have overtaken: without its file its link fails, and so it stops.
    for (const name of names) {
      if (temporaryPattern.test(name)) await remove(join(this.#dir, name));
    }
    for (const old of generations) {
      if (old <= newest - keptGenerations) await remove(join(this.#dir, nameOf(old)));
    }
  }
}

/**
 * Writes the generation under a name of its own, synced, and links it to its
 * true name. False when another writer was there first, or has gone on and
 * removed our unlinked file.
 */
async function linkGeneration(dir: string, next: Generation): Promise<boolean> {
  const temporary = join(dir, `${randomUUID()}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(formatGeneration(next));
    await file.sync();
  } finally {
    await file.close();
  }
  let linked = true;
  try {
    await link(temporary, join(dir, nameOf(next.generation)));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST' && codeOf(error) !== 'ENOENT') throw error;
    linked = false;
  }
  // A writer that overtakes us just now may have removed it; the listing shows that one.
  await remove(temporary);
  return linked;
}

/** Unlinks a file, if it is still there. */
async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** The generations among the names in a directory, ascending. Other names are left alone. */
function generationsIn(names: readonly string[]): number[] {
  const digits = names.flatMap((name) => namePattern.exec(name)?.[1] ?? []);
  return digits.map(Number).sort((a, b) => a - b);
}

/** The highest generation in `dir`, read and not yet synced. */
async function newestIn(dir: string): Promise<Generation> {
  try {
    const generation = generationsIn(await readdir(dir)).at(-1);
    if (generation === undefined) throw missing(dir);
    return { generation, head: await readGeneration(dir, generation) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') throw missing(dir);
    throw coded(dir, error);
  }
}

async function readGeneration(dir: string, generation: number): Promise<Head> {
  const file = await open(join(dir, nameOf(generation)), 'r');
  try {
    // One byte more than a good one can have, however large the file is.
    const { buffer, bytesRead } = await file.read(new Uint8Array(maxBytes + 1), 0, maxBytes + 1, 0);
    return parseGeneration(buffer.subarray(0, bytesRead), generation);
  } finally {
    await file.close();
  }
}

function formatGeneration({ generation, head }: Generation): string {
  return `${format}\n${generation}\n${head.size}\n${toBase64(head.root)}\n`;
}

/** The head in a generation file whose name says `generation`. Throws `malformed-anchor`. */
function parseGeneration(bytes: Uint8Array, generation: number): Head {
  try {
    const [, , size = '', root = ''] = fromUtf8(bytes).split('\n');
    const head = { size: parseDecimal(size), root: fromBase64(root, 32) };
    // Nothing but the one spelling: what was cut, appended or renamed differs.
    if (Buffer.compare(bytes, utf8(formatGeneration({ generation, head }))) === 0) return head;
  } catch (cause) {
    throw malformed(generation, cause);
  }
  throw malformed(generation);
}

function nameOf(generation: number): string {
  return `${String(generation).padStart(15, '0')}.anchor`;
}

function copy(head: Head): Head {
  assert(Number.isSafeInteger(head.size) && head.size >= 0, 'a tree size is a safe integer');
  assert(head.root.length === 32, 'a root is 32 bytes');
  return { size: head.size, root: head.root.slice() };
}

function taken(dir: string, generation: number | undefined): LedgerError {
  return new LedgerError('anchor-taken', `another process continues from the anchor in ${dir}`, {
    expected: 'to be the only writer',
    got: `generation ${generation ?? 'none'} by another`,
  });
}

/** An anchor made anew would let a restored copy be signed as a second history, so that is no way out. */
const wayOut =
  'put the newest generation files back; if they are lost, it is unknown what was signed: open a new origin';

function missing(dir: string): LedgerError {
  return new LedgerError('anchor-missing', `there is no anchor in ${dir}; to go on, ${wayOut}`, {
    expected: 'the generation files that were written with this ledger',
    got: 'none',
  });
}

function malformed(generation: number, cause?: unknown): LedgerError {
  return new LedgerError('malformed-anchor', `${nameOf(generation)} is damaged`, {
    expected: `${format}, the generation of its name, a size and a root`,
    cause,
  });
}

function coded(dir: string, error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  return new LedgerError('store-failed', `the anchor in ${dir} could not be read or written`, {
    got: error instanceof Error ? error.message : 'an error',
    cause: error,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
